"""The engine port and its adapters."""

from pathlib import Path
from typing import TYPE_CHECKING

from indexer.engine.port import Engine, EngineError, ExtractField, Preparer, RebuiltEngine
from indexer.schema import CollectionSchema

if TYPE_CHECKING:
    from indexer.engine.opensearch import ClusterSettings

__all__ = ["open_engine", "open_preparer", "open_rebuild"]

WRITER_MEMORY_MB = 48
"""What the embedded engine may take for documents that it has not written out yet."""


def open_engine(
    kind: str,
    location: "str | Path | ClusterSettings",
    schema: CollectionSchema,
    *,
    writable: bool = False,
    extract_field: ExtractField | None = None,
    writer_memory_mb: int = WRITER_MEMORY_MB,
) -> Engine:
    """An engine for one collection; to be closed by the caller.

    `kind`: "embedded" or "opensearch". `location`: the folder in which every collection has its own folder; or the cluster
    (an address alone stands for a cluster with all defaults). A collection that does not exist yet is empty, and made by the
    first commit. `writable`: whether `write` and `commit` may be called; it costs nothing until they are. `extract_field`:
    from a stored record and a text field to its occurrences, for searches that look into records. `writer_memory_mb`: of the
    embedded engine while it writes (in millions of bytes, at least 15).

    Raises: EngineError for an unknown kind.
    """
    if kind == "opensearch":
        from indexer.engine.opensearch import open_opensearch

        return open_opensearch(_cluster(location), schema, writable=writable, extract_field=extract_field)
    from indexer.engine.embedded.engine import EmbeddedEngine

    return EmbeddedEngine(
        _folder(kind, location), schema, writable=writable, extract_field=extract_field, writer_memory_mb=writer_memory_mb
    )


def open_preparer(kind: str, schema: CollectionSchema) -> Preparer | None:
    """Who prepares documents for a collection of this schema where there is no engine; None when this kind takes documents only."""
    if kind != "embedded":
        return None
    from indexer.engine.embedded.preparing import Preparer

    return Preparer.of_schema(schema)


def open_rebuild(
    kind: str, location: "str | Path | ClusterSettings", schema: CollectionSchema, *, writer_memory_mb: int = WRITER_MEMORY_MB
) -> RebuiltEngine:
    """An empty collection beside the live one, to be written from the record store and then put in its place by `switch`.

    Raises: EngineError for an unknown kind; on the first write EngineUnavailable when another process rebuilds it.
    """
    if kind == "opensearch":
        from indexer.engine.opensearch import open_opensearch_rebuild

        return open_opensearch_rebuild(_cluster(location), schema)
    from indexer.engine.embedded.engine import EmbeddedEngine

    return EmbeddedEngine(_folder(kind, location), schema, beside=True, writer_memory_mb=writer_memory_mb)


def _cluster(location: "str | Path | ClusterSettings") -> "ClusterSettings":
    from indexer.engine.opensearch import ClusterSettings

    return location if isinstance(location, ClusterSettings) else ClusterSettings(url=str(location))


def _folder(kind: str, location: "str | Path | ClusterSettings") -> Path:
    if kind != "embedded" or not isinstance(location, str | Path):
        raise EngineError(f"There is no engine `{kind}` for this place; there are `embedded` in a folder and `opensearch` in a cluster.")
    return Path(location)
