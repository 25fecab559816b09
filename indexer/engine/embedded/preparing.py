"""Documents in the shape in which the writer takes them in: everything that needs no index, so it can be done in any process.

A document becomes one JSON text, which tantivy reads itself. To send it to another process costs about a quarter of sending the
document's own objects (80 us of CPU instead of 300, both ends, on a busy machine). The terms of the browse lists come along
once for a whole batch.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from indexer.document import Document
from indexer.engine.embedded.layout import (
    BOUNDARY,
    HIGHEST,
    ID_SORT,
    LONGEST_WHOLE,
    LOWEST,
    Codes,
    Layout,
    column_names,
    sort_columns,
)
from indexer.engine.embedded.stored import head_of
from indexer.engine.embedded.terms import BatchTerms, TermCollector
from indexer.engine.port import ReadyBatch
from indexer.schema import CollectionSchema

_BETWEEN = f" {BOUNDARY} "


@dataclass(frozen=True, slots=True)
class EmbeddedBatch(ReadyBatch):
    """Documents in their order, with their terms. `signature`: of the layout that they were made for."""

    signature: str
    ids: list[str]
    fields: list[bytes]
    terms: BatchTerms


class Preparer:
    """Prepares documents for one layout."""

    def __init__(self, layout: Layout) -> None:
        self._signature = layout.signature
        self._to_fields = FieldMaker(layout).fields
        self._to_terms = TermCollector(layout).terms

    @classmethod
    def of_schema(cls, schema: CollectionSchema) -> "Preparer":
        """The preparer for indexes of a schema."""
        return cls(Layout(schema))

    def __call__(self, documents: Sequence[Document]) -> EmbeddedBatch:
        """The batch for `IndexWriter.take`."""
        to_fields, to_json = self._to_fields, orjson.dumps
        fields = [to_json(to_fields(document)) for document in documents]
        live = [document for document in documents if not document.hidden]
        return EmbeddedBatch(len(documents), self._signature, [one.id for one in documents], fields, self._to_terms(live))


class FieldMaker:
    """Turns documents into the fields of a layout."""

    def __init__(self, layout: Layout) -> None:
        codes = layout.codes
        self._texts = {name: (f"t_{name}", codes[name], name in layout.twins) for name in layout.texts}
        self._keys = {name: (codes[name], f"f_{name}" if name in layout.facets else "", name in layout.twins) for name in layout.keyed}
        self._numbers = {name: f"n_{name}" for name in layout.numbers}
        self._sorts = {name: column_names(name) for name in layout.schema.sorts}
        self._id_columns = column_names(ID_SORT)

    def fields(self, document: Document) -> dict[str, Any]:
        """Name of a tantivy field -> its value or values, bytes as base64. What the layout does not have is left out."""
        fields: dict[str, Any] = {"id": document.id, "head": head_of(document)}
        if document.stored:
            fields["stored"] = [b64encode(content).decode("ascii") for content in document.stored.values()]
        if document.hidden:
            fields["hidden"] = document.hidden
            return fields
        terms = fields["terms"] = []
        self._add_text(document, fields, terms)
        self._add_keys(document, fields, terms)
        for name, numbers in document.numbers.items():
            if name in self._numbers and numbers:
                fields[self._numbers[name]] = [min(max(number, LOWEST), HIGHEST) for number in numbers]
        for name, key in document.sorts.items():
            if key and name in self._sorts:
                sort_columns(fields, self._sorts[name], key)
        sort_columns(fields, self._id_columns, document.id)
        fields.pop(self._id_columns[-1], None)
        return fields

    def _add_text(self, document: Document, fields: dict[str, Any], terms: list[str]) -> None:
        own_texts, keys_of = self._texts, document.keys
        for name, occurrences in document.text.items():
            if name not in own_texts or not occurrences:
                continue
            field, codes, is_twin = own_texts[name]
            if len(occurrences) == 1:
                fields[field] = f"{BOUNDARY} {occurrences[0]} {BOUNDARY}"
                terms.append(codes.single)
            else:
                fields[field] = f"{BOUNDARY} {_BETWEEN.join(occurrences)} {BOUNDARY}"
            if is_twin:
                keys = keys_of.get(name, ())
                whole, both = codes.whole, codes.both
                terms += [(both if one in keys else whole) + one for one in occurrences if len(one) <= LONGEST_WHOLE]
        for name, variants in document.variants.items():
            if name in own_texts:
                code = own_texts[name][1].variant
                terms += [code + variant for variant in variants]

    def _add_keys(self, document: Document, fields: dict[str, Any], terms: list[str]) -> None:
        own_keys, text = self._keys, document.text
        for name, keys in document.keys.items():
            if name not in own_keys or not keys:
                continue
            codes, facet, is_twin = own_keys[name]
            terms.append(codes.present)
            if facet:
                fields[facet] = keys if len(keys) == 1 else list(dict.fromkeys(keys))
            if is_twin:
                self._add_twin(codes, keys, text.get(name, ()), terms)
            elif len(keys) == 1:
                terms.append(codes.key + keys[0])
            else:
                code = codes.key
                terms += [code + key for key in keys]

    @staticmethod
    def _add_twin(codes: Codes, keys: Sequence[str], occurrences: Sequence[str], terms: list[str]) -> None:
        """The keys that are no occurrence of the text field; the others came with it."""
        code = codes.key
        terms += [code + key for key in keys if key not in occurrences or len(key) > LONGEST_WHOLE]
