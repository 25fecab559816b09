"""Ready-made simple Dublin Core: the `oai_dc:dc` element of a record, made in one pass over its fields.

The stylesheets `marc21-to-dc.xsl` and `unimarc-to-dc.xsl` give the same bytes; a test compares them. They stay the description of the
crosswalk; this is the fast way of lists, which must not run a stylesheet for every record.
What tags give stands in `dublin_core_marc21` and `dublin_core_unimarc`, the text rules in `dublin_core_text`.
"""

from collections.abc import Callable
from operator import itemgetter

from indexer import dublin_core_marc21, dublin_core_unimarc
from indexer import dublin_core_text as dc
from indexer.record import Format, Record

_START = (
    '<oai_dc:dc xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd"'
)
_OPEN = f"{_START}>".encode()
_CLOSE = b"</oai_dc:dc>"
_EMPTY = f"{_START}/>".encode()
_SRW_START = b'<srw_dc:dc xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:srw_dc="info:srw/schema/1/dc-schema"'

_PAIRS_OF: dict[Format, Callable[[Record], list[tuple[int, str]]]] = {
    "marc21": dublin_core_marc21.pairs_of,
    "unimarc": dublin_core_unimarc.pairs_of,
}
_SLOT = itemgetter(0)


def _dropped(flags: int) -> frozenset[int]:
    has_main_entry, has_traced_series, has_date = flags & 1, flags & 2, flags & 4
    return frozenset({
        *((dc.CREATOR_ALONE, dc.CONTRIBUTOR_ALONE) if has_main_entry else (dc.ADDED_CREATOR, dc.CONTRIBUTOR)),
        dc.UNTRACED_SERIES if has_traced_series else dc.SERIES,
        *((dc.CODED_DATE,) if has_date else ()),
    })  # fmt: skip


_DROPPED = [_dropped(flags) for flags in range(8)]
"""Slots that do not come out, by what the pairs say of the record."""

_AFTER_IDENTIFIERS = tuple(f"<dc:{name}>".encode() for name in ("source", "language", "relation", "coverage", "rights"))


def oai_dc(record: Record) -> bytes:
    """The record in simple Dublin Core: one serialised `oai_dc:dc` element in UTF-8 with its own namespaces, without its address.

    Source: oai-pmh.md 13 and 14 (crosswalks of ours), oai_dc.xsd of OAI-PMH 2.0.
    """
    pairs = _PAIRS_OF[record.format](record)
    pairs.sort(key=_SLOT)
    flags = 0
    for slot, _ in pairs:
        if slot >= 0:
            break
        flags |= -slot
    dropped = _DROPPED[flags]
    content = "".join(dict.fromkeys([made for slot, made in pairs if slot not in dropped]))
    return b"".join((_OPEN, content.encode(), _CLOSE)) if content else _EMPTY


def in_srw_container(made: bytes) -> bytes:
    """What `oai_dc` or `with_record_url` made, in the container of SRU: `srw_dc:dc`, of info:srw/schema/1/dc-schema."""
    if made == _EMPTY:
        return _SRW_START + b"/>"
    return b"".join((_SRW_START, b">", made[len(_OPEN) : -len(_CLOSE)], b"</srw_dc:dc>"))


def with_record_url(made: bytes, url: str) -> bytes:
    """What `oai_dc` made, with the address of the record as its first identifier; as it is when the address is empty."""
    if not url:
        return made
    address = dc.element("identifier", url).encode()
    if made == _EMPTY:
        return b"".join((_OPEN, address, _CLOSE))
    # An identifier that says the same goes; text in an element cannot look like one, because its < is escaped.
    made = made.replace(address, b"")
    at = made.find(b"<dc:identifier>", len(_OPEN))
    if at < 0:
        places = [place for start in _AFTER_IDENTIFIERS if (place := made.find(start, len(_OPEN))) >= 0]
        at = min(places, default=len(made) - len(_CLOSE))
    return b"".join((made[:at], address, made[at:]))
