"""Where a record was harvested: the container `provenance` (OAI-PMH guidelines on provenance, oai-pmh.md 18).

Records that come from other repositories and are offered again say from which, under which identifier and when. `altered` says
that the metadata is not what came in: another format, an item field left out, a repair. What the source itself told of the hop
before stands inside, rebuilt from its parts, so that nothing else of it gets into our answers.
"""

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from server.db import harvests
from server.db.harvests import Origin
from server.xmlio import NotXml, escape, escape_attribute, parse, without_forbidden

NAMESPACE = "http://www.openarchives.org/OAI/2.0/provenance"
DESCRIPTION = "originDescription"
MOST_HOPS = 20
"""Our decision: nobody's record has come further, and a container without end is none."""

_START = (
    f'<about><provenance xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    f'xsi:schemaLocation="{NAMESPACE} http://www.openarchives.org/OAI/2.0/provenance.xsd">'
)
_END = "</provenance></about>"
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOOLEAN = {"true": "true", "1": "true", "false": "false", "0": "false"}
_IN_ADDRESSES = "-._~:/?@!$&'()*+,;=%"
_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


class Origins:
    """Where records were harvested; nothing is looked up where nothing is harvested.

    `lead_s`: seconds for which a change is not listed yet. So long a look that found nothing is remembered: what is harvested
    meanwhile is listed afterwards.
    """

    def __init__(self, pool: Any, lead_s: float) -> None:
        self._pool, self._lead_s = pool, lead_s
        self._none_until = 0.0
        self._some = False

    async def of(self, record_ids: Sequence[str]) -> dict[str, Origin]:
        """The origins of those bibliographic records that were harvested, by record id."""
        if not record_ids or not await self._are_any():
            return {}
        return await harvests.origins(self._pool, "biblios", record_ids)

    async def _are_any(self) -> bool:
        now = time.monotonic()
        if not self._some and now >= self._none_until:
            self._some = await harvests.any_harvested(self._pool, "biblios")
            self._none_until = now + self._lead_s
        return self._some


def provenance(origin: Origin, *, altered: bool) -> bytes:
    """The `about` container of a record."""
    before = _before(origin.about)
    described = _described(
        _written(origin.harvested_at), "true" if altered else "false", origin.base_url, origin.identifier,
        _moment(origin.datestamp) or _written(origin.harvested_at), origin.namespace, before=before,
    )  # fmt: skip
    return f"{_START}{described}{_END}".encode()


def _described(harvested: str, altered: str, base_url: str, identifier: str, datestamp: str, namespace: str, *, before: str) -> str:
    return (
        f'<originDescription harvestDate="{escape_attribute(harvested)}" altered="{altered}"><baseURL>{_address(base_url)}</baseURL>'
        f"<identifier>{_address(identifier)}</identifier><datestamp>{escape(datestamp)}</datestamp>"
        f"<metadataNamespace>{_address(namespace)}</metadataNamespace>{before}</originDescription>"
    )


def _before(about: str) -> str:
    """The first description in a container that came with a record; nothing when there is none, or one that is not as it must be."""
    try:
        found = _children(parse(about.encode())).get(DESCRIPTION) if about else None
    except NotXml:
        return ""
    hops: list[tuple[str, str, str, str, str, str]] = []
    while found is not None and len(hops) < MOST_HOPS:
        children = _children(found)
        hop = (
            _moment(found.get("harvestDate", "")), _BOOLEAN.get(found.get("altered", "").strip(), ""), _text(children.get("baseURL")),
            _text(children.get("identifier")), _moment(_text(children.get("datestamp"))), _text(children.get("metadataNamespace")),
        )  # fmt: skip
        if not all(hop):
            break
        hops.append(hop)
        found = children.get(DESCRIPTION)
    told = ""
    for harvested, altered, base_url, identifier, datestamp, namespace in reversed(hops):
        told = _described(harvested, altered, base_url, identifier, datestamp, namespace, before=told)
    return told


def _children(element: Any) -> dict[str, Any]:
    """The elements inside by local name, of several the first."""
    found: dict[str, Any] = {}
    for one in element:
        if isinstance(one.tag, str):
            found.setdefault(one.tag.rpartition("}")[2], one)
    return found


def _text(element: Any) -> str:
    return "".join(element.itertext()).strip() if element is not None else ""


def _moment(text: str) -> str:
    """A day or a moment in UTC as the protocol writes them; empty when it is neither."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if _DAY.fullmatch(text.strip()):
            return text.strip()
        return _written(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return ""


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()}Z"


def _address(text: str) -> str:
    """An address or identifier with nothing in it that the type anyURI does not allow; what is one already stays as it is."""
    safe = _IN_ADDRESSES if _SCHEME.match(text) else _IN_ADDRESSES.replace(":", "")
    address, mark, fragment = (quote(_STRAY_PERCENT.sub("%25", part), safe=safe) for part in without_forbidden(text).partition("#"))
    return escape(f"{address}{'#' if mark else ''}{fragment}")
