"""Words, headings and sort keys: the one place that says when two spellings are the same.

Documents and queries pass through the same `Analyser`, and both engines take its output as it is.

* *Tokens*: every character that is no letter, mark or digit separates words, apostrophes too (`L'été` -> `l ete`). Modifier
  letters (ayn, hamza), soft hyphens and zero-width characters vanish inside words (`Qurʼān` -> `quran`). Han, kana, Thai, Lao
  and Khmer characters are words of their own. No stop words, no stemming. A token is cut at 80 characters.
* *Variants*: further words without a position. What single punctuation of the set ' . - glues together is also one
  joined word (`oneill`, `cooperation`, `usa`, `9780306406157`), and a few names are kept whole (`c++`, `c#`, `.net`), so that
  either spelling finds the other.
* *Language profile*: in Swedish and Finnish å ä ö, in Danish and Norwegian æ ø å are letters of their own. All other
  profiles fold everything; they differ in sorting only.

Source: indexing.md section 5 and sru-cql.md section 14.1. Where these differ, every punctuation mark separates and the joined
form is a variant (our decision).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cql.indexes import Words
from indexer.folding import FoldTable, fold_table
from indexer.record import SUBFIELD

TOKEN_LENGTH = 80
HEADING_LENGTH = 512
SORT_KEY_LENGTH = 255
JOINED_LENGTH = 40
NUMBER_WIDTH = 8

PROFILES = frozenset({"neutral", "sv", "fi", "da", "no", "nb", "nn", "de", "de-2", "es"})
"""Language profiles; `de` sorts by DIN 5007-1 (ä = a), `de-2` by DIN 5007-2 (ä = ae)."""

_DANISH = (("aa", "å"), ("æ", "{"), ("ø", "|"), ("å", "}"))
_SORT_LETTERS = {
    "sv": (("å", "{"), ("ä", "|"), ("ö", "}")),
    "fi": (("å", "{"), ("ä", "|"), ("ö", "}")),
    "da": _DANISH, "no": _DANISH, "nb": _DANISH, "nn": _DANISH,
    "de-2": (("ä", "ae"), ("ö", "oe"), ("ü", "ue")),
    "es": (("ñ", "n{"),),
}  # fmt: skip
"""Profile -> what stands in a sort key for its letters. `{ | }` are the ASCII characters that follow z."""

_SEARCH_KEPT = {"sv": "åäö", "fi": "åäö", "da": "æøå", "no": "æøå", "nb": "æøå", "nn": "æøå"}
_SORT_KEPT = {"de-2": "äöü", "es": "ñ"}
_BARE = str.maketrans({"å": "a", "ä": "a", "ö": "o", "æ": "ae", "ø": "o"})

_PLAIN_ASCII = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256))
_PIECES_ASCII = _PLAIN_ASCII[: ord(SUBFIELD)] + SUBFIELD.encode() + _PLAIN_ASCII[ord(SUBFIELD) + 1 :]
_GLUED_ASCII = bytes(ord("'") if code == 96 else code if chr(code) in "'.-+#" else plain for code, plain in enumerate(_PLAIN_ASCII))
_HAS_GLUE_ASCII = re.compile(r"['`.\-+#](?:(?<=[0-9A-Za-z].)[0-9A-Za-z]|(?<=[+#])|(?<=\.)[Nn][Ee][Tt])")
_HAS_GLUE = re.compile(r"['.\-+#](?:(?<=[^ ].)[^ ]|(?<=[+#])|(?<=\.)net)")
_JOINED = re.compile(r"(?<![^ '.\-+#])[^ '.\-+#]++(?:['.\-][^ '.\-+#]++)+")
_WHOLE_WORDS = re.compile(r"(?<![^ '.\-])(?:[cfj]#|c\+\+|\.net)(?![^ '.\-])")
_HANGUL = re.compile("[\uac00-\ud7a3]{3,}")
_NUMBER = re.compile("[0-9]+")

_VALUES_REMEMBERED = 4096
_LONGEST_REMEMBERED = 400

_Cut = tuple[str, tuple[str, ...], tuple[str, ...]]
"""What becomes of a text: blank-joined tokens, variants for queries and documents, variants for documents only."""


def _occurrence(tokens: Sequence[str]) -> str:
    """Tokens joined by blanks, each cut at the longest length."""
    joined = " ".join(tokens)
    if len(joined) > TOKEN_LENGTH and max(map(len, tokens)) > TOKEN_LENGTH:
        return " ".join([token[:TOKEN_LENGTH] for token in tokens])
    return joined


def _tokens(folded: str) -> list[str]:
    """The words of a folded text in which glue still stands."""
    return folded.replace("-", " ").replace(".", " ").replace("'", " ").replace("+", " ").replace("#", " ").split()


def _variants(glued: str, start: int = 0) -> tuple[str, ...]:
    """Joined forms and whole words of a folded text in which glue still stands, none of it before `start`."""
    forms = []
    for chain in _JOINED.findall(glued, glued.rfind(" ", 0, start) + 1):
        form = chain.replace("-", "").replace("'", "").replace(".", "")
        if len(form) <= JOINED_LENGTH:
            forms.append(form)
    if "#" in glued or "++" in glued or ".net" in glued:
        forms += _WHOLE_WORDS.findall(glued)
    return tuple(dict.fromkeys(forms)) if len(forms) > 1 else tuple(forms)


def _ascii_variants(text: str) -> tuple[str, ...]:
    glue = _HAS_GLUE_ASCII.search(text)
    return () if glue is None else _variants(text.encode().translate(_GLUED_ASCII).decode(), glue.start())


def _syllable_pairs(occurrence: str) -> list[str]:
    """Neighbouring syllables of Hangul words that have more than two."""
    return [run[start : start + 2] for run in _HANGUL.findall(occurrence) for start in range(len(run) - 1)]


@dataclass(frozen=True, slots=True)
class Analyser:
    """Cuts and folds text by one language profile; may be shared by threads and sent to worker processes.

    `language` is one of `PROFILES`. With `also_fold` the bare form of a word with letters of the profile (`ol` for `öl`) is a
    variant in documents, so that a query without the letter finds both spellings and one with it only its own.

    Raises: ValueError for an unknown profile.
    """

    language: str = "neutral"
    also_fold: bool = False
    _letters: FoldTable = field(init=False, repr=False, compare=False)
    _sorting: FoldTable = field(init=False, repr=False, compare=False)
    _remembered: Callable[[str], _Cut] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.language not in PROFILES:
            raise ValueError(f"No language profile `{self.language}`; there are {', '.join(sorted(PROFILES))}.")
        kept = _SEARCH_KEPT.get(self.language, "")
        object.__setattr__(self, "_letters", fold_table(kept))
        object.__setattr__(self, "_sorting", fold_table(_SORT_KEPT.get(self.language, kept)))
        object.__setattr__(self, "_remembered", lru_cache(_VALUES_REMEMBERED)(self._cut))

    def __reduce__(self) -> tuple[type["Analyser"], tuple[str, bool]]:
        return Analyser, (self.language, self.also_fold)

    def _cut(self, text: str) -> _Cut:
        if text.isascii():
            return _occurrence(text.encode().translate(_PLAIN_ASCII).decode().split()), _ascii_variants(text), ()
        folded = self._letters.fold(text)
        ascii_only = folded.isascii()
        occurrence = _occurrence(folded.encode().translate(_PLAIN_ASCII).decode().split() if ascii_only else _tokens(folded))
        glue = _HAS_GLUE.search(folded)
        variants = () if glue is None else _variants(folded, glue.start())
        return occurrence, variants, () if ascii_only else self._document_variants(occurrence)

    def _document_variants(self, occurrence: str) -> tuple[str, ...]:
        forms = _syllable_pairs(occurrence)
        if self.also_fold:
            forms += [bare for token in occurrence.split() if (bare := token.translate(_BARE)) != token]
        return tuple(dict.fromkeys(forms))

    def _known(self, text: str) -> _Cut:
        return self._remembered(text) if len(text) <= _LONGEST_REMEMBERED else self._cut(text)

    def cut(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Blank-joined tokens of a document's value (empty when it has none) and all its variants, for the load path.

        Nothing is remembered here: extraction has its own memory.
        """
        if text.isascii() and len(text) <= TOKEN_LENGTH and _HAS_GLUE_ASCII.search(text) is None:
            return " ".join(text.encode().translate(_PLAIN_ASCII).decode().split()), ()
        occurrence, variants, more = self._cut(text)
        return occurrence, variants + more if more else variants

    def cut_pieces(self, pieces: Sequence[str]) -> tuple[list[str], list[tuple[str, ...]]]:
        """What `cut` gives for the subfields of one field: occurrences, and variants (an empty list when none has any).

        Each piece begins with one character that does not count, its subfield code. All are folded at once.
        """
        texts = [piece[1:] for piece in pieces]
        joined = SUBFIELD.join(texts)
        if not joined.isascii():
            joined = self._letters.fold_subfields(joined)
            if not joined.isascii():
                return self._cut_folded(joined.split(SUBFIELD))
            texts = joined.split(SUBFIELD)
        words = [" ".join(piece.split()) for piece in joined.encode().translate(_PIECES_ASCII).decode().split(SUBFIELD)]
        if len(joined) > TOKEN_LENGTH:
            words = [piece if len(piece) <= TOKEN_LENGTH else _occurrence(piece.split()) for piece in words]
        if _HAS_GLUE_ASCII.search(joined) is None:
            return words, []
        return words, [_ascii_variants(text) for text in texts]

    def _cut_folded(self, texts: Sequence[str]) -> tuple[list[str], list[tuple[str, ...]]]:
        """Occurrences and variants of folded texts in which glue still stands."""
        words = [_occurrence(_tokens(text)) for text in texts]
        variants = [
            (_variants(text) if _HAS_GLUE.search(text) else ()) + (() if piece.isascii() else self._document_variants(piece))
            for text, piece in zip(texts, words, strict=True)
        ]
        return words, variants if any(variants) else []

    def words(self, text: str) -> Words:
        """Tokens of a query term, and the joined forms and whole words under which a single word may be known.

        Two-syllable pieces of Hangul words and bare forms of `also_fold` are not among them: they would widen the query.
        """
        occurrence, variants, _ = self._known(text)
        return Words(tuple(occurrence.split()), variants)

    def occurrence(self, text: str) -> str:
        """Tokens joined by single blanks, as `Document.text` keeps them; empty when there is none."""
        return self._known(text)[0]

    def tokens(self, text: str) -> list[str]:
        """The words in order."""
        return self._known(text)[0].split()

    def variants(self, text: str) -> list[str]:
        """Further words of a document's value, each once, without order."""
        return list(self.cut(text)[1])

    def heading(self, text: str) -> str:
        """The whole value for scan, facets and exact comparison: blank-joined tokens, at most 512 characters."""
        return self._known(text)[0][:HEADING_LENGTH].rstrip()

    def sort_key(self, text: str) -> str:
        """A string that sorts by code point as the profile's alphabet does, numbers by size; at most 255 characters."""
        ascii_only = text.isascii()
        key = " ".join(text.encode().translate(_PLAIN_ASCII).decode().split() if ascii_only else _tokens(self._sorting.fold(text)))
        for letter, place in _SORT_LETTERS.get(self.language, ()):
            key = key.replace(letter, place)
        return _NUMBER.sub(_padded, key)[:SORT_KEY_LENGTH].rstrip()

    def fold_word(self, word: str) -> str:
        """One word of a query, or a piece of it between masks: folded, punctuation taken out (`o'nei` -> `onei`)."""
        return self._known(word)[0].replace(" ", "")[:TOKEN_LENGTH]


def _padded(number: re.Match[str]) -> str:
    return number.group().lstrip("0").rjust(NUMBER_WIDTH, "0")
