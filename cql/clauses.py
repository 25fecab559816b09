"""One search clause as a plan: relation times kind of index.

`=` is the phrase, value or interval in any field of the index; `any` and `all` are `=` for each blank-separated value,
joined by or and and; `<>` is "has the index, and `=` does not hold". Source: the SRU page, 14.2.
"""

from cql.dates import has_format
from cql.diagnostics import CqlError, InvalidTerm, UnsupportedRelationForTerm, UnsupportedRelationModifier
from cql.indexes import Field, Index
from cql.plan import Phrase, Plan, Present
from cql.simplify import all_of, any_of, without
from cql.terms import Piece, split_at_blanks
from cql.tree import Clause
from cql.values import (
    plan_encloses,
    plan_interval,
    plan_key,
    plan_key_order,
    plan_order,
    plan_within,
)
from cql.wording import TextRules, no_words, phrases, plan_each_word, plan_whole_value, plan_words


def plan_clause(clause: Clause, index: Index, rules: TextRules) -> Plan:
    """What a clause asks of an index of text, keys, numbers or dates.

    Raises: EmptyTerm (27), UnsupportedRelationForTerm (24), InvalidTerm (36), and the errors of masks and anchors (28, 29, 31,
    32). Whether the relation suits the index must have been checked.
    """
    piece = _piece(clause)
    reading = rules.reading
    if reading.form:
        _check_format(piece, rules)
    match reading.relation:
        case "=":
            return _equal(index, piece, rules)
        case "<>":
            return without(has_index(index), _equal(index, piece, rules))
        case "any" | "all":
            return _each(index, piece, rules)
        case "within":
            return _within(index, piece, rules)
        case "encloses":
            return _encloses(index, piece, rules)
        case _:
            return _order(index, piece, rules)


def has_index(index: Index) -> Plan:
    """Records with some value in any field of the index."""
    return any_of([Present(field.name) for field in index.fields])


def clause_phrases(clause: Clause, field: Field, rules: TextRules) -> tuple[Phrase, ...]:
    """The phrases that a clause contributes to `prox` in one text field. Raises as `plan_clause`."""
    piece = _piece(clause)
    if rules.reading.form:
        _check_format(piece, rules)
    return phrases(field, piece, rules)


def _piece(clause: Clause) -> Piece:
    piece = Piece(clause.term, clause.term_at)
    if not clause.term or clause.term.isspace():
        raise no_words(piece)
    return piece


def _check_format(piece: Piece, rules: TextRules) -> None:
    reading = rules.reading
    is_list = reading.relation in {"any", "all", "within"}
    for value in split_at_blanks(piece) if is_list else [piece]:
        if not has_format(value.text.strip(), reading.form):
            shown = {"isodate": "a date such as 2020-02-29", "number": "a number", "uri": "a URI", "oid": "an object identifier"}
            raise InvalidTerm(f"Position {value.at}: `{value.text[:40]}` is not {shown[reading.form]}.", offset=value.at)


def value_fields(index: Index) -> tuple[Field, ...]:
    """The fields whose whole values `==` compares and value scan lists: keys and twins, or all fields where there is neither."""
    return tuple(field for field in index.fields if field.twin or field.kind == "key") or index.fields


def _equal(index: Index, piece: Piece, rules: TextRules) -> Plan:
    fields = value_fields(index) if rules.reading.whole else index.fields
    plans = [plan for field in fields if (plan := _equal_in(field, index, piece, rules)) is not None]
    if not plans:
        raise _impossible(index, piece)
    return any_of(plans)


def _equal_in(field: Field, index: Index, piece: Piece, rules: TextRules) -> Plan | None:
    match field.kind:
        case "text":
            if rules.reading.whole and field.twin:
                return plan_whole_value(field, piece, rules)
            if rules.reading.whole and rules.reading.regexp:
                raise _no_whole_values(index, piece)
            return plan_words(field, piece, rules, each=False)
        case "key":
            return plan_key(field, _trimmed(piece), rules)
        case _:
            return _interval_or_none(field, index, _trimmed(piece), rules)


def _no_whole_values(index: Index, piece: Piece) -> UnsupportedRelationModifier:
    return UnsupportedRelationModifier(
        f"Position {piece.at}: modifier regexp with a whole-value relation cannot be used with `{index.name}`, "
        "of which only words are kept; use it with `=`.",
        details="regexp",
        offset=piece.at,
    )


def _interval_or_none(field: Field, index: Index, piece: Piece, rules: TextRules) -> Plan | None:
    """In an index of numbers a bad term is an error; in one of text, its number fields just cannot hold it."""
    if index.kind in {"number", "date"}:
        return plan_interval(field, index, piece, rules)
    try:
        return plan_interval(field, index, piece, rules)
    except CqlError:
        return None


def _trimmed(piece: Piece) -> Piece:
    text = piece.text.strip()
    return piece if len(text) == len(piece.text) else Piece(text, piece.at + piece.text.index(text))


def _each(index: Index, piece: Piece, rules: TextRules) -> Plan:
    every = rules.reading.relation == "all"
    if every and index.kind in {"number", "date"}:
        return _equal(index, piece, rules)
    plans: list[Plan] = []
    for value in split_at_blanks(piece):
        options = [plan for field in index.fields if (plan := _each_in(field, index, value, rules, every)) is not None]
        if options:
            plans.append(any_of(options))
    if not plans:
        raise _impossible(index, piece)
    return all_of(plans) if every else any_of(plans)


def _each_in(field: Field, index: Index, value: Piece, rules: TextRules, every: bool) -> Plan | None:
    if field.kind == "text":
        return plan_each_word(field, value, rules, every)
    return _equal_in(field, index, value, rules)


def _order(index: Index, piece: Piece, rules: TextRules) -> Plan:
    trimmed = _trimmed(piece)
    if index.kind == "key":
        plans = [plan for field in index.fields if (plan := plan_key_order(field, trimmed, rules)) is not None]
        if not plans:
            raise _impossible(index, piece)
        return any_of(plans)
    return any_of([plan_order(field, index, trimmed, rules) for field in _intervals(index)])


def _encloses(index: Index, piece: Piece, rules: TextRules) -> Plan:
    count = len(split_at_blanks(piece))
    if count != 1:
        raise UnsupportedRelationForTerm(
            f"Position {piece.at}: `encloses` takes one value, not {count}.", details="encloses", offset=piece.at
        )
    return any_of([plan_encloses(field, index, _trimmed(piece), rules) for field in _intervals(index)])


def _within(index: Index, piece: Piece, rules: TextRules) -> Plan:
    values = split_at_blanks(piece)
    if len(values) != 2:
        raise InvalidTerm(
            f'Position {piece.at}: `within` takes two values in one term, as in  {index.name} within "1990 1999".', offset=piece.at
        )
    return any_of([plan_within(field, index, values, rules) for field in _intervals(index)])


def _intervals(index: Index) -> list[Field]:
    return [field for field in index.fields if field.kind in {"number", "date"}]


def _impossible(index: Index, piece: Piece) -> CqlError:
    if any(field.kind == "text" for field in index.fields):
        return no_words(piece)
    return InvalidTerm(f"Position {piece.at}: `{piece.text[:40]}` cannot be a value of `{index.name}`.", offset=piece.at)
