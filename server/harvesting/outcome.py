"""What a run did, list by list."""

from dataclasses import dataclass, field

from server.loading.outcome import FileOutcome


@dataclass(slots=True)
class HarvestOutcome:
    """One list of one source. `file` counts its items as a load counts the records of a file.

    `how`: "full", "incremental", "resumed" or "nothing" (there was nothing to resume). `failure`: why it did not come to its end,
    one sentence, empty when it did. `refusals`: what was left undone because a person has to look at it. `repaired`: identifiers of
    records that held what XML forbids; `is_dry`: nothing was stored.
    """

    source: str
    set_spec: str = ""
    file: FileOutcome = field(default_factory=lambda: FileOutcome(""))
    how: str = "incremental"
    pages: int = 0
    took_s: float = 0.0
    failure: str = ""
    refusals: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    is_dry: bool = False

    def __post_init__(self) -> None:
        self.file.path = self.label

    @property
    def label(self) -> str:
        """Source and set as a person names them."""
        return f"{self.source} {self.set_spec}" if self.set_spec else self.source

    @property
    def skipped(self) -> int:
        """Items that were not newer, deleted and never had, of another type, or followed by another one with their id."""
        return self.file.skipped + self.file.superseded

    @property
    def is_complete(self) -> bool:
        """Whether everything was done, with nothing in error."""
        return not (self.failure or self.refusals or self.file.quarantined)

    def counts(self) -> dict[str, int]:
        """Counts by the names of `server.db.harvests.COUNTS`."""
        file = self.file
        return {
            "added": file.new, "updated": file.updated, "deleted": file.deleted, "unchanged": file.unchanged, "skipped": self.skipped,
            "in_error": file.quarantined, "pages": self.pages,
        }  # fmt: skip


def exit_code(outcomes: list[HarvestOutcome]) -> int:
    """0: all lists are complete; 2: none is; 1: some are, or records were set aside."""
    if all(one.is_complete for one in outcomes):
        return 0
    return 2 if all(one.failure for one in outcomes) else 1
