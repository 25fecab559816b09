"""Ids that come more than once in one load, found before anything is stored.

The last record with an id is the one that counts. An earlier one is *superseded*: it is stored only where there is none yet, so a
second run of the same files finds the last one in place and changes nothing.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from indexer.marc import SourceProfile, UnusableSource, preview

Source = Path | Literal["-"]

_BITS_PER_RECORD = 16


@dataclass(frozen=True, slots=True)
class FirstPass:
    """What is known of the sources before they are loaded, one entry per source; None for one that cannot be passed twice.

    `counts`: records. `superseded`: by ordinal - 1, 1 for a record whose id comes again later in the same load.
    """

    counts: tuple[int | None, ...]
    superseded: tuple[bytearray | None, ...]

    @property
    def expected(self) -> int | None:
        """Records of all sources together, or None when one is unknown."""
        known = [count for count in self.counts if count is not None]
        return sum(known) if len(known) == len(self.counts) else None

    def is_superseded(self, source: int, ordinal: int) -> bool:
        """Whether the record (source from 0, ordinal from 1) is followed by another one with its id."""
        flags = self.superseded[source]
        return flags is not None and ordinal <= len(flags) and bool(flags[ordinal - 1])


def first_pass(sources: Sequence[Source], profile: SourceProfile) -> FirstPass:
    """Passes over all files quickly, in memory of about 10 bytes per record.

    Standard input is unknown, and so is an unusable file, which is told when its turn comes.
    """
    ids = [None if source == "-" else _ids(source, profile) for source in sources]
    return FirstPass(tuple(None if one is None else len(one) for one in ids), superseded(ids))


def _ids(path: Path, profile: SourceProfile) -> "array[int]":
    try:
        return preview(path, profile).ids
    except UnusableSource:
        return array("Q")


def superseded(ids: Sequence["array[int] | None"]) -> tuple[bytearray | None, ...]:
    """Flags as in `FirstPass`, for the id hashes of each source (0: no id)."""
    repeated = _perhaps_repeated([one for one in ids if one is not None])
    seen_later: set[int] = set()
    flags = [None if one is None else bytearray(len(one)) for one in ids]
    for own, own_flags in zip(reversed(ids), reversed(flags), strict=True):
        if own is None or own_flags is None or not repeated:
            continue
        for place in range(len(own) - 1, -1, -1):
            value = own[place]
            if value in repeated:
                if value in seen_later:
                    own_flags[place] = 1
                seen_later.add(value)
    return tuple(flags)


def _perhaps_repeated(sources: Iterable["array[int]"]) -> set[int]:
    """All values that come more than once, and a few that do not: the bits of a table say what was perhaps seen before.

    A set of all values would need 100 bytes per record.
    """
    sources = list(sources)
    size = max(1024, sum(map(len, sources)) * _BITS_PER_RECORD)
    bits = bytearray(size // 8 + 1)
    repeated: set[int] = set()
    for own in sources:
        for value in own:
            if not value:
                continue
            place, bit = divmod(value % size, 8)
            if bits[place] >> bit & 1:
                repeated.add(value)
            else:
                bits[place] |= 1 << bit
    return repeated
