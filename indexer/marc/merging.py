"""Putting together again what a source system split: consecutive physical records with one 001 (indexing.md 1.3)."""

from collections.abc import Iterator

from indexer.marc.outcomes import Outcome, Read, Rejected
from indexer.record import Record, is_control

_ITEM_TAGS = frozenset(
    f"{tag}"
    for tag in (*range(852, 856), *range(863, 869), *range(876, 879), 930, 945, 949, 952, 990, 995, 999, "AVA", "HLD", "HOL", "ITM")
)
"""Holdings and items of MARC 21, UNIMARC, Koha, Sirsi, Innovative and Alma: every part brings its own, and none is left out."""

_TITLES = {"marc21": "245", "unimarc": "200"}


def merge_same_id(outcomes: Iterator[Outcome], path: str, max_record_bytes: int) -> Iterator[Outcome]:
    """The same outcomes with every run of `Read` records of one 001 made into the first of them.

    Rejected and skipped records between the parts do not break a run. A part that would make the record larger than the limit
    is rejected ("too-large").
    """
    run: _Run | None = None
    for outcome in outcomes:
        if not isinstance(outcome, Read):
            yield outcome
        elif run is None or not run.goes_on_with(outcome):
            if run:
                yield run.first
            run = _Run(outcome)
        elif run.size + len(outcome.raw) > max_record_bytes:
            yield _too_large(outcome, path)
        else:
            run.add(outcome)
    if run:
        yield run.first


class _Run:
    """The first record of a run, growing."""

    def __init__(self, first: Read) -> None:
        self.first = first
        self.size = len(first.raw)
        self.known: set[tuple[str, str]] = set()

    def goes_on_with(self, part: Read) -> bool:
        """Whether `part` belongs to the same logical record."""
        number = self.first.identity.control_number
        return bool(number) and number == part.identity.control_number and self.first.record.kind == part.record.kind

    def add(self, part: Read) -> None:
        """Takes over the part's items, and those of its other fields that are new; main entry, title and leader stay the first one's."""
        record = self.first.record
        self.known = self.known or set(record.fields)
        for field in part.record.fields:
            if field[0] in _ITEM_TAGS or (field not in self.known and not _belongs_to_first(field, record)):
                record.fields.append(field)
                self.known.add(field)
        record.warnings += [word for word in part.record.warnings if word not in record.warnings]
        self.first.raw += part.raw
        self.size += len(part.raw)


def _belongs_to_first(field: tuple[str, str], record: Record) -> bool:
    """Whether the field is one that a record has only once: control fields, main entry and title."""
    tag, body = field
    main = tag in {"700", "710", "720"} if record.format == "unimarc" else tag[0] == "1"
    return is_control(tag, body) or main or tag == _TITLES[record.format]


def _too_large(part: Read, path: str) -> Rejected:
    detail = "With this part the record would be larger than the limit of the source."
    return Rejected(path, part.ordinal, part.offset, part.identity.record_id, "too-large", detail, part.raw)
