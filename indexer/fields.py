"""The field table: what is searchable, from where it comes, and under which names queries see it.

`load_field_table` reads the built-in table (`schemas/fields.yaml`), lays an installation's own file over it, checks
everything and gives a `FieldTable`. Extraction (`indexer.extract`), the engines' collections, the CQL index table, explain and
the help page all read this one object. Source: indexing.md section 2.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from cql.indexes import ContextSet, IndexTable
from cql.stems import language_of
from indexer.analysis import Analyser
from indexer.field_checks import SECTIONS, Problem, check_effective, check_text
from indexer.field_spec import FORMATS, FieldSpec, read_field
from indexer.index_table import build_index_table
from indexer.koha_mappings import KohaMappingError, overlay_of
from indexer.marked_yaml import MarkedYaml, YamlError, read_yaml
from indexer.record import Format
from indexer.schema import CollectionSchema, EngineField
from indexer.specials import LINKED

Database = Literal["biblios", "authorities"]
SECTION_OF: dict[Database, str] = {"biblios": "fields", "authorities": "authority_fields"}

EXTRACTION = 2
"""Part of every version: raise it when a change of code makes other documents from the same table."""


class FieldTableError(ValueError):
    """A field table that cannot be used. `problems`: (1-based line, sentence), by line."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name = name
        self.problems = sorted(problems)
        told = "\n".join(f"{name}, line {line}: {message}" for line, message in self.problems)
        super().__init__(f"The field table has {len(problems)} problem{'s' if len(problems) > 1 else ''}.\n{told}")


@dataclass(frozen=True)
class FieldTable:
    """Both databases' fields, with the analyser that all of them share.

    `version`: 12 hexadecimal digits, another one whenever documents made with the table would differ.
    """

    config: Mapping[str, Any]
    analyser: Analyser
    fields: Mapping[Database, tuple[FieldSpec, ...]]
    sets: tuple[ContextSet, ...]
    default_sets: tuple[str, ...]
    bib1_names: Mapping[str, int]
    version: str

    def collection(self, database: Database) -> CollectionSchema:
        """The shape of a database's collection for the engines, fields in the order of the table."""
        specs = self.fields[database]
        engine_fields = tuple(
            EngineField(
                name=spec.name,
                kind=spec.kind,
                twin=spec.twin,
                scan_words=spec.scan_words,
                scan_values=spec.scan_values,
                facet=spec.facet,
                boost=spec.boost,
            )
            for spec in specs
            if spec.kind != "sort"
        )
        sorts = tuple(dict.fromkeys(name for spec in specs for name in (spec.sort, spec.sort_highest, spec.sort_before) if name))
        return CollectionSchema(name=database, fields=engine_fields, sorts=sorts, version=self.version)

    @cached_property
    def _index_tables(self) -> dict[Database, IndexTable]:
        return {}

    def index_table(self, database: Database) -> IndexTable:
        """Names, indexes and rules of the database for CQL; made once."""
        if database not in self._index_tables:
            self._index_tables[database] = build_index_table(
                self.fields[database],
                self.config["aliases"],
                self.sets,
                self.default_sets,
                self.bib1_names,
                self.analyser,
                self.stem_language,
            )
        return self._index_tables[database]

    @property
    def stem_language(self) -> str:
        """Language of stems where a query names none: the one that is given, else that of the language profile, else English."""
        defaults = self.config["defaults"]
        return language_of(defaults.get("stem_language") or defaults.get("language_profile", "")) or "en"

    @cached_property
    def linked_fields(self) -> tuple[str, ...]:
        """Text fields of bibliographic records that have words of other records (`indexer.specials.LINKED`)."""
        specs = self.fields["biblios"]
        return tuple(
            spec.name for spec in specs if spec.kind == "text" and any(rule.source in LINKED for own in spec.rules.values() for rule in own)
        )

    @property
    def item_tags(self) -> dict[Format, str]:
        """Tag of the fields that hold items, by format."""
        return {form: str(self.config["items"][form]["tag"]) for form in FORMATS if form in self.config["items"]}

    def effective(self) -> dict[str, Any]:
        """The table in force as plain data, in the form of the file (for `hylla fields show`)."""
        return json.loads(json.dumps(self.config))  # type: ignore[no-any-return]

    def spec(self, database: Database, name: str) -> FieldSpec:
        """One field. Raises: KeyError."""
        for spec in self.fields[database]:
            if spec.name == name:
                return spec
        raise KeyError(name)


def load_field_table(overlay: Path | None = None, text: str | None = None) -> FieldTable:
    """The built-in table with an installation's own laid over it, given as a file or as its text.

    Deep merge by field name: lists grow (rules after the built-in ones), single values are replaced, null removes a field or
    a key. `replace: true` in a field drops its built-in rules and lists; at the top it drops the whole built-in table.

    Raises: FieldTableError with every problem and its line; OSError when the file cannot be read.
    """
    name = "field table" if overlay is None else str(overlay)
    context = _context_sets()
    prefixes = [name for one in context.sets for name in (one.name, *one.aliases)]
    built_in = read_yaml(files("schemas").joinpath("fields.yaml").read_text("utf-8"))
    own = _read(overlay, text, name)
    problems = check_text(own or built_in, prefixes)
    if problems:
        raise FieldTableError(name, problems)
    config = _merge({} if own is not None and own.value.get("replace") else built_in.value, {} if own is None else own.value)
    problems = list(check_effective(config, own or built_in))
    if problems:
        raise FieldTableError(name, problems)
    return _table(config, context)


def import_koha(path: Path) -> str:
    """A Koha search engine mapping (`mappings.yaml`) as an overlay of the built-in table.

    Raises: FieldTableError when the file is no such mapping; OSError when it cannot be read.
    """
    read = _read(path, None, str(path))
    built_in = load_field_table()
    try:
        return overlay_of({} if read is None else read.value, built_in.config)
    except KohaMappingError as error:
        raise FieldTableError(str(path), [(1 if read is None else read.line(error.path), str(error))]) from error


def _read(overlay: Path | None, text: str | None, name: str) -> MarkedYaml | None:
    if text is None:
        if overlay is None:
            return None
        try:
            text = overlay.read_text("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FieldTableError(name, [(1, f"the file is not UTF-8 text ({error.reason} at byte {error.start})")]) from error
    try:
        return read_yaml(text)
    except YamlError as error:
        raise FieldTableError(name, [(error.line, str(error))]) from error


@dataclass(frozen=True, slots=True)
class _Context:
    """What `schemas/context_sets.yaml` says."""

    sets: tuple[ContextSet, ...]
    default_sets: tuple[str, ...]
    bib1_names: Mapping[str, int]


def _context_sets() -> _Context:
    read = read_yaml(files("schemas").joinpath("context_sets.yaml").read_text("utf-8")).value
    sets = tuple(
        ContextSet(name=one["name"], identifiers=tuple(one["identifiers"]), title=one["title"], aliases=tuple(one.get("aliases", ())))
        for one in read["sets"]
    )
    return _Context(sets, tuple(read["default_sets"]), MappingProxyType(read["bib1_names"]))


def _merge(built_in: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The effective configuration; every section is there, in a fixed order."""
    merged: dict[str, Any] = {"version": 1}
    for section in ("defaults", "items", "aliases"):
        both = {**(built_in.get(section) or {}), **(own.get(section) or {})}
        merged[section] = {key: value for key, value in both.items() if value is not None}
    for section in SECTIONS:
        fields = dict(built_in.get(section) or {})
        for name, overlay in (own.get(section) or {}).items():
            if overlay is None:
                fields.pop(name, None)
            else:
                fields[name] = _merge_field(fields.get(name, {}), overlay)
        merged[section] = fields
    return merged


def _merge_field(built_in: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    replace = own.get("replace", False)
    merged = {key: value for key, value in built_in.items() if not (replace and key in {*FORMATS, "source", "pipe", "translate"})}
    for key, value in own.items():
        if key == "replace":
            continue
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, list) and not replace:
            merged[key] = merged.get(key, []) + [one for one in value if one not in merged.get(key, [])]
        elif isinstance(value, dict) and isinstance(merged.get(key), dict) and not replace:
            merged[key] = {**merged[key], **value}
        else:
            merged[key] = value
    return merged


def _table(config: dict[str, Any], context: _Context) -> FieldTable:
    defaults = config["defaults"]
    analyser = Analyser(defaults.get("language_profile", "neutral"), defaults.get("also_fold", False))
    fields: dict[Database, tuple[FieldSpec, ...]] = {
        database: tuple(read_field(name, given, analyser) for name, given in config[section].items())
        for database, section in SECTION_OF.items()
    }
    # Stems are not in documents: another language for them asks for no new documents.
    kept = config | {"defaults": {name: value for name, value in defaults.items() if name != "stem_language"}}
    canonical = json.dumps([EXTRACTION, kept], ensure_ascii=False, separators=(",", ":"))
    version = hashlib.blake2b(canonical.encode(), digest_size=6).hexdigest()
    return FieldTable(config, analyser, fields, context.sets, context.default_sets, context.bib1_names, version)
