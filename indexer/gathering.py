"""What the steps find in one record, and what is remembered from record to record.

Catalogues repeat themselves: headings, places, notes and whole fields come again and again. So from the second time a field is
seen everything that it gives is remembered (`KnownFields`). The memory is bounded; a full one is forgotten as a whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from indexer.analysis import HEADING_LENGTH, TOKEN_LENGTH, Analyser
from indexer.functions.punctuation import display_form
from indexer.record_view import Keyed
from indexer.steps import Pieces, Step, Steps

LONGEST_FIELD = 120
FIELDS_REMEMBERED = 8000
SOURCES_REMEMBERED = 1500


class Gathered:
    """What has been found in one record so far, by name of field and in the order in which it was found; values may repeat.

    `text`: occurrences; `variants`: further tokens; `twins`: folded whole values with their display forms, each once; `keys`:
    forms of other whole values; `shown`: display forms of these where they differ; `numbers`; `sorts`: raw material of sort keys.
    """

    __slots__ = ("_analyser", "_only_once", "keys", "numbers", "shown", "sorts", "text", "twins", "variants")

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser
        self._only_once: set[str] | None = None
        self.text: defaultdict[str, list[str]] = defaultdict(list)
        self.variants: defaultdict[str, list[str]] = defaultdict(list)
        self.twins: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.keys: defaultdict[str, list[str]] = defaultdict(list)
        self.shown: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.numbers: defaultdict[str, list[int]] = defaultdict(list)
        self.sorts: defaultdict[str, list[str]] = defaultdict(list)

    def add_field(self, steps: Steps, pieces: Pieces) -> None:
        """Takes in what the steps of a field's shape want of its pieces. All pieces are folded at once, for all steps."""
        words: Sequence[str] = ()
        forms: Sequence[Sequence[str]] = ()
        for step in steps:
            if not step.is_plain:
                self._add_special(step, pieces)
                continue
            raw = pieces[step.only][1:] if step.only else step.raw(pieces)
            if step.is_folded:
                if not words:
                    words, forms = self._analyser.cut_pieces(pieces)
                if step.only:
                    occurrence = words[step.only]
                    variants = forms[step.only] if forms else ()
                else:
                    occurrence = " ".join([words[place] for place in step.places if words[place]])
                    variants = [form for place in step.places for form in forms[place]] if forms else ()
                if occurrence:
                    self._add_words(step, occurrence, variants, raw)
            if step.wants_raw:
                self._add_raw(step, raw)

    def _add_words(self, step: Step, occurrence: str, variants: Sequence[str], value: str) -> None:
        """Takes in one value that has been folded."""
        text = self.text
        for name in step.words:
            text[name].append(occurrence)
        if variants:
            for name in step.words:
                self.variants[name] += variants
        if step.twins:
            key = occurrence if len(occurrence) <= HEADING_LENGTH else occurrence[:HEADING_LENGTH].rstrip()
            form = display_form(value)
            for name in step.twins:
                self.twins[name].setdefault(key, form)

    def _add_special(self, step: Step, pieces: Pieces) -> None:
        values = step.values(pieces)
        if step.first and values:
            if self._only_once is None:
                self._only_once = set()
            if step.first in self._only_once:
                return
            self._only_once.add(step.first)
            values = values[:1]
        if values:
            self.add(step, values)

    def add(self, step: Step, values: Iterable[str]) -> None:
        """Takes in values for one step."""
        for value in values:
            if step.is_folded:
                self._add_folded(step, value)
            if step.wants_raw:
                self._add_raw(step, value)

    def _add_folded(self, step: Step, value: str) -> None:
        occurrence, variants = self._analyser.cut(value)
        if occurrence:
            self._add_words(step, occurrence, variants, value)

    def _add_raw(self, step: Step, value: str) -> None:
        for name, normalise, displayed, findable in step.keys:
            forms = normalise(value)
            if forms:
                self.keys[name] += forms
                if displayed and (shown := value.strip()) != forms[0]:
                    self.shown[name].setdefault(forms[0], shown)
                if findable and step.words:
                    self._add_forms(step, forms, value)
        for name in step.numbers:
            if is_number(value):
                self.numbers[name].append(int(value))
        for name in step.sorts:
            self.sorts[name].append(value)

    def _add_forms(self, step: Step, forms: Sequence[str], value: str) -> None:
        """An identifier is found among words by each of its forms too (an ISBN without hyphens, or of ten digits)."""
        words = self._analyser.cut(value)[0].split(" ")
        missing = [token for form in forms if " " not in (token := self._one_word(form)) and token and token not in words]
        if missing:
            for name in step.words:
                self.variants[name] += missing

    def _one_word(self, form: str) -> str:
        return form.lower()[:TOKEN_LENGTH] if form.isascii() and form.isalnum() else self._analyser.cut(form)[0]

    def add_numbers(self, step: Step, values: Sequence[int]) -> None:
        """Takes the integers of a special function in; fields that are no number fields get their digits."""
        if not step.numbers:
            self.add(step, [str(value) for value in values])
        for name in step.numbers:
            self.numbers[name] += values

    def add_keyed(self, step: Step, values: Sequence[Keyed]) -> None:
        """Takes whole values in whose normalised form a special function has made."""
        for key, shown in values:
            for name, _, displayed, _ in step.keys:
                self.keys[name].append(key)
                if displayed and shown != key:
                    self.shown[name].setdefault(key, shown)
            if step.is_folded:
                self._add_folded(step, shown)
            for name in step.sorts:
                self.sorts[name].append(shown)

    def add_known(self, known: "Known") -> None:
        """Takes in everything that a field gives, as it was found in another record."""
        for name, occurrences in known.text:
            self.text[name] += occurrences
        for name, twins in known.twins:
            own = self.twins[name]
            for key, form in twins:
                own.setdefault(key, form)
        for name, keys in known.keys:
            self.keys[name] += keys
        if known.others is not None:
            self._add_others(known.others)

    def _add_others(self, others: "KnownOthers") -> None:
        for name, variants in others.variants:
            self.variants[name] += variants
        for name, shown in others.shown:
            own = self.shown[name]
            for key, form in shown:
                own.setdefault(key, form)
        for name, numbers in others.numbers:
            self.numbers[name] += numbers
        for name, sorts in others.sorts:
            self.sorts[name] += sorts

    def as_known(self) -> "Known":
        """What has been found, to be added to other records."""
        others = None
        if self.variants or self.shown or self.numbers or self.sorts:
            others = KnownOthers(
                tuple((name, tuple(dict.fromkeys(tokens))) for name, tokens in self.variants.items()),
                tuple((name, tuple(shown.items())) for name, shown in self.shown.items()),
                tuple((name, tuple(numbers)) for name, numbers in self.numbers.items()),
                tuple((name, tuple(values)) for name, values in self.sorts.items()),
            )
        return Known(
            tuple((name, tuple(dict.fromkeys(occurrences))) for name, occurrences in self.text.items()),
            tuple((name, tuple(twins.items())) for name, twins in self.twins.items()),
            tuple((name, tuple(dict.fromkeys(keys))) for name, keys in self.keys.items()),
            others,
        )

    def has(self, name: str) -> bool:
        """Whether a field of the table has got anything."""
        return any(name in found for found in (self.text, self.twins, self.keys, self.numbers, self.sorts))


Displayed = tuple[tuple[str, str], ...]
"""Pairs of key and display form."""


class KnownOthers(NamedTuple):
    """The rarer things that a field gives, as in `Gathered`."""

    variants: tuple[tuple[str, tuple[str, ...]], ...]
    shown: tuple[tuple[str, Displayed], ...]
    numbers: tuple[tuple[str, tuple[int, ...]], ...]
    sorts: tuple[tuple[str, tuple[str, ...]], ...]


class Known(NamedTuple):
    """Everything that one field (or special function) gives, as in `Gathered`: pairs of name and values."""

    text: tuple[tuple[str, tuple[str, ...]], ...]
    twins: tuple[tuple[str, Displayed], ...]
    keys: tuple[tuple[str, tuple[str, ...]], ...]
    others: KnownOthers | None


Field = tuple[str, str]
"""Tag and body."""

NEW = Known((), (), (), None)
"""Stands for a field that has not come before."""

KnownFields = dict[Field, Known | None]
"""Fields that came before: None for one that came once, then what it gives; most fields never come again."""


def is_number(value: str) -> bool:
    """Whether a value is a whole number in ASCII digits, with blanks around it or a minus before it."""
    digits = value.strip().removeprefix("-")
    return digits.isascii() and digits.isdecimal()
