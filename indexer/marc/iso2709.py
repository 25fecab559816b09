"""One ISO 2709 record: bytes -> `Record` and back.

Sound records take the quick way: one decoding, one split on field terminators, tags from the directory, and a few searches over
the whole text that tell whether anything is odd. Only odd records are looked at field by field.
"""

from itertools import accumulate

from indexer.marc.charsets import text_of
from indexer.marc.directory import ENTRY, LEADER, dissect
from indexer.marc.identity import classify
from indexer.marc.outcomes import BadRecord, Warned
from indexer.marc.profile import SourceProfile
from indexer.marc.tidying import is_tidy, tidy_fields, tidy_leader, warn
from indexer.record import Format, Kind, Record

MAX_RECORD = 99_999
"""Five digits of leader/00-04."""
MAX_FIELD = 9_999
"""Four digits of a directory entry's length, field terminator included."""

_MOST_FIELDS = 2048
_TAG_SLICES = [slice(i, i + 3) for i in range(0, ENTRY * _MOST_FIELDS, ENTRY)]
_START_SLICES = [slice(i + 7, i + 12) for i in range(0, ENTRY * _MOST_FIELDS, ENTRY)]


class DoesNotFit(Exception):
    """A record or one of its fields is too long for ISO 2709; the sentence says which."""


def decode(raw: bytes, profile: SourceProfile) -> Record:
    """The record in these bytes (leader to record terminator), classified, with its warnings.

    Raises: BadRecord with one of the reasons no-leader, base-address, directory, no-fields, charset.
    """
    record = _quickly(raw, profile) or _carefully(raw, profile)
    classify(record, profile)
    return record


def _quickly(raw: bytes, profile: SourceProfile) -> Record | None:
    """The record if nothing about it is odd, else None."""
    try:
        base = int(raw[12:17])
        head = raw[:base].decode("ascii")
    except ValueError:
        return None
    count, odd = divmod(base - LEADER - 1, ENTRY)
    if odd or not 0 < count < _MOST_FIELDS or raw[base - 1 : base] != b"\x1e" or raw[-2:] != b"\x1e\x1d":
        return None
    directory = head[LEADER:]
    starts = list(map(directory.__getitem__, _START_SLICES[:count]))
    if starts != sorted(starts):
        return None
    tags = list(map(directory.__getitem__, _TAG_SLICES[:count]))
    leader = head[:LEADER]
    text, warnings = text_of(raw[base - 1 : -1], raw, tags, profile)
    bodies = text.split("\x1e")
    if len(bodies) != count + 2 or not head[:-1].isprintable():
        return None
    fields = list(zip(tags, bodies[1:-1], strict=True))
    if " " in directory or not is_tidy(fields, text):
        return None
    return Record(leader, fields, warnings=list(warnings))


def _carefully(raw: bytes, profile: SourceProfile) -> Record:
    """The record as far as it can be made out, field by field."""
    warnings: list[Warned] = []
    leader, tags, bodies = dissect(raw, warnings)
    data = b"\x1e" + b"".join(body.replace(b"\x1d", b" ") + b"\x1e" for body in bodies)
    text, lost = text_of(data, leader, tags, profile)
    texts = text.split("\x1e")[1:-1]
    if len(texts) != len(tags):
        raise BadRecord("charset", "The record is not in the character set that the source is said to have.")
    for word in lost:
        warn(warnings, word)
    fields = tidy_fields(zip(tags, texts, strict=True), warnings)
    return Record(tidy_leader(leader.decode("latin-1"), warnings), fields, warnings=list(warnings))


def to_iso2709(record: Record) -> bytes:
    """The record in UTF-8 with right lengths; leader/09 is "a" (in UNIMARC it stays: 100$a/26-29 tells there).

    Raises: DoesNotFit when the record is longer than 99,999 bytes or a field longer than 9,999.
    """
    fields = record.fields
    data = "".join([f"{body}\x1e" for _, body in fields])
    sizes = [len(body) + 1 for _, body in fields] if data.isascii() else [len(body.encode()) + 1 for _, body in fields]
    if sizes and max(sizes) > MAX_FIELD:
        tag = fields[sizes.index(max(sizes))][0]
        raise DoesNotFit(f"Field {tag} has {max(sizes):,} bytes; ISO 2709 has room for {MAX_FIELD:,}.")
    base = LEADER + ENTRY * len(sizes) + 1
    size = base + sum(sizes) + 1
    if size > MAX_RECORD:
        raise DoesNotFit(f"The record has {size:,} bytes; ISO 2709 has room for {MAX_RECORD:,}.")
    starts = accumulate(sizes, initial=0)
    directory = "".join([f"{tag}{length:04d}{start:05d}" for (tag, _), length, start in zip(fields, sizes, starts, strict=False)])
    leader = record.leader
    coding = leader[9] if record.format == "unimarc" else "a"
    return f"{size:05d}{leader[5:9]}{coding}22{base:05d}{leader[17:24]}{directory}\x1e{data}\x1d".encode()


def decode_own(data: bytes, form: Format, kind: Kind) -> Record:
    """The record that `to_iso2709` wrote: no checks, no guesses."""
    text = data.decode()
    base = int(text[12:17])
    directory = text[LEADER : base - 1]
    tags = [directory[i : i + 3] for i in range(0, len(directory), ENTRY)]
    bodies = text[base:-2].split("\x1e") if tags else []
    return Record(text[:LEADER], list(zip(tags, bodies, strict=True)), form, kind)
