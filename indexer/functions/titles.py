"""Titles without what does not count in filing, and the sort keys made of them.

Source: indexing.md sections 4.1 and 4.2; MARC 21 indicators "nonfiling characters"; U+0098 and U+009C enclose what is not sorted
(in MARC-8 and ISO 5426: 0x88 and 0x89).
"""

import re
import unicodedata
from collections.abc import Sequence
from types import MappingProxyType

from indexer.analysis import SORT_KEY_LENGTH, Analyser
from indexer.functions.punctuation import trim_punct, without_nonsorting

_ENCLOSED = re.compile("[\x88\x98][^\x89\x9c]*[\x89\x9c]\\s*")
_NON_LETTERS = range(0x02BB, 0x02C0)
_ATTACHED = frozenset({"ال"})
"""Articles that are written together with their word."""


ARTICLES = MappingProxyType(
    {
        "eng": ("the", "a", "an"),
        "swe": ("den", "det", "de", "en", "ett"),
        "nor": ("den", "det", "de", "en", "ei", "et"), "nob": ("den", "det", "de", "en", "ei", "et"),
        "nno": ("den", "det", "dei", "ein", "ei", "eit"),
        "dan": ("den", "det", "de", "en", "et"),
        "ice": ("hinn", "hin", "hið"),
        "ger": ("der", "die", "das", "dem", "den", "des", "ein", "eine", "einem", "einen", "einer", "eines"),
        "dut": ("de", "het", "een", "'t", "'n"),
        "fre": ("le", "la", "les", "l'", "un", "une", "des"),
        "spa": ("el", "la", "los", "las", "lo", "un", "una", "unos", "unas"),
        "cat": ("el", "la", "els", "les", "l'", "un", "una"),
        "por": ("o", "a", "os", "as", "um", "uma"),
        "ita": ("il", "lo", "la", "i", "gli", "le", "l'", "un", "uno", "una", "un'"),
        "rum": ("un", "o"),
        "hun": ("a", "az", "egy"),
        "gre": ("ho", "he", "to", "hoi", "hai", "ta"), "grc": ("ho", "he", "to", "hoi", "hai", "ta"),
        "ara": ("al-", "el-", "ال"), "heb": ("ha-", "he-"), "yid": ("der", "di", "dos", "a", "an"),
    }
)  # fmt: skip
"""MARC language code -> initial articles in lower case. Used when an indicator is wrong, and in UNIMARC when asked for."""


def filing_text(text: str, skip: str = "0", language: str = "") -> str:
    """What of a title counts in filing: no non-sorting part, no leading and closing punctuation.

    `skip` is the indicator with the number of non-filing characters; `language` a MARC code, used when that number ends inside
    a word: then the longest article of the language that ends at or before it is taken off.
    """
    bare = text if text.isascii() else _ENCLOSED.sub("", text)
    rest = without_nonsorting(bare)
    if bare == text:
        rest = rest[nonfiling_count(rest, skip, language) :]
    start = 0
    while start < len(rest) and not _is_word(rest[start]):
        start += 1
    return trim_punct(rest[start:])


def without_article(text: str, language: str) -> str:
    """The text without an initial article of the language: for titles that have no indicator."""
    return text[_article_length(text, len(text), language) :]


def nonfiling_count(text: str, skip: str, language: str = "") -> int:
    """Number of characters that do not count, 0-9, corrected when the indicator is wrong."""
    count = int(skip) if len(skip) == 1 and skip.isascii() and skip.isdigit() else 0
    if count == 0 or count >= len(text):
        return 0
    if not (_is_letter(text[count - 1]) and _is_letter(text[count])):
        return count
    return _article_length(text, count, language)


def _article_length(text: str, limit: int, language: str) -> int:
    """Length of the longest article that ends at or before `limit`, with the blank after it; 0 without one."""
    start = next((place for place, char in enumerate(text) if _is_letter(char)), 0)
    lowered = text.lower().replace("\u2019", "'")
    for article in sorted(ARTICLES.get(language, ()), key=len, reverse=True):
        for begin in {0, start}:
            end = begin + len(article)
            if not lowered.startswith(article, begin):
                continue
            if article[-1].isalpha() and article not in _ATTACHED:
                if lowered[end : end + 1] != " ":
                    continue
                end += 1
            if end <= limit and end < len(text):
                return end
    return 0


def _is_letter(char: str) -> bool:
    """Letter or digit; ayn, hamza and combining marks do not count."""
    return char.isalnum() and ord(char) not in _NON_LETTERS


def _is_word(char: str) -> bool:
    return _is_letter(char) or unicodedata.category(char)[0] == "M"


def title_sort(analyser: Analyser, texts: Sequence[str], skip: str = "0", language: str = "") -> str:
    """The sort key of a title whose subfields are `texts`, in order; empty when nothing is left, which sorts last."""
    return analyser.sort_key(filing_text(" ".join(text for text in texts if text), skip, language))


def author_sort(analyser: Analyser, name: str, title_key: str) -> str:
    """The sort key of a main entry, with the title's key behind it so that equal names sort by title.

    Empty without a name: such records sort last.
    """
    key = analyser.sort_key(name)
    return f"{key}  {title_key}"[:SORT_KEY_LENGTH].rstrip() if key else ""
