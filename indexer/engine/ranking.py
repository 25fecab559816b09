"""Which searches have an order by relevance; both adapters agree on it, because callers choose an order by it."""

from typing import assert_never

from cql.plan import (
    AllOf,
    AnyOf,
    Everything,
    Exact,
    KeyRange,
    Near,
    Nothing,
    Phrase,
    Plan,
    Present,
    Range,
    Value,
    Without,
    Word,
)


def is_ranked(plan: Plan) -> bool:
    """Whether hits can differ in relevance: some exact word or phrase is asked for."""
    match plan:
        case Word(_, pattern):
            return isinstance(pattern, Exact)
        case Phrase():
            return not (plan.starts and plan.ends) and all(isinstance(word, Exact) for word in plan.words)
        case AllOf(parts) | AnyOf(parts):
            return any(is_ranked(part) for part in parts)
        case Without(base, _):
            return is_ranked(base)
        case Everything() | Nothing() | Near() | Value() | KeyRange() | Range() | Present():
            return False
        case _:
            assert_never(plan)
