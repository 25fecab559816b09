"""Closing punctuation that cataloguing rules put between areas and that is no part of the value.

Source: indexing.md section 2 (`trim_punct`), after ISBD's prescribed punctuation.
"""

import unicodedata

_MARKERS = str.maketrans("", "", "\x88\x89\x98\x9c")
_SEPARATORS = "/:;="
_ABBREVIATIONS = frozenset({"etc"})
"""Words of three letters that keep their full stop, as the section names them."""
_STOPPED_WORD = 4
_AREA_ENDS = frozenset({" /", " :", " ;", " ="})
_ENDS = frozenset(",.]/:;=")


def trim_punct(text: str) -> str:
    """The value without ISBD punctuation at its end and without enclosing or unmatched brackets.

    A full stop goes when it follows a word of three or more letters or digits, or a closing parenthesis; initials,
    abbreviations of one or two letters and `...` keep theirs. Inner white space is collapsed. Never empty for a value that had
    something: if nothing would be left, the value stays as it was.
    """
    collapsed = " ".join(text.split())
    trimmed = _trimmed(collapsed)
    while trimmed != (shorter := _trimmed(trimmed)):
        trimmed = shorter
    return trimmed or collapsed


def without_nonsorting(text: str) -> str:
    """The text without the marks around non-sorting words, which themselves stay: for indexing and display.

    Source: as in `indexer.functions.titles`.
    """
    return text.translate(_MARKERS) if not text.isascii() else text


def display_form(value: str) -> str:
    """A heading as facets and browse lists show it: without closing punctuation and marks of non-sorting.

    The first lines know the commonest cases, in which `trim_punct` would do the same.
    """
    if "  " not in value and "[" not in value and value.isprintable() and value[:1] != " ":
        end = value[-1:]
        if end not in _ENDS and end != " ":
            return value
        if end == "." and value[-4:-1].isalnum() and value[-4:-1].lower() != "etc" and len(value) >= _STOPPED_WORD:
            return value[:-1]
        if end == "," and value[-2:-1].isalnum():
            return value[:-1]
        if value[-2:] in _AREA_ENDS and value[-3:-2].isalnum():
            return value[:-2]
    return trim_punct(value if value.isascii() else without_nonsorting(value))


def _trimmed(text: str) -> str:
    end = text[-1:]
    if end == ",":
        return text[:-1].rstrip()
    if end in _SEPARATORS and (len(text) < 2 or text[-2] == " "):
        return text[:-1].rstrip()
    if end == "." and _may_lose_stop(text):
        return text[:-1]
    if end == "]" or text[:1] == "[":
        return _without_brackets(text)
    return text


def _may_lose_stop(text: str) -> bool:
    before = text[:-1]
    if before.endswith(")"):
        return True
    length = len(before)
    while length and (before[length - 1].isalnum() or unicodedata.combining(before[length - 1])):
        length -= 1
    word = before[length:]
    return sum(char.isalnum() for char in word) >= 3 and word.lower() not in _ABBREVIATIONS


def _without_brackets(text: str) -> str:
    opened, closed = text.count("["), text.count("]")
    if text.startswith("[") and text.endswith("]") and opened == closed == 1:
        return text[1:-1].strip()
    if text.startswith("[") and closed == 0 and opened == 1:
        return text[1:].lstrip()
    if text.endswith("]") and opened == 0 and closed == 1:
        return text[:-1].rstrip()
    return text
