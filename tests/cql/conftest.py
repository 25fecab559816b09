"""A small index table of every kind of index, and documents to ask about."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import pytest

from cql.indexes import ContextSet, Field, Index, IndexTable, Words

_NAMES = re.compile(r"(?<!\w)(?:c\+\+|c#|\.net)(?!\w)")
_GLUED = re.compile(r"\w+(?:['’.\-]\w+)+")


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


@lru_cache
def _words(text: str) -> Words:
    """Words as an indexer would cut them: marks and case folded, Han characters single, joined forms and names as variants."""
    folded = re.sub(r"([\u4e00-\u9fff])", r" \1 ", _fold(text))
    joined = [re.sub(r"[^\w]", "", chain) for chain in _GLUED.findall(folded)]
    return Words(tuple(re.findall(r"[^\W_]+", folded)), tuple(dict.fromkeys([*joined, *_NAMES.findall(folded)])))


def _isbn(text: str) -> tuple[str, ...]:
    digits = re.sub(r"[\s-]", "", text).upper()
    if re.fullmatch(r"97[89]\d{10}", digits):
        return (digits,)
    if not re.fullmatch(r"\d{9}[\dX]", digits):
        return ()
    body = f"978{digits[:9]}"
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10
    return (f"{body}{check}", digits)


def _text(name: str) -> Field:
    return Field(name, "text", words=_words)


def _heading(name: str) -> Field:
    return Field(name, "text", words=_words, normalise=lambda text: tuple(filter(None, [" ".join(_words(text).tokens)])), twin=True)


def _key(name: str, normalise: Callable[[str], tuple[str, ...]] = lambda text: (text,)) -> Field:
    return Field(name, "key", normalise=normalise)


BOTH = frozenset({"words", "values"})
WHOLE = frozenset({"values"})
INDEXES = (
    Index("cql.serverChoice", "text", (_text("anywhere"),), ("cql.anywhere", "cql.allIndexes"), bib1=(1016, 1035)),
    Index("cql.allRecords", "all", ()),
    Index("cql.resultSetId", "resultset", ()),
    Index("dc.title", "text", (_heading("title"),), ("bath.title", "koha.ti"), sort="title", scan=BOTH, bib1=(4,)),
    Index(
        "dc.creator",
        "text",
        (_heading("author"), _text("author_words")),
        ("dc.author",),
        sort="author",
        scan=BOTH,
        bib1=(1003,),
        sort_key=str.lower,
    ),
    Index("dc.subject", "text", (_heading("subject"), _heading("subject_see")), scan=BOTH, bib1=(21,)),
    Index("dc.description", "text", (_text("note"),), scan=frozenset({"words"})),
    Index("dc.identifier", "text", (_text("number_words"), _key("isbn", _isbn), Field("issues", "number")), ("bib.identifier",)),
    Index("bath.isbn", "key", (_key("isbn", _isbn),), ("dc.isbn",), scan=WHOLE, bib1=(7,)),
    Index("dc.language", "key", (_key("language", lambda text: (text.lower(),)),), sort="language", scan=WHOLE, bib1=(54,)),
    Index("rec.id", "key", (_key("id"),), ("rec.identifier",), sort="id", ordered=True, bib1=(12,)),
    Index("bib.classification", "key", (_key("shelf", lambda text: (text.upper(),)),), ordered=True, scan=WHOLE),
    Index(
        "dc.date",
        "date",
        (Field("year", "number"),),
        sort="year",
        scan=WHOLE,
        lower="year_from",
        upper="year_to",
        bib1=(31,),
        sort_key=lambda text: text if text.isdigit() else "",
    ),
    Index("rec.lastModificationDate", "date", (Field("modified", "date"),), sort="modified", scan=WHOLE),
    Index("koha.issues", "number", (Field("issues", "number"),), sort="issues", scan=WHOLE),
)
SETS = (
    ContextSet("cql", ("info:srw/cql-context-set/1/cql-v1.1", "info:srw/cql-context-set/1/cql-v1.2"), aliases=("srw",)),
    ContextSet("dc", ("info:srw/cql-context-set/1/dc-v1.1",)),
    ContextSet("bath", ("http://zing.z3950.org/cql/bath/2.0/",)),
    ContextSet("bib", ("info:srw/cql-context-set/1/bib-v1.0",)),
    ContextSet("rec", ("info:srw/cql-context-set/2/rec-1.1",)),
    ContextSet("sort", ("info:srw/cql-context-set/1/sort-v1.0",)),
    ContextSet("rel", ("info:srw/cql-context-set/2/relevance-1.0",)),
    ContextSet("bib1", ("1.2.840.10003.3.1",), aliases=("z3950",)),
    ContextSet("koha", ("urn:x-discovery:cql:koha-1.0",)),
)


@dataclass
class View:
    """A document as `cql.matcher` sees it."""

    text: Mapping[str, Sequence[str]] = field(default_factory=dict)
    variants: Mapping[str, Sequence[str]] = field(default_factory=dict)
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    numbers: Mapping[str, Sequence[int]] = field(default_factory=dict)


@pytest.fixture(scope="session")
def table() -> IndexTable:
    by_name = {name.lower(): index for index in INDEXES for name in (index.name, *index.aliases)}
    return IndexTable(SETS, by_name, ("dc", "cql", "bath", "bib", "rec", "koha"), lambda word: "".join(_words(word).tokens))


@pytest.fixture(scope="session")
def make_view() -> Callable[..., View]:
    """Makes a document of text fields (lists of raw values, which are whole values too), keys and numbers."""

    def make(text: dict[str, list[str]] | None = None, **rest: Mapping[str, Sequence[int | str]]) -> View:
        cut = {name: [_words(value) for value in values] for name, values in (text or {}).items()}
        occurrences = {name: [" ".join(each.tokens) for each in words] for name, words in cut.items()}
        variants = {name: [variant for each in words for variant in each.variants] for name, words in cut.items()}
        return View(occurrences, variants, {**occurrences, **rest.get("keys", {})}, rest.get("numbers", {}))

    return make
