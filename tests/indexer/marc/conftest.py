"""Small records made by hand, and strategies that make random ones, for the tests of the MARC reader and writer."""

import unicodedata
from collections.abc import Callable, Sequence

import pytest
from hypothesis import strategies as st

from indexer.record import Record

TEXT_CHARACTERS = (
    "abc XYZ019.,;:/[]()-=|@#%&<>\"'\\$\t\x98\x9cåäöÅÑßøłéẖʻ\u0301\u0323\u0308\ufe20\ufe21Жя한국東京ء\u200fא\u200d😀\U0001d11e"
)
"""Letters of many scripts, marks that may come first, markup, and the controls that stay (tab, ends of non-sorting text)."""

TEXT = st.text(TEXT_CHARACTERS, max_size=12).map(lambda text: unicodedata.normalize("NFC", text)).filter(lambda text: "&#x" not in text)
USUAL_CODES = "0123456789abcdefghijklmnopqrstuvwxyz"
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def make_raw(fields: Sequence[tuple[str, bytes]], leader: bytes = b"00000nam a2200000 i 4500", length: int | None = None) -> bytes:
    """An ISO 2709 record with right lengths (or the `length` given) around bodies as they are."""
    directory, data = b"", b""
    for tag, body in fields:
        directory += b"%s%04d%05d" % (tag.encode(), len(body) + 1, len(data))
        data += body + b"\x1e"
    base = 24 + len(directory) + 1
    size = base + len(data) + 1 if length is None else length
    return b"%05d%b%05d%b" % (size, leader[5:12], base, leader[17:24]) + directory + b"\x1e" + data + b"\x1d"


def make_records(tags: st.SearchStrategy[str], indicators: str, codes: str, *, sorted_fields: bool) -> st.SearchStrategy[Record]:
    """Records that keep the rules of `indexer.record`, with a 001 and at least one data field."""
    subfield = st.tuples(st.sampled_from(codes), TEXT).map("".join)
    indicator_pair = st.text(indicators, min_size=2, max_size=2)
    body = st.builds(lambda pair, parts: "\x1f".join([pair, *parts]), indicator_pair, st.lists(subfield, min_size=1, max_size=4))
    data = st.tuples(tags, body)
    control = st.tuples(st.sampled_from(["003", "005", "008"]), TEXT)
    rest = st.lists(control, max_size=2) if sorted_fields else st.lists(control | data, max_size=4)

    def made(number: str, first: list[tuple[str, str]], last: list[tuple[str, str]]) -> Record:
        return Record("00000cam a2200000 i 4500", [("001", f"id {number}"), *first, *last])

    return st.builds(made, TEXT, rest, st.lists(data, min_size=1, max_size=5))


@pytest.fixture(scope="session")
def raw_record() -> Callable[..., bytes]:
    """Makes an ISO 2709 record, see `make_raw`."""
    return make_raw


@pytest.fixture(scope="session")
def numbered() -> Callable[[int], bytes]:
    """A sound record with this control number."""
    return lambda number: make_raw([("001", b"n%d" % number), ("245", b"10\x1faTitle %d" % number)])


@pytest.fixture(scope="session")
def any_records() -> st.SearchStrategy[Record]:
    """Records as the readers deliver them: control fields anywhere, any printable tag, indicator and code."""
    return make_records(st.text(PRINTABLE, min_size=3, max_size=3), PRINTABLE + " ", USUAL_CODES + PRINTABLE, sorted_fields=False)


@pytest.fixture(scope="session")
def legal_records() -> st.SearchStrategy[Record]:
    """Records that the MARCXML schema allows as they are."""
    legal_codes = USUAL_CODES + PRINTABLE.replace("@", "").replace("|", "")
    return make_records(
        st.sampled_from(["010", "099", "100", "245", "650", "999", "ABC", "9xy", "0Z9"]), USUAL_CODES + " ", legal_codes, sorted_fields=True
    )
