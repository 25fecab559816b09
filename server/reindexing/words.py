"""Whether a record is found by everything that its document says: the index asked word by word, through its own searches."""

from collections.abc import Iterator

from cql.plan import AllOf, Exact, Phrase, Plan, Range, Value, Word
from indexer.document import Document
from indexer.engine.port import Engine, Window
from indexer.schema import CollectionSchema

MOST_HITS = 1000
FIELDS_TOLD = 5


async def fields_missing(engine: Engine, schema: CollectionSchema, document: Document) -> list[str]:
    """Fields by some occurrence or value of which a live record is not found, the first five; none when all is well.

    Each occurrence is asked for as a whole, so words that are missing, cut or out of order are noticed; words too many are not.
    Raises: EngineError.
    """
    by_field = plans(schema, document)
    if not by_field or await _is_found(engine, AllOf(tuple(part for parts in by_field.values() for part in parts)), document.id):
        return []
    identity = by_field.get("id", ())  # makes the search of a single field quick and exact, if the field table has it
    if identity and not await _is_found(engine, AllOf(identity), document.id):
        return ["id"]
    missing = []
    for name, parts in by_field.items():
        if not await _is_found(engine, AllOf((*identity, *parts)), document.id):
            missing.append(name)
            if len(missing) == FIELDS_TOLD:
                break
    return missing


def plans(schema: CollectionSchema, document: Document) -> dict[str, tuple[Plan, ...]]:
    """Field -> plans that the document must match. Nothing for hidden documents and for fields that are not searchable."""
    if document.hidden:
        return {}
    found = {field.name: tuple(_plans_of(document, field.name, field.kind, twin=field.twin)) for field in schema.fields}
    return {name: parts for name, parts in found.items() if parts}


def _plans_of(document: Document, name: str, kind: str, *, twin: bool) -> Iterator[Plan]:
    if kind == "text":
        for occurrence in document.text.get(name, ()):
            yield Phrase(name, tuple(Exact(word) for word in occurrence.split(" ")), starts=True, ends=True)
        for variant in document.variants.get(name, ()):
            yield Word(name, Exact(variant))
    if kind == "key" or twin:
        for key in document.keys.get(name, ()):
            yield Value(name, Exact(key))
    if kind in {"number", "date"}:
        for number in document.numbers.get(name, ()):
            yield Range(name, number, number)


async def _is_found(engine: Engine, plan: Plan, record_id: str) -> bool:
    """Whether a plan finds a record. A plan that finds very many others too proves nothing against it."""
    page = await engine.search(plan, Window(1, MOST_HITS), stored=())
    return any(hit.id == record_id for hit in page.hits) or page.total > len(page.hits)
