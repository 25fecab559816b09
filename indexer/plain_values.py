"""Documents made of plain values instead of MARC records, for trying out field tables and queries."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from indexer.document import Document
from indexer.extraction_plan import make_plan, plain_steps
from indexer.fields import Database, FieldTable
from indexer.filling import fill, sort_keys
from indexer.gathering import Gathered

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def document_from_values(
    table: FieldTable,
    record_id: str,
    values: Mapping[str, Sequence[str | int]],
    database: Database = "biblios",
    datestamp: datetime = _EPOCH,
    change: int = 1,
) -> Document:
    """The document of a record that has just these values, by name of field.

    Values go through what the table says of their field: folding, twins, normalisation, sort keys, and `anywhere`. A field
    whose source is `record_id` gets the id. Raises: KeyError for a name that is no field of the table.
    """
    plan = make_plan(table.fields[database], "marc21", vernacular_facets=False)
    steps = plain_steps(table.fields[database])
    gathered = Gathered(table.analyser)
    own_ids = [spec.name for spec in table.fields[database] if any(rule.source == "record_id" for rule in spec.rules["marc21"])]
    for name, given in {**dict.fromkeys(own_ids, (record_id,)), **values}.items():
        gathered.add(steps[name], [str(value) for value in given])
    document = Document(record_id, change, datestamp)
    fill(document, gathered, plan)
    document.sorts = sort_keys(document, gathered, plan, table.analyser)
    return document
