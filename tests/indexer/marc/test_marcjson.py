"""MARC-in-JSON, written and read."""

import contextlib
import json
from io import BytesIO
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.marc import BadRecord, SourceProfile, decode_json, to_json
from indexer.marc.marcjson import JsonRecord, json_records
from indexer.record import Record

LIMIT = 1 << 20
AUTO = SourceProfile()


def record(number: Any = "1", **more: Any) -> dict[str, Any]:
    return {"leader": "00000nam a2200000 i 4500", "fields": [{"001": number}], **more}


def found(text: str | bytes, limit: int = LIMIT) -> list[JsonRecord]:
    return list(json_records(BytesIO(text if isinstance(text, bytes) else text.encode()), limit))


def numbers(records: list[JsonRecord]) -> list[str]:
    return [one.content.reason if isinstance(one.content, BadRecord) else one.content["fields"][0]["001"] for one in records]


A, B = json.dumps(record('a{}\\"')), json.dumps(record("b"))


@pytest.mark.parametrize(
    "text",
    [
        f"[{A},{B}]",
        f"[\n{A},\n{B}\n]\n",
        f"{A}\n{B}\n",
        f"{A}\r\n{B}",
        f"{A}{B}",
        f"{A} {B}",
        "\ufeff" + f"{A}\n\n{B}",
        json.dumps([json.loads(A), json.loads(B)], indent=2),
        f"\x1e{A}\n\x1e{B}\n",
    ],
    ids=["array", "array-lines", "jsonl", "crlf", "touching", "blank", "bom", "indented", "rfc7464"],
)
def test_every_arrangement_is_read(text: str):
    records = found(text)
    assert numbers(records) == ['a{}\\"', "b"]
    assert all(text.encode()[one.offset : one.offset + len(one.raw)] == one.raw for one in records)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'{B}\n{{"leader": "broken}}\n{B}\n', ["b", "json", "b"]),
        (f'{B}\n{{"leader": "x", "fields": [}}\n{B}\n', ["b", "json", "b"]),
        (f"{B}\nnonsense\n{B}\n", ["b", "json", "b"]),
        (f"[{B},{A[:-9]}", ["b", "json"]),
        (f"[{B},{A[:-30]},{B}]", ["b", "json", "b"]),
    ],
)
def test_after_a_broken_record_the_next_one_is_read(text: str, expected: list[str]):
    assert numbers(found(text)) == expected


def test_what_strict_json_forbids_is_let_through():
    raw = b'{"leader": "00000nam a2200000 i 4500", "fields": [{"001": "1\ttab"}, {"500": {"subfields": [{"a": "\xff\\ud800\\u0007x"}]}}]}'
    (one,) = found(raw)
    assert isinstance(one.content, dict)
    assert decode_json(one.content, AUTO).fields == [("001", "1\ttab"), ("500", "  \x1fa\ufffdx")]


def test_a_record_over_the_limit_costs_only_itself():
    big = json.dumps(record("x" * 5000))
    assert numbers(found(f"{B}\n{big}\n{B}", limit=2000)) == ["b", "too-large", "b"]


@pytest.mark.parametrize(
    ("content", "fields", "warnings"),
    [
        ({"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "A"}, {"b": "B"}]}}, ("245", "10\x1faA\x1fbB"), []),
        ({"245": {"subfields": [{"a": "A", "b": "B"}]}}, ("245", "  \x1faA\x1fbB"), []),
        ({"245": {"ind1": None, "ind2": "", "subfields": [{"a": None}, {"b": 7}]}}, ("245", "  \x1fa\x1fb7"), []),
        ({"245": {"ind1": "1", "ind2": "0", "subfields": None}}, ("245", "10"), []),
        ({"245": {"ind1": "1", "ind2": "0", "subfields": ["x", {"": "y"}, {"a": "A"}]}}, ("245", "10\x1faA"), ["element"]),
        ({"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "x\x1fb\x1ey\x1d"}]}}, ("245", "10\x1faxby"), []),
        ({"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "e\u0301\n x"}]}}, ("245", "10\x1faé x"), []),
        ({"245": "text"}, ("245", "  \x1fatext"), ["no-subfield"]),
        ({"42": {"subfields": [{"a": "x"}]}}, ("042", "  \x1fax"), ["tag"]),
        ({"008": 20}, ("008", "20"), []),
    ],
)
def test_fields_are_read(content: dict[str, Any], fields: tuple[str, str], warnings: list[str]):
    read = decode_json({"leader": "00000nam a2200000 i 4500", "fields": [content]}, AUTO)
    assert read.fields == [fields]
    assert read.warnings == warnings


@pytest.mark.parametrize(
    ("content", "reason"),
    [({}, "json"), ({"fields": "x"}, "json"), ({"fields": []}, "no-fields"), ({"fields": [1, {}, {"": "x"}]}, "no-fields")],
)
def test_what_is_no_record_is_refused(content: dict[str, Any], reason: str):
    with pytest.raises(BadRecord) as caught:
        decode_json(content, AUTO)
    assert caught.value.reason == reason


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_record_survives_json(any_records: st.SearchStrategy[Record], data: st.DataObject):
    record = data.draw(any_records)
    again = decode_json(orjson.loads(orjson.dumps(to_json(record))), SourceProfile(format="marc21"))
    assert again.fields == record.fields
    assert again.leader == record.leader


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_random_damage_never_raises(data: st.DataObject):
    text = bytearray(f"[{A},\n{B}]".encode())
    for _ in range(data.draw(st.integers(1, 5))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    for one in found(bytes(text)):
        if isinstance(one.content, dict):
            with contextlib.suppress(BadRecord):
                assert decode_json(one.content, AUTO).fields
