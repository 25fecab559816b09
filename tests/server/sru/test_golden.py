"""Requests with their answers as files, to be read in review.

`tests/golden/sru/NAME.request` holds an address, `NAME.xml` (or `.json`) the answer with line breaks. After a wanted change:
`HYLLA_WRITE_GOLDEN=1 pytest tests/server/sru/test_golden.py`, and read the difference.
"""

import os
from pathlib import Path

import orjson
import pytest
from lxml import etree

GOLDEN = Path(__file__).resolve().parent.parent.parent / "golden" / "sru"
CASES = sorted(GOLDEN.glob("*.request"))


def readable(answer) -> tuple[str, str]:
    """File ending and text of an answer, told line by line."""
    if "json" in answer.headers["Content-Type"]:
        return "json", orjson.dumps(orjson.loads(answer.body), option=orjson.OPT_INDENT_2).decode() + "\n"
    tree = etree.fromstring(answer.body).getroottree()
    status = etree.Comment(f" HTTP {answer.status}, {answer.headers['Content-Type']} ")
    tree.getroot().addprevious(status)
    return "xml", etree.tostring(tree, encoding="unicode", pretty_print=True)


def test_there_are_cases():
    assert len(CASES) > 15


@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
async def test_answers_are_those_of_the_files(ask, case):
    answer = await ask(case.read_text("utf-8").strip(), headers={"Host": "catalogue.example.org"})
    ending, text = readable(answer)
    file = case.with_suffix(f".{ending}") if "." not in case.stem else case.parent / f"{case.stem}.{ending}"
    if os.environ.get("HYLLA_WRITE_GOLDEN"):
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")
