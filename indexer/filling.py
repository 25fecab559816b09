"""From what was found in a record to the parts of its document."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from indexer.analysis import HEADING_LENGTH, SORT_KEY_LENGTH, Analyser
from indexer.document import Document
from indexer.extraction_plan import ExtractionPlan
from indexer.gathering import Gathered

NUMBER_WIDTH = 12

T = TypeVar("T")


def fill(document: Document, gathered: Gathered, plan: ExtractionPlan) -> None:
    """Sorts what was found by field, each value once, fields in the order of the table."""
    text: defaultdict[str, dict[str, None]] = defaultdict(dict)
    variants: defaultdict[str, dict[str, None]] = defaultdict(dict)
    keys: defaultdict[str, dict[str, str]] = defaultdict(dict)
    shown: dict[str, dict[str, str]] = {}
    numbers: defaultdict[str, dict[int, None]] = defaultdict(dict)
    for names, occurrence in gathered.words:
        for name in names:
            text[name][occurrence] = None
    for names, tokens in gathered.variants:
        for name in names:
            variants[name].update(dict.fromkeys(tokens))
    for names, occurrence, form in gathered.twins:
        key = occurrence if len(occurrence) <= HEADING_LENGTH else occurrence[:HEADING_LENGTH].rstrip()
        for name in names:
            own = shown[name] = keys[name]
            own.setdefault(key, form)
    for name, forms in gathered.keys:
        keys[name].update(dict.fromkeys(forms, ""))
    for name, key, form in gathered.shown:
        shown.setdefault(name, {}).setdefault(key, form)
    for name, number in gathered.numbers:
        numbers[name][number] = None
    place = plan.order.__getitem__
    document.text = in_order(text, place)
    document.variants = in_order(variants, place)
    document.keys = in_order(keys, place)
    document.shown = {name: shown[name] for name in sorted(shown, key=place)}
    document.numbers = in_order(numbers, place)


def in_order(found: Mapping[str, Iterable[T]], place: Callable[[str], int]) -> dict[str, list[T]]:
    """What was found, fields in the order of the table."""
    names = sorted(found, key=place)
    return dict(zip(names, map(list, map(found.__getitem__, names)), strict=True))


def sort_keys(document: Document, gathered: Gathered, plan: ExtractionPlan, analyser: Analyser) -> dict[str, str]:
    """Sort keys in the order of the table. Several values are joined, of several numbers the lowest counts."""
    values: dict[str, list[str]] = {}
    for name, value in gathered.sorts:
        values.setdefault(name, []).append(value)
    sorts: dict[str, str] = {}
    for name, field, how in plan.sorts:
        if how == "number":
            if field in document.numbers:
                sorts[name] = sortable(min(document.numbers[field]))
        elif how == "keys":
            if field in document.keys:
                sorts[name] = " ".join(document.keys[field])[:SORT_KEY_LENGTH]
        elif field in values:
            key = values[field][0][:SORT_KEY_LENGTH] if how == "ready" else analyser.sort_key(" ".join(values[field]))
            if key:
                sorts[name] = key
    return sorts


def sortable(number: int) -> str:
    """A number as a string that sorts by size, negative ones before all others."""
    return f"{number:0{NUMBER_WIDTH}d}" if number >= 0 else f"-{10**NUMBER_WIDTH + number:0{NUMBER_WIDTH}d}"
