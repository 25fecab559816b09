"""Terms of key, number and date indexes: whole normalised values and intervals.

Key fields bring their own normalisation; a term that cannot be a value of any field of its index is refused (36). Masks and
regular expressions on keys compare with the whole value. Source: the SRU page, 14.2 and 14.4.
"""

import re
from collections.abc import Iterable

from cql.dates import Interval, masked_numbers, masked_years, parse_number, parse_period
from cql.diagnostics import InvalidTerm, MaskedWordTooShort, MaskNotSupported, UnsupportedRelationForTerm
from cql.indexes import Field, Index
from cql.plan import Exact, Fuzzy, KeyRange, Mask, MaskPart, Pattern, Plan, Range, Regexp, Value
from cql.simplify import NOTHING, all_of, any_of
from cql.terms import Piece, read_value
from cql.wording import TextRules, read_regexp

_LONGEST_MASKED_LIST = 120


def plan_key(field: Field, piece: Piece, rules: TextRules) -> Plan | None:
    """What `=` asks of a key field; None when the piece cannot be one of its values.

    Raises: UnsupportedRelationForTerm (24), MaskedWordTooShort (29), AnchorNotSupported (31), InvalidTerm (36).
    """
    patterns = _key_patterns(field, piece, rules)
    return any_of([Value(field.name, pattern) for pattern in patterns]) if patterns else None


def _key_patterns(field: Field, piece: Piece, rules: TextRules) -> list[Pattern]:
    reading = rules.reading
    if reading.regexp:
        source = read_regexp(piece, rules.table, rules.limits, fold=False)
        return [Regexp(_in_case_of(field, source))]
    parts = read_value(piece, reading.masked)
    if not any(part.is_mask for part in parts):
        forms = normalised(field, parts[0].text if parts else "")
        if not reading.fuzzy:
            return [Exact(form) for form in forms]
        return [Exact(form) if len(form) < 3 else Fuzzy(form, 1 if len(form) <= 5 else 2) for form in forms[:1]]
    if reading.fuzzy:
        raise UnsupportedRelationForTerm(
            f"Position {piece.at}: modifier fuzzy cannot be used with masks; leave one of them out.", offset=piece.at
        )
    return list(_masked_keys(field, parts, piece, rules))


def _masked_keys(field: Field, parts: tuple[MaskPart, ...], piece: Piece, rules: TextRules) -> Iterable[Pattern]:
    """One mask for each form that the literal pieces may take (ISBN-10 and ISBN-13), the best first."""
    forms = [(part.text,) if part.is_mask else _piece_forms(field, part.text, rules) for part in parts]
    if not any(form[0] for part, form in zip(parts, forms, strict=True) if not part.is_mask):
        raise only_masks(piece)
    masks: dict[Pattern, None] = {}
    for number in range(max(len(form) for form in forms)):
        texts = [form[min(number, len(form) - 1)] for form in forms]
        pieces = (MaskPart(text, part.is_mask) for part, text in zip(parts, texts, strict=True))
        masks[Mask(tuple(part for part in pieces if part.text))] = None
    return masks


def _piece_forms(field: Field, text: str, rules: TextRules) -> tuple[str, ...]:
    """Forms of a piece of a value. A piece alone is often no value, then letters and digits have to do."""
    return normalised(field, text) or (_in_case_of(field, rules.table.fold(text)),)


def normalised(field: Field, text: str) -> tuple[str, ...]:
    """Forms under which a key field may hold the text, best first; none when it cannot."""
    return field.normalise(text) if field.normalise is not None else (text,)


def _in_case_of(field: Field, text: str) -> str:
    """The text in the letter case of the field's values, found out by trying a letter."""
    forms = normalised(field, "a"), normalised(field, "A")
    if forms == (("a",), ("a",)):
        return text.lower()
    return text.upper() if forms[0] == ("A",) else text


def only_masks(piece: Piece) -> MaskedWordTooShort:
    """The diagnostic (29) for a term of nothing but masks."""
    return MaskedWordTooShort(
        f"Position {piece.at}: a term of nothing but masks would match everything; write at least one letter or digit.",
        details="1",
        offset=piece.at,
    )


def plan_key_order(field: Field, piece: Piece, rules: TextRules) -> Plan | None:
    """`<`, `>`, `<=`, `>=` on an ordered key field. Raises: MaskNotSupported (28)."""
    forms = normalised(field, _without_masks(piece, rules))
    if not forms:
        return None
    relation = rules.reading.relation
    if relation in {">", ">="}:
        return KeyRange(field.name, forms[0], None, include_low=relation == ">=")
    return KeyRange(field.name, None, forms[0], include_high=relation == "<=")


def _without_masks(piece: Piece, rules: TextRules) -> str:
    parts = read_value(piece, rules.reading.masked)
    for part in parts:
        if part.is_mask:
            raise MaskNotSupported(
                f"Position {piece.at}: a value that is compared by order takes no masks; write \\{part.text} for the character.",
                details=part.text,
                offset=piece.at,
            )
    return "".join(part.text for part in parts)


def plan_interval(field: Field, index: Index, piece: Piece, rules: TextRules) -> Plan:
    """`=` on a number or date field. Raises: InvalidTerm (36), MaskNotSupported (28), MaskedWordTooShort (29)."""
    if rules.reading.fuzzy or rules.reading.regexp:
        name = "fuzzy" if rules.reading.fuzzy else "regexp"
        raise UnsupportedRelationForTerm(f"Position {piece.at}: modifier {name} cannot be used with dates and numbers.", offset=piece.at)
    parts = read_value(piece, rules.reading.masked)
    if any(part.is_mask for part in parts):
        intervals = _masked_intervals(field, index, parts, piece)
        return any_of([Range(field.name, each.low, each.high) for each in intervals])
    found = _interval(field, index, piece, rules)
    return Range(field.name, found.low, found.high)


def _interval(field: Field, index: Index, piece: Piece, rules: TextRules) -> Interval:
    text = _without_masks(piece, rules)
    if is_date(field, index):
        period = parse_period(text)
        if period is None:
            raise InvalidTerm(f"Position {piece.at}: {_shown(text)} is no date; write YYYY, YYYY-MM or YYYY-MM-DD.", offset=piece.at)
        return period.days() if field.kind == "date" else period.years()
    number = parse_number(text)
    if number is None:
        raise InvalidTerm(f"Position {piece.at}: {_shown(text)} is no whole number.", offset=piece.at)
    return number


def is_date(field: Field, index: Index) -> bool:
    """Whether terms are dates: by the index, or by the field when an index mixes them."""
    return "date" in {field.kind, index.kind}


def _shown(text: str) -> str:
    return f"`{text if len(text) <= 40 else text[:40] + '...'}`"


def _masked_intervals(field: Field, index: Index, parts: tuple[MaskPart, ...], piece: Piece) -> list[Interval]:
    """The printed form of a year or of a number matches the masks."""
    if all(part.is_mask for part in parts):
        raise only_masks(piece)
    literal = "".join(part.text for part in parts if not part.is_mask)
    if not (literal.isascii() and literal.isdecimal()):
        raise _mask_refused(piece, parts, "masks may stand only among the digits of a year or a number")
    if is_date(field, index):
        pattern = "".join({"*": "[0-9]*", "?": "[0-9]"}[part.text] if part.is_mask else part.text for part in parts)
        years = masked_years(re.compile(pattern))
        if field.kind == "date":
            years = [Interval(each.low * 10_000, each.high * 10_000 + 9_999) for each in years]
        intervals = years
    elif parts[0].is_mask or sum(not part.is_mask for part in parts) > 1:
        raise _mask_refused(piece, parts, "with numbers, masks may stand only at the end")
    else:
        masks = [part.text for part in parts[1:]]
        intervals = masked_numbers(literal, masks.count("?"), "*" in masks)
    if len(intervals) > _LONGEST_MASKED_LIST:
        raise _mask_refused(piece, parts, "this pattern leaves too many different values")
    return intervals


def _mask_refused(piece: Piece, parts: tuple[MaskPart, ...], reason: str) -> MaskNotSupported:
    mask = next(part.text for part in parts if part.is_mask)
    return MaskNotSupported(f"Position {piece.at}: {reason}.", details=mask, offset=piece.at)


def plan_order(field: Field, index: Index, piece: Piece, rules: TextRules) -> Plan:
    """`<`, `>`, `<=`, `>=` on a number or date field; a period is before another when all of it is. Raises as `_interval`."""
    found = _interval(field, index, piece, rules)
    match rules.reading.relation:
        case "<":
            return Range(field.name, None, found.low - 1)
        case "<=":
            return Range(field.name, None, found.high)
        case ">":
            return Range(field.name, found.high + 1, None)
        case _:
            return Range(field.name, found.low, None)


def plan_within(field: Field, index: Index, pieces: list[Piece], rules: TextRules) -> Plan:
    """`within "low high"`: some value lies between; with `partial` the record's range and the interval overlap."""
    low, high = (_interval(field, index, piece, rules) for piece in pieces)
    if rules.reading.partial and index.upper:
        return all_of((Range(lower_field(index), None, high.high), Range(index.upper, low.low, None)))
    return Range(field.name, low.low, high.high) if low.low <= high.high else NOTHING


def plan_encloses(field: Field, index: Index, piece: Piece, rules: TextRules) -> Plan:
    """The record's range contains all of the term's period; with `partial` some of it."""
    found = _interval(field, index, piece, rules)
    first, last = (found.high, found.low) if rules.reading.partial else (found.low, found.high)
    return all_of((Range(lower_field(index), None, first), Range(index.upper, last, None)))


def lower_field(index: Index) -> str:
    """The field that holds the beginning of the record's range."""
    return index.lower or index.fields[0].name
