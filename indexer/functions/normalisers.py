"""Normalisers of key fields by name: what `normalise:` in the field table may say.

Each gives the forms under which a value is stored, best first, and an empty tuple when the text cannot be a value. Document
values and query terms go through the same function, so that any form finds any other.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from indexer.analysis import HEADING_LENGTH
from indexer.functions.callnumbers import callnumber_forms, dewey_key, generic_key, lc_key, sudoc_key
from indexer.functions.code_lists import folded_name
from indexer.functions.languages import language_forms
from indexer.functions.numbers import (
    control_number_forms,
    doi_forms,
    ean_forms,
    isbn_forms,
    ismn_forms,
    issn_forms,
    lccn_forms,
    oclc_forms,
    other_number_forms,
    uri_forms,
)
from indexer.functions.relators import relator_forms

Normaliser = Callable[[str], tuple[str, ...]]


_REMEMBERED = 4096


def _one(change: Callable[[str], str]) -> Normaliser:
    """A normaliser with one form, none for an empty one."""

    def forms(text: str) -> tuple[str, ...]:
        form = change(text)[:HEADING_LENGTH]
        return (form,) if form else ()

    return forms


def _lower(text: str) -> str:
    return " ".join(text.lower().split())


_code_forms = lru_cache(_REMEMBERED)(_one(_lower))
"""Codes come again and again."""


def standard_number_forms(text: str) -> tuple[str, ...]:
    """ISBN, ISSN and ISMN forms of a number of unknown kind, and the number as it is."""
    return tuple(dict.fromkeys((*isbn_forms(text), *issn_forms(text), *ismn_forms(text), *other_number_forms(text))))


NORMALISERS: Mapping[str, Normaliser] = MappingProxyType(
    {
        "isbn": isbn_forms,
        "issn": issn_forms,
        "ismn": ismn_forms,
        "lccn": lccn_forms,
        "oclc": oclc_forms,
        "control_number": control_number_forms,
        "doi": doi_forms,
        "ean": ean_forms,
        "uri": uri_forms,
        "other_number": other_number_forms,
        "standard_number": standard_number_forms,
        "language": language_forms,
        "relator": relator_forms,
        "code": _code_forms,
        "lower": _one(_lower),
        "fold": _one(folded_name),
        "verbatim": _one(str.strip),
        "lc": _one(lc_key),
        "dewey": _one(dewey_key),
        "sudoc": _one(sudoc_key),
        "callnumber": callnumber_forms,
        "callnumber_generic": _one(generic_key),
    }
)
