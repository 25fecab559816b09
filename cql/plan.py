"""What a query asks of the index, without naming an engine.

A plan is a tree of the closed union `Plan`. Leaves name fields of the field table and carry words that have already been
through `indexer.analysis`, so an engine adapter compares them byte for byte and `cql.matcher` can say the same in plain
Python. Text fields are lists of *occurrences* (one per MARC value); every occurrence is a list of tokens, and nothing of a
`Phrase` or a `Near` ever crosses from one occurrence into the next.

    Plan
    +- Everything, Nothing
    +- Word         one token anywhere in a text field, or among its joined variants
    +- Phrase       tokens side by side in one occurrence, free or anchored at its start and end
    +- Near         two groups of phrases at some distance in one occurrence (CQL prox)
    +- Value, KeyRange   a whole normalised value of a key field (identifiers, codes, headings), or an interval
    +- Range        a number field between two bounds
    +- Present      the record has a value in the field
    +- AllOf, AnyOf, Without
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exact:
    """The token or value itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Mask:
    """A token or value with masking characters.

    `parts` alternates freely between literal text (str, never empty) and masks: "*" is any number of characters,
    "?" exactly one. Literals and masks are told apart by `is_mask`, so a literal star can never become a mask.
    """

    parts: tuple["MaskPart", ...]


@dataclass(frozen=True, slots=True)
class MaskPart:
    """One piece of a `Mask`: folded literal text, or one of the masks "*" and "?" when `is_mask`."""

    text: str
    is_mask: bool = False


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Tokens within `distance` (1 or 2) insertions, deletions or substitutions of `text`."""

    text: str
    distance: int


@dataclass(frozen=True, slots=True)
class Regexp:
    """Tokens or values that match the whole regular expression.

    Only the subset that Python, Lucene and Rust read alike reaches a plan: literals, `.`, classes, groups, alternation and
    the repeats `* + ? {m,n}`; the planner refuses the rest (diagnostic 36).
    """

    source: str


@dataclass(frozen=True, slots=True)
class Stemmed:
    """Tokens that begin with `beginning` and have the stem `stem` by the rules of `language`, as `cql.stems` says; never variants.

    Engines have no stems: before they are asked, `cql.word_forms` puts the words of the index in its place.
    """

    stem: str
    beginning: str
    language: str


Pattern = Exact | Mask | Fuzzy | Regexp | Stemmed


@dataclass(frozen=True, slots=True)
class Everything:
    """Every live record."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No record."""


@dataclass(frozen=True, slots=True)
class Word:
    """A token of a text field, in any occurrence or among the field's variants (see `indexer.document`)."""

    field: str
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Phrase:
    """Patterns that match neighbouring tokens of one occurrence in this order.

    `starts`: the first one is the first token of the occurrence. `ends`: the last one is the last token. Both together: the
    whole occurrence. Variants never take part.
    """

    field: str
    words: tuple[Pattern, ...]
    starts: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """One phrase of `left` and one of `right` in the same occurrence of `field`, `minimum` to `maximum` words apart.

    The distance is that of the nearest ends: neighbours have distance 1, and overlapping phrases are not near each other.
    `maximum` None means no upper bound. With `ordered`, left must come first. All phrases name `field` themselves.
    (0, None, unordered) is "in the same element"; then overlap does not matter and the two sides may be one word.
    """

    field: str
    left: tuple[Phrase, ...]
    right: tuple[Phrase, ...]
    minimum: int
    maximum: int | None
    ordered: bool


@dataclass(frozen=True, slots=True)
class Value:
    """A whole value of a key field (normalised by that field's own rule)."""

    field: str
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class KeyRange:
    """A key field with a value between two normalised values, compared by code point. None means open."""

    field: str
    low: str | None
    high: str | None
    include_low: bool = True
    include_high: bool = True


@dataclass(frozen=True, slots=True)
class Range:
    """A number field with some value in low..high, both included. Dates are yyyymmdd integers. None means open."""

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Present:
    """The record has at least one value in `field` (text, key or number)."""

    field: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Records of every part; at least one part."""

    parts: tuple["Plan", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Records of any part; at least one part."""

    parts: tuple["Plan", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Records of `base` that are not records of `minus`."""

    base: "Plan"
    minus: "Plan"


Plan = Everything | Nothing | Word | Phrase | Near | Value | KeyRange | Range | Present | AllOf | AnyOf | Without


@dataclass(frozen=True, slots=True)
class SortBy:
    """One sort key, major ones first in a list.

    `field` is a sort field of the field table (`Document.sorts`), which has one value per record, or "relevance". `missing` says
    where records without a value go: "last" or "first" in the list as it is sent. With `missing_value`, a sort key, they go where
    records with that value go, and tie with them. Leaving them out altogether is `Present` in the plan.
    """

    field: str
    descending: bool = False
    missing: str = "last"
    missing_value: str | None = None
