"""Documents that were prepared elsewhere are taken in like those that were not; those of another field table are refused."""

import pickle
from dataclasses import replace

import pytest

from cql.plan import Everything, Exact, Value, Word
from indexer.engine import open_engine, open_preparer
from indexer.engine.port import EngineError, ReadyBatch, Window
from indexer.schema import CollectionSchema, EngineField

SCHEMA = CollectionSchema(
    "biblios", (EngineField("title", "text", twin=True, scan_words=True, scan_values=True), EngineField("isbn", "key")), ("title",), "1"
)


@pytest.fixture
async def engine(tmp_path):
    engine = open_engine("embedded", tmp_path, SCHEMA, writable=True, writer_memory_mb=15)
    yield engine
    await engine.close()


@pytest.fixture
def documents(document):
    return [
        document("a", 1, title=["första", "andra hyllan"], title_keys=["andra hyllan"]),
        document("b", 2, isbn=["9780306406157"]),
        document("c", 3, hidden="deleted"),
    ]


async def test_prepared_documents_are_found_like_others(engine, documents):
    batch = pickle.loads(pickle.dumps(open_preparer("embedded", SCHEMA)(documents)))
    await engine.write_ready(batch)
    await engine.write_ready(batch)
    await engine.commit(3)
    assert await engine.count(Everything()) == 2
    for plan, expected in ((Word("title", Exact("första")), documents[0]), (Value("isbn", Exact("9780306406157")), documents[1])):
        page = await engine.search(plan, Window())
        assert [(hit.id, hit.datestamp, hit.stored) for hit in page.hits] == [(expected.id, expected.datestamp, expected.stored)]
    words = await engine.scan(["title"], "words", "", 0, 10)
    assert [(term.value, term.count) for term in words.terms] == [("andra", 1), ("första", 1), ("hyllan", 1)]


async def test_documents_of_another_field_table_or_engine_are_refused(engine, documents):
    other = replace(SCHEMA, fields=SCHEMA.fields[:1])
    with pytest.raises(EngineError, match="another field table"):
        await engine.write_ready(open_preparer("embedded", other)(documents))
    with pytest.raises(EngineError, match="another engine"):
        await engine.write_ready(ReadyBatch(0))


def test_only_the_embedded_engine_has_a_preparer():
    assert open_preparer("opensearch", SCHEMA) is None
