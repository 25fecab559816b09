"""The terms that documents add to the browse lists; they are kept in the lists' file (`term_file`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.document import Document
from indexer.engine.embedded.layout import Layout


def number_term(number: int) -> str:
    """A number as a term: years sort right with four digits."""
    return f"{number:04d}"


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """Terms of some documents, and the display forms of those that are shown otherwise, by number of their list."""

    terms: dict[int, set[str]]
    forms: dict[int, dict[str, str]]


class TermCollector:
    """Finds the terms of documents; it keeps nothing, so it can be used in any process."""

    def __init__(self, layout: Layout) -> None:
        self._words = [(name, layout.list_number(name, "words")) for name in layout.word_lists]
        self._values = [(name, layout.list_number(name, "values")) for name in layout.value_lists if name in layout.keyed]
        self._numbers = [(name, layout.list_number(name, "values")) for name in layout.value_lists if name in layout.numbers]

    def terms(self, documents: Sequence[Document]) -> BatchTerms:
        """The terms of live documents."""
        found: dict[int, set[str]] = {}
        forms: dict[int, dict[str, str]] = {}
        texts = [document.text for document in documents]
        variants = [document.variants for document in documents]
        for name, number in self._words:
            # One split for all documents of the batch.
            words = set(" ".join([one for text in texts if name in text for one in text[name]]).split(" "))
            # Names that keep their punctuation (c++) are words of the list; joined forms are not.
            words.update([form for own in variants if name in own for form in own[name] if not form.isalnum()])
            words.discard("")
            if words:
                found[number] = words
        keys = [document.keys for document in documents]
        shown = [document.shown for document in documents]
        for name, number in self._values:
            values = {one for own in keys if name in own for one in own[name]}
            if values:
                found[number] = values
                forms[number] = _first_forms([own[name] for own in shown if name in own])
        for name, number in self._numbers:
            numbers = {one for document in documents if name in document.numbers for one in document.numbers[name]}
            if numbers:
                found[number] = set(map(number_term, numbers))
        return BatchTerms(found, forms)


def _first_forms(shown: Sequence[dict[str, str]]) -> dict[str, str]:
    """The first display form of every key, without those that are the key itself."""
    forms: dict[str, str] = {}
    for own in shown:
        for key, form in own.items():
            if key != form and key not in forms:
                forms[key] = form
    return forms
