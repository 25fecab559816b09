"""The registry of record schemas, read from `schemas/record_schemas.yaml` (its head explains the keys)."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from indexer.record import Format

Maker = Literal["stored", "stylesheet", "index-entries", "marc-in-json", "opac", "iso20775"]


class BadRegistry(Exception):
    """The table of record schemas cannot be used; the sentence says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a schema is made of stored MARCXML: as it is, by a stylesheet with fixed parameters, or by a function of ours."""

    maker: Maker
    stylesheet: str = ""
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordSchema:
    """One record schema.

    `identifier` is announced and stands in answers; `names` holds every short name and identifier it answers to.
    `databases`: where it is offered; empty: everywhere. `labels`: language -> title.
    """

    name: str
    identifier: str
    names: tuple[str, ...]
    namespace: str
    location: str
    labels: Mapping[str, str] = field(hash=False)
    recipes: Mapping[Format, Recipe] = field(hash=False)
    databases: frozenset[str] = frozenset()

    @property
    def is_xml(self) -> bool:
        """Whether records of this schema are XML."""
        return bool(self.namespace)

    def is_offered_in(self, database: str) -> bool:
        """Whether records of a database can be had in this schema."""
        return not self.databases or database in self.databases


class Registry:
    """All record schemas, in the order of the table; the first one is the default."""

    def __init__(self, schemas: tuple[RecordSchema, ...]) -> None:
        self.schemas = schemas
        self._by_name: dict[str, RecordSchema] = {}
        for schema in schemas:
            for name in schema.names:
                other = self._by_name.setdefault(name.lower(), schema)
                if other is not schema:
                    raise BadRegistry(f"Both {other.name} and {schema.name} are called {name!r}.")

    @property
    def default(self) -> RecordSchema:
        """What is sent when nobody says."""
        return self.schemas[0]

    def find(self, name: str) -> RecordSchema | None:
        """The schema with this short name or identifier; letter case does not count."""
        return self._by_name.get(name.lower())

    def nearest(self, name: str) -> str:
        """The known name that is most like this one, or an empty string."""
        near = difflib.get_close_matches(name.lower()[:100], self._by_name, n=1, cutoff=0.7)
        return near[0] if near else ""


@cache
def shipped_registry() -> Registry:
    """The registry of the package. Raises: BadRegistry."""
    return read_registry(files("schemas").joinpath("record_schemas.yaml").read_bytes())


def read_registry(source: bytes) -> Registry:
    """The registry that a YAML table describes. Raises: BadRegistry."""
    table = yaml.safe_load(source)
    try:
        return Registry(tuple(_schema(name, row) for name, row in table["schemas"].items()))
    except (KeyError, TypeError, AttributeError) as problem:
        raise BadRegistry(f"The table of record schemas has a row that is not complete: {problem!r}.") from problem


def _schema(name: str, row: Mapping[str, Any]) -> RecordSchema:
    identifiers = list(row["identifiers"])
    return RecordSchema(
        name=name,
        identifier=identifiers[0],
        names=tuple(dict.fromkeys([name, *row.get("aliases", ()), *identifiers])),
        namespace=row.get("namespace", ""),
        location=row.get("location", ""),
        labels=dict(row["label"]),
        recipes={form: _recipe(name, how) for form, how in row["from"].items()},
        databases=frozenset(row.get("databases", ())),
    )


def _recipe(name: str, how: Any) -> Recipe:
    match how:
        case "stored" | "index-entries" | "marc-in-json" | "opac" | "iso20775":
            return Recipe(how)
        case {"stylesheet": str(stylesheet)}:
            parameters = how.get("parameters", {})
            return Recipe("stylesheet", stylesheet, tuple((str(key), str(value)) for key, value in parameters.items()))
    raise BadRegistry(f"The record schema {name} is made of {how!r}, which is no way known here.")
