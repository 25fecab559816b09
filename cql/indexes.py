"""Context sets and indexes as the planner needs them: names, kinds and the rules that turn terms into words.

The table itself is made by `indexer.fields` from `schemas/fields.yaml`; this module only fixes its shape, so that `cql`
stays at the bottom of the house. Names compare without regard to case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "key", "number", "date", "all", "resultset"]


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of text cut into words.

    `tokens`: the words in order. `variants`: further forms that a single word may be known by (joined forms such as
    `oneill` for `O'Neill`, whole words of exception lists such as `c++`), without a place in the order.
    """

    tokens: tuple[str, ...]
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One searchable field of the engine document, as queries see it.

    `kind`: "text" has words and occurrences, "key" whole normalised values, "number" integers, "date" yyyymmdd integers.
    In an index of kind "date" a field of kind "number" holds years, so that its query terms YYYY, YYYY-MM and YYYY-MM-DD are
    all compared as a year. `normalise` (key fields and twins) gives the forms under which a term may be stored, best first,
    and an empty tuple when the term cannot be a value of this field; `words` (text fields) cuts text.

    `twin` (text fields): the field also keeps whole values, found by `Value` and listed by value scan and facets. Words that
    are no headings (a statement of responsibility among names) are in the text only. When any field of an index has a twin,
    `==` asks the twins alone, so that its hits are those that scan and facets count.
    """

    name: str
    kind: Kind
    words: Callable[[str], Words] | None = None
    normalise: Callable[[str], tuple[str, ...]] | None = None
    twin: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """A CQL access point. Several fields together are one index: a record matches when any of them matches.

    `name` is the primary name with its prefix (`dc.title`), `aliases` all others. `sort` names the sort field, or is empty;
    `sort_highest` that for descending order, when records may have several values: `sort` then has their lowest, it their highest.
    `sort_before` is used instead of `sort` where further sort keys follow, when `sort` has something behind the value itself that
    would leave them nothing to decide (a title behind the author's name).
    `sort_key` makes a key of these fields out of a term, an empty string when the term cannot be a value.
    `scan` says which lists can be browsed: "words", "values", both or none. `lower` and `upper`
    (dates) are the number fields that hold the start and the end of a range, for `encloses`. `ordered` allows < and > on
    key fields (record ids, call numbers).
    """

    name: str
    kind: Kind
    fields: tuple[Field, ...]
    aliases: tuple[str, ...] = ()
    sort: str = ""
    sort_highest: str = ""
    sort_before: str = ""
    scan: frozenset[str] = frozenset()
    lower: str = ""
    upper: str = ""
    ordered: bool = False
    facet: str = ""
    labels: Mapping[str, str] | None = field(default=None, hash=False)
    bib1: tuple[int, ...] = ()
    sort_key: Callable[[str], str] | None = None

    def sort_field(self, *, descending: bool) -> str:
        """The sort field for one direction; empty when the index cannot be sorted on."""
        return self.sort_highest if descending and self.sort_highest else self.sort


@dataclass(frozen=True, slots=True)
class ContextSet:
    """A set of names: its short name, all identifiers it answers to, and a title for explain."""

    name: str
    identifiers: tuple[str, ...]
    title: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class IndexTable:
    """All context sets and indexes of one database.

    `by_name` holds every name and alias, lower case, with prefix. `default_sets` is the order in which an index without
    prefix is looked for. `fold` brings one word of a query (without masks) into the form of the index. `language`, one of
    `cql.stems.LANGUAGES`, is that of stems where a query names none.
    """

    sets: tuple[ContextSet, ...]
    by_name: Mapping[str, Index]
    default_sets: tuple[str, ...]
    fold: Callable[[str], str]
    language: str = "en"

    def indexes(self) -> tuple[Index, ...]:
        """Every index once, in the order of the table."""
        return tuple(dict.fromkeys(self.by_name.values()))
