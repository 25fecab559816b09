"""What can be wrong with a query: one class per SRU diagnostic that CQL can raise.

    CqlError
    +- SyntaxProblem        QuerySyntaxError 10, ParenthesesError 13, QuotesError 14, EscapeError 26
    +- LimitExceeded        QueryTooLong 12, TermTooLong 23, TooManyMasks 30, TooManyBooleans 38, TooManySortKeys 84
    +- NameProblem          UnsupportedContextSet 15, UnsupportedIndex 16, PrefixAssignedTwice 45
    +- RelationProblem      UnsupportedRelation 19, UnsupportedRelationModifier 20, ContradictoryRelationModifiers 21,
    |                       UnsupportedRelationForIndex 22, UnsupportedRelationForTerm 24
    +- TermProblem          EmptyTerm 27, MaskNotSupported 28, MaskedWordTooShort 29, AnchorNotSupported 31,
    |                       AnchorMisplaced 32, InvalidTerm 36
    +- BooleanProblem       UnsupportedBooleanModifier 46
    |  +- ProximityProblem  ProximityNotSupported 39, UnsupportedProximityRelation 40, UnsupportedProximityDistance 41,
    |                       UnsupportedProximityUnit 42, UnsupportedProximityOrdering 43, ContradictoryProximity 44
    +- ResultSetProblem     ResultSetsNotSupported 50, ResultSetDoesNotExist 51
    +- SortProblem          UnsupportedSortSequence 82, UnsupportedSortSchema 87, UnsupportedSortPath 88,
    |                       UnsupportedSortDirection 90, UnsupportedSortCase 91, UnsupportedMissingValue 92,
    |                       SortEndedOnMissingValue 93
    +- UnsupportedScan 4
    +- UnsupportedFeature 48

Numbers are those of the list `info:srw/diagnostic/1/`. Source: SRU 1.1, 1.2 and 2.0, diagnostics.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, ClassVar


class CqlError(Exception):
    """A query that cannot be answered; 47 when nothing more precise is known.

    `message`: a whole sentence for a person. `details`: what the diagnostic list wants to stand in `details` (a name, a
    value, a maximum, a character offset). `offset`: 0-based character position in the query text, or None when there is no
    text (a tree made by a program). `suggestion`: a repaired query that parses, or None.
    """

    number: ClassVar[int] = 47

    def __init__(self, message: str, *, details: str = "", offset: int | None = None, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.offset = offset
        self.suggestion = suggestion

    def to_dict(self) -> dict[str, Any]:
        """`{"diag": number, "details": str, "message": str, "offset": int or None}`; ready for JSON."""
        return {"diag": self.number, "details": self.details, "message": self.message, "offset": self.offset}


class SyntaxProblem(CqlError):
    """The text is no CQL."""


class QuerySyntaxError(SyntaxProblem):
    """Anything the grammar does not know and no other number tells better. Details: position and what was expected."""

    number = 10


class ParenthesesError(SyntaxProblem):
    """Unbalanced, empty, misplaced or too deeply nested parentheses. Details: character offset."""

    number = 13


class QuotesError(SyntaxProblem):
    """A quote that is never closed. Details: character offset."""

    number = 14


class EscapeError(SyntaxProblem):
    """A backslash before a character that needs none. Details: that character."""

    number = 26


class LimitExceeded(CqlError):
    """More than the server is willing to work on. Details: the maximum."""


class QueryTooLong(LimitExceeded):
    """Too many characters in the query."""

    number = 12


class TermTooLong(LimitExceeded):
    """Too many characters in one term, index or other word."""

    number = 23


class TooManyMasks(LimitExceeded):
    """Too many masking characters in one term."""

    number = 30


class TooManyBooleans(LimitExceeded):
    """Too many boolean operators."""

    number = 38


class TooManySortKeys(LimitExceeded):
    """Too many sort keys."""

    number = 84


class NameProblem(CqlError):
    """A context set, prefix or index that is not known here. Details: the name as written."""


class UnsupportedContextSet(NameProblem):
    """A prefix nobody declared, or an identifier that belongs to no set of this server."""

    number = 15


class UnsupportedIndex(NameProblem):
    """No such index in a known set, or in any of the default sets."""

    number = 16


class PrefixAssignedTwice(NameProblem):
    """One prefix for two identifiers on the same level."""

    number = 45


class RelationProblem(CqlError):
    """The relation between index and term, or one of its modifiers, cannot be had."""


class UnsupportedRelation(RelationProblem):
    """No such relation. Details: the relation."""

    number = 19


class UnsupportedRelationModifier(RelationProblem):
    """No such relation modifier, or not with these values. Details: the modifier."""

    number = 20


class ContradictoryRelationModifiers(RelationProblem):
    """Two modifiers that exclude each other. Details: both, parted by a slash."""

    number = 21


class UnsupportedRelationForIndex(RelationProblem):
    """A relation that this kind of index has no meaning for. Details: relation and index."""

    number = 22


class UnsupportedRelationForTerm(RelationProblem):
    """A relation that has no meaning for this kind of term."""

    number = 24


class TermProblem(CqlError):
    """The term cannot be searched for."""


class EmptyTerm(TermProblem):
    """No letter and no digit in the term."""

    number = 27


class MaskNotSupported(TermProblem):
    """A mask where masks have no meaning. Details: the masking character."""

    number = 28


class MaskedWordTooShort(TermProblem):
    """A word of nothing but masks. Details: least number of other characters."""

    number = 29


class AnchorNotSupported(TermProblem):
    """An anchor on an index without positions."""

    number = 31


class AnchorMisplaced(TermProblem):
    """An anchor that is not at the edge of a word, a phrase or a field. Details: character offset."""

    number = 32


class InvalidTerm(TermProblem):
    """A term in the wrong format for its index or relation: no date, no number, a broken regular expression."""

    number = 36


class BooleanProblem(CqlError):
    """The boolean operator cannot be had in this form."""


class UnsupportedBooleanModifier(BooleanProblem):
    """No such boolean modifier. Details: the modifier."""

    number = 46


class ProximityProblem(BooleanProblem):
    """Something with `prox`."""


class ProximityNotSupported(ProximityProblem):
    """An operand of `prox` is no word, phrase or or-list of them."""

    number = 39


class UnsupportedProximityRelation(ProximityProblem):
    """A symbol that makes no sense for a distance. Details: the symbol."""

    number = 40


class UnsupportedProximityDistance(ProximityProblem):
    """A distance that is no number, or out of range. Details: the value."""

    number = 41


class UnsupportedProximityUnit(ProximityProblem):
    """Sentences, paragraphs and units nobody knows. Details: the unit."""

    number = 42


class UnsupportedProximityOrdering(ProximityProblem):
    """`ordered` or `unordered` with a value. Details: the value."""

    number = 43


class ContradictoryProximity(ProximityProblem):
    """Modifiers that exclude each other, or operands on two indexes. Details: both, parted by a slash."""

    number = 44


class ResultSetProblem(CqlError):
    """`cql.resultSetId` cannot be answered."""


class ResultSetsNotSupported(ResultSetProblem):
    """Result sets are switched off."""

    number = 50


class ResultSetDoesNotExist(ResultSetProblem):
    """Unknown or expired. Details: the id."""

    number = 51


class SortProblem(CqlError):
    """The result cannot be sorted like that. Details: the key or its part."""


class UnsupportedSortSequence(SortProblem):
    """An index that cannot be sorted on, an unknown sort modifier, or two that exclude each other."""

    number = 82


class UnsupportedSortSchema(SortProblem):
    """`sortKeys` names a schema that is not known."""

    number = 87


class UnsupportedSortPath(SortProblem):
    """`sortKeys` names a path that leads to no sortable index."""

    number = 88


class UnsupportedSortDirection(SortProblem):
    """`sortKeys`: ascending is neither 1 nor 0."""

    number = 90


class UnsupportedSortCase(SortProblem):
    """`sortKeys`: caseSensitive is neither 1 nor 0."""

    number = 91


class UnsupportedMissingValue(SortProblem):
    """`sortKeys`: an action for missing values that is not offered."""

    number = 92


class SortEndedOnMissingValue(SortProblem):
    """A record has no value for a key that was declared `missingFail` or `abort`."""

    number = 93


class UnsupportedScan(CqlError):
    """The index has no list of terms that could be browsed. Details: the index."""

    number = 4


class UnsupportedFeature(CqlError):
    """Good CQL that this server does not do. Details: the feature."""

    number = 48


def near_matches(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Up to three names of `known` that a person may have meant by `name`, best first; case does not count."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    # Long input is cut: nobody mistypes 64 characters, and difflib's cost grows with the square of the length.
    close = get_close_matches(name.lower()[:64], by_lower, n=3, cutoff=0.7)
    return tuple(by_lower[match] for match in close)


def did_you_mean(names: Iterable[str]) -> str:
    """The question "Did you mean `a` or `b`?" with a leading blank, or an empty string without names."""
    quoted = " or ".join(f"`{name}`" for name in names)
    return f" Did you mean {quoted}?" if quoted else ""
