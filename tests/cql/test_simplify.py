"""Plans in their simplest form."""

import pytest

from cql.plan import AllOf, AnyOf, Everything, Exact, Nothing, Plan, Range, Without, Word
from cql.simplify import depth, simplify

A, B, C, D = (Word("t", Exact(letter)) for letter in "abcd")


@pytest.mark.parametrize(
    ("plan", "simple"),
    [
        (AllOf((A, AllOf((B, AllOf((C,)))))), AllOf((A, B, C))),
        (AnyOf((AnyOf((A, B)), AnyOf((B, C)))), AnyOf((A, B, C))),
        (AllOf((A, A)), A),
        (AllOf((A, Everything())), A),
        (AllOf((A, Nothing())), Nothing()),
        (AnyOf((A, Everything())), Everything()),
        (AnyOf((A, Nothing())), A),
        (Without(A, Nothing()), A),
        (Without(A, Everything()), Nothing()),
        (Without(A, A), Nothing()),
        (Without(AllOf((A, B)), AllOf((A, B))), Nothing()),
        (Without(Without(A, B), C), Without(A, AnyOf((B, C)))),
        (AllOf((Without(A, B), C, Without(AllOf((D, A)), C))), Without(AllOf((A, C, D)), AnyOf((B, C)))),
        (AllOf((Without(Everything(), B), C)), Without(C, B)),
        (AnyOf((AllOf((A, B)), AllOf((A, B)), C)), AnyOf((AllOf((A, B)), C))),
        (Range("n", 2, 1), Nothing()),
        (AnyOf((A, Range("n", 2, 1))), A),
    ],
)
def test_each_rule(plan: Plan, simple: Plan):
    assert simplify(plan) == simple


def test_depth_counts_levels():
    assert depth(A) == 1
    assert depth(AllOf((A, Without(B, AnyOf((C, D)))))) == 4


def test_very_deep_plans_do_not_need_the_call_stack():
    plan: Plan = A
    for _ in range(5000):
        plan = AnyOf((B, AllOf((C, plan))))
    assert depth(simplify(plan)) == 10_001
