"""The metadata formats: ours, or exactly those of a Koha OAI-PMH:ConfFile (oai-pmh.md 10 and 11)."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import yaml

from server.errors import CannotStart
from server.oai.request import PREFIX
from server.records.registry import shipped_registry

log = logging.getLogger(__name__)

MARC21_SLIM = "http://www.loc.gov/MARC21/slim"
MARC21_XSD = "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"
RAW = frozenset({"marcxml", "marc21"})
"""Formats that are the record itself; a stylesheet is possible, and not needed."""

KNOWN_KEYS = frozenset({"metadataPrefix", "metadataNamespace", "schema", "xsl_file", "include_items", "expanded_avs"})
BUILT_IN = ("oai_dc", "marcxml", "marc21", "mods", "rdf")

Maker = Literal["record", "registry", "file"]


@dataclass(frozen=True, slots=True)
class MetadataFormat:
    """One format. `names`: what a request may call it, the announced prefix first.

    `maker`: the record itself, a shipped schema of that name (`schema_name`), or a stylesheet file (`stylesheet`).
    """

    prefix: str
    namespace: str
    schema: str
    maker: Maker
    schema_name: str = ""
    stylesheet: Path | None = None
    include_items: bool = False
    expanded: bool = False
    names: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Changes with what the format contains."""
        told = (self.maker, self.schema_name, _content(self.stylesheet), self.include_items, self.expanded)
        return blake2b(repr(told).encode(), digest_size=6).hexdigest()


@cache
def _content(path: Path | None) -> bytes:
    """Digest of a stylesheet file as it was when it was first asked for."""
    return b"" if path is None else blake2b(path.read_bytes(), digest_size=16).digest()


class Formats:
    """All formats in the order in which they are announced."""

    def __init__(self, formats: Sequence[MetadataFormat]) -> None:
        self.formats = tuple(formats)
        self._by_name = {name: one for one in reversed(self.formats) for name in (one.prefix, *one.names)}

    def find(self, name: str) -> MetadataFormat | None:
        """The format that a request calls so."""
        return self._by_name.get(name)


def read_formats(conf_file: Path | None) -> Formats:
    """The built-in formats, or those of a file. Raises: CannotStart naming the file and the format."""
    if conf_file is None:
        return Formats([_shipped(name, name) for name in BUILT_IN])
    try:
        told = yaml.safe_load(conf_file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CannotStart(f"oai.conf_file {conf_file} cannot be read: {error}") from None
    section = told.get("format") if isinstance(told, Mapping) else None
    if not isinstance(section, Mapping) or not section:
        raise CannotStart(f"oai.conf_file {conf_file} must have one key `format` with a map of formats.")
    formats = [_configured(conf_file, str(key), each) for key, each in section.items()]
    if not any("oai_dc" in (one.prefix, *one.names) for one in formats):
        log.warning("%s has no oai_dc, which the protocol demands; ours is added", conf_file)
        formats.append(_shipped("oai_dc", "oai_dc"))
    twice = {one.prefix for one in formats if sum(one.prefix == other.prefix for other in formats) > 1}
    if twice:
        raise CannotStart(f"oai.conf_file {conf_file} announces the metadataPrefix {min(twice)} twice.")
    return Formats(formats)


def _shipped(prefix: str, name: str, **more: Any) -> MetadataFormat:
    if name in RAW:
        return MetadataFormat(prefix, MARC21_SLIM, MARC21_XSD, "record", **more)
    schema = shipped_registry().find(name)
    if schema is None:
        raise CannotStart(f"There is no record schema {name}.")
    return MetadataFormat(prefix, schema.namespace, schema.location, "registry", name, **more)


def _configured(conf_file: Path, key: str, told: Any) -> MetadataFormat:
    place = f"the format {key!r} of {conf_file}"
    if not isinstance(told, Mapping):
        raise CannotStart(f"{place[0].upper()}{place[1:]} must be a map.")
    for unknown in sorted(set(map(str, told)) - KNOWN_KEYS):
        log.warning("%s has a key %r that is not known", place, unknown)
    prefix = str(told.get("metadataPrefix") or key).strip()
    if not PREFIX.fullmatch(prefix):
        raise CannotStart(f"The metadataPrefix {prefix!r} of {place} must be made of letters, digits and -_.!~*'().")
    if prefix != key:
        log.warning("%s announces the metadataPrefix %r; requests may use both", place, prefix)
    more: dict[str, Any] = {
        "include_items": _yes(told.get("include_items")),
        "expanded": _yes(told.get("expanded_avs")),
        "names": (prefix, key),
    }
    stylesheet = str(told.get("xsl_file") or "").strip()
    if not stylesheet:
        if key not in RAW and prefix not in RAW:
            raise CannotStart(f"{place[0].upper()}{place[1:]} needs an xsl_file.")
        made = _shipped(prefix, "marcxml", **more)
    else:
        path = (conf_file.parent / stylesheet).resolve()
        if not path.is_file():
            raise CannotStart(f"The xsl_file {path} of {place} is not there.")
        made = MetadataFormat(prefix, "", "", "file", stylesheet=path, **more)
    namespace, schema = _first(told.get("metadataNamespace")), _location(told.get("schema"))
    if not (namespace or made.namespace) or not (schema or made.schema):
        raise CannotStart(f"{place[0].upper()}{place[1:]} needs a metadataNamespace and a schema.")
    return MetadataFormat(
        made.prefix, namespace or made.namespace, schema or made.schema, made.maker, made.schema_name, made.stylesheet, made.include_items,
        made.expanded, made.names,
    )  # fmt: skip


def _yes(value: Any) -> bool:
    return str(value or "0").strip().lower() in {"1", "true", "yes", "on"}


def _first(value: Any) -> str:
    return next(iter(str(value or "").split()), "")


def _location(value: Any) -> str:
    addresses = str(value or "").split()
    return next((one for one in reversed(addresses) if one.endswith(".xsd")), addresses[-1] if addresses else "")
