"""From what was found in a record to the parts of its document."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from indexer.analysis import SORT_KEY_LENGTH, Analyser
from indexer.document import Document
from indexer.extraction_plan import ExtractionPlan, SortRule
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
    """Sort keys in the order of the table: of several values the lowest and the highest, where they are not joined."""
    sorts: dict[str, str] = {}
    for rule in plan.sorts:
        keys: Sequence[str] = ()
        if rule.how == "number":
            if rule.field in document.numbers:
                numbers = document.numbers[rule.field]
                keys = [sortable(number) for number in numbers]
        elif rule.how == "keys":
            if rule.field in document.keys:
                keys = _whole_values(document.keys[rule.field], gathered.sorts.get(rule.field, ()), rule)
        elif rule.field in gathered.sorts:
            keys = _sort_words(gathered.sorts[rule.field], rule, analyser)
        if keys:
            sorts[rule.lowest] = keys[0] if len(keys) == 1 else min(keys)
            if rule.highest:
                sorts[rule.highest] = keys[0] if len(keys) == 1 else max(keys)
    return sorts


def _sort_words(values: Sequence[str], rule: SortRule, analyser: Analyser) -> list[str]:
    """Sort keys of values as written, none of them empty."""
    if rule.how == "ready":
        return [values[0][:SORT_KEY_LENGTH]] if values[0] else []
    wanted = [" ".join(values)] if rule.joined else values
    return [key for value in wanted if (key := analyser.sort_key(value))]


def _whole_values(keys: Sequence[str], values: Sequence[str], rule: SortRule) -> list[str]:
    """Sort keys of normalised values. Of several forms of one value (an ISBN with ten digits, and with 13) the best one counts."""
    if rule.joined:
        keys = [" ".join(keys)]
    elif len(keys) > 1 and rule.normalise is not None:
        forms = [rule.normalise(value) for value in values]
        best = {form for own in forms for form in own[:1]}
        others = {form for own in forms for form in own[1:]} - best
        keys = [key for key in keys if key not in others]
    return [key[:SORT_KEY_LENGTH] for key in keys]


def sortable(number: int) -> str:
    """A number as a string that sorts by size, negative ones before all others."""
    return f"{number:0{NUMBER_WIDTH}d}" if number >= 0 else f"-{10**NUMBER_WIDTH + number:0{NUMBER_WIDTH}d}"
