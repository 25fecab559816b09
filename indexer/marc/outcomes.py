"""What becomes of each record of a file: `Read`, `Rejected` or `Skipped`."""

from dataclasses import dataclass
from typing import Literal

from indexer.record import Record

Reason = Literal[
    "no-leader", "base-address", "directory", "truncated", "no-fields", "charset", "xml", "json", "too-large", "no-id", "unexpected",
    "refused",
]  # fmt: skip
"""Why a record is quarantined (indexing.md 1.1; three are ours: "json" is for MARC-in-JSON what "xml" is for MARCXML, "unexpected" is a
mistake of the loader that must not stop it, "refused" is stored, but the search engine does not take it in)."""

Warned = Literal[
    "charset",  # characters were lost: bytes that are none of the character set
    "charset-flag",  # leader/09 says something else than the bytes do
    "control-character",  # C1 control characters were taken out
    "leader",  # no leader, or one that is not 24 ASCII characters
    "directory",  # the directory is wrong; fields were found by their terminators
    "tag",  # a tag that is not three printable ASCII characters
    "subfield-code",  # a code outside 0-9a-z
    "no-subfield",  # data before the first subfield delimiter, kept as $a
    "element",  # an element without tag or code was left out (MARCXML, MARC-in-JSON)
]
"""The words that `Record.warnings` may hold."""


class BadRecord(Exception):
    """One record cannot be made sense of. `reason` is a code for counting, `detail` a sentence for a person."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a record is: its id in our database, its 001 (trimmed; empty when it has none) and whose number that is (003).

    `oai_number`: the number in the first of `SourceProfile.oai_from` that has one; empty where nothing is said.
    """

    record_id: str
    control_number: str
    control_org: str
    oai_number: str = ""


@dataclass(slots=True)
class Read:
    """A record that was read. `ordinal` counts every record of the file from 1, rejected and skipped ones too.

    `offset`: byte where it starts in the (decompressed) file, -1 when unknown. `raw`: the record's own bytes as found.
    """

    record: Record
    identity: Identity
    ordinal: int
    offset: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be indexed, for the quarantine file. `record_id` is empty when it could not be made out.

    `record`: what was read nevertheless (a record without a number, "no-id"), for those who want to look at it.
    """

    path: str
    ordinal: int
    offset: int
    record_id: str
    reason: Reason
    detail: str
    raw: bytes
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A sound record of a kind that is not indexed (leader/06 w classification, q community information)."""

    path: str
    ordinal: int
    record_id: str
    why: str


Outcome = Read | Rejected | Skipped
