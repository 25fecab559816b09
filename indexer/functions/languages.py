"""Languages of a record as MARC codes, and the way from names and other codes to them.

Source: indexing.md section 4.5; MARC 21 008/35-37 and 041; UNIMARC 101; MARC code list for languages.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from indexer.functions.code_lists import languages
from indexer.record import first, subfields

_CODE_LENGTH = 3
_MULTIPLE = "mul"
_UNDETERMINED = "und"


class Languages(NamedTuple):
    """Codes in record order, each once: of the content, of the original, of summaries; `unknown` are those no list has."""

    language: tuple[str, ...] = ()
    original: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def marc21_languages(f008: str, f041: Sequence[str]) -> Languages:
    """Languages of a MARC 21 record: 008/35-37 and 041 $a $d; originals $h $k; summaries $b $j.

    `f041` are bodies. A field with codes of another list is skipped, unless that is ISO 639-3.
    """
    return _marc21_languages(f008[35:38], tuple(f041))


def unimarc_languages(f101: Sequence[str]) -> Languages:
    """Languages of a UNIMARC record: 101 $a, originals $c, summaries $d $j. `f101` are bodies."""
    return _unimarc_languages(tuple(f101))


def language_forms(term: str) -> tuple[str, ...]:
    """Codes of a query term: a MARC or ISO 639 code, a tag such as `sv-SE`, or a name in English, Swedish, Spanish, French or German.

    A three-letter code that is not listed stays as it is, since records may carry it; other unknown words give nothing.
    """
    known = languages().forms(term)
    if known:
        return known
    code = term.strip().lower().replace("_", "-").partition("-")[0]
    if len(code) == 2 and languages().current(code) != code:
        return (languages().current(code),)
    return (code,) if len(code) == _CODE_LENGTH and code.isascii() and code.isalpha() else ()


def language_name(code: str, locale: str = "en") -> str:
    """The name of a language code (`en sv es fr de`); the code itself when it is unknown."""
    return languages().name(code, locale)


@lru_cache(1024)
def _marc21_languages(fixed: str, f041: tuple[str, ...]) -> Languages:
    fixed = fixed.strip().lower()
    content = [fixed] if fixed.isascii() and fixed.isalpha() else []
    marc = [body for body in f041 if body[1:2] != "7" or first(body, "2").strip().lower().startswith("iso639-3")]
    return _languages(content + _codes(marc, "ad"), _codes(marc, "hk"), _codes(marc, "bj"))


@lru_cache(1024)
def _unimarc_languages(f101: tuple[str, ...]) -> Languages:
    return _languages(_codes(f101, "a"), _codes(f101, "c"), _codes(f101, "dj"))


def _codes(bodies: Iterable[str], wanted: str) -> list[str]:
    """Codes of the wanted subfields; old practice put several into one (`engfre`, `eng fre`)."""
    found: list[str] = []
    for body in bodies:
        for code, text in subfields(body):
            if code in wanted:
                for word in text.lower().replace(",", " ").replace(";", " ").split():
                    found += _cut(word) if len(word) > _CODE_LENGTH and len(word) % _CODE_LENGTH == 0 else [word]
    return found


def _cut(packed: str) -> list[str]:
    return [packed[start : start + _CODE_LENGTH] for start in range(0, len(packed), _CODE_LENGTH)]


def _languages(content: Sequence[str], original: Sequence[str], summary: Sequence[str]) -> Languages:
    spoken = _current(content)
    if len(spoken) > 1:
        spoken = tuple(code for code in spoken if code != _MULTIPLE)
    found = Languages(spoken, _current(original), _current(summary))
    listed = languages().names
    unknown = dict.fromkeys(code for kind in found[:3] for code in kind if code not in listed)
    return found._replace(unknown=tuple(unknown))


def _current(found: Iterable[str]) -> tuple[str, ...]:
    """Codes in force, each once, without fill characters and `und`."""
    codes = dict.fromkeys(map(languages().current, found))
    return tuple(code for code in codes if code.strip("|#^") and code != _UNDETERMINED)
