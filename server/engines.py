"""Opens the engine's collections as the settings say; the one place that knows how settings become an engine."""

from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from indexer.engine import open_engine, open_rebuild
from indexer.engine.port import LINKED, Engine, ExtractField, Hit, RebuiltEngine
from indexer.extract import Extractor
from indexer.extraction_plan import ANYWHERE
from indexer.fields import FieldTable
from indexer.marc import SourceProfile, classify, leader_of_own_marcxml, parse_own_marcxml
from indexer.record import Record
from server.settings import Database, Settings

if TYPE_CHECKING:
    from indexer.engine.opensearch import ClusterSettings

FOLDER = "engine"


def open_collection(settings: Settings, table: FieldTable, database: Database, *, writable: bool = False) -> Engine:
    """One database's collection, to be closed by the caller. One that does not exist yet is empty.

    `writable`: for the holder of the index lock only. Raises: EngineError.
    """
    return open_engine(
        settings.engine.kind,
        _location(settings),
        table.collection(database),
        writable=writable,
        extract_field=_reader(Extractor(table)),
        writer_memory_mb=settings.engine.writer_memory_mb,
    )


def open_rebuilt(settings: Settings, table: FieldTable, database: Database) -> RebuiltEngine:
    """An empty collection beside the one of a database, to be filled and switched to, and closed by the caller. Raises: EngineError."""
    engine = settings.engine
    return open_rebuild(engine.kind, _location(settings), table.collection(database), writer_memory_mb=engine.writer_memory_mb)


def _location(settings: Settings) -> "Path | ClusterSettings":
    engine = settings.engine
    if engine.kind == "embedded":
        return settings.data_dir.absolute() / FOLDER
    from indexer.engine.opensearch import ClusterSettings

    return ClusterSettings(
        url=engine.url, user=engine.user, password=engine.password.get_secret_value(), prefix=engine.prefix, shards=engine.shards,
        replicas=engine.replicas, timeout_s=engine.timeout_s,
    )  # fmt: skip


def _reader(extractor: Extractor) -> ExtractField:
    """Reads the words of a field out of a stored record, for searches that must look into records."""
    profile = SourceProfile()

    def occurrences(hit: Hit, field: str) -> list[str]:
        marcxml = hit.stored["marcxml"]
        record = Record(leader_of_own_marcxml(marcxml), parse_own_marcxml(marcxml))
        classify(record, profile)
        number = record.control("001").strip()
        found = [" ".join(tokens) for tokens in extractor.extract_field(record, field, record_id=hit.id, control_number=number)]
        kept: dict[str, list[str]] = orjson.loads(hit.stored[LINKED]) if LINKED in hit.stored else {}
        for name, words in kept.items():
            if field in {name, ANYWHERE}:
                found += words
        return found

    return occurrences
