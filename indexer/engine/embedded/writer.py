"""Takes documents into an index folder. All of it blocks, and runs in one thread at a time.

A document goes to tantivy as JSON text (`preparing`), because that is cheap to get from another process. One indexing thread: a
second one makes twice the segments, which are then merged (40,000 documents on a busy machine: 680 to 850 us of CPU each in
three runs without merges, 1,000 in two with), and a load has other work for the second core. More memory makes fewer segments
(four of 40,000 documents with 100 MB), and is missed elsewhere: with 48 MB a load is as fast as with 128 (433 and 439 records/s
over 100,000) and leaves three segments instead of seven, because tantivy merges eight of a size. With 24 MB it is a fifth slower.
"""

from collections.abc import Sequence
from pathlib import Path

from indexer.document import Document
from indexer.engine.embedded.folder import CONFIRMED, confirmed_change, open_index, read_layout, write_json
from indexer.engine.embedded.layout import Layout
from indexer.engine.embedded.preparing import EmbeddedBatch, Preparer
from indexer.engine.embedded.term_writer import TermWriter
from indexer.engine.port import Deletion, EngineError
from indexer.schema import CollectionSchema


class IndexWriter:
    """One session of writing in one index folder; the caller holds the collection's lock."""

    def __init__(self, path: Path, schema: CollectionSchema, memory_mb: int) -> None:
        self.path = path
        self.written = 0
        layout = read_layout(path)
        self._name, self._signature = schema.name, layout.signature
        self._check(Layout(schema).signature)
        self._prepare = Preparer(layout)
        self._index = open_index(path)
        self._terms = TermWriter(path)
        self._writer = self._index.writer(memory_mb * 1_000_000, 1)
        self._fresh: set[str] = set()
        self._see()

    def _see(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()

    def _check(self, signature: str) -> None:
        if signature != self._signature:
            raise EngineError(f"The index of {self._name} was made with another field table; run `hylla reindex`.")

    def write(self, batch: Sequence[Document | Deletion]) -> None:
        """Takes a batch in. Raises: EngineError; what was taken in before is then lost up to the last commit."""
        documents: list[Document] = []
        for each in batch:
            if isinstance(each, Document):
                documents.append(each)
                continue
            self.take(self._prepare(documents))
            documents.clear()
            self._writer.delete_documents_by_term("id", each.id)
            self.written += 1
        self.take(self._prepare(documents))

    def take(self, batch: EmbeddedBatch) -> None:
        """Takes prepared documents in; later ones replace earlier ones with the same id. Raises: as `write`."""
        self._check(batch.signature)
        writer, fresh, add = self._writer, self._fresh, self._writer.add_json
        in_index = self._searcher.doc_freq if self._searcher.num_docs else None
        for record_id, fields in zip(batch.ids, batch.fields, strict=True):
            if record_id in fresh or (in_index is not None and in_index("id", record_id)):
                writer.delete_documents_by_term("id", record_id)
            fresh.add(record_id)
            add(fields.decode())
        self._terms.add(batch.terms)
        self.written += len(batch.ids)

    def commit(self, change: int) -> None:
        """Browse lists first (terms too many do no harm), then the index, then the number: a crash loses from the end only."""
        self._terms.commit()
        self._writer.commit()
        write_json(self.path / CONFIRMED, {"change": change, "opstamp": self._writer.commit_opstamp})
        self._fresh.clear()
        self._see()

    def confirmed(self) -> int:
        """Change number of the last commit."""
        return confirmed_change(self.path)

    def close(self) -> None:
        """Lets merging end and gives everything back; what was not committed is lost."""
        self._writer.wait_merging_threads()
        self._terms.close()
