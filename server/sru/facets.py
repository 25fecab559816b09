"""What a request says about facets (section 8.1), in today's form and in that of an older draft.

    facetLimit=10,5:dc.creator     facetLimit:dc.creator=5
    facetStart=11:dc.subject       facetStart:dc.subject=11
    facetSort=alphanumeric,descending,caseSensitive
    facetCount=history:dc.subject  facetCount:dc.subject=history
    facetRangeField=dc.date        facetLowValue:dc.date=1990    facetHighValue:dc.date=1999

Whether the indexes exist is the service's question.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.errors import BadParameter
from server.params import Parameters

LARGEST_LIMIT = 1_000
MOST_FACETS = 50
"""Our decisions: a facet list longer than this is a scan."""


@dataclass(frozen=True, slots=True)
class FacetOrder:
    """`by`: "recordCount" or "alphanumeric"; `respects_case` matters for the latter only."""

    by: str = "recordCount"
    descending: bool = True
    respects_case: bool = False


@dataclass(frozen=True, slots=True)
class FacetsAsked:
    """Facets of one request; index names as written.

    `default_limit`: terms of each default facet, None when only named facets are wanted. `limits`: index -> terms.
    `starts`: index -> first term, 1-based. `counted`: (term, index) whose exact counts are wanted. `ranges`: index -> lowest
    and highest value that are listed, empty string for open.
    """

    default_limit: int | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    start: int = 1
    starts: Mapping[str, int] = field(default_factory=dict)
    order: FacetOrder = FacetOrder()
    counted: tuple[tuple[str, str], ...] = ()
    ranges: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def first(self, index: str) -> int:
        """The place (1-based) of the first term wanted of an index."""
        return self.starts.get(index, self.start)


def read_facets(sent: Parameters, also_counts: bool) -> FacetsAsked | None:
    """The wish for facets, or None when nothing asks for any. `also_counts`: facetCount is part of the version.

    Raises: BadParameter.
    """
    default_limit, limits = _numbers(sent, "facetLimit", minimum=0)
    start, starts = _numbers(sent, "facetStart", minimum=1)
    order = _order(sent.get("facetSort", ""))
    ranges = _ranges(sent)
    counted = _counted(sent) if also_counts else ()
    for index in ranges:
        limits.setdefault(index, default_limit if default_limit is not None else 10)
    if len(limits) + len(counted) > MOST_FACETS:
        raise BadParameter(f"At most {MOST_FACETS} facets can be had at once.", name="facetLimit")
    if default_limit is None and not limits and not counted:
        return None
    return FacetsAsked(
        default_limit=None if default_limit is None else min(default_limit, LARGEST_LIMIT),
        limits={index: min(limit, LARGEST_LIMIT) for index, limit in limits.items()},
        start=1 if start is None else start,
        starts=starts,
        order=order,
        counted=counted,
        ranges=ranges,
    )


def _numbers(sent: Parameters, name: str, minimum: int) -> tuple[int | None, dict[str, int]]:
    """The bare number and the numbers with an index, out of `10,5:dc.creator` and out of names such as `facetLimit:dc.creator`."""
    bare: int | None = None
    by_index: dict[str, int] = {}
    if name in sent:
        for piece in sent[name].split(","):
            number, colon, index = piece.strip().partition(":")
            if colon and index:
                by_index[index] = _number(number, name, minimum)
            elif not colon:
                bare = _number(number, name, minimum)
            else:
                raise BadParameter(f"The parameter `{name}` has {piece!r}, which names no index.", name=name)
    for own, value in sent.items():
        if own.startswith(f"{name}:"):
            by_index[own.partition(":")[2]] = _number(value, name, minimum)
    return bare, by_index


def _number(text: str, name: str, minimum: int) -> int:
    if not (text.isascii() and text.isdigit()) or int(text[:9]) < minimum:
        raise BadParameter(f"The parameter `{name}` needs whole numbers from {minimum} on, not {text!r}.", name=name)
    return int(text[:9])


def _counted(sent: Parameters) -> tuple[tuple[str, str], ...]:
    counted: list[tuple[str, str]] = []
    for name, value in sent.pairs:
        if name == "facetCount":
            term, colon, index = value.rpartition(":")
            if not colon or not index or not term:
                raise BadParameter(f"The parameter `facetCount` must be TERM:INDEX, not {value!r}.", name="facetCount")
            counted.append((term, index))
        elif name.startswith("facetCount:"):
            counted.append((value, name.partition(":")[2]))
    return tuple(counted)


def _ranges(sent: Parameters) -> dict[str, tuple[str, str]]:
    indexes = dict.fromkeys(index for value in sent.all("facetRangeField") for index in value.split(",") if index)
    indexes |= dict.fromkeys(name.partition(":")[2] for name in sent if name.startswith(("facetLowValue:", "facetHighValue:")))
    return {index: (sent.get(f"facetLowValue:{index}", ""), sent.get(f"facetHighValue:{index}", "")) for index in indexes}


def _order(text: str) -> FacetOrder:
    """`recordCount` (descending unless said otherwise) or `alphanumeric` (ascending, case-insensitive)."""
    if not text:
        return FacetOrder()
    by, *options = (word.strip() for word in text.split(","))
    if by not in {"recordCount", "alphanumeric"}:
        raise BadParameter(f"facetSort is {text!r}; it begins with recordCount or alphanumeric.", name="facetSort")
    if strange := set(options) - {"ascending", "descending", "caseSensitive", "caseInsensitive"}:
        raise BadParameter(f"facetSort has {sorted(strange)[0]!r}, which it does not know.", name="facetSort")
    if {"ascending", "descending"} <= set(options) or {"caseSensitive", "caseInsensitive"} <= set(options):
        raise BadParameter(f"facetSort is {text!r}, which contradicts itself.", name="facetSort")
    descending = "descending" in options if by == "alphanumeric" else "ascending" not in options
    return FacetOrder(by, descending, "caseSensitive" in options)
