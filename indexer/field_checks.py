"""What can be wrong with a field table, each mistake with its line."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from cql.stems import LANGUAGES, language_of
from indexer.analysis import PROFILES
from indexer.field_spec import FORMATS
from indexer.functions.items import ITEM_ATTRIBUTES, ITEM_MAPS
from indexer.functions.normalisers import NORMALISERS
from indexer.functions.pipes import UnknownPipe, parse_pipes
from indexer.marked_yaml import MarkedYaml
from indexer.rules import RuleError, read_rules
from indexer.specials import SOURCES

Problem = tuple[int, str]
"""1-based line, and what is wrong there."""

SECTIONS = ("fields", "authority_fields")


@cache
def _schema() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(files("schemas").joinpath("field_table.schema.json").read_bytes()))


def check_text(table: MarkedYaml, prefixes: Iterable[str]) -> list[Problem]:
    """Mistakes that show in one file alone: its form, rules, pipes, and names of functions and context sets."""
    problems = [(table.line(path), f"`{path[-1]}` is given twice") for path in table.repeated]
    for error in _schema().iter_errors(table.value):
        problems.extend(_told(table, error))
    if problems:
        return problems
    known = frozenset(prefixes)
    for section in SECTIONS:
        for name, field in (table.value.get(section) or {}).items():
            for path, message in _check_field(field or {}, known):
                problems.append((table.line((section, name, *path)), f"field `{name}`: {message}"))
    problems.extend(_check_rest(table, known))
    return problems


def _told(table: MarkedYaml, error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
    path = list(error.instance_path)
    at = f"`{'.'.join(map(str, path))}`: " if path else ""
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        for key in error.kind.unexpected:
            yield table.line((*path, key)), f"{at}there is no key `{key}`"
    elif isinstance(error.kind, jsonschema_rs.ValidationErrorKind.PropertyNames):
        name = str(error.kind.error.instance)
        yield table.line((*path, name)), f"{at}`{name}` cannot be a name here: {error.message}"
    else:
        yield table.line(path), f"{at}{error.message}"


def _check_field(field: Mapping[str, Any], prefixes: frozenset[str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for place, name in enumerate(field.get("cql") or ()):
        if name.partition(".")[0].lower() not in prefixes:
            yield ("cql", place), f"`{name}` begins with no context set known here ({', '.join(sorted(prefixes))})"
    yield from _unknown("source", field.get("source"), SOURCES)
    yield from _unknown("normalise", field.get("normalise"), NORMALISERS)
    if message := _pipe_mistake(field.get("pipe") or ()):
        yield ("pipe",), message
    for form in FORMATS:
        for place, entry in enumerate(field.get(form) or ()):
            try:
                rules = read_rules(entry)
            except RuleError as error:
                yield (form, place), str(error)
                continue
            for rule in rules[:1]:
                for key, name, known in (("source", rule.source, SOURCES), ("normalise", rule.normalise, NORMALISERS)):
                    for _, message in _unknown(key, name or None, known):
                        yield (form, place), message
                if message := _pipe_mistake(rule.pipe):
                    yield (form, place), message


def _unknown(key: str, name: str | None, known: Mapping[str, object]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if name is not None and name not in known:
        yield (key,), f"there is no {key} `{name}`{_near(name, known)}"


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _pipe_mistake(pipes: Iterable[str]) -> str:
    for pipe in pipes:
        try:
            parse_pipes([pipe])
        except UnknownPipe as error:
            return str(error)
    return ""


def _check_rest(table: MarkedYaml, prefixes: frozenset[str]) -> Iterator[Problem]:
    defaults = table.value.get("defaults") or {}
    profile = defaults.get("language_profile", "neutral")
    if profile not in PROFILES:
        yield table.line(("defaults", "language_profile")), f"there is no language profile `{profile}`{_near(profile, PROFILES)}"
    language = defaults.get("stem_language")
    if language is not None and language_of(language) is None:
        yield table.line(("defaults", "stem_language")), f"no stems are known for `{language}`; there are {', '.join(LANGUAGES)}"
    for form, items in (table.value.get("items") or {}).items():
        if isinstance(items["map"], str):
            if items["map"] not in ITEM_MAPS:
                yield table.line(("items", form, "map")), f"there is no item map `{items['map']}`{_near(items['map'], ITEM_MAPS)}"
            continue
        for name in items["map"]:
            if name not in ITEM_ATTRIBUTES:
                yield table.line(("items", form, "map", name)), f"items have no attribute `{name}`{_near(name, ITEM_ATTRIBUTES)}"
    for alias in table.value.get("aliases") or {}:
        if alias.partition(".")[0].lower() not in prefixes:
            yield table.line(("aliases", alias)), f"alias `{alias}` begins with no context set known here"


def check_effective(config: Mapping[str, Any], overlay: MarkedYaml) -> Iterator[Problem]:
    """Mistakes that show only when all is put together: names of fields and indexes that lead nowhere, missing types."""
    carried: set[str] = set()
    for section in SECTIONS:
        fields = config[section]
        for name, field in fields.items():
            path = (section, name)
            carried.update(index.lower() for index in field.get("cql") or ())
            if "type" not in field:
                yield overlay.line(path), f"field `{name}` has no `type`"
            for key in ("sort", "lower", "upper"):
                target = field.get(key)
                if isinstance(target, str) and target not in fields:
                    yield (
                        overlay.line((*path, key)),
                        f"field `{name}`: `{key}` names a field `{target}` that does not exist{_near(target, fields)}",
                    )
            for form in FORMATS:
                yield from _check_targets(field.get(form) or (), fields, name, overlay.line((*path, form)))
        yield from _check_unions(fields, section, overlay)
    for alias, target in config["aliases"].items():
        if target.lower() not in carried and f"{alias}" in (overlay.value.get("aliases") or {}):
            yield overlay.line(("aliases", alias)), f"alias `{alias}` stands for `{target}`, which no field carries{_near(target, carried)}"


def _check_unions(fields: Mapping[str, Any], section: str, overlay: MarkedYaml) -> Iterator[Problem]:
    """Numbers and words cannot be one index: a term would mean two things."""
    first: dict[str, tuple[str, bool]] = {}
    for name, field in fields.items():
        is_number = field.get("type") in {"number", "date"}
        for index in field.get("cql") or ():
            other, other_is_number = first.setdefault(index.lower(), (name, is_number))
            if other_is_number != is_number:
                yield (
                    overlay.line((section, name)),
                    f"field `{name}`: index `{index}` mixes numbers and words, for `{other}` carries it too",
                )


def _check_targets(entries: Iterable[object], fields: Mapping[str, Any], name: str, line: int) -> Iterator[Problem]:
    for entry in entries:
        if isinstance(entry, Mapping) and entry.get("to") and entry["to"] not in fields:
            yield line, f"field `{name}`: a rule leads `to` a field `{entry['to']}` that does not exist{_near(str(entry['to']), fields)}"
