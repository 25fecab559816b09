"""Stems of words, for the relation modifier `stem`.

A stem is what the Snowball algorithm of a language leaves of a word. Words come here as the index has them, folded, on both sides
of the comparison, so letters that the folding has made equal are equal here too. Words of one letter and numbers have no stem.

Two words are forms of one when they have the same stem and begin alike: in the letters of the word asked for, up to the last ones of
the stem, which the algorithm may have written anew (`happi` for `happy`, Dutch `boom` for `bomen`). That second condition is our
decision: it makes the forms neighbours in the word list of an index, where they can be looked up.

Source: CQL 1.2, context set cql; Snowball (snowballstem.org); the SRU page, 14.3.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from threading import Lock
from typing import NamedTuple

from cql.plan import Exact, Stemmed

_SHORTEST_BEGINNING = 2
_STEMS_REMEMBERED = 20_000


class _Language(NamedTuple):
    """Snowball's name of a language, further codes of ISO 639, and how many letters at the end of a stem may be other than the word's."""

    algorithm: str
    codes: tuple[str, ...]
    rewritten: int = 2


_LANGUAGES: dict[str, _Language] = {
    "ar": _Language("arabic", ("ara",)),
    "ca": _Language("catalan", ("cat",)),
    "cs": _Language("czech", ("ces", "cze")),
    "da": _Language("danish", ("dan",), 1),
    "de": _Language("german", ("deu", "ger"), 1),
    "el": _Language("greek", ("ell", "gre")),
    "en": _Language("english", ("eng",), 1),
    "eo": _Language("esperanto", ("epo",)),
    "es": _Language("spanish", ("spa",), 1),
    "et": _Language("estonian", ("est",)),
    "eu": _Language("basque", ("eus", "baq")),
    "fa": _Language("persian", ("fas", "per")),
    "fi": _Language("finnish", ("fin",)),
    "fr": _Language("french", ("fra", "fre")),
    "ga": _Language("irish", ("gle",)),
    "hi": _Language("hindi", ("hin",)),
    "hu": _Language("hungarian", ("hun",)),
    "hy": _Language("armenian", ("hye", "arm")),
    "id": _Language("indonesian", ("ind",)),
    "it": _Language("italian", ("ita",), 1),
    "lt": _Language("lithuanian", ("lit",)),
    "ne": _Language("nepali", ("nep",)),
    "nl": _Language("dutch", ("nld", "dut")),
    "no": _Language("norwegian", ("nb", "nn", "nor", "nob", "nno"), 1),
    "pl": _Language("polish", ("pol",)),
    "pt": _Language("portuguese", ("por",), 1),
    "ro": _Language("romanian", ("ron", "rum")),
    "ru": _Language("russian", ("rus",), 1),
    "sr": _Language("serbian", ("srp",)),
    "st": _Language("sesotho", ("sot",)),
    "sv": _Language("swedish", ("swe",), 1),
    "ta": _Language("tamil", ("tam",)),
    "tr": _Language("turkish", ("tur",)),
    "yi": _Language("yiddish", ("yid",)),
}
"""Code of ISO 639-1 -> language. The other codes are those of ISO 639-2, which MARC records have."""

LANGUAGES = tuple(_LANGUAGES)
"""Codes of the languages that have stems."""

_BY_CODE = {code: own for own, language in _LANGUAGES.items() for code in (own, *language.codes)}
_SEPARATOR = re.compile("[-_]")


def language_of(locale: str) -> str | None:
    """The language of a locale (`sv`, `sv-SE`, `swe`) as one of `LANGUAGES`; None when it has no stems here."""
    return _BY_CODE.get(_SEPARATOR.split(locale, 1)[0].lower())


def stemmed(word: str, language: str) -> Exact | Stemmed:
    """The pattern for all forms of a folded word in one of `LANGUAGES`; the word itself where there is no stem."""
    own = stem(word, language)
    if len(own) < _SHORTEST_BEGINNING or word.isdecimal():
        return Exact(word)
    return Stemmed(own, word[: max(_SHORTEST_BEGINNING, len(own) - _LANGUAGES[language].rewritten)], language)


@lru_cache(_STEMS_REMEMBERED)
def stem(word: str, language: str) -> str:
    """The stem of a folded word in one of `LANGUAGES`; may be called by several threads."""
    return _stemmer(language)(word)


def is_form(word: str, pattern: Stemmed) -> bool:
    """Whether a folded word is a form of the one asked for."""
    return word.startswith(pattern.beginning) and stem(word, pattern.language) == pattern.stem


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    """The algorithm of a language. It works on a state of its own, hence one word at a time.

    The modules are read when they are needed (30 ms), and taken by name: `snowballstemmer.stemmer` would give those of PyStemmer where
    that is installed too, which may be of another release and lack languages.
    """
    name = _LANGUAGES[language].algorithm
    algorithm, lock = getattr(import_module(f"snowballstemmer.{name}_stemmer"), f"{name.capitalize()}Stemmer")(), Lock()

    def reduced(word: str) -> str:
        with lock:
            return str(algorithm.stemWord(word))

    return reduced
