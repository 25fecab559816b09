"""What the repository answers, without HTTP and XML."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from server import errors
from server.auth.secrets import Secrets
from server.db import oai as store
from server.db.oai import Item, Selection
from server.oai.contents import Contents, ItemRecord, record_number
from server.oai.formats import Formats, MetadataFormat
from server.oai.request import GetRecord, ListItems, ListMetadataFormats, OaiError, Resume
from server.oai.tokens import BadToken, Token, read_token, write_token
from server.oai_settings import OaiSettings
from server.sets.rules import SetInfo, SetRules

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST_S = 60.0
"""How long the earliest datestamp is remembered."""

SETS_AT_A_TIME = 1000
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Resumption:
    """How a list goes on. `token`: empty on the last page; `expires`: seconds since 1970, 0 for never."""

    token: str
    cursor: int
    total: int
    expires: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of records or headers. `resumption` None: the list is complete in one answer."""

    records: tuple[ItemRecord, ...]
    resumption: Resumption | None


@dataclass(frozen=True, slots=True)
class SetsListed:
    """A page of sets."""

    sets: tuple[SetInfo, ...]
    resumption: Resumption | None


class Repository:
    """The provider's side of the protocol. `formats` and `rules` are those of the settings."""

    def __init__(self, pool: Any, contents: Contents, settings: OaiSettings, formats: Formats, rules: SetRules, secrets: Secrets) -> None:
        self.settings, self.formats, self.rules = settings, formats, rules
        self._pool, self._contents, self._secrets = pool, contents, secrets
        self._earliest: tuple[float, datetime] | None = None
        self._lists = 0

    # -- single answers -------------------------------------------------------------------------------

    async def earliest(self) -> datetime:
        """The smallest datestamp of any record; the present where there is none."""
        if self._earliest is not None and time.monotonic() - self._earliest[0] < EARLIEST_S:
            return self._earliest[1]
        found = await store.earliest(self._pool, live_only=self.settings.deleted_record == "no")
        now = datetime.now(UTC).replace(microsecond=0)
        if found is None or found > now:
            return now
        self._earliest = time.monotonic(), found
        return found

    async def formats_of(self, asked: ListMetadataFormats) -> tuple[MetadataFormat, ...]:
        """The formats, all of them for every item there is. Raises: OaiError."""
        if asked.identifier is not None:
            await self._find(asked.identifier, with_items=False)
        return self.formats.formats

    async def record(self, asked: GetRecord) -> ItemRecord:
        """One record. Raises: OaiError."""
        form = self._format(asked.prefix)
        item = await self._find(asked.identifier, with_items=form.include_items)
        made = await self._contents.records([item], form)
        if made[0].metadata is None and not item.hidden:
            raise OaiError(("cannotDisseminateFormat", f"This record cannot be had as {asked.prefix}."))
        return made[0]

    def sets(self, token: str | None = None) -> SetsListed:
        """The sets, a thousand at a time. Raises: OaiError."""
        infos = self.rules.infos
        start = self._token(token, "ListSets").cursor if token is not None else 0
        if not infos:
            raise OaiError(("noSetHierarchy", "This repository has no sets."))
        page = infos[start : start + SETS_AT_A_TIME]
        if len(infos) <= SETS_AT_A_TIME:
            return SetsListed(page, None)
        following, expires = "", 0
        if start + len(page) < len(infos):
            expires = self._expiry()
            made = Token("ListSets", "", "", 0, 0, 0, "", start + len(page), len(infos), self._sets_fingerprint(), expires)
            following = write_token(made, self._secrets)
        return SetsListed(page, Resumption(following, start, len(infos), expires))

    # -- lists ----------------------------------------------------------------------------------------

    async def items(self, asked: ListItems) -> Listed:
        """The first page of a list. Raises: OaiError, Overloaded."""
        form = self._format(asked.prefix)
        if asked.set_spec is not None and not self.rules.names:
            raise OaiError(("noSetHierarchy", "This repository has no sets."))
        if asked.set_spec is not None and asked.set_spec not in self.rules.names:
            raise OaiError(("noRecordsMatch", "There is no such set, so no record matches."))
        now = int(time.time())
        until = now if asked.until is None else min(asked.until, now)
        since = max(asked.since or 0, 0)
        begun = Token(
            asked.verb, asked.prefix, asked.set_spec or "", since, until, since, "", 0, 0, self._fingerprint(form, asked.set_spec or ""), 0
        )
        async with self._listing():
            total = await store.count_items(self._pool, self._selection(begun, form)) if since <= until else 0
            if not total:
                raise OaiError(("noRecordsMatch", "No record matches from, until, set and metadataPrefix."))
            return await self._page(begun, form, total)

    async def resume(self, asked: Resume) -> Listed:
        """The next page of a list. Raises: OaiError, Overloaded."""
        token = self._token(asked.token, asked.verb)
        form = self.formats.find(token.prefix)
        if form is None:  # its fingerprint would not be known either
            raise OaiError(("badResumptionToken", "The format of this list is not offered any more; please begin it again."))
        async with self._listing():
            return await self._page(token, form, token.total)

    async def _page(self, token: Token, form: MetadataFormat, total: int) -> Listed:
        headers_only = token.verb == "ListIdentifiers"
        records: list[ItemRecord] = []
        wanted, last = self.settings.max_count, (token.after_stamp, token.after_id)
        more = True
        while more and len(records) < wanted:
            # One more than is needed tells whether there is a next page.
            missing = wanted - len(records)
            items = await store.list_items(self._pool, self._selection(token, form), _place(*last), missing + 1)
            more = len(items) > missing
            items = items[:missing]
            if items:
                last = items[-1].stamp, items[-1].oai_id
            if headers_only:
                records += self._contents.headers(items)
            else:
                made = await self._contents.records(items, form)
                records += [one for one in made if one.metadata is not None or one.header.deleted]
        if not records:
            records = await self._again(token, form)
        return Listed(tuple(records), self._resumption(token, last, total, len(records), more=more))

    async def _again(self, token: Token, form: MetadataFormat) -> list[ItemRecord]:
        """The last item sent, once more: what a token promised has changed meanwhile and belongs to the next harvest, and an answer
        may not be empty. Raises: OaiError when there is none.
        """
        before = await store.last_item(self._pool, self._selection(token, form), _place(token.after_stamp, token.after_id))
        if not token.cursor or before is None:
            raise OaiError(("noRecordsMatch", "No record matches from, until, set and metadataPrefix any more."))
        if token.verb == "ListIdentifiers":
            return self._contents.headers([before])
        return await self._contents.records([before], form)

    def _resumption(self, token: Token, last: tuple[int, str], total: int, sent: int, *, more: bool) -> Resumption | None:
        if not more:
            return Resumption("", token.cursor, total, 0) if token.cursor else None
        expires = self._expiry()
        following = Token(
            token.verb,
            token.prefix,
            token.set_spec,
            token.since,
            token.until,
            *last,
            token.cursor + sent,
            total,
            token.fingerprint,
            expires,
        )
        return Resumption(write_token(following, self._secrets), token.cursor, total, expires)

    # -- parts ----------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _listing(self) -> AsyncIterator[None]:
        """One list being made, within the time and the number of those at a time. Raises: Overloaded, TimedOut."""
        if self._lists >= self.settings.max_parallel:
            raise errors.Overloaded("Too many lists are being made at the moment. Please try again later.")
        self._lists += 1
        try:
            async with asyncio.timeout(self.settings.search_timeout):
                yield
        finally:
            self._lists -= 1

    def _format(self, prefix: str) -> MetadataFormat:
        form = self.formats.find(prefix)
        if form is None:
            offered = ", ".join(one.prefix for one in self.formats.formats)
            raise OaiError(("cannotDisseminateFormat", f"There is no metadataPrefix {prefix[:200]!r}; there are {offered}."))
        return form

    async def _find(self, identifier: str, *, with_items: bool) -> Item:
        archive = f"{self.settings.archive_id}:"
        item = None
        if identifier.startswith(archive):
            item = await store.find_item(self._pool, record_number(identifier[len(archive) :]), with_items=with_items)
        now = int(time.time())
        if item is None or self._contents.identifier(item) != identifier or item.stamp > now or self._is_gone(item, now):
            raise OaiError(("idDoesNotExist", "There is no item with this identifier."))
        return item

    def _is_gone(self, item: Item, now: int) -> bool:
        """Whether a deleted item is not even shown as one."""
        if not item.hidden or self.settings.deleted_record == "persistent":
            return False
        return self.settings.deleted_record == "no" or item.stamp < now - self.settings.tombstone_days * DAY_S

    def _selection(self, token: Token, form: MetadataFormat) -> Selection:
        until = EPOCH + timedelta(seconds=token.until)
        match self.settings.deleted_record:
            case "persistent":
                hidden_since: datetime | None = store.ALWAYS
            case "transient":
                hidden_since = until - timedelta(days=self.settings.tombstone_days)
            case "no":
                hidden_since = None
        since, with_left = EPOCH + timedelta(seconds=token.since), self.settings.sets_leave_as_deleted
        return Selection(since, until, token.set_spec, form.include_items, hidden_since, with_left)

    def _fingerprint(self, form: MetadataFormat, set_spec: str) -> str:
        left = "l" if self.settings.sets_leave_as_deleted and set_spec else ""
        return f"{form.fingerprint}{self.rules.fingerprint if set_spec else ''}{self.settings.deleted_record[0]}{left}"

    def _sets_fingerprint(self) -> str:
        return f"{self.rules.fingerprint}{len(self.rules.infos)}"

    def _token(self, text: str, verb: str) -> Token:
        """A token that is good for this verb and by the definitions in force. Raises: OaiError."""
        try:
            token = read_token(text, self._secrets, int(time.time()))
        except BadToken as problem:
            raise OaiError(("badResumptionToken", str(problem))) from None
        if token.verb != verb:
            raise OaiError(("badResumptionToken", f"This resumption token belongs to {token.verb}."))
        if verb == "ListSets":
            now = self._sets_fingerprint()
        else:
            form = self.formats.find(token.prefix)
            now = "" if form is None else self._fingerprint(form, token.set_spec)
        if token.fingerprint != now:
            raise OaiError(("badResumptionToken", "The definition of this list has changed; please begin it again."))
        return token

    def _expiry(self) -> int:
        return int(time.time()) + self.settings.token_ttl if self.settings.token_ttl else 0


def _place(stamp: int, oai_id: str) -> tuple[datetime, str]:
    return EPOCH + timedelta(seconds=stamp), oai_id
