"""A stored record in memory again: `indexer.record.Record` out of the MARCXML that our own loader wrote."""

from indexer.engine.port import Hit
from indexer.marc import leader_of_own_marcxml, parse_own_marcxml
from indexer.record import Kind, Record

MARCXML = "marcxml"
"""Name of the stored form of every document that every conversion starts from."""


def record_of(hit: Hit, kind: Kind = "bibliographic") -> Record:
    """The record of a hit that was fetched with its MARCXML."""
    marcxml = hit.stored[MARCXML]
    return Record(leader_of_own_marcxml(marcxml), parse_own_marcxml(marcxml), hit.format, kind)
