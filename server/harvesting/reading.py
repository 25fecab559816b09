"""Answers of a repository, read as a stream and with patience (oai-pmh.md 23.6).

An answer is parsed as it is. If that fails it is parsed once more with everything that XML forbids taken out, and the records in
which something was repaired say so. Namespaces are not looked at: there are repositories without any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any, cast

from server import xmlio
from server.harvesting.repairing import MARK, MARK_BYTES, Repaired, declared_encoding

_PARTS = ("responseDate", "error", "header", "record", "resumptionToken")
_HEAD_BYTES = 1 << 10
_DECLARATION = b"<!ENTITY"


class BadAnswer(Exception):
    """What was answered is no OAI-PMH, or breaks off; the sentence says what it is."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list. `metadata`: its one element in UTF-8, None when deleted or when only headers were asked for.

    `provenance`: the provenance container of its `about`, if any. `datestamp` is as written. `is_repaired`: it held something that
    XML forbids.
    """

    identifier: str
    datestamp: str
    deleted: bool
    metadata: bytes | None
    provenance: str = ""
    is_repaired: bool = False


@dataclass(frozen=True, slots=True)
class ListToken:
    """A resumption token with what stands beside it; numbers are None where they are missing or none."""

    value: str
    cursor: int | None
    complete_list_size: int | None


@dataclass(slots=True)
class AnswerReader:
    """One answer. `items` reads it; the other values are known when that has ended. `errors`: (code, text)."""

    file: IO[bytes]
    response_date: datetime | None = None
    errors: list[tuple[str, str]] = field(default_factory=list)
    token: ListToken | None = None
    repaired_count: int = 0

    def items(self) -> Iterator[Item]:
        """The items in order. Raises: BadAnswer, after those that could be read."""
        given = 0
        for part in _parts(self.file, _PARTS):
            if part is None:  # from the beginning once more, repaired
                self.errors.clear()
                skip, given = given, 0
                for again in _repaired_parts(self.file, _PARTS):
                    for item in self._taken(again):
                        given += 1
                        if given > skip:
                            yield item
                break
            for item in self._taken(part):
                given += 1
                yield item
        if self.response_date is None and not given and not self.errors and self.token is None:
            raise BadAnswer("The answer is no OAI-PMH.")

    def _taken(self, part: Any) -> Iterator[Item]:
        parent = _local(part.getparent())
        match _local(part):
            case "responseDate" if parent == "OAI-PMH":
                self.response_date = read_response_date(_text(part))
            case "error" if parent == "OAI-PMH":
                self.errors.append((part.get("code", ""), " ".join(_text(part).split())))
            case "resumptionToken" if parent.startswith("List"):
                self.token = ListToken(_text(part), _number(part.get("cursor")), _number(part.get("completeListSize")))
            case "header" if parent == "ListIdentifiers":
                yield self._counted(_item(part, None))
                _forget(part)
            case "record" if parent == "ListRecords":
                yield self._counted(_item(_child(part, "header"), part))
                _forget(part)

    def _counted(self, item: Item) -> Item:
        self.repaired_count += item.is_repaired
        return item


def read_whole(file: IO[bytes]) -> Any:
    """The root element of a short answer. Raises: BadAnswer."""
    names = ("OAI-PMH",)
    for root in _parts(file, names):
        if root is not None:
            return root
        return next(_repaired_parts(file, names))
    raise BadAnswer("The answer is no OAI-PMH.")


def errors_of(root: Any) -> list[tuple[str, str]]:
    """(code, text) of the errors in a short answer."""
    return [(one.get("code", ""), " ".join(_text(one).split())) for one in root if _local(one) == "error"]


def texts_of(root: Any, parent: str, name: str) -> list[str]:
    """Texts of all elements with this local name below elements called `parent`, in order."""
    return [_text(one) for one in root.iter(f"{{*}}{name}") if _local(one.getparent()) == parent]


def read_response_date(text: str) -> datetime | None:
    """A moment as repositories write it, also with fractions or an offset, cut to seconds; None when it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def _parts(file: IO[bytes], names: Sequence[str]) -> Iterator[Any | None]:
    """The elements of an answer; None at its first mistake, where it ends."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    _refuse_others(head)
    try:
        yield from xmlio.elements(cast("IO[bytes]", _Watched(file)), names)
    except xmlio.NotXml:
        yield None


def _repaired_parts(file: IO[bytes], names: Sequence[str]) -> Iterator[Any]:
    file.seek(0)
    encoding = declared_encoding(file.read(_HEAD_BYTES))
    file.seek(0)
    try:
        yield from xmlio.elements(cast("IO[bytes]", _Watched(cast("IO[bytes]", Repaired(file, encoding)))), names, "utf-8")
    except xmlio.NotXml as problem:
        raise BadAnswer(str(problem)) from None


def _refuse_others(head: bytes) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise BadAnswer("The answer is empty.")
    if b"<!doctype html" in start or start.startswith(b"<html"):
        raise BadAnswer("The answer is a page for people (HTML) and no OAI-PMH.")
    if not declared_encoding(head):
        raise BadAnswer("The answer is in a character set that OAI-PMH does not have; it must be UTF-8.")
    if not start.startswith(b"<"):
        raise BadAnswer("The answer is no XML.")


class _Watched:
    """A file in which nothing declares an entity: OAI-PMH needs none, and a few lines of them can fill any memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._tail = b""

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._file.read(size)
        if _DECLARATION in self._tail + chunk:
            raise BadAnswer("The answer declares entities, which OAI-PMH does not have.")
        self._tail = chunk[1 - len(_DECLARATION) :]
        return chunk


def _item(header: Any, record: Any) -> Item:
    """An item from its header, and from its record when there is one."""
    deleted = header is not None and header.get("status") == "deleted"
    metadata = provenance = None
    is_repaired = header is not None and any(MARK in (text or "") for text in header.itertext())
    if record is not None and not deleted:
        metadata = _first_element(_child(record, "metadata"))
        is_repaired = is_repaired or (metadata is not None and MARK_BYTES in metadata)
        abouts = (_first_element(one) for one in record if _local(one) == "about")
        provenance = next((one for one in abouts if one is not None and b"provenance" in one[:200]), None)
    return Item(
        _text(_child(header, "identifier")),
        _text(_child(header, "datestamp")),
        deleted,
        None if metadata is None else metadata.replace(MARK_BYTES, b""),
        "" if provenance is None else provenance.replace(MARK_BYTES, b"").decode(),
        is_repaired,
    )


def _first_element(parent: Any) -> bytes | None:
    for one in parent if parent is not None else ():
        if isinstance(one.tag, str):
            return xmlio.serialise(one)
    return None


def _child(parent: Any, name: str) -> Any:
    return next((one for one in parent if _local(one) == name), None) if parent is not None else None


def _local(element: Any) -> str:
    tag = element.tag if element is not None else ""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _text(element: Any) -> str:
    return "".join(element.itertext()).replace(MARK, "").strip() if element is not None else ""


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _forget(element: Any) -> None:
    """Gives the memory of an item back, and of what stands before it."""
    element.clear()
    parent = element.getparent()
    while element.getprevious() is not None:
        del parent[0]
