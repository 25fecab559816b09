"""Queries with their trees and plans as files, to be read in review.

`tests/golden/cql/TOPIC/NN.cql` holds a query, `NN.tree` its tree as JSON and `NN.plan` its plan. After a wanted change:
`HYLLA_WRITE_GOLDEN=1 pytest tests/cql/test_golden.py`, and read the difference.
"""

import json
import os
from pathlib import Path

import pytest

from cql.indexes import IndexTable
from cql.outline import outline
from cql.parser import parse
from cql.planner import Planned, plan_query
from cql.tree import to_dict

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "cql"
CASES = sorted(GOLDEN.glob("*/*.cql"))


def _shown(planned: Planned) -> str:
    lines = [outline(planned.plan)]
    for key in planned.sort:
        lines.append(f"sort: {key.field} {'descending' if key.descending else 'ascending'}, missing {key.missing}")
    if planned.fails_on is not None:
        lines.append(f"fails on: {outline(planned.fails_on)}")
    lines.append(f"relevance: {'yes' if planned.relevance else 'no'}")
    return "\n".join(lines) + "\n"


def test_there_are_cases():
    assert len(CASES) > 90


@pytest.mark.parametrize("case", CASES, ids=[f"{case.parent.name}-{case.stem}" for case in CASES])
def test_tree_and_plan_are_those_of_the_files(case: Path, table: IndexTable):
    query = parse(case.read_text(encoding="utf-8").removesuffix("\n"))
    tree = json.dumps(to_dict(query), ensure_ascii=False, indent=1) + "\n"
    plan = _shown(plan_query(query, table))
    if os.environ.get("HYLLA_WRITE_GOLDEN"):
        case.with_suffix(".tree").write_text(tree, encoding="utf-8")
        case.with_suffix(".plan").write_text(plan, encoding="utf-8")
    assert tree == case.with_suffix(".tree").read_text(encoding="utf-8")
    assert plan == case.with_suffix(".plan").read_text(encoding="utf-8")
