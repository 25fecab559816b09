"""The index entries of a record as XML, for finding out why a query finds it or not.

`<index xmlns="urn:x-discovery:index" id="..."><entry field="title" rule="245(abnp)" key="coral reefs">Coral reefs /</entry>...`:
field of the field table, the rule that found the value, what is kept of it, and the value as it stands in the record.
"""

from indexer.engine.port import Hit
from indexer.extract import Extractor
from server.records.stored import record_of
from server.xmlio import escape, escape_attribute, without_forbidden

NAMESPACE = "urn:x-discovery:index"


def index_entries(extractor: Extractor, database: str, hit: Hit) -> bytes:
    """The entries that the field table makes of a record of a database."""
    record = record_of(hit, "authority" if database == "authorities" else "bibliographic")
    entries = "".join(
        f'<entry field="{escape_attribute(one.field)}" rule="{escape_attribute(one.rule)}" '
        f'key="{escape_attribute(without_forbidden(one.key))}">'
        f"{escape(without_forbidden(one.value))}</entry>"
        for one in extractor.explain(record)
    )
    return f'<index xmlns="{NAMESPACE}" id="{escape_attribute(hit.id)}">{entries}</index>'.encode()
