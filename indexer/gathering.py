"""What the steps find in one record, and what is remembered from record to record.

Catalogues repeat themselves: headings, places, notes and whole fields come again and again. So what a value was folded to is
remembered (`FoldedValues`), and from the second time a field is seen everything that it gives (`KnownFields`). Memories are
bounded; a full one is forgotten as a whole.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from indexer.analysis import HEADING_LENGTH, Analyser
from indexer.functions.punctuation import trim_punct
from indexer.functions.titles import without_nonsorting
from indexer.record_view import Keyed
from indexer.steps import Pieces, Step, Steps

_LONGEST_VALUE = 200
LONGEST_FIELD = 120
_VALUES_REMEMBERED = 20_000
_FIELDS_REMEMBERED = 50_000
SOURCES_REMEMBERED = 5000
_STOPPED_WORD = 4
_AREA_ENDS = frozenset({" /", " :", " ;", " ="})


class Gathered:
    """What has been found in one record so far. The inner dictionaries are ordered sets: first occurrences in order.

    `twins`: folded whole values of text fields and headings with their display forms; `keys`: values of other key fields, `shown`
    their display forms where these differ.
    """

    __slots__ = ("_folded", "_only_once", "keys", "numbers", "shown", "sorts", "text", "twins", "variants")

    def __init__(self, folded: "FoldedValues") -> None:
        self._folded = folded
        self._only_once: set[str] = set()
        self.text: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.variants: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.twins: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.keys: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.shown: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.numbers: defaultdict[str, dict[int, None]] = defaultdict(dict)
        self.sorts: defaultdict[str, list[str]] = defaultdict(list)

    def add_field(self, steps: Steps, pieces: Pieces) -> None:
        """Takes in what the steps of a field's shape want of its pieces. Folded words are joined, not joined words folded."""
        folded, text = self._folded, self.text
        for step in steps:
            if not step.is_plain:
                self._add_special(step, pieces)
                continue
            if step.is_folded:
                if step.only:
                    occurrence, variants = folded[pieces[step.only]]
                else:
                    parts = [folded[pieces[place]] for place in step.places]
                    occurrence = " ".join([words for words, _ in parts if words])
                    variants = tuple([form for _, forms in parts if forms for form in forms])
                if occurrence:
                    for name in step.words:
                        text[name][occurrence] = None
                    if variants:
                        for name in step.words:
                            self.variants[name].update(dict.fromkeys(variants))
                    if step.twins:
                        self._add_twins(step.twins, occurrence, step.raw(pieces))
            if step.wants_raw:
                self._add_raw(step, (step.raw(pieces),))

    def _add_special(self, step: Step, pieces: Pieces) -> None:
        values = step.values(pieces)
        if step.first and values:
            if step.first in self._only_once:
                return
            self._only_once.add(step.first)
            values = values[:1]
        self.add(step, values)

    def add(self, step: Step, values: Sequence[str]) -> None:
        """Takes in values for one step."""
        if step.words or step.twins:
            self._add_folded(step, values)
        if step.wants_raw:
            self._add_raw(step, values)

    def _add_folded(self, step: Step, values: Sequence[str]) -> None:
        for value in values:
            occurrence, variants = self._folded[f" {value}"]
            if not occurrence:
                continue
            for name in step.words:
                self.text[name][occurrence] = None
                if variants:
                    self.variants[name].update(dict.fromkeys(variants))
            if step.twins:
                self._add_twins(step.twins, occurrence, value)

    def _add_raw(self, step: Step, values: Sequence[str]) -> None:
        if step.keys:
            self._add_keys(step, values)
        for name in step.numbers:
            self.numbers[name].update((int(value), None) for value in values if is_number(value))
        for name in step.sorts:
            self.sorts[name].extend(values)

    def _add_twins(self, twins: Sequence[str], occurrence: str, value: str) -> None:
        key = occurrence if len(occurrence) <= HEADING_LENGTH else occurrence[:HEADING_LENGTH].rstrip()
        shown = self._folded.shown[value]
        for name in twins:
            self.twins[name].setdefault(key, shown)

    def _add_keys(self, step: Step, values: Sequence[str]) -> None:
        for name, normalise, displayed in step.keys:
            for value in values:
                forms = normalise(value)
                if not forms:
                    continue
                own = self.keys[name]
                for form in forms:
                    own[form] = None
                if displayed and (shown := value.strip()) != forms[0]:
                    self.shown[name].setdefault(forms[0], shown)
                if step.words:
                    self._add_forms(step.words, forms)

    def _add_forms(self, words: Sequence[str], forms: Sequence[str]) -> None:
        """An identifier is found among words by each of its forms too (an ISBN without hyphens, or of ten digits)."""
        for form in forms:
            token, _ = self._folded[f" {form}"]
            if token and " " not in token:
                for name in words:
                    if token not in self.text[name]:
                        self.variants[name][token] = None

    def add_numbers(self, step: Step, values: Sequence[int]) -> None:
        """Takes the integers of a special function in; fields that are no number fields get their digits."""
        if not step.numbers:
            self.add(step, [str(value) for value in values])
        for name in step.numbers:
            self.numbers[name].update(dict.fromkeys(values))

    def add_keyed(self, step: Step, values: Sequence[Keyed]) -> None:
        """Takes whole values in whose normalised form a special function has made."""
        for name, _, displayed in step.keys:
            for key, shown in values:
                self.keys[name][key] = None
                if displayed and shown != key:
                    self.shown[name].setdefault(key, shown)
        if step.words or step.twins:
            self._add_folded(step, [shown for _, shown in values])
        for name in step.sorts:
            self.sorts[name].extend(shown for _, shown in values)

    def add_known(self, known: "KnownField") -> None:
        """Takes in everything that a field gives, as it was found in another record."""
        for name, occurrence in known.text:
            self.text[name][occurrence] = None
        for name, key, shown in known.twins:
            self.twins[name].setdefault(key, shown)
        for name, keys in known.keys:
            self.keys[name].update(keys)
        if known.others is not None:
            for name, key, shown in known.others.shown:
                self.shown[name].setdefault(key, shown)
            for name, variants in known.others.variants:
                self.variants[name].update(variants)
            for name, numbers in known.others.numbers:
                self.numbers[name].update(numbers)
            for name, values in known.others.sorts:
                self.sorts[name].extend(values)

    def as_known(self) -> "KnownField":
        """What has been found, in the form that `add_known` takes."""
        others = None
        if self.shown or self.variants or self.numbers or self.sorts:
            shown = tuple([(name, key, form) for name, found in self.shown.items() for key, form in found.items()])
            others = KnownOthers(shown, tuple(self.variants.items()), tuple(self.numbers.items()), tuple(self.sorts.items()))
        return KnownField(
            text=tuple([(name, occurrence) for name, found in self.text.items() for occurrence in found]),
            twins=tuple([(name, key, shown) for name, found in self.twins.items() for key, shown in found.items()]),
            keys=tuple(self.keys.items()),
            others=others,
        )


class KnownOthers(NamedTuple):
    """The rarer things that a field gives, by field of the table."""

    shown: tuple[tuple[str, str, str], ...]
    variants: tuple[tuple[str, dict[str, None]], ...]
    numbers: tuple[tuple[str, dict[int, None]], ...]
    sorts: tuple[tuple[str, list[str]], ...]


class KnownField(NamedTuple):
    """Everything that one field gives, by field of the table, in flat lists of what `Gathered` holds."""

    text: tuple[tuple[str, str], ...]
    twins: tuple[tuple[str, str, str], ...]
    keys: tuple[tuple[str, dict[str, None]], ...]
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
    """Piece (a character, then the value) -> (occurrence, variants) of the value; and in `shown` value -> display form."""

    def __init__(self, analyser: Analyser) -> None:
        super().__init__()
        self._cut = analyser.cut
        self.shown = DisplayForms()

    def __missing__(self, piece: str) -> tuple[str, tuple[str, ...]]:
        folded = self._cut(piece[1:])
        if len(piece) <= _LONGEST_VALUE:
            if len(self) >= _VALUES_REMEMBERED:
                self.clear()
            self[piece] = folded
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
