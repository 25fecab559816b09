"""Settings of the OAI-PMH harvester (`sources`): the repositories that `hylla harvest` takes records from."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, SecretStr

from server.setting_types import Section

_PART = r"[A-Za-z0-9\-_.!~*'()]+"
_SET = re.compile(rf"{_PART}(?::{_PART})*")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MOMENT = {10: "%Y-%m-%d", 20: "%Y-%m-%dT%H:%M:%SZ"}


def read_moment(value: str) -> datetime:
    """A date or date and time as OAI-PMH writes it (2026-01-31, 2026-01-31T12:00:00Z), in UTC. Raises: ValueError."""
    try:
        return datetime.strptime(value, _MOMENT[len(value)]).replace(tzinfo=UTC)
    except (ValueError, KeyError):
        raise ValueError("it must be a date such as 2026-01-31, or 2026-01-31T12:00:00Z in UTC") from None


def _moment(value: Any) -> Any:
    match value:  # YAML makes dates of what looks like one
        case datetime():
            return value.astimezone(UTC).strftime(_MOMENT[20])
        case date():
            return value.isoformat()
        case str() if value:
            read_moment(value)
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment or not value.isprintable() or " " in value:
        raise ValueError("it must be an http or https address such as https://catalogue.example.org/oai")
    if parts.username is not None:
        raise ValueError("a password does not belong there; give it as header Authorization")
    return value.rstrip("?")


def _listed(value: Any) -> Any:
    return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value


def _set_specs(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not _SET.fullmatch(value):
            raise ValueError(f"{value!r} is no setSpec such as books or books:printed")
    return tuple(dict.fromkeys(values))


def _headers(values: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, value in values.items():
        text = value.get_secret_value()
        if not _HEADER.fullmatch(name) or not text.isprintable():
            raise ValueError(f"{name!r} is no name of a header, or its value has characters that no header can have")
    return values


def _target(value: str) -> str:
    if not value.strip():
        raise ValueError("it must be index, or name a folder")
    return value


def _no_path(value: Any) -> Any:
    return None if value == "" else value


class SourceSettings(Section):
    """A repository to harvest from, and how."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=80, description="by which `hylla harvest` knows it")
    base_url: Annotated[str, AfterValidator(_base_url)] = Field(description="base URL of the repository")
    metadata_prefix: str = Field(default="marcxml", pattern=rf"^{_PART}$", description="format; MARCXML, or what `xslt` makes MARCXML of")
    sets: Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_set_specs)] = Field(
        default=(), description="setSpecs, each harvested on its own; empty: everything"
    )
    method: Literal["GET", "POST"] = Field(default="GET", description="HTTP method; POST where tokens are too long for addresses")
    from_: Annotated[str, BeforeValidator(_moment)] = Field(
        default="", alias="from", description="nothing older than this date is harvested; empty: everything"
    )
    window: Literal["none", "month"] = Field(
        default="none", description="month: long lists are asked for month by month, so that a source that forgets tokens costs one month"
    )
    max_age: int | None = Field(
        default=None, ge=1, le=3650,
        description="days after which everything is harvested again, or, where the source forgets deletions, all identifiers are compared "
        "(30 when empty); empty: never",
    )  # fmt: skip
    delay: float = Field(default=0.5, ge=0, le=3600, description="seconds between two requests")
    headers: Annotated[dict[str, SecretStr], AfterValidator(_headers)] = Field(
        default={}, description="HTTP headers to send, such as {Authorization: Bearer ...}; never shown, never sent to another host"
    )
    xslt: Annotated[Path | None, BeforeValidator(_no_path)] = Field(
        default=None, description="stylesheet that makes MARCXML of another format"
    )
    target: Annotated[str, AfterValidator(_target)] = Field(
        default="index", description="index, or a folder: each run writes its records into a MARCXML file there, and nothing is loaded"
    )
    record_type: Literal["auto", "biblio", "authority"] = Field(default="auto", description="records of another type are left out")
    format: Literal["auto", "marc21", "unimarc"] = Field(default="auto", description="auto decides for each record")
    id_prefix: str = Field(
        default="", pattern=r"^[^\s:]*$", description="put before control numbers (libris gives libris:123) where sources share them"
    )
    id_from: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        default=(), description="where a record without 001 has its number, such as 999$c"
    )


def _sources(value: Any) -> Any:
    """As an environment variable it is YAML, as in the file."""
    if not isinstance(value, str):
        return value
    try:
        return yaml.safe_load(value) or []
    except yaml.YAMLError:
        raise ValueError("it must be YAML, such as [{name: libris, base_url: https://example.org/oai}]") from None


def _different(values: tuple[SourceSettings, ...]) -> tuple[SourceSettings, ...]:
    names = [one.name for one in values]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"each source needs a name of its own, and {', '.join(twice)} comes more than once")
    return values


Sources = Annotated[tuple[SourceSettings, ...], BeforeValidator(_sources), AfterValidator(_different)]
