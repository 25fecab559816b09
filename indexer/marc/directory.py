"""Finding the fields of an ISO 2709 record whose base address, directory or lengths are wrong.

The directory is the authority for tags and order. Where its positions do not hold, fields are found by their terminators
(indexing.md 1.1); when there are more pieces than entries, pieces are put together so that the declared lengths fit best.
"""

import re
from collections.abc import Sequence
from itertools import accumulate

from indexer.marc.outcomes import BadRecord, Warned
from indexer.marc.tidying import warn

ENTRY = 12
LEADER = 24

_ENTRIES = re.compile(rb"(?:[0-9A-Za-z]{3}[0-9]{9})+")
_LONG_ENTRY = re.compile(rb"(?=([\x21-\x7e]{3})([0-9]{5})([0-9]{5}))")
_LONGER_START = re.compile(rb"(?=([\x21-\x7e]{3})([0-9]{4})([0-9]{6}))")
_USUAL_ENTRY = re.compile(rb"(?=([\x21-\x7e]{3})([0-9]{4})([0-9]{5}))")
_BOTH_LONG = re.compile(rb"(?=([\x21-\x7e]{3})([0-9]{5})([0-9]{6}))")
_MOST_ENTRIES = 1000
_MOST_EXTRA = 20
_MISFIT = 0.1
"""Share of the data by which declared lengths may be wrong; beyond it the directory belongs to another record."""

Fields = tuple[list[str], list[bytes]]


def dissect(raw: bytes, warnings: list[Warned]) -> tuple[bytes, list[str], list[bytes]]:
    """(leader, tags, bodies without terminators) of a record, whatever is wrong with base address, directory and lengths.

    Raises: BadRecord (no-leader, base-address, directory, no-fields).
    """
    content = raw.removesuffix(b"\x1d")
    end = content.find(b"\x1e")
    if end >= LEADER or (end < 0 and len(content) >= LEADER):
        for base in _bases(content, end):
            directory, data = content[LEADER : base - 1], content[base:]
            if not directory:
                raise BadRecord("no-fields", "The record has a leader but no fields.")
            fields = _at_their_places(directory, data) or _by_terminators(directory, data, warnings)
            if fields:
                if base != _declared(content) or content[base - 1] != 0x1E:
                    warn(warnings, "directory")
                return content[:LEADER], *fields
    start = _directory_start(content, end)
    fields = _at_their_places(content[start:end], content[end + 1 :]) if start < end else None
    if fields:
        warn(warnings, "leader")
        return _leader_before(content[:start]), *fields
    raise _unreadable(content, end)


def _directory_start(content: bytes, end: int) -> int:
    """Where the unbroken row of entries that ends at `end` starts; `end` itself when there is none."""
    start = end
    while start >= ENTRY and _ENTRIES.fullmatch(content, start - ENTRY, start):
        start -= ENTRY
    return start


def _leader_before(head: bytes) -> bytes:
    """The leader in what stands before the directory, which is more or less than 24 bytes."""
    for leader in (head[:LEADER], head[-LEADER:]):
        if leader[12:17].isdigit():
            return leader.ljust(LEADER)
    return head[-LEADER:].rjust(LEADER)


def _declared(content: bytes) -> int:
    return int(content[12:17]) if content[12:17].isdigit() else 0


def _bases(content: bytes, end: int) -> list[int]:
    """Where the data may start: where the leader says, if that can be, and behind the first field terminator."""
    declared = _declared(content)
    bases = []
    is_possible = LEADER < declared <= len(content) and declared % ENTRY == 1
    if is_possible and (content[declared - 1] == 0x1E or _ENTRIES.fullmatch(content, LEADER, declared - 1)):
        bases.append(declared)
    if end >= 0 and end + 1 not in bases:
        bases.append(end + 1)
    return bases


def _unreadable(content: bytes, end: int) -> BadRecord:
    """The reason that says most about a record of which nothing could be made."""
    declared = _declared(content)
    if len(content) < LEADER or 0 <= end < LEADER:
        return BadRecord("no-leader", f"There are {len(content):,} bytes without a leader of {LEADER}.")
    if end < 0 and not LEADER < declared <= len(content):
        return BadRecord(
            "base-address", "The base address lies outside the record, and no field terminator marks the end of the directory."
        )
    return BadRecord("directory", "The directory does not fit the fields, neither by its positions nor by their number.")


def _at_their_places(directory: bytes, data: bytes) -> Fields | None:
    """The fields where the directory says they are, or None unless every one starts and ends at a field terminator."""
    if len(directory) % ENTRY:
        return None
    tags: list[str] = []
    bodies: list[bytes] = []
    for position in range(0, len(directory), ENTRY):
        length, start = directory[position + 3 : position + 7], directory[position + 7 : position + ENTRY]
        if not (length.isdigit() and start.isdigit()):
            return None
        begin, end = int(start), int(start) + int(length)
        if end > len(data) or end <= begin or data[end - 1] != 0x1E or (begin and data[begin - 1] != 0x1E):
            return None
        tags.append(directory[position : position + 3].decode("latin-1"))
        bodies.append(_joined(data[begin : end - 1].split(b"\x1e")))
    return tags, bodies


def _by_terminators(directory: bytes, data: bytes, warnings: list[Warned]) -> Fields | None:
    """The fields in the order of the data, or None when their number does not fit the directory."""
    pieces = data.removesuffix(b"\x1e").split(b"\x1e")
    entries = _entries(directory)
    bodies: list[bytes] | None = pieces
    if len(pieces) > len(entries):
        bodies = _put_together(pieces, [length for _, length in entries])
    elif len(pieces) < len(entries):
        return None
    if bodies is None:
        return None
    warn(warnings, "directory")
    return [tag for tag, _ in entries], bodies


def _entries(directory: bytes) -> list[tuple[str, int]]:
    """(tag, declared length) of every entry; fields over 9,999 bytes or behind 99,999 may have made entries longer than 12 characters.

    A long entry gives itself away: only with it does its start continue where the field before it ended.
    """
    found: list[tuple[str, int]] = []
    position = expected = 0
    is_regular = len(directory) % ENTRY == 0
    while len(directory) - position >= ENTRY:
        entry, size = None, ENTRY
        for pattern, width in ((_USUAL_ENTRY, 12), (_LONG_ENTRY, 13), (_LONGER_START, 13), (_BOTH_LONG, 14)):
            entry = pattern.match(directory, position)
            if entry and int(entry[3]) == expected:
                size = width
                break
        if entry is None or int(entry[3]) != expected:
            if not is_regular:
                return []
            entry = _USUAL_ENTRY.match(directory, position)
        tag = directory[position : position + 3].decode("latin-1")
        length = int(entry[2]) if entry else 0
        expected = int(entry[3]) + length if entry else -1
        found.append((tag, length))
        position += size
    return found


def _put_together(pieces: Sequence[bytes], lengths: Sequence[int]) -> list[bytes] | None:
    """As many bodies as there are lengths, out of more pieces: the division in which the declared lengths are missed least.

    None when even that misses by more than a tenth of the data.
    """
    extra = len(pieces) - len(lengths)
    if not 0 < len(lengths) <= _MOST_ENTRIES or extra > _MOST_EXTRA:
        return None
    ends = list(accumulate((len(piece) + 1 for piece in pieces), initial=0))
    # misfits[used]: the least misfit of the fields so far when `used` extra pieces are spent on them.
    misfits = {0: 0}
    chosen: list[dict[int, int]] = []
    for number, length in enumerate(lengths):
        following: dict[int, int] = {}
        choice: dict[int, int] = {}
        for used, misfit in misfits.items():
            first = number + used
            for more in range(extra - used + 1):
                cost = misfit + abs(ends[first + 1 + more] - ends[first] - length)
                if cost < following.get(used + more, cost + 1):
                    following[used + more], choice[used + more] = cost, more
        misfits = following
        chosen.append(choice)
    if misfits[extra] > _MISFIT * ends[-1]:
        return None
    bodies: list[bytes] = []
    end = len(pieces)
    for choice in reversed(chosen):
        more = choice[extra]
        bodies.append(_joined(pieces[end - 1 - more : end]))
        end -= 1 + more
        extra -= more
    return bodies[::-1]


def _joined(pieces: Sequence[bytes]) -> bytes:
    """One body out of the pieces of a field that was cut by stray field terminators. Indicators of the later pieces are no data."""
    return b"".join([pieces[0], *(piece[2:] if piece[2:3] == b"\x1f" else b" " + piece for piece in pieces[1:])])
