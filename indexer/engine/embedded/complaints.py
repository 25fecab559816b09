"""What tantivy and SQLite say when something goes wrong, in the words of the port."""

import sqlite3
from types import TracebackType

from indexer.engine.port import EngineError, QueryTooExpensive

_TOO_EXPENSIVE = {
    "Compiled regex exceeds": "The mask, expression or interval is too long or has too many parts; make it simpler.",
    "exceeded max expansions": "Too many words begin, end or look like a masked word of the phrase; write more of its letters.",
    "bucket limit was exceeded": "The facet has too many values; ask for fewer.",
    "memory limit was exceeded": "The facet has too many values; narrow the query.",
}
"""Part of tantivy's message -> sentence for a person."""


class told_in_words:
    """Turns their errors into those of the port. A panic of tantivy's code arrives as an exception that is no `Exception`."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if isinstance(error, ValueError | OSError | RuntimeError | sqlite3.Error):
            for part, sentence in _TOO_EXPENSIVE.items():
                if part in str(error):
                    raise QueryTooExpensive(sentence) from None
        elif kind is None or kind.__name__ != "PanicException":
            return
        raise EngineError(f"The index could not answer ({error}). If this stays so, run `hylla reindex`.") from error
