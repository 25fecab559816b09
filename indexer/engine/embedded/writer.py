"""Takes documents into an index folder. All of it blocks, and runs in one thread at a time.

A document goes to tantivy as a plain dictionary: that was the cheapest of four ways (dictionary without schema 460 us of CPU a
document over all threads, with schema 520, JSON text 600). One indexing thread with 100 MB of memory: a second thread makes
twice the segments and saves no time beside a loader that needs the other core.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tantivy import Document as IndexDocument

from indexer.document import Document
from indexer.engine.embedded.folder import CONFIRMED, confirmed_change, open_index, read_layout, write_json
from indexer.engine.embedded.layout import BOUNDARY, HIGHEST, ID_SORT, LOWEST, Layout, column_names, sort_columns
from indexer.engine.embedded.stored import stored_fields
from indexer.engine.embedded.terms import TermWriter
from indexer.engine.port import Deletion, EngineError
from indexer.schema import CollectionSchema

HEAP_BYTES = 100_000_000
LONGEST_WHOLE = 2000
"""Characters of an occurrence that is also kept as a whole. tantivy drops terms beyond 65,530 bytes."""

_BETWEEN = f" {BOUNDARY} "


class IndexWriter:
    """One session of writing in one index folder; the caller holds the collection's lock."""

    def __init__(self, path: Path, schema: CollectionSchema) -> None:
        self.path = path
        self.written = 0
        layout = read_layout(path)
        if layout.signature != Layout(schema).signature:
            raise EngineError(f"The index of {schema.name} was made with another field table; run `hylla reindex`.")
        self._to_fields = FieldMaker(layout).fields
        self._index = open_index(path)
        self._terms = TermWriter(path, layout)
        self._writer = self._index.writer(HEAP_BYTES, 1)
        self._fresh: set[str] = set()
        self._see()

    def _see(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()

    def write(self, batch: Sequence[Document | Deletion]) -> None:
        """Takes a batch in. Raises: EngineError; what was taken in before is then lost up to the last commit."""
        writer, fresh, in_index = self._writer, self._fresh, self._searcher.doc_freq
        for each in batch:
            if each.id in fresh or in_index("id", each.id):
                writer.delete_documents_by_term("id", each.id)
            if isinstance(each, Deletion):
                continue
            fresh.add(each.id)
            writer.add_document(IndexDocument.from_dict(self._to_fields(each)))
            if not each.hidden:
                self._terms.add(each)
        self._terms.flush()
        self.written += len(batch)

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


class FieldMaker:
    """Turns documents into the fields of a layout."""

    def __init__(self, layout: Layout) -> None:
        codes = layout.codes
        self._texts = {name: (f"t_{name}", codes[name], name in layout.twins) for name in layout.texts}
        self._keys = {name: (codes[name], name in layout.facets, name in layout.twins) for name in layout.keyed}
        self._numbers = {name: f"n_{name}" for name in layout.numbers}
        self._sorts = {name: column_names(name) for name in layout.schema.sorts}
        self._id_columns = column_names(ID_SORT)

    def fields(self, document: Document) -> dict[str, Any]:
        """Name of a tantivy field -> its value or values. Parts of fields that the layout does not have are left out."""
        fields = stored_fields(document)
        fields["id"] = document.id
        if document.hidden:
            fields["hidden"] = document.hidden
            return fields
        terms: list[str] = []
        self._add_text(document, fields, terms)
        self._add_keys(document, fields, terms)
        fields["terms"] = terms
        for name, numbers in document.numbers.items():
            if name in self._numbers and numbers:
                fields[self._numbers[name]] = [min(max(number, LOWEST), HIGHEST) for number in numbers]
        for name, key in document.sorts.items():
            if key and name in self._sorts:
                fields |= sort_columns(self._sorts[name], key)
        columns = sort_columns(self._id_columns, document.id)
        columns.pop(self._id_columns[-1], None)
        return fields | columns

    def _add_text(self, document: Document, fields: dict[str, Any], terms: list[str]) -> None:
        for name, occurrences in document.text.items():
            known = self._texts.get(name)
            if known is None or not occurrences:
                continue
            field, codes, is_twin = known
            fields[field] = f"{BOUNDARY} {_BETWEEN.join(occurrences)} {BOUNDARY}"
            if len(occurrences) == 1:
                terms.append(codes.single)
            if is_twin:
                keys = document.keys.get(name, ())
                whole, both = codes.whole, codes.both
                terms += [(both if one in keys else whole) + one for one in occurrences if len(one) <= LONGEST_WHOLE]
        for name, variants in document.variants.items():
            known = self._texts.get(name)
            if known is not None:
                code = known[1].variant
                terms += [code + variant for variant in variants]

    def _add_keys(self, document: Document, fields: dict[str, Any], terms: list[str]) -> None:
        for name, keys in document.keys.items():
            known = self._keys.get(name)
            if known is None or not keys:
                continue
            codes, is_facet, is_twin = known
            terms.append(codes.present)
            if is_facet:
                fields[f"f_{name}"] = keys if len(keys) == 1 else list(dict.fromkeys(keys))
            if is_twin:
                occurrences = document.text.get(name, ())
                terms += [codes.key + key for key in keys if key not in occurrences or len(key) > LONGEST_WHOLE]
            elif len(keys) == 1:
                terms.append(codes.key + keys[0])
            else:
                terms += [codes.key + key for key in keys]
