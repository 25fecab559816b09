"""What a repository says of itself, and whether it can be harvested (oai-pmh.md 23.1)."""

import asyncio
import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from server import xmlio
from server.harvesting.client import Client, SourceUnavailable
from server.harvesting.reading import BadAnswer, errors_of, read_response_date, read_whole, texts_of
from server.source_settings import SourceSettings

log = logging.getLogger(__name__)

VERSION = "2.0"
TRIES = 3

_MARC_PREFIX = re.compile(r"(?i)(?:.*[_-])?(?:marc|unimarc)[_-]?(?:xml|21|xchange)?(?:[_-].*)?")
_NO_MARC = frozenset({"oai_dc", "oai_qdc", "mods", "didl", "rdf", "oai_datacite", "ese", "edm", "mets"})


class CannotHarvest(Exception):
    """A source cannot be harvested as it is configured, or a list came to an end before it was complete; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Repository:
    """What Identify and ListMetadataFormats told. `earliest`: None when it is no date. `answered_at`: by the repository's clock."""

    name: str
    has_seconds: bool
    earliest: datetime | None
    deleted_record: Literal["no", "transient", "persistent"]
    namespace: str
    answered_at: datetime | None

    def moment(self, value: datetime) -> str:
        """A moment as this repository wants it in `from` and `until`: cut to its granularity."""
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ" if self.has_seconds else "%Y-%m-%d")


async def check(client: Client, source: SourceSettings) -> Repository:
    """Asks a repository what it is. Raises: CannotHarvest, SourceUnavailable."""
    if source.xslt is not None:
        await asyncio.to_thread(_compile, source)
    root = await _ask(client, source, "Identify")
    own = {name: next(iter(texts_of(root, "Identify", name)), "") for name in ("repositoryName", "protocolVersion", "earliestDatestamp")}
    granularity, deleted = (next(iter(texts_of(root, "Identify", name)), "") for name in ("granularity", "deletedRecord"))
    if own["protocolVersion"] != VERSION:
        raise CannotHarvest(f"{source.base_url} speaks OAI-PMH {own['protocolVersion'] or 'of no version'}; only {VERSION} is known here.")
    log.info("%s is %s (granularity %s, deletedRecord %s)", source.base_url, own["repositoryName"], granularity, deleted)
    answered = read_response_date(next(iter(texts_of(root, "OAI-PMH", "responseDate")), ""))
    return Repository(
        own["repositoryName"],
        "T" in granularity.upper(),
        read_response_date(own["earliestDatestamp"]),
        deleted if deleted in {"transient", "persistent"} else "no",  # type: ignore[arg-type]
        await _namespace(client, source),
        answered,
    )


def _compile(source: SourceSettings) -> None:
    if source.xslt is not None:
        try:
            xmlio.compiled(source.xslt)
        except (xmlio.UnknownStylesheet, xmlio.TransformFailed) as error:
            raise CannotHarvest(f"The stylesheet of {source.name} cannot be used: {error}") from None


async def _namespace(client: Client, source: SourceSettings) -> str:
    """The namespace of the source's format. Raises: CannotHarvest when there is no such format, or when it is no MARC."""
    root = await _ask(client, source, "ListMetadataFormats")
    prefixes = texts_of(root, "metadataFormat", "metadataPrefix")
    formats = dict(zip(prefixes, texts_of(root, "metadataFormat", "metadataNamespace"), strict=False))
    wanted = source.metadata_prefix
    if wanted not in formats:
        marc = [prefix for prefix in prefixes if _MARC_PREFIX.fullmatch(prefix) or formats.get(prefix) == xmlio.MARCXML]
        hint = f" {', '.join(marc)} looks like MARC." if marc else ""
        raise CannotHarvest(f"{source.base_url} has no format {wanted!r}; it has {', '.join(prefixes) or 'none at all'}.{hint}")
    if wanted in _NO_MARC and source.xslt is None:
        raise CannotHarvest(f"{wanted} is no MARC; give {source.name} another metadata_prefix, or an xslt that makes MARCXML of it.")
    return formats[wanted]


async def _ask(client: Client, source: SourceSettings, verb: str) -> Any:
    failures = 0
    while True:
        async with client.answer({"verb": verb}) as file:
            try:
                root = await asyncio.to_thread(read_whole, file)
                break
            except BadAnswer as error:
                failures += 1
                if failures >= TRIES:
                    raise SourceUnavailable(f"{source.base_url} does not answer {verb} with OAI-PMH: {error}") from None
        await client.pause(failures)
    if errors := errors_of(root):
        raise CannotHarvest(f"{source.base_url} answers {verb} with {told(errors)}")
    return root


def told(errors: list[tuple[str, str]]) -> str:
    """OAI-PMH errors as a person reads them, at most 200 characters of each."""
    return "; ".join(f"{code}: {text[:200]}" if text else code for code, text in errors).rstrip(".") + "."
