"""From fields to CQL indexes: which names stand for which fields."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from cql.dates import parse_period
from cql.indexes import ContextSet, Field, Index, IndexTable, Kind
from indexer.analysis import SORT_KEY_LENGTH, Analyser
from indexer.field_spec import FieldSpec
from indexer.filling import NUMBER_WIDTH, sortable

UTILITY_INDEXES: tuple[tuple[str, Kind], ...] = (("cql.allRecords", "all"), ("cql.resultSetId", "resultset"))
"""Indexes of the cql set that are not made of fields."""


def build_index_table(
    specs: Sequence[FieldSpec],
    aliases: Mapping[str, str],
    sets: tuple[ContextSet, ...],
    default_sets: tuple[str, ...],
    bib1_names: Mapping[str, int],
    analyser: Analyser,
    language: str,
) -> IndexTable:
    """Every name of one database. `language`: that of stems.

    A name stands for all fields that carry it; an alias for the whole index of another name, unless fields carry the alias
    themselves; a Bib-1 number for the whole index of the first name of each field that has the number. Names of the same
    fields are one index: its own name is the first name of its main field, the others are aliases.
    """
    names = _names(specs, aliases, bib1_names)
    fields = {spec.name: _field(spec, analyser) for spec in specs if spec.kind != "sort"}
    highest = {spec.name: spec.sort_highest for spec in specs}
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, members in names.items():
        groups.setdefault(tuple(spec.name for spec in members), []).append(name)
    by_name: dict[str, Index] = {}
    for group in groups.values():
        index = _index(group, names[group[0]], fields, highest, analyser)
        by_name.update({name.lower(): index for name in group})
    for name, kind in UTILITY_INDEXES:
        by_name[name.lower()] = Index(name=name, kind=kind, fields=())
    for one in sets:
        for other in one.aliases:
            prefix = f"{one.name}."
            by_name.update({f"{other}.{name[len(prefix) :]}": index for name, index in list(by_name.items()) if name.startswith(prefix)})
    return IndexTable(sets=sets, by_name=by_name, default_sets=default_sets, fold=analyser.fold_word, language=language)


def _names(specs: Sequence[FieldSpec], aliases: Mapping[str, str], bib1_names: Mapping[str, int]) -> dict[str, list[FieldSpec]]:
    """Name as written first -> its fields in the order of the table; numbers as `bib1.4`."""
    written: dict[str, str] = {}
    members: dict[str, list[FieldSpec]] = {}

    def add(name: str, spec: FieldSpec) -> None:
        own = written.setdefault(name.lower(), name)
        if spec not in members.setdefault(own, []):
            members[own].append(spec)

    searchable = [spec for spec in specs if spec.kind != "sort"]
    for spec in searchable:
        for name in spec.cql:
            add(name, spec)
    carried = dict(written)
    for alias, target in aliases.items():
        own = carried.get(target.lower())
        if own is not None and alias.lower() not in carried:
            for spec in list(members[own]):
                add(alias, spec)
    for spec in searchable:
        for number in spec.bib1:
            for one in members[carried[spec.cql[0].lower()]] if spec.cql else [spec]:
                add(f"bib1.{number}", one)
    for name, number in bib1_names.items():
        for spec in members.get(f"bib1.{number}", ()):
            add(f"bib1.{name}", spec)
    place = {spec.name: at for at, spec in enumerate(specs)}
    return {name: sorted(own, key=lambda spec: place[spec.name]) for name, own in members.items()}


def _field(spec: FieldSpec, analyser: Analyser) -> Field:
    assert spec.kind != "sort"
    return Field(
        name=spec.name, kind=spec.kind, words=analyser.words if spec.kind == "text" else None, normalise=spec.normalise, twin=spec.twin
    )


def _index(
    group: Sequence[str], members: Sequence[FieldSpec], fields: Mapping[str, Field], highest: Mapping[str, str], analyser: Analyser
) -> Index:
    main = members[0]
    own = next((name for name in main.cql if name in group), group[0])
    with_values = [spec for spec in members if spec.twin or spec.kind == "key"]
    # The values of a facet are found again by `==`, so it is offered only where that asks the very field that is counted.
    compared = with_values or members
    return Index(
        name=own,
        kind="date" if main.is_year else main.kind if main.kind != "sort" else "key",
        fields=tuple(fields[spec.name] for spec in members),
        aliases=tuple(name for name in group if name != own),
        sort=main.sort,
        sort_highest=highest.get(main.sort, ""),
        sort_before=main.sort_before,
        scan=_scan(members, with_values),
        lower=main.lower,
        upper=main.upper,
        ordered=all(spec.ordered for spec in members),
        facet=main.name if main.facet and list(compared) == [main] else "",
        labels=main.labels if own == next(iter(main.cql), own) else None,  # of a name that stands for more, the field's would mislead
        bib1=tuple(sorted({int(name[5:]) for name in group if name.startswith("bib1.") and name[5:].isdigit()})),
        sort_key=_sort_key(main, analyser) if main.sort else None,
    )


def _sort_key(spec: FieldSpec, analyser: Analyser) -> Callable[[str], str]:
    """Makes the sort key of a term, as `indexer.filling.sort_keys` makes that of a record."""
    if spec.kind in {"number", "date"}:
        return partial(_number_key, spec)
    if spec.kind == "key" and spec.type != "keyword" and spec.normalise is not None:
        normalise = spec.normalise
        return lambda text: next(iter(normalise(text)), "")[:SORT_KEY_LENGTH]
    return analyser.sort_key


def _number_key(spec: FieldSpec, text: str) -> str:
    period = parse_period(text) if spec.kind == "date" or spec.is_year else None
    if period is not None:
        return sortable((period.years() if spec.is_year else period.days()).low)
    is_number = spec.kind == "number" and text.isascii() and text.removeprefix("-").isdigit() and len(text) <= NUMBER_WIDTH
    return sortable(int(text)) if is_number else ""


def _scan(members: Sequence[FieldSpec], with_values: Sequence[FieldSpec]) -> frozenset[str]:
    """Lists whose counts are the hits of the corresponding search: every field that the search would ask keeps the list."""
    lists = set()
    if all(spec.scan_words for spec in members):
        lists.add("words")
    if all(spec.scan_values for spec in with_values or members):
        lists.add("values")
    return frozenset(lists)
