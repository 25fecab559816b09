"""A plan as indented text, one node a line, for people: explanations and golden files."""

from typing import assert_never

from cql.plan import (
    AllOf,
    AnyOf,
    Everything,
    Exact,
    Fuzzy,
    KeyRange,
    Mask,
    Near,
    Nothing,
    Pattern,
    Phrase,
    Plan,
    Present,
    Range,
    Regexp,
    Stemmed,
    Value,
    Without,
    Word,
)


def outline(plan: Plan) -> str:
    """The plan, one node a line, two blanks deeper for each level.

    Literals stand in double quotes, masks outside of them: `title: word "ree"*`.
    """
    lines: list[str] = []
    todo: list[tuple[Plan, int]] = [(plan, 0)]
    while todo:
        node, level = todo.pop()
        lines.append("  " * level + _line(node))
        match node:
            case AllOf(parts) | AnyOf(parts):
                todo += [(part, level + 1) for part in reversed(parts)]
            case Without(base, minus):
                todo += [(minus, level + 1), (base, level + 1)]
            case _:
                pass
    return "\n".join(lines)


def _line(plan: Plan) -> str:
    match plan:
        case Everything():
            return "everything"
        case Nothing():
            return "nothing"
        case AllOf():
            return "all of"
        case AnyOf():
            return "any of"
        case Without():
            return "first without second"
        case Word(name, pattern):
            return f"{name}: word {_pattern(pattern)}"
        case Phrase():
            return f"{plan.field}: {_phrase(plan)}"
        case Near():
            return _near(plan)
        case Value(name, pattern):
            return f"{name}: value {_pattern(pattern)}"
        case KeyRange():
            return f"{plan.field}: {_key_range(plan)}"
        case Range(name, low, high):
            return f"{name}: {'' if low is None else low} to {'' if high is None else high}".rstrip().replace(":  ", ": ")
        case Present(name):
            return f"{name}: present"
        case _:
            assert_never(plan)


def _pattern(pattern: Pattern) -> str:
    match pattern:
        case Exact(text):
            return f'"{text}"'
        case Mask(parts):
            return "".join(part.text if part.is_mask else f'"{part.text}"' for part in parts)
        case Fuzzy(text, distance):
            return f'"{text}"~{distance}'
        case Regexp(source):
            return f"/{source}/"
        case Stemmed(stem, beginning, language):
            return f'stem "{stem}" ({language}, "{beginning}"...)'
        case _:
            assert_never(pattern)


def _phrase(phrase: Phrase) -> str:
    words = " ".join(_pattern(word) for word in phrase.words)
    return f"phrase {'^ ' if phrase.starts else ''}{words}{' ^' if phrase.ends else ''}"


def _near(near: Near) -> str:
    left, right = (" or ".join(_phrase(phrase) for phrase in side) for side in (near.left, near.right))
    most = "any" if near.maximum is None else near.maximum
    order = "before" if near.ordered else "near"
    return f"{near.field}: ({left}) {order} ({right}), distance {near.minimum} to {most}"


def _key_range(plan: KeyRange) -> str:
    low = "" if plan.low is None else f'{">=" if plan.include_low else ">"} "{plan.low}"'
    high = "" if plan.high is None else f'{"<=" if plan.include_high else "<"} "{plan.high}"'
    return " and ".join(part for part in (low, high) if part)
