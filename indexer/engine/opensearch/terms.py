"""The browse lists as they are written: which terms there ever were, and how they are shown.

OpenSearch has no call that walks a term dictionary from a given term, and what it has for it (composite aggregations) grows
dearer with every document. So the terms stand in an index of their own. It knows no counts: those are asked of the documents
when a list is shown, and what has none is left out. So deletions cost nothing here, a term may be there several times, and
an index that is ahead of the documents does no harm.

A document for every term was too dear (17 small ones a record). New terms wait for the commit, or until they are many; then
they are put in order and `BLOCK_TERMS` neighbours make one block: the field `terms` has each with the mark of its list
(`Layout`) in front, `shown` the display forms that differ, with a number that tells which was first.

A session that begins with an empty collection knows what it has written; any other asks for terms that it has not seen yet.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from indexer.document import Document
from indexer.engine.opensearch.cluster import Cluster
from indexer.engine.opensearch.collection import Collection
from indexer.engine.opensearch.layout import LONGEST_KEY, MARK_LENGTH
from indexer.engine.port import Deletion

BLOCK_TERMS = 32
WAITING = 200_000
"""New terms that wait in memory at most (some 30 MB). The more are put in order together, the fewer blocks has a page of a list."""

ASKED_AT_ONCE = 1000
"""Terms whose being there is asked in one search."""

MOST_BLOCKS = 10_000
"""Blocks that one search can give. More are found only when terms are there many times over, and some are then written again."""

_REMEMBERED = 200_000
"""Terms remembered of late, and as many of the time before; about 50 MB. What has been forgotten is written again."""


Terms = dict[str, str | None]
"""Term with its mark -> display form, None where it is the term itself."""


def number_term(number: int) -> str:
    """A number as a term: years sort right with four digits."""
    return f"{number:04d}"


class NewTerms:
    """Finds what is new to the browse lists in a stream of documents, for one session of writing."""

    def __init__(self, collection: Collection, *, is_empty: bool) -> None:
        layout = collection.layout
        self._collection = collection
        self._words = layout.word_lists
        self._keys = {name: mark for name, mark in layout.value_lists.items() if name in layout.keyed}
        self._numbers = {name: mark for name, mark in layout.value_lists.items() if name in layout.numbers}
        self._asks = not is_empty
        self._recent: defaultdict[str, set[str]] = defaultdict(set)
        self._older: defaultdict[str, set[str]] = defaultdict(set)
        self._recent_count = 0
        self._waiting: Terms = {}
        self._order = 0

    @property
    def are_many(self) -> bool:
        """Whether the waiting terms should be written now."""
        return len(self._waiting) > WAITING

    def find(self, batch: Sequence[Document | Deletion]) -> None:
        """Notes the terms of a batch that this session has not seen yet."""
        if not self._waiting and batch:
            self._order = batch[0].change
        for one in batch:
            if isinstance(one, Document) and not one.hidden:
                self._add(one)
        if self._recent_count > _REMEMBERED:
            self._older, self._recent, self._recent_count = self._recent, defaultdict(set), 0

    def take(self) -> Terms:
        """The waiting terms, which wait no longer."""
        taken, self._waiting = self._waiting, {}
        return taken

    def _add(self, document: Document) -> None:
        text, variants, keys, shown, recent = document.text, document.variants, document.keys, document.shown, self._recent
        for name, mark in self._words.items():
            occurrences = text.get(name)
            if occurrences:
                words = set(" ".join(occurrences).split(" "))
                if name in variants:
                    # Names that keep their punctuation (c++) are words of the list; joined forms are not.
                    words.update([form for form in variants[name] if not form.isalnum()])
                words -= recent[mark]
                if words:
                    self._note(mark, words, {})
        for name, mark in self._keys.items():
            own = keys.get(name)
            # Most fields have one value, and it is known.
            if not own or (len(own) == 1 and own[0] in recent[mark]):
                continue
            values = {key for key in own if len(key) < LONGEST_KEY - MARK_LENGTH} - recent[mark]
            if values:
                self._note(mark, values, shown.get(name, {}))
        for name, mark in self._numbers.items():
            numbers = document.numbers.get(name)
            if numbers:
                self._note(mark, {number_term(number) for number in numbers} - recent[mark], {})

    def _note(self, mark: str, terms: set[str], forms: Mapping[str, str]) -> None:
        """Terms that were not seen of late. What was seen in the time before is remembered longer."""
        self._recent[mark] |= terms
        self._recent_count += len(terms)
        for term in terms - self._older[mark]:
            form = forms.get(term, term)
            self._waiting[mark + term] = None if form == term else form

    async def drop_known(self, cluster: Cluster, new: Terms) -> None:
        """Takes out what is in the index already. Raises: as `Cluster.request`."""
        terms = sorted(new) if self._asks else []
        for start in range(0, len(terms), ASKED_AT_ONCE):
            query = {"constant_score": {"filter": {"terms": {"terms": terms[start : start + ASKED_AT_ONCE]}}}}
            for block in await read_blocks(cluster, self._collection, query, MOST_BLOCKS):
                for term in block["terms"]:
                    new.pop(term, None)

    def lines(self, new: Terms) -> list[bytes]:
        """Lines of a bulk request, one for each block."""
        action = orjson.dumps({"create": {"_index": self._collection.terms}})
        lines = []
        ordered = sorted(new)
        for start in range(0, len(ordered), BLOCK_TERMS):
            terms = ordered[start : start + BLOCK_TERMS]
            forms = {term: form for term in terms if (form := new[term]) is not None}
            block: dict[str, Any] = {"terms": terms}
            if forms:
                block["shown"] = {"order": self._order, "forms": forms}
            lines.append(b"%b\n%b\n" % (action, orjson.dumps(block)))
        return lines


async def read_blocks(cluster: Cluster, collection: Collection, query: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """Up to `most` blocks of a query over the browse lists, as they were written, in any order."""
    body = {"query": query, "size": most, "track_total_hits": False}
    return (await search_blocks(cluster, collection, body))[1]


async def search_blocks(cluster: Cluster, collection: Collection, body: dict[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    """Number of blocks that a search over the browse lists finds, if it counts, and those that it gives.

    The answer is taken as it comes: with a `filter_path` OpenSearch would read and write every block anew, at twice the cost.
    """
    params = {"allow_partial_search_results": "false"}
    hits = (await cluster.request("POST", f"/{collection.terms}/_search", orjson.dumps(body), params=params))["hits"]
    return hits.get("total", {}).get("value", 0), [hit["_source"] for hit in hits["hits"]]


def forms_between(blocks: Sequence[dict[str, Any]], low: str, high: str) -> dict[str, str]:
    """Term with its mark -> the display form written first, or nothing, for the terms of blocks from `low` to before `high`."""
    found: dict[str, str] = {}
    orders: dict[str, int] = {}
    for block in blocks:
        terms = block["terms"]
        own = terms[bisect_left(terms, low) : bisect_left(terms, high)]
        found |= {term: found.get(term, "") for term in own}
        if shown := block.get("shown"):
            order, forms = shown["order"], shown["forms"]
            for term in own:
                if term in forms and order < orders.get(term, order + 1):
                    found[term], orders[term] = forms[term], order
    return found
