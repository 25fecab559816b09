"""Koha's search engine mappings (`mappings.yaml`) as an overlay of the field table.

The file maps, per database, index names to rules (`marc_field`) for several MARC formats. Facts of that format that matter:
`sort: ~` (null) asks for a sort key as well, `sort: 0` for none and `sort: 1` for a sort key; facet order is a property of the
index, whether a rule feeds the facet one of the rule; a sort key of several values is their join (`sort_joined`). Source: indexing.md
section 2 and Koha's documentation of its search engine configuration.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from indexer.rules import RuleError, read_rules

SECTIONS = {"biblios": "fields", "authorities": "authority_fields"}
FORMATS = {"marc21": "marc21", "normarc": "marc21", "unimarc": "unimarc"}

_TYPES = {
    "": "text", "string": "text", "text": "text", "number": "number", "year": "number", "sum": "number", "boolean": "boolean",
    "date": "date", "isbn": "identifier", "stdno": "identifier", "callnumber": "identifier", "availability": "boolean",
    "geo_point": "code", "integer": "number",
}  # fmt: skip
_NORMALISE = {"isbn": "isbn", "stdno": "standard_number", "callnumber": "callnumber"}
_PIPES = {"number": "digits", "sum": "digits", "year": "year", "date": "date8", "integer": "digits"}


class KohaMappingError(ValueError):
    """A part of the file that is no Koha mapping. `path`: keys and positions that lead to it."""

    def __init__(self, path: Sequence[str | int], message: str) -> None:
        super().__init__(message)
        self.path = tuple(path)


def overlay_of(mappings: Mapping[str, Any], built_in: Mapping[str, Any]) -> str:
    """The text of an overlay that gives every index of the mapping its rules.

    An index whose Koha name the built-in table knows as the name of a field takes that field's place (its rules only); one
    that a special function fills there (years, languages, formats) is left to it and named in a comment. All others become
    fields of their own. Raises: KohaMappingError.
    """
    left: list[str] = []
    overlay: dict[str, Any] = {"version": 1}
    for database, section in SECTIONS.items():
        indexes = mappings.get(database) or {}
        if not isinstance(indexes, Mapping):
            raise KohaMappingError((database,), f"`{database}` is a mapping of index names")
        fields: dict[str, Any] = {}
        places = _places(built_in[section], built_in["aliases"])
        for name, given in indexes.items():
            target = places.get(str(name).lower())
            if target is not None and _is_computed(built_in[section][target]):
                left.append(f"{database}: `{name}` stays the built-in field `{target}`, which a special function fills")
                continue
            field = _field((database, str(name)), given)
            if target is None:
                slug = _slug(str(name), taken={*built_in[section], *fields})
                fields[slug] = {**field, "cql": [f"koha.{name}"]}
            else:
                fields[target] = _joined(fields.get(target), {key: field[key] for key in (*set(FORMATS.values()), "facet") if key in field})
        if fields:
            overlay[section] = fields
    if len(overlay) == 1 and not left:
        raise KohaMappingError((), "there is neither `biblios` nor `authorities` in the file")
    told = "".join(f"# {line}\n" for line in ("Made from a Koha search engine mapping.", *left))
    return told + yaml.safe_dump(overlay, allow_unicode=True, sort_keys=False, width=140)


def _places(fields: Mapping[str, Any], aliases: Mapping[str, str]) -> dict[str, str]:
    """Koha name, lower case -> built-in field: that which carries the name, or is the main one of the index it is an alias of."""
    main: dict[str, str] = {}
    for name, field in fields.items():
        for index in field.get("cql", ()):
            main.setdefault(index.lower(), name)
    places = {index[5:]: name for index, name in main.items() if index.startswith("koha.")}
    for alias, target in aliases.items():
        if alias.lower().startswith("koha.") and target.lower() in main:
            places.setdefault(alias[5:].lower(), main[target.lower()])
    return places


def _is_computed(field: Mapping[str, Any]) -> bool:
    return "source" in field or any(
        isinstance(entry, Mapping) and "source" in entry for form in set(FORMATS.values()) for entry in field.get(form, ())
    )


def _slug(name: str, taken: Iterable[str]) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    slug = slug if re.match(r"[a-z]", slug) else f"koha_{slug}"
    return f"koha_{slug}" if slug in taken else slug


def _joined(known: Mapping[str, Any] | None, more: Mapping[str, Any]) -> dict[str, Any]:
    """Two Koha indexes for one field: their rules together."""
    merged: dict[str, Any] = {"replace": True, **(known or {})}
    for key, value in more.items():
        merged[key] = merged.get(key, []) + [one for one in value if one not in merged.get(key, [])] if isinstance(value, list) else value
    return merged


def _field(path: tuple[str, str], given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not isinstance(given.get("mappings", []), list):
        raise KohaMappingError(path, f"index `{path[1]}` is a mapping with a list `mappings`")
    kind = str(given.get("type") or "").lower()
    if kind not in _TYPES:
        raise KohaMappingError((*path, "type"), f"index `{path[1]}` has a type `{kind}` that is not known here")
    field: dict[str, Any] = {"type": _TYPES[kind], "label": {"en": str(given.get("label") or path[1])}}
    if kind in _NORMALISE:
        field["normalise"] = _NORMALISE[kind]
    if kind == "year":
        field["unit"] = "year"
    wants = [_wanted((*path, "mappings", place), path[1], mapping) for place, mapping in enumerate(given.get("mappings", []))]
    sorts, facets = any(one.sort for one in wants), any(one.facet for one in wants)
    for want in wants:
        rules = field.setdefault(want.form, [])
        rule = _rule(want, kind, sorts=sorts, facets=facets)
        if rule not in rules:
            rules.append(rule)
    if kind == "boolean":
        for form in {want.form for want in wants}:
            field[form].append({"tag": "leader", "when": {"matches": "(?!)"}, "default": "false"})
    if sorts:
        field["sort"] = True
        if field["type"] not in {"number", "date"}:
            field["sort_joined"] = True
    if facets:
        field["facet"] = True
    return field


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One mapping of an index: its rule, its format, and whether it makes a sort key and feeds the facet."""

    path: tuple[str | int, ...]
    form: str
    text: str
    sort: bool
    facet: bool


def _wanted(path: tuple[str | int, ...], index: str, mapping: object) -> _Wanted:
    if not isinstance(mapping, Mapping) or "marc_field" not in mapping:
        raise KohaMappingError(path, f"a mapping of index `{index}` has no `marc_field`")
    form = FORMATS.get(str(mapping.get("marc_type", "")).lower())
    if form is None:
        raise KohaMappingError(path, f"a mapping of index `{index}` is for an unknown format `{mapping.get('marc_type')}`")
    sort = mapping.get("sort", 0)
    return _Wanted(path, form, str(mapping["marc_field"]), sort is None or _is_on(sort), _is_on(mapping.get("facet")))


def _is_on(value: object) -> bool:
    return value not in {None, "", 0, "0"}


def _rule(want: _Wanted, kind: str, *, sorts: bool, facets: bool) -> str | dict[str, Any]:
    """A short rule as it is, unless it gives less than the index as a whole, or needs a pipe."""
    try:
        read_rules(want.text)
    except RuleError as error:
        raise KohaMappingError(want.path, str(error)) from error
    found = re.fullmatch(r"(leader|...)(?:\[(.)(.)\])?(.*?)(?:_/(.*))?", want.text)
    assert found is not None, want.text
    tag, ind1, ind2, take, span = found.groups()
    long: dict[str, Any] = {}
    if kind in _PIPES:
        long["pipe"] = [_PIPES[kind]]
    if sorts and not want.sort:
        long["sort"] = False
    if facets and not want.facet:
        long["facet"] = False
    if not long:
        return want.text
    long = {"tag": tag, **({"take": take} if take else {}), **long}
    long |= {key: value for key, value in (("ind1", ind1), ("ind2", ind2)) if value not in {None, "."}}
    if span:
        long["range"] = int(span) if span.isdigit() else span
    return long
