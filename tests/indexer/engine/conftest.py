"""One small collection for all engines: the tests below say what every adapter of the port must do."""

import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from opensearch_nodes import own_prefix

from indexer.document import Document
from indexer.engine import open_engine
from indexer.engine.opensearch import ClusterSettings
from indexer.engine.port import LINKED, Engine, ExtractField, Hit
from indexer.schema import CollectionSchema, EngineField

STAMP = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

SCHEMA = CollectionSchema(
    "biblios",
    (
        EngineField("anywhere", "text"),
        EngineField("title", "text", twin=True, scan_words=True, scan_values=True, boost=4.0),
        EngineField("alternative", "text", scan_words=True),
        EngineField("subject", "text", twin=True, scan_words=True, scan_values=True, facet=True),
        EngineField("isbn", "key", scan_values=True),
        EngineField("callnumber", "key", scan_values=True),
        EngineField("language", "key", scan_values=True, facet=True),
        EngineField("year", "number", scan_values=True, facet=True),
        EngineField("entered", "date"),
    ),
    ("title_sort", "year", "language"),
    "1",
)


def extract_field(hit: Hit, field: str) -> list[str]:
    """The words of a stored record, which in these tests is JSON."""
    occurrences: list[str] = json.loads(hit.stored["marcxml"]).get(field, [])
    return occurrences + (json.loads(hit.stored[LINKED]).get(field, []) if LINKED in hit.stored else [])


def make_document(record_id: str, change: int = 1, *, hidden: str = "", **parts: Any) -> Document:
    """A document whose stored record gives its words back. `parts`: title=[...], title_variants=[...], isbn=[...], year=[...]."""
    kinds = {field.name: field.kind for field in SCHEMA.fields}
    document = Document(record_id, change, STAMP + timedelta(seconds=change), hidden=hidden)
    for name, values in parts.items():
        if name in {"sorts", "shown"}:
            setattr(document, name, values)
        elif name.endswith("_variants"):
            document.variants[name.removesuffix("_variants")] = values
        elif name.endswith("_keys"):
            document.keys[name.removesuffix("_keys")] = values
        elif kinds[name] == "text":
            document.text[name] = values
        elif kinds[name] == "key":
            document.keys[name] = values
        else:
            document.numbers[name] = values
    document.stored = {"marcxml": json.dumps(document.text).encode()}
    return document


@pytest.fixture
def schema() -> CollectionSchema:
    return SCHEMA


@pytest.fixture
def document() -> Callable[..., Document]:
    return make_document


@pytest.fixture(params=["embedded", "opensearch"])
def engine_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def location(engine_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path | ClusterSettings]:
    """A place of the test's own for collections."""
    if engine_kind == "embedded":
        yield tmp_path / "index"
        return
    url = request.getfixturevalue("opensearch_url")
    with own_prefix(url) as prefix:
        yield ClusterSettings(url=url, prefix=prefix)


@pytest.fixture
def opened(engine_kind: str, location: Path | ClusterSettings) -> Callable[..., Engine]:
    """Opens the same collection again and again; with `writable=True` for writing."""

    def open_again(schema: CollectionSchema = SCHEMA, writable: bool = False) -> Engine:
        return open_engine(engine_kind, location, schema, writable=writable, extract_field=extract_field)

    return open_again


@pytest.fixture
async def engine(opened: Callable[..., Engine]) -> AsyncIterator[Engine]:
    """An empty, writable collection."""
    engine = opened(writable=True)
    yield engine
    await engine.close()


Fill = Callable[..., Awaitable[Engine]]


@pytest.fixture
def filled(engine: Engine) -> Fill:
    """Writes documents, commits, and gives the engine."""

    async def fill(*documents: Document) -> Engine:
        await engine.write(documents)
        await engine.commit(max((one.change for one in documents), default=1))
        return engine

    return fill


WORDS = ("a", "b", "ab", "ba", "abc", "cab", "abd", "o", "ö", "öb", "東", "京", "x1", "9", "bb")


def random_documents(seed: int, count: int) -> list[Document]:
    """Documents over a tiny vocabulary, so that everything happens that can: repeats, ties, missing fields, odd letters."""
    chance = random.Random(seed)

    def occurrence() -> str:
        return " ".join(chance.choice(WORDS) for _ in range(chance.choice((1, 1, 2, 3, 4, 6, 12))))

    def some(make: Callable[[], Any], most: int) -> list[Any]:
        return [make() for _ in range(chance.randint(0, most))]

    def without_repeats(values: Iterable[Any]) -> list[Any]:
        return list(dict.fromkeys(values))

    documents = []
    for number in range(count):
        title, subject = some(occurrence, 3), without_repeats(some(occurrence, 3))
        parts: dict[str, Any] = {
            "title": without_repeats(title),
            "alternative": some(occurrence, 4),
            "subject": subject,
            "subject_keys": without_repeats([*subject[:2], *some(occurrence, 1)]),
            "title_keys": without_repeats(title[:1]),
            "title_variants": some(lambda: chance.choice(WORDS) + chance.choice(WORDS), 2),
            "isbn": without_repeats(some(lambda: chance.choice("19") + chance.choice("ab.* 東") + chance.choice("xz"), 2)),
            "callnumber": without_repeats(some(lambda: "".join(chance.choice("ab Z.") for _ in range(chance.randint(1, 4))), 2)),
            "language": without_repeats(some(lambda: chance.choice(("swe", "eng", "fre")), 2)),
            "year": without_repeats(some(lambda: chance.randint(1995, 2003), 2)),
            "entered": [20260100 + chance.randint(1, 31)],
        }
        sorts = {
            "title_sort": " ".join(chance.choice(WORDS[:4]) for _ in range(chance.choice((1, 1, 2, 15)))),
            "year": str(chance.randint(1995, 2003)),
            "language": chance.choice(("swe", "eng")),
        }
        parts = {name: values for name, values in parts.items() if values}
        parts["anywhere"] = [one for name in ("title", "alternative", "subject") for one in parts.get(name, [])]
        parts["sorts"] = {name: key for name, key in sorts.items() if chance.random() < 0.8}
        if not parts["anywhere"]:
            del parts["anywhere"]
        documents.append(make_document(f"r{chance.randint(0, 9)}:{number}", number + 1, **parts))
    return documents


@pytest.fixture(scope="session")
def vocabulary() -> Sequence[str]:
    return WORDS


@pytest.fixture(scope="session")
def random_collection() -> Callable[[int, int], list[Document]]:
    return random_documents


@pytest.fixture(scope="session")
def session_schema() -> CollectionSchema:
    return SCHEMA


@pytest.fixture(scope="session")
def session_extract_field() -> ExtractField:
    return extract_field
