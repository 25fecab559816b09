"""The acceptance collection: which queries find which documents, and which are refused, against its own index profile."""

import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from cql.diagnostics import CqlError
from cql.indexes import ContextSet, Field, Index, IndexTable, Words
from cql.matcher import matches
from cql.outline import outline
from cql.parser import parse
from cql.planner import plan_query

ANYWHERE = {"serverchoice", "anywhere", "allindexes", "anyindexes", "keywords"}
TEXT = {"title", "creator", "subject", "description", "publisher", "series"}


def _words(text: str) -> Words:
    plain = unicodedata.normalize("NFKD", text)
    folded = "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
    return Words(tuple(re.findall(r"[^\W_]+", folded)))


def _isbn(text: str) -> tuple[str, ...]:
    digits = text.replace("-", "").replace(" ", "").upper()
    return (digits,) if re.fullmatch(r"\d{13}|\d{9}[\dX]", digits) else ()


def _index(name: str, described: dict) -> Index:
    kind = described["type"]
    local = name.partition(".")[2].lower()
    field_name = "anywhere" if local in ANYWHERE else "id" if kind == "id" else local
    scan = frozenset({"words", "values"}) if described.get("scan") else frozenset()
    sort = field_name if described.get("sort") else ""
    match kind:
        case "text":
            return Index(name, "text", (Field(field_name, "text", words=_words),), sort=sort, scan=scan)
        case "year":
            return Index(name, "date", (Field(field_name, "number"),), sort=sort, scan=scan)
        case "all" | "resultset":
            return Index(name, kind, ())
        case _:
            rules: dict[str, Callable[[str], tuple[str, ...]]] = {"isbn": _isbn, "code": lambda text: (text.lower(),)}
            field = Field(field_name, "key", normalise=rules.get(kind, lambda text: (text,)))
            return Index(name, "key", (field,), sort=sort, scan=scan)


@pytest.fixture(scope="module")
def profile(shared_data: Path) -> IndexTable:
    described = json.loads((shared_data / "cql" / "profile.json").read_text(encoding="utf-8"))
    by_name = {name.lower(): _index(name, each) for name, each in described["indexes"].items()}
    sets = tuple(ContextSet(name, tuple(identifiers)) for name, identifiers in described["context_sets"].items())
    return IndexTable(sets, by_name, ("dc", "cql", "bath", "bib", "rec"), lambda word: "".join(_words(word).tokens))


@pytest.fixture(scope="module")
def documents(shared_data: Path, make_view: Callable) -> dict[str, object]:
    views = {}
    for record in json.loads((shared_data / "cql" / "semantics-docs.json").read_text(encoding="utf-8"))["documents"]:
        text = {name: values for name, values in record.items() if name in TEXT}
        text["anywhere"] = [str(value) for name, values in record.items() if name != "id" for value in values]
        isbn = [form for value in record.get("isbn", ()) for form in _isbn(value)]
        keys = {"id": [record["id"]], "language": record["language"], "isbn": isbn}
        views[record["id"]] = make_view(text, keys=keys, numbers={"date": record["date"]})
    return views


def _lines(shared_data: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (shared_data / "cql" / name).read_text(encoding="utf-8").splitlines()]


def test_every_query_finds_exactly_its_documents(shared_data: Path, profile: IndexTable, documents: dict):
    cases = _lines(shared_data, "semantics.jsonl")
    assert len(cases) == 95
    for case in cases:
        plan = plan_query(parse(case["query"]), profile).plan
        found = sorted(number for number, view in documents.items() if matches(plan, view))
        assert found == sorted(case["hits"]), (case["id"], case["query"], outline(plan))


def test_every_unanswerable_query_gets_its_preferred_number(shared_data: Path, profile: IndexTable):
    cases = [case for case in _lines(shared_data, "invalid.jsonl") if case["level"] == "semantic"]
    assert len(cases) == 52
    for case in cases:
        with pytest.raises(CqlError) as caught:
            plan_query(parse(case["query"]), profile, resolve_result_set=lambda _: None)
        assert caught.value.number == case["diag"], (case["id"], case["query"], caught.value)
        assert caught.value.offset is not None
        assert caught.value.message.startswith("Position ")
