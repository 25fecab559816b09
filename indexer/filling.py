"""From what was found in a record to the parts of its document."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from indexer.analysis import SORT_KEY_LENGTH, Analyser
from indexer.document import Document
from indexer.extraction_plan import ExtractionPlan
from indexer.gathering import Gathered

NUMBER_WIDTH = 12

T = TypeVar("T")


def fill(document: Document, gathered: Gathered, plan: ExtractionPlan) -> None:
    """Takes over what was found: each value once, fields in the order of the table."""
    place = plan.order.__getitem__
    document.text = in_order(gathered.text, place)
    document.variants = in_order(gathered.variants, place)
    document.numbers = in_order(gathered.numbers, place)
    document.keys = in_order({name: list(found) for name, found in gathered.twins.items()} | gathered.keys, place)
    shown = {**gathered.twins, **gathered.shown}
    document.shown = {name: shown[name] for name in sorted(shown, key=place)}


def in_order(found: Mapping[str, list[T]], place: Callable[[str], int]) -> dict[str, list[T]]:
    """What was found, each value once, fields in the order of the table."""
    return {name: own if len(own := found[name]) == 1 else list(dict.fromkeys(own)) for name in sorted(found, key=place)}


def sort_keys(document: Document, gathered: Gathered, plan: ExtractionPlan, analyser: Analyser) -> dict[str, str]:
    """Sort keys in the order of the table. Several values are joined, of several numbers the lowest counts."""
    values = gathered.sorts
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
