"""What a run works with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from server.harvesting.checking import Repository
from server.harvesting.client import Client
from server.harvesting.listing import Listing
from server.harvesting.outcome import HarvestOutcome
from server.harvesting.planning import RunOptions
from server.harvesting.taking import Target
from server.source_settings import SourceSettings


class Watch(Protocol):
    """Is told how a run goes on."""

    def begin(self, what: str, expected: int | None) -> None:
        """A step begins; `expected`: number of items it will take, when it is known."""
        ...

    def advance(self, count: int) -> None:
        """So many items more have come."""
        ...


@dataclass(frozen=True, slots=True)
class Kit:
    """`target`: makes the target for a list, from its id and its outcome; `block`: items stored at a time."""

    pool: Any
    client: Client
    source: SourceSettings
    repository: Repository
    options: RunOptions
    watch: Watch
    target: Callable[[int, HarvestOutcome], Target]
    block: int = 1000

    def listing(
        self, verb: str, set_spec: str, since: str, until: str, *, token: str = "", cursor: int = 0, size: int | None = None
    ) -> Listing:
        """A list of our format; empty arguments are left out. With a token it goes on from there."""
        named = {"metadataPrefix": self.source.metadata_prefix, "from": since, "until": until, "set": set_spec}
        arguments = {name: value for name, value in named.items() if value}
        return Listing(self.client, verb, arguments, token=token, cursor=cursor, size=size)
