"""What the steps find in one record, and what is remembered from record to record.

Catalogues repeat themselves: headings, places, notes and whole fields come again and again. So what a value was folded to is
remembered (`FoldedValues`), and from the second time a field is seen everything that it gives (`KnownFields`). Memories are
bounded; a full one is forgotten as a whole.
"""

from collections.abc import Sequence
from typing import NamedTuple

from indexer.analysis import Analyser
from indexer.functions.punctuation import trim_punct
from indexer.functions.titles import without_nonsorting
from indexer.record_view import Keyed
from indexer.steps import FieldTexts, Step, Steps

_LONGEST_VALUE = 200
LONGEST_FIELD = 120
_VALUES_REMEMBERED = 10_000
_FIELDS_REMEMBERED = 30_000
SOURCES_REMEMBERED = 5000
_STOPPED_WORD = 4
_AREA_ENDS = frozenset({" /", " :", " ;", " ="})


Names = tuple[str, ...]
"""Names of fields of the table."""


class Gathered:
    """What has been found in one record so far, as flat lists of (names of fields, what they get).

    `words`: occurrences; `variants`: further tokens; `twins`: folded whole values with their display forms; `keys`: forms of
    other whole values; `shown`: display forms of these where they differ; `numbers`; `sorts`: raw material of sort keys.
    """

    __slots__ = ("_folded", "_only_once", "keys", "numbers", "shown", "sorts", "twins", "variants", "words")

    def __init__(self, folded: "FoldedValues") -> None:
        self._folded = folded
        self._only_once: set[str] = set()
        self.words: list[tuple[Names, str]] = []
        self.variants: list[tuple[Names, Sequence[str]]] = []
        self.twins: list[tuple[Names, str, str]] = []
        self.keys: list[tuple[str, Sequence[str]]] = []
        self.shown: list[tuple[str, str, str]] = []
        self.numbers: list[tuple[str, int]] = []
        self.sorts: list[tuple[str, str]] = []

    def add_field(self, steps: Steps, texts: FieldTexts) -> None:
        """Takes in what the steps of a field's shape want of its texts."""
        folded = self._folded
        for step in steps:
            if not step.is_plain:
                self._add_special(step, texts)
                continue
            raw = texts[step.only] if step.only else step.raw(texts)
            if step.is_folded:
                occurrence, variants = folded[raw]
                if occurrence:
                    if step.words:
                        self.words.append((step.words, occurrence))
                        if variants:
                            self.variants.append((step.words, variants))
                    if step.twins:
                        self.twins.append((step.twins, occurrence, folded.shown[raw]))
            if step.wants_raw:
                self._add_raw(step, raw)

    def _add_special(self, step: Step, texts: FieldTexts) -> None:
        values = step.values(texts)
        if step.first and values:
            if step.first in self._only_once:
                return
            self._only_once.add(step.first)
            values = values[:1]
        self.add(step, values)

    def add(self, step: Step, values: Sequence[str]) -> None:
        """Takes in values for one step."""
        for value in values:
            if step.is_folded:
                self._add_folded(step, value)
            if step.wants_raw:
                self._add_raw(step, value)

    def _add_folded(self, step: Step, value: str) -> None:
        occurrence, variants = self._folded[value]
        if not occurrence:
            return
        if step.words:
            self.words.append((step.words, occurrence))
            if variants:
                self.variants.append((step.words, variants))
        if step.twins:
            self.twins.append((step.twins, occurrence, self._folded.shown[value]))

    def _add_raw(self, step: Step, value: str) -> None:
        for name, normalise, displayed, findable in step.keys:
            forms = normalise(value)
            if forms:
                self.keys.append((name, forms))
                if displayed and (shown := value.strip()) != forms[0]:
                    self.shown.append((name, forms[0], shown))
                if findable and step.words:
                    self._add_forms(step.words, forms, value)
        for name in step.numbers:
            if is_number(value):
                self.numbers.append((name, int(value)))
        for name in step.sorts:
            self.sorts.append((name, value))

    def _add_forms(self, words: Names, forms: Sequence[str], value: str) -> None:
        """An identifier is found among words by each of its forms too (an ISBN without hyphens, or of ten digits)."""
        occurrence = self._folded[value][0]
        tokens = [token for form in forms if form != occurrence and " " not in (token := self._folded[form][0])]
        missing = [token for token in tokens if token and token not in occurrence.split(" ")]
        if missing:
            self.variants.append((words, missing))

    def add_numbers(self, step: Step, values: Sequence[int]) -> None:
        """Takes the integers of a special function in; fields that are no number fields get their digits."""
        if not step.numbers:
            self.add(step, [str(value) for value in values])
        for name in step.numbers:
            self.numbers += [(name, value) for value in values]

    def add_keyed(self, step: Step, values: Sequence[Keyed]) -> None:
        """Takes whole values in whose normalised form a special function has made."""
        for key, shown in values:
            for name, _, displayed, _ in step.keys:
                self.keys.append((name, (key,)))
                if displayed and shown != key:
                    self.shown.append((name, key, shown))
            if step.is_folded:
                self._add_folded(step, shown)
            for name in step.sorts:
                self.sorts.append((name, shown))

    def add_known(self, known: "KnownField") -> None:
        """Takes in everything that a field gives, as it was found in another record."""
        self.words += known.words
        self.twins += known.twins
        self.keys += known.keys
        if known.others is not None:
            self.variants += known.others.variants
            self.shown += known.others.shown
            self.numbers += known.others.numbers
            self.sorts += known.others.sorts

    def as_known(self) -> "KnownField":
        """What has been found, to be added to other records."""
        others = None
        if self.variants or self.shown or self.numbers or self.sorts:
            others = KnownOthers(tuple(self.variants), tuple(self.shown), tuple(self.numbers), tuple(self.sorts))
        return KnownField(tuple(self.words), tuple(self.twins), tuple(self.keys), others)

    def has(self, name: str) -> bool:
        """Whether a field of the table has got anything."""
        listed = (*(names for names, _ in self.words), *(names for names, _, _ in self.twins))
        single = (*(own for own, _ in self.keys), *(own for own, _ in self.numbers), *(own for own, _ in self.sorts))
        return name in single or any(name in names for names in listed)


class KnownOthers(NamedTuple):
    """The rarer things that a field gives, as in `Gathered`."""

    variants: tuple[tuple[Names, Sequence[str]], ...]
    shown: tuple[tuple[str, str, str], ...]
    numbers: tuple[tuple[str, int], ...]
    sorts: tuple[tuple[str, str], ...]


class KnownField(NamedTuple):
    """Everything that one field gives, as in `Gathered`."""

    words: tuple[tuple[Names, str], ...]
    twins: tuple[tuple[Names, str, str], ...]
    keys: tuple[tuple[str, Sequence[str]], ...]
    others: KnownOthers | None


Field = tuple[str, str]
"""Tag and body."""

NEW = KnownField((), (), (), None)
"""Stands for a field that has not come before."""


class KnownFields(dict[Field, KnownField | None]):
    """Fields that came before: None for one that came once, then what it gives; most fields never come again."""

    def notice(self, field: Field) -> None:
        """Remembers that a field has come."""
        if len(self) >= _FIELDS_REMEMBERED:
            self.clear()
        self[field] = None


class FoldedValues(dict[str, tuple[str, tuple[str, ...]]]):
    """Value -> (occurrence, variants), and in `shown` value -> display form."""

    def __init__(self, analyser: Analyser) -> None:
        super().__init__()
        self._cut = analyser.cut
        self.shown = DisplayForms()

    def __missing__(self, value: str) -> tuple[str, tuple[str, ...]]:
        folded = self._cut(value)
        if len(value) <= _LONGEST_VALUE:
            if len(self) >= _VALUES_REMEMBERED:
                self.clear()
            self[value] = folded
        return folded


class DisplayForms(dict[str, str]):
    """Value -> display form."""

    def __missing__(self, value: str) -> str:
        shown = display_form(value)
        if len(value) <= _LONGEST_VALUE:
            if len(self) >= _VALUES_REMEMBERED:
                self.clear()
            self[value] = shown
        return shown


def display_form(value: str) -> str:
    """A heading as facets and browse lists show it: without closing punctuation and marks of non-sorting.

    The first lines know the commonest cases, in which `trim_punct` would do the same.
    """
    if value.isascii() and "  " not in value and "[" not in value and "]" not in value and value[:1].isalnum():
        if value[-1].isalnum():
            return value
        if value[-1] == "." and value[-4:-1].isalnum() and value[-4:-1].lower() != "etc" and len(value) >= _STOPPED_WORD:
            return value[:-1]
        if value[-1] == "," and value[-2].isalnum():
            return value[:-1]
        if value[-2:] in _AREA_ENDS and value[-3].isalnum():
            return value[:-2]
    return trim_punct(value if value.isascii() else without_nonsorting(value))


def is_number(value: str) -> bool:
    """Whether a value is a whole number in ASCII digits, with blanks around it or a minus before it."""
    digits = value.strip().removeprefix("-")
    return digits.isascii() and digits.isdecimal()
