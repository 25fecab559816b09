"""Cutting ISO 2709 into records: resynchronisation, filler, limits."""

from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.marc.framing import KEPT_OF_TOO_LARGE, Frame, frames

LIMIT = 1 << 20


def cut(data: bytes, limit: int = LIMIT) -> list[Frame]:
    return list(frames(BytesIO(data), limit))


def raws(data: bytes, limit: int = LIMIT) -> list[bytes]:
    return [frame.raw for frame in cut(data, limit)]


def test_sound_records_come_with_their_offsets(numbered: Callable[[int], bytes]):
    one, two = numbered(1), numbered(22)
    assert cut(one + two) == [Frame(0, one, ""), Frame(len(one), two, "")]


@pytest.mark.parametrize(
    "filler",
    [b"\n", b"\r\n", b"  ", b"\x00\x00", b"\x1a", b"\xef\xbb\xbf", b"\n \x00\x1a\r", b"\x1d"],
    ids=["lf", "crlf", "blanks", "nul", "dos-eof", "bom", "all", "stray-terminator"],
)
def test_filler_before_between_and_after_records_is_left_out(filler: bytes, numbered: Callable[[int], bytes]):
    one, two = numbered(1), numbered(2)
    assert raws(filler + one + filler + two + filler) == [one, two]


@pytest.mark.parametrize("length", [b"00000", b"99999", b"00020", b"abcde", b"00100", b"12345", b"0x1f2"])
def test_a_wrong_length_costs_nothing_and_never_the_records_after_it(length: bytes, numbered: Callable[[int], bytes]):
    one, two, three = numbered(1), numbered(2), numbered(3)
    wrong = length + two[5:]
    assert raws(one + wrong + three) == [one, wrong, three]


def test_a_length_that_covers_the_next_record_exactly_does_not_swallow_it(numbered: Callable[[int], bytes]):
    one, two = numbered(1), numbered(2)
    wrong = b"%05d" % (len(one) + len(two)) + one[5:]
    assert raws(wrong + two) == [wrong, two]


def test_a_blank_length_stays_part_of_the_leader(numbered: Callable[[int], bytes]):
    one, two = numbered(1), numbered(2)
    assert raws(one + b"\n     " + two[5:]) == [one, b"     " + two[5:]]


def test_an_overwritten_terminator_does_not_glue_two_records_together(numbered: Callable[[int], bytes]):
    one, two = numbered(1), numbered(2)
    assert raws(one[:-1] + b"?" + two) == [one[:-1] + b"?", two]


@pytest.mark.parametrize("dropped", [1, 2], ids=["record", "field and record"])
def test_terminators_that_were_dropped_do_not_glue_records_together(dropped: int, numbered: Callable[[int], bytes]):
    """indexing.md 8.1: every file with damaged frames gives the records after the damage."""
    one, two, three = numbered(1), numbered(2), numbered(3)
    assert raws(one[:-dropped] + two[:-dropped] + three) == [one[:-dropped], two[:-dropped], three]


def test_a_terminator_inside_data_is_data_when_the_length_says_so(raw_record: Callable[..., bytes], numbered: Callable[[int], bytes]):
    odd = raw_record([("001", b"1"), ("500", b"  \x1fastray \x1d terminator")])
    assert raws(odd + numbered(2)) == [odd, numbered(2)]


def test_the_incomplete_last_record_is_truncated(numbered: Callable[[int], bytes]):
    one, two = numbered(1), numbered(2)
    assert cut(one + two[:-9]) == [Frame(0, one, ""), Frame(len(one), two[:-9], "truncated")]


@pytest.mark.parametrize("with_length", [True, False])
def test_a_record_over_the_limit_costs_only_itself(with_length: bool, raw_record: Callable[..., bytes], numbered: Callable[[int], bytes]):
    huge = raw_record([("001", b"1"), ("500", b"  \x1fa" + b"x" * 9000)])
    huge = huge if with_length else b"xxxxx" + huge[5:]
    found = cut(numbered(1) + huge + numbered(2), limit=5000)
    assert [frame.fault for frame in found] == ["", "too-large", ""]
    assert found[2].raw == numbered(2)


def test_a_record_over_the_limit_and_over_the_buffer_is_passed_over(numbered: Callable[[int], bytes]):
    huge = b"99999" + b"x" * 5_000_000 + b"\x1d"
    found = cut(numbered(1) + huge + numbered(2), limit=100_000)
    assert [frame.fault for frame in found] == ["", "too-large", ""]
    assert len(found[1].raw) == KEPT_OF_TOO_LARGE
    assert found[2] == Frame(len(numbered(1)) + len(huge), numbered(2), "")


@pytest.mark.parametrize("data", [b"", b"\n", b"\x1a\x1a", b" \x1d "])
def test_nothing_but_filler_has_no_records(data: bytes):
    assert cut(data) == []


def test_records_are_found_across_chunks(numbered: Callable[[int], bytes]):
    record = numbered(7)
    count = 3 * (1 << 20) // len(record)
    found = cut(record * count)
    assert len(found) == count
    assert all(frame.raw == record and not frame.fault for frame in found)
    assert found[-1].offset == (count - 1) * len(record)


class Trickle:
    """A stream that gives less than it is asked for, as pipes do."""

    def __init__(self, data: bytes, step: int) -> None:
        self.stream, self.step = BytesIO(data), step

    def read(self, size: int, /) -> bytes:
        return self.stream.read(min(size, self.step))


@pytest.mark.parametrize("step", [1, 7, 100])
def test_a_trickling_pipe_gives_the_same_records(step: int, numbered: Callable[[int], bytes]):
    data = b"".join(numbered(i) for i in range(20))
    assert [frame.raw for frame in frames(Trickle(data, step), LIMIT)] == [numbered(i) for i in range(20)]


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_cut_without_loss(data: bytes):
    found = cut(data)
    position = 0
    for frame in found:
        assert frame.offset >= position
        assert data[frame.offset : frame.offset + len(frame.raw)] == frame.raw
        position = frame.offset + len(frame.raw)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_damage_in_one_record_leaves_its_neighbours_alone(data: st.DataObject):
    from_fields = [b"00054nam a2200037 i 4500001000800000\x1enumber%d\x1e\x1d" % i for i in range(3)]
    from_fields = [b"%05d" % len(raw) + raw[5:] for raw in from_fields]
    damaged = bytearray(from_fields[1])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(damaged) - 2))
        damaged[place] = data.draw(st.integers(0, 255))
    found = raws(from_fields[0] + bytes(damaged) + from_fields[2])
    assert found[0] == from_fields[0]
    assert found[-1] == from_fields[2]
