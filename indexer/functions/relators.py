"""Relator codes: what part somebody had in a work.

Source: MARC code list for relators; MARC 21 $4, $e (and $j of X11); UNIMARC $4 and its appendix C.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from indexer.functions.code_lists import folded_name, relators
from indexer.record import subfields

_CONNECTIVES = re.compile(r"\b(?:and|och|og|et|und|y|e)\b|[&,;/+]", re.IGNORECASE)
_ADJECTIVE = "joint "
_UNIMARC_DIGITS = 3


def relator_codes(bodies: Iterable[str]) -> list[str]:
    """Relator codes of name fields, each once: from $4 (code or address) and from the terms of $e and $j.

    Unknown codes of three letters stay as they are; unknown terms give nothing.
    """
    codes: dict[str, None] = {}
    for body in bodies:
        for code, text in subfields(body):
            if code == "4":
                codes.update(dict.fromkeys(_from_code(text)))
            elif code == "e" or (code == "j" and len(text) > 1):
                codes.update(dict.fromkeys(_from_term(text)))
    return list(codes)


def relator_forms(term: str) -> tuple[str, ...]:
    """Codes of a query term, which may be a code, a UNIMARC number or a name in English or Swedish."""
    code = relators().current(term.strip().lower())
    return (code,) if code in relators().names else _from_term(term) or _from_code(term)


def relator_name(code: str, locale: str = "en") -> str:
    """The name of a relator code (`en` or `sv`); the code itself when it is unknown."""
    return relators().name(code, locale)


@lru_cache(1024)
def _from_code(text: str) -> tuple[str, ...]:
    code = text.strip().rstrip("/").rpartition("/")[2].strip(" .,;").lower()
    if code.isdigit():
        code = code.zfill(_UNIMARC_DIGITS)
    code = relators().current(code)
    return (code,) if len(code) == 3 and code.isascii() and code.isalpha() else ()


@lru_cache(1024)
def _from_term(text: str) -> tuple[str, ...]:
    found = _one_term(text)
    if found:
        return found
    parts = [_one_term(part) for part in _CONNECTIVES.split(text)]
    return tuple(dict.fromkeys(code for part in parts for code in part))


def _one_term(text: str) -> tuple[str, ...]:
    name = folded_name(text).removeprefix(_ADJECTIVE)
    return (relators().codes.get(name) or relators().forms(name))[:1]
