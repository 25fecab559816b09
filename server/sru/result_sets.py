"""Result sets: searches with a name, kept nowhere (section 10).

An id is the search itself, written down and signed: database, query, sort keys, and the second until which it is good; deflated,
followed by the first 16 bytes of its HMAC-SHA-256, in base64url without padding. Nobody can make an id without the secret of
the server, and nobody can guess one.

Our decision, because the page asks that an id finds the set of its search in the order of its search, and not that the hits are
frozen: nothing is stored. So an id is good in every process of the server and after a restart, and a million of them cost nothing.
The price: a set follows the catalogue (a record that is loaded in between comes or goes, as it does for who pages without sets);
the time granted runs from the making of the id, and every answer says what is left of it; a search that would need an id longer
than `LONGEST_ID` gets none, and is told so.

A query with sets in it may be a set again. Within a signed query the ids are taken as they are, expired or not, so a set is good
as long as it says itself.
"""

import base64
import binascii
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from cql.plan import AllOf, Everything
from cql.planner import Planned
from server.auth.secrets import Secrets
from server.catalogue import Catalogue

VERSION = 1
MARK_BYTES = 16
LONGEST_ID = 4_000
"""Characters of an id that still fit into addresses (servers take 8,000) together with a query around them."""
MOST_LEVELS = 20
"""How deep sets may be made of sets, so that reading one is a short recursion."""
_RAW_DEFLATE = -15


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """What an id says. `query` is CQL to the letter; `expires`: seconds since 1970; `level`: 1, or one more than the sets in it."""

    database: str
    query: str
    sort_keys: str
    expires: int
    level: int = 1


@dataclass(frozen=True, slots=True)
class ResultSets:
    """Writes and reads ids. `longest_s`: most seconds that a set is kept; 0: there are none. `longest_id`: characters."""

    secrets: Secrets
    longest_s: int
    longest_id: int = LONGEST_ID
    clock: Callable[[], float] = time.time

    def now(self) -> int:
        """Seconds since 1970."""
        return int(self.clock())

    def write(self, kept: KeptSearch) -> str | None:
        """The id of a search, or None when it would be too long, or too deep."""
        payload = orjson.dumps([VERSION, kept.database, kept.query, kept.sort_keys, kept.expires, kept.level])
        squeezer = zlib.compressobj(9, zlib.DEFLATED, _RAW_DEFLATE)
        body = squeezer.compress(payload) + squeezer.flush()
        name = _encoded(body + self.secrets.mark("result-set", body)[:MARK_BYTES])
        return name if len(name) <= self.longest_id and kept.level <= MOST_LEVELS else None

    def read(self, name: str) -> KeptSearch | None:
        """The search of an id that was made by this server, expired or not; None for any other text."""
        if len(name) > LONGEST_ID or not name.isascii():
            return None
        try:
            data = base64.b64decode(name + "=" * (-len(name) % 4), altchars=b"-_", validate=True)
        except binascii.Error:
            return None
        body, mark = data[:-MARK_BYTES], data[-MARK_BYTES:]
        # Base64 has several spellings for some bytes; an id has one.
        if _encoded(data) != name or not self.secrets.is_marked("result-set", body, mark, MARK_BYTES):
            return None
        version, *values = orjson.loads(zlib.decompress(body, _RAW_DEFLATE))
        return KeptSearch(*values) if version == VERSION else None


@dataclass(slots=True)
class SetReader:
    """The result sets of one request: from an id to what it asks; each set is read once.

    `level`: the deepest set that was named. Reading one raises what planning its query raises: after a change of the field table it
    may name an index that is gone.
    """

    sets: ResultSets
    catalogue: Catalogue
    database: str
    schema_names: tuple[str, ...]
    level: int = 0
    _known: dict[tuple[str, bool], Planned | None] = field(default_factory=dict)

    def __call__(self, name: str) -> Planned | None:
        """What the set of an id asks; None when there is no such set in this database, or no longer."""
        return self._planned(name, nested=False)

    def seconds_left(self, name: str) -> int:
        """Seconds for which an id is good; 0 when it is not."""
        kept = self.sets.read(name)
        return max(kept.expires - self.sets.now(), 0) if kept else 0

    def _nested(self, name: str) -> Planned | None:
        return self._planned(name, nested=True)

    def _planned(self, name: str, nested: bool) -> Planned | None:
        key = (name, nested)
        if key not in self._known:
            kept = self.sets.read(name)
            is_good = kept is not None and kept.database == self.database and (nested or kept.expires > self.sets.now())
            self._known[key] = self._read(kept) if kept is not None and is_good else None
        return self._known[key]

    def _read(self, kept: KeptSearch) -> Planned:
        self.level = max(self.level, kept.level)
        planned = self.catalogue.understand(self.database, kept.query, "strict", self._nested).planned
        if not kept.sort_keys:
            return planned
        sorting = self.catalogue.sort_keys(self.database, kept.sort_keys, self.schema_names)
        plan = planned.plan if sorting.condition == Everything() else AllOf((planned.plan, sorting.condition))
        return Planned(plan, sorting.keys, planned.relevance, planned.clauses, fails_on=sorting.fails_on, stems=planned.stems)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
