"""The stored form of a record and its content hash."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.marc import SourceProfile, content_hash, decode, decode_json, decode_marcxml, pack, to_iso2709, to_json, to_marcxml, unpack
from indexer.record import Record

LEADER = "00000cam a2200000 i 4500"
ONE = Record(LEADER, [("001", "1"), ("245", "10\x1faÅ\x1fc\x98B\x9c"), ("500", "  \x1fa")])
PLAIN = SourceProfile(format="marc21")


def without_lengths(record: Record) -> tuple[str, list[tuple[str, str]], str, str]:
    return record.leader[5:12] + record.leader[17:], record.fields, record.format, record.kind


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.parametrize("is_large", [False, True])
def test_unpacking_gives_back_what_was_packed(any_records: st.SearchStrategy[Record], is_large: bool, data: st.DataObject):
    record = data.draw(any_records)
    record.kind, record.format = "authority", "unimarc"
    if is_large:
        record.fields += [("500", "1\t\x1f&" + "x<" * 6000), ("501", "  "), ("00?", "& control")]
    packed, form = pack(record)
    assert form == ("marcxml" if is_large else "iso2709")
    again = unpack(packed, form, record.format, record.kind)
    assert without_lengths(again) == without_lengths(record)
    assert content_hash(again) == content_hash(record)


def test_the_hash_is_the_same_from_every_form():
    hashes = {
        content_hash(decode(to_iso2709(ONE), PLAIN)),
        content_hash(decode_marcxml(to_marcxml(ONE), PLAIN)),
        content_hash(decode_json(orjson.loads(orjson.dumps(to_json(ONE))), PLAIN)),
        content_hash(replace(ONE, leader="99999" + LEADER[5:12] + "88888" + LEADER[17:])),
    }
    assert hashes == {content_hash(ONE)}
    assert len(content_hash(ONE)) == 16


@pytest.mark.parametrize(
    "changed",
    [
        replace(ONE, leader=LEADER.replace("c", "d", 1)),
        replace(ONE, fields=ONE.fields[::-1]),
        replace(ONE, fields=ONE.fields[:-1]),
        replace(ONE, fields=[*ONE.fields[:1], ("245", "11\x1faÅ\x1fc\x98B\x9c"), ONE.fields[2]]),
        replace(ONE, fields=[*ONE.fields[:1], ("246", ONE.fields[1][1]), ONE.fields[2]]),
        replace(ONE, fields=[("001", "1\x1e245"), ("10\x1f", "aÅ\x1fc\x98B\x9c"), ONE.fields[2]]),
    ],
)
def test_every_change_of_content_changes_the_hash(changed: Record):
    assert content_hash(changed) != content_hash(ONE)


def test_leader_9_of_marc_21_does_not_count():
    raw = to_iso2709(ONE)
    assert content_hash(decode(raw[:9] + b" " + raw[10:], PLAIN)) == content_hash(ONE)
