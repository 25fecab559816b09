"""How one character is folded: the table behind `indexer.analysis`, one per language profile.

Folding takes a text to the letters that a reader would type: compatibility forms are resolved (NFKC), case and diacritical
marks go, Latin letters without a decomposition get their usual spelling (`ø` -> `o`, `þ` -> `th`), Arabic letters their
bare form, every digit its ASCII form. What is no letter, mark or digit becomes a blank.

Marks are taken away when they are diacritics (canonical combining class of an accent, a point or a tone) and kept when they
are vowels or belong to the letter (Indic vowel signs and virama, Thai and Lao vowels, the voicing of kana). Han, kana, Thai,
Lao and Khmer characters are set between blanks, so that each is a word of its own.

Source: indexing.md section 5; the order "decompose, take marks away, fold case" is that of sru-cql.md section 14.1, which lets
polytonic Greek meet monotonic Greek.
"""

import re
import unicodedata
from functools import cache
from types import MappingProxyType

from indexer.record import SUBFIELD

_VOWEL_CLASSES = frozenset({0, 8, 9, 84, 91, 103, 118, 129, 130, 132})
"""Canonical combining classes of marks that belong to the letter: vowel signs, kana voicing (8), virama (9)."""

_LETTERS = MappingProxyType(
    {
        "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h", "ŋ": "ng", "ŧ": "t", "ǥ": "g",
        "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ە": "ه", "ک": "ك",
    }
)  # fmt: skip
"""Letters that Unicode does not decompose, after case folding; Persian yeh and kaf go with the Arabic ones."""

_STANDING = MappingProxyType(
    dict.fromkeys("'\u2018\u2019`\u00b4\u2032\u05f3\u05f4", "'")
    | dict.fromkeys("-\u2010\u2011\u05be", "-")
    | dict.fromkeys(".\u00b7\u2027", ".")
    | {"+": "+", "#": "#", "\u266f": "#"}
)
"""Punctuation that is not folded to a blank: glue of all kinds (apostrophes, hyphens, middle dots), and what `c++` ends with."""

_FRACTIONS = {code: f" {unicodedata.normalize('NFKC', chr(code))}" for code in (*range(0xBC, 0xBF), *range(0x2150, 0x215F))}
_BEFORE_NFKC = MappingProxyType({**_FRACTIONS, 0xB4: "\u2019", 0x2120: "", 0x2122: "", **dict.fromkeys(range(0x02D8, 0x02DE), "")})
"""What NFKC would take apart badly: a fraction would join the number before it, an accent become a blank, a trade mark letters."""

_SINGLES = (
    (0x0E01, 0x0E3A), (0x0E40, 0x0E4E), (0x0E81, 0x0EDF), (0x1780, 0x17D3), (0x17D7, 0x17D7), (0x17DC, 0x17DD),  # Thai, Lao, Khmer
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x3035), (0x3038, 0x303B), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF), (0x20000, 0x3FFFD),  # Han
    (0x3041, 0x3096), (0x309D, 0x309F), (0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF), (0x1AFF0, 0x1B16F),  # kana
)  # fmt: skip
"""Ranges of code points whose characters are words of their own."""

_INVISIBLE = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0x3099, 0x309A, 0x0640, 0x0559})
"""Fillers, the grapheme joiner, tatweel, the Armenian half ring and unattached voicing marks: they vanish inside words."""


def _is_single(code: int) -> bool:
    return code >= 0x0E01 and any(low <= code <= high for low, high in _SINGLES)


def _vanishes(char: str) -> bool:
    """Whether a character leaves no trace inside a word: controls 80-9F, format characters, modifier letters, selectors."""
    code = ord(char)
    return (
        0x80 <= code <= 0x9F
        or 0x02B9 <= code <= 0x02FF
        or 0x180B <= code <= 0x180F
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
        or code in _INVISIBLE
        or unicodedata.category(char) == "Cf"
    )


def _without_marks(text: str) -> str:
    return "".join(char for char in text if unicodedata.combining(char) in _VOWEL_CLASSES and unicodedata.category(char) != "Me")


def _plain(char: str) -> str:
    """One folded letter, mark or digit; a blank for everything else."""
    if (spelled := _LETTERS.get(char)) is not None:
        return spelled
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if _vanishes(char):
        return ""
    if _is_single(ord(char)):
        return f" {char} "
    return char if category[0] in "LMN" else " "


def fold_character(char: str, kept: str = "") -> str:
    """The folded spelling of one NFKC character: letters, a blank, a letter between blanks, or nothing.

    `kept` are lower-case letters that keep their marks. Glue (apostrophe, hyphen, full stop) and `+`, `#` stay, in ASCII.
    """
    if (standing := _STANDING.get(char)) is not None:
        return standing
    if char.lower() in kept:
        return char.lower()
    if _vanishes(char):
        return ""
    bare = _without_marks(unicodedata.normalize("NFKD", char)).casefold()
    bare = unicodedata.normalize("NFC", _without_marks(unicodedata.normalize("NFKD", bare)))
    return "".join(map(_plain, bare))


_FOREIGN = re.compile(r"([^\x00-\x7f]+)")
_BREAK = "\0"
_ASCII = "".join(chr(code) if chr(code) in _BREAK + SUBFIELD else fold_character(chr(code)) for code in range(128)).encode().ljust(256)
"""Folded spelling of each ASCII character; what stands between runs of other characters, and between subfields, stays as it is."""


class FoldTable(dict[str, str]):
    """Run of characters other than ASCII (a letter with a mark, a word in another script) -> folded spelling.

    Filled as runs are met, and bounded. Text in Latin letters has few and short runs; what lies between is folded at once.
    """

    _RUNS_REMEMBERED = 40_000
    _LONGEST_RUN = 24

    def __init__(self, kept: str) -> None:
        super().__init__()
        self._kept = kept

    def __missing__(self, run: str) -> str:
        if len(run) == 1:
            folded = fold_character(run, self._kept)
        elif len(run) <= self._LONGEST_RUN:
            folded = "".join([self[char] for char in run])
        else:
            return "".join([self[char] for char in run])
        if len(self) >= self._RUNS_REMEMBERED:
            self.clear()
        self[run] = folded
        return folded

    def fold(self, text: str) -> str:
        """The folded text, NFC, in which glue still stands; its words lie between blanks of any number."""
        return self.fold_subfields(text.replace(SUBFIELD, " ") if SUBFIELD in text else text)

    def fold_subfields(self, text: str) -> str:
        """The same for texts with U+001F between them, which stays."""
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text.translate(_BEFORE_NFKC))
        parts = _FOREIGN.split(text.replace(_BREAK, " ") if _BREAK in text else text)
        parts[::2] = _BREAK.join(parts[::2]).encode().translate(_ASCII).decode().split(_BREAK)
        parts[1::2] = map(self.__getitem__, parts[1::2])
        folded = "".join(parts)
        return folded if folded.isascii() else unicodedata.normalize("NFC", folded)


@cache
def fold_table(kept: str = "") -> FoldTable:
    """The shared table in which the lower-case letters of `kept` keep their identity."""
    return FoldTable(kept)
