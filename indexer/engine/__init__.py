"""The engine port and its adapters."""

from pathlib import Path

from indexer.engine.port import Engine, EngineError, ExtractField, RebuiltEngine
from indexer.schema import CollectionSchema

__all__ = ["open_engine", "open_rebuild"]


def open_engine(
    kind: str, location: str | Path, schema: CollectionSchema, *, writable: bool = False, extract_field: ExtractField | None = None
) -> Engine:
    """An engine for one collection; to be closed by the caller.

    `kind`: "embedded". `location`: the folder in which every collection has its own folder. A collection that does not exist
    yet is empty, and made by the first commit. `writable`: whether `write` and `commit` may be called; it costs nothing until
    they are. `extract_field`: from a stored record and a text field to its occurrences, for searches that look into records.

    Raises: EngineError for an unknown kind.
    """
    _check(kind)
    from indexer.engine.embedded.engine import EmbeddedEngine

    return EmbeddedEngine(Path(location), schema, writable=writable, extract_field=extract_field)


def open_rebuild(kind: str, location: str | Path, schema: CollectionSchema) -> RebuiltEngine:
    """An empty collection beside the live one, to be written from the record store and then put in its place by `switch`.

    Raises: EngineError for an unknown kind; on the first write EngineUnavailable when another process rebuilds it.
    """
    _check(kind)
    from indexer.engine.embedded.engine import EmbeddedEngine

    return EmbeddedEngine(Path(location), schema, beside=True)


def _check(kind: str) -> None:
    if kind != "embedded":
        raise EngineError(f"There is no engine `{kind}`; there is `embedded`.")
