"""Cutting a stream of ISO 2709 into records, finding the way back after every kind of damage.

A declared length is believed only when the byte at its end is a record terminator; else the record ends at the next
terminator. So a wrong length never costs the records after it (indexing.md 1.1).
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, Protocol

RECORD_END = 0x1D
CHUNK_BYTES = 1 << 20
KEPT_OF_TOO_LARGE = 1 << 16
"""How much of a record over the limit goes to the quarantine file: enough to recognise it."""

_END = b"\x1d"
_FILLER = re.compile(rb"(?:[ \t\r\n\x00\x1a\x1d]|\xef\xbb\xbf)*")
_BLANKS = re.compile(rb" {1,5}\Z")
_LEADER = re.compile(rb"[0-9]{5}[\x20-\x7e]{7}[0-9]{5}[\x20-\x7e]{7}[0-9A-Za-z]{3}[0-9]{9}")
_CERTAIN_LEADER = re.compile(rb"[0-9]{5}[acdnp][a-z][a-z ][\x20-\x7e]{2}22[0-9]{5}[\x20-\x7e]{3}45[0 ]{2}[0-9A-Za-z]{3}[0-9]{9}")
_SHORTEST = 26
_LOOKAHEAD = 200_000
"""More than the longest length a leader can declare (99,999) and the leader behind it."""


class ByteStream(Protocol):
    """Anything bytes can be read from: a file, a pipe, a gzip file."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, none at the end."""
        ...


class Frame(NamedTuple):
    """The bytes of one record, and what is wrong with its frame ("" when it ends as it should)."""

    offset: int
    raw: bytes
    fault: Literal["", "truncated", "too-large"]


def frames(stream: ByteStream, max_record_bytes: int) -> Iterator[Frame]:
    """Every record of the stream in order. Filler between records (blanks, line ends, NUL, 0x1A, UTF-8 BOM) is left out.

    Memory: one chunk and one record. An incomplete last record is "truncated"; of a "too-large" one only the beginning is kept.
    """
    buffer, before, position, at_end = b"", 0, 0, False
    while True:
        size = len(buffer)
        try:
            while True:
                end = position + int(buffer[position : position + 5])
                if end > size or buffer[end - 1] != RECORD_END or buffer.find(_END, position, end) != end - 1 or end - position < _SHORTEST:
                    break
                if end - position > max_record_bytes:
                    break
                yield Frame(before + position, buffer[position:end], "")
                position = end
        except ValueError:
            pass
        start = _record_start(buffer, position)
        if size - start < _LOOKAHEAD and not at_end:
            before += position
            buffer, position, at_end = _more(stream, buffer[position:])
            continue
        if start == size:
            return
        end = _record_end(buffer, start)
        if end and end - start <= max_record_bytes:
            yield Frame(before + start, buffer[start:end], "")
            position = end
        elif end or size - start > max_record_bytes:
            yield Frame(before + start, buffer[start : start + KEPT_OF_TOO_LARGE], "too-large")
            if end:
                position = end
            else:
                buffer, passed, at_end = _after_next_end(stream)
                before, position = before + size + passed, 0
        elif at_end:
            yield Frame(before + start, buffer[start:], "truncated")
            return
        else:
            before += position
            buffer, position, at_end = _more(stream, buffer[position:])


def _more(stream: ByteStream, rest: bytes) -> tuple[bytes, int, bool]:
    """(what is left over and as much again from the stream, position 0, whether the stream is at its end)."""
    chunk = stream.read(max(CHUNK_BYTES, len(rest)))
    return rest + chunk, 0, not chunk


def _record_start(buffer: bytes, position: int) -> int:
    """First byte after the filler. Up to five blanks directly before something else than a digit may be a blank record length."""
    match = _FILLER.match(buffer, position)
    start = match.end() if match else position
    if start == len(buffer) or 0x30 <= buffer[start] <= 0x39:
        return start
    blanks = _BLANKS.search(buffer, max(position, start - 5), start)
    return blanks.start() if blanks else start


def _record_end(buffer: bytes, start: int) -> int:
    """Where the record that starts at `start` ends (index after its terminator), or 0 when no terminator is in the buffer."""
    first_end = buffer.find(_END, start) + 1
    declared = buffer[start : start + 5]
    if not first_end or not declared.isdigit():
        return first_end
    end = start + int(declared)
    if end < first_end and end - start >= _SHORTEST:
        for begin in (end, end - 1, end - 2):
            if _CERTAIN_LEADER.match(buffer, begin):
                return begin  # terminators were overwritten or dropped, and the next record stands where it should or right before
    if end <= first_end or end > len(buffer) or buffer[end - 1] != RECORD_END or _starts_record(buffer, first_end):
        return first_end
    return end


def _starts_record(buffer: bytes, position: int) -> bool:
    """Whether something that looks like a leader and a directory stands here, filler aside: then a terminator before it was one."""
    match = _FILLER.match(buffer, position)
    return bool(_LEADER.match(buffer, match.end() if match else position))


def _after_next_end(stream: ByteStream) -> tuple[bytes, int, bool]:
    """Reads on to the next terminator: (bytes after it, bytes passed over, whether the stream is at its end)."""
    passed = 0
    while chunk := stream.read(CHUNK_BYTES):
        end = chunk.find(_END) + 1
        if end:
            return chunk[end:], passed + end, False
        passed += len(chunk)
    return b"", passed, True
