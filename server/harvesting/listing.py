"""One list of a repository, request by request, until it ends or is found to be endless (oai-pmh.md 23.4)."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from server.harvesting.checking import CannotHarvest, told
from server.harvesting.client import Client, SourceUnavailable
from server.harvesting.reading import AnswerReader, BadAnswer, Item

log = logging.getLogger(__name__)

EMPTY_PAGES = 5
"""Pages without a single item, one after the other, that are still believed; our decision."""

TOO_MANY = 1.5
"""How far a list may go beyond its completeListSize, which is an estimate (oai-pmh.md 23.4)."""

BAD_ANSWERS = 3
AT_A_TIME = 500


class Endless(CannotHarvest):
    """The list goes round in circles, or far beyond its size; there is no use in going on from where it stands."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some items of a page; the last part of a page says so, and how the list goes on: `token`, empty when it is complete.

    `is_restart`: the list begins anew, because its token was not accepted any more; items come that came before.
    """

    items: tuple[Item, ...] = ()
    is_page_end: bool = False
    is_restart: bool = False
    token: str = ""
    cursor: int = 0
    complete_list_size: int | None = None
    response_date: datetime | None = None


class Listing:
    """A list: its verb and arguments, or a token with the number of items before it, to go on from."""

    def __init__(
        self, client: Client, verb: str, arguments: Mapping[str, str], *, token: str = "", cursor: int = 0, size: int | None = None
    ) -> None:
        self._client = client
        self._verb = verb
        self._arguments = dict(arguments)
        self._token, self._cursor, self._size = token, cursor, size
        self._seen = {token} if token else set()
        self._empty = 0
        self._was_retried = self._was_restarted = False

    async def parts(self) -> AsyncGenerator[Part, None]:
        """The list from its beginning or its token to its end. Raises: CannotHarvest, Endless, SourceUnavailable."""
        is_resumed = bool(self._token)
        failures = 0
        while True:
            count = 0
            try:
                async with self._client.answer(self._request()) as file:
                    answer = AnswerReader(file)
                    items = answer.items()
                    while batch := await asyncio.to_thread(lambda own: tuple(islice(own, AT_A_TIME)), items):
                        count += len(batch)
                        yield Part(batch, response_date=answer.response_date)
            except BadAnswer as error:
                failures += 1
                if failures >= BAD_ANSWERS:
                    raise SourceUnavailable(f"A page of {self._verb} cannot be read. {error}") from None
                log.warning("a page of %s cannot be read and is asked for again: %s", self._verb, error)
                await self._client.pause(failures)
                continue
            except SourceUnavailable as error:
                if not is_resumed or not error.status:
                    raise
                log.warning("the list cannot be resumed, and begins anew: %s", error)
                yield self._restart()
                is_resumed = False
                continue
            failures, is_resumed = 0, False
            match self._what_next(answer, count):
                case "retry":
                    continue
                case "restart":
                    yield self._restart()
                    continue
            yield self._page_end(answer, count)
            if not self._token:
                return

    def _request(self) -> dict[str, str]:
        return {"verb": self._verb, **({"resumptionToken": self._token} if self._token else self._arguments)}

    def _what_next(self, answer: AnswerReader, count: int) -> str:
        """What the errors of an answer mean: "retry" the same token, "restart" the list, or "" to go on."""
        codes = {code for code, _ in answer.errors}
        if not codes or count:
            return ""
        if codes == {"noRecordsMatch"}:
            if self._token and self._size is not None and self._cursor < self._size:
                raise CannotHarvest(f"The list ends with noRecordsMatch after {self._cursor:,} of {self._size:,} items.")
            return ""
        if codes == {"badResumptionToken"} and self._token:
            if not self._was_retried:
                self._was_retried = True
                return "retry"
            if not self._was_restarted:
                log.warning("the source does not accept its token any more; the list begins anew")
                return "restart"
        raise CannotHarvest(f"The source answers {self._verb} with {told(answer.errors)}")

    def _restart(self) -> Part:
        self._was_restarted, self._was_retried = True, False
        self._token, self._cursor, self._size, self._empty = "", 0, None, 0
        self._seen.clear()
        return Part(is_restart=True)

    def _page_end(self, answer: AnswerReader, count: int) -> Part:
        """Takes note of a page that was read. Raises: Endless."""
        self._was_retried = False
        self._cursor += count
        given = answer.token
        if given is not None and given.complete_list_size is not None:
            self._size = max(given.complete_list_size, self._size or 0)
        if self._size is not None and self._size > 0 and self._cursor > self._size * TOO_MANY:
            raise Endless(f"The list has {self._cursor:,} items already, though the source said {self._size:,}; it may be endless.")
        self._token = given.value if given is not None else ""
        if self._token in self._seen:
            raise Endless("The source gave a resumption token that it had given before; the list would never end.")
        self._empty = 0 if count else self._empty + 1
        if self._token and self._empty >= EMPTY_PAGES:
            raise Endless(f"{EMPTY_PAGES} pages one after another had no items, and the list goes on.")
        if self._token:
            self._seen.add(self._token)
        return Part((), True, False, self._token, self._cursor, self._size, answer.response_date)
