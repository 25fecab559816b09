"""Finding and opening the files of a source. What is MARC is told from the content, never from the name."""

import codecs
import logging
import os
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from indexer.marc.framing import ByteStream
from indexer.marc.profile import UnusableSource

log = logging.getLogger(__name__)

Stdin = Literal["-"]
SourceKind = Literal["iso2709", "marcxml", "json", "ids"]

_HEAD_BYTES = 1 << 16
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
"""zlib's number for a gzip header and the largest window."""
_GZIP_CHUNK = 1 << 14
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_FILLER = b" \t\r\n\x00\x1a\xef\xbb\xbf"
_END_OF_DIRECTORY = re.compile(rb"(?:[0-9A-Za-z]{3}[0-9]{9}){2}\x1e|\x1e\x1d")
_LEADER = re.compile(rb"[0-9 ]{5}[\x20-\x7e]{7}[0-9 ]{5}[\x20-\x7e]{7}[0-9A-Za-z]{3}[0-9]{9}")
_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?(?:record|leader|controlfield|datafield)[\s/>]")
_ID_LINES = re.compile(r"(?:[ \t]*[^\s<>{}\x00-\x1f]{1,256}[ \t]*(?:\r?\n|$)|[ \t]*\r?\n)+")
_KEY = re.compile(rb'"(?:leader|fields)"\s*:')


class _Rewound:
    """Bytes that were read already, then the rest of the stream they came from."""

    def __init__(self, head: bytes, rest: ByteStream) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        if self._head:
            given, self._head = self._head[:size], self._head[size:]
            return given
        return self._rest.read(size)


class _Gunzipped:
    """The members of a gzip file, decompressed one after another. A damaged file ends at the damage, and `fault` says so.

    The library's GzipFile would lose what it has decompressed when it meets the damage.
    """

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self._waiting = b""
        self.fault = ""

    def read(self, size: int, /) -> bytes:
        while not self.fault:
            if self._member.eof:
                following = (self._member.unused_data or self._stream.read(_GZIP_CHUNK)).lstrip(b"\0")
                if following[:2] != _GZIP:
                    return b""
                self._member, self._waiting = zlib.decompressobj(_GZIP_WINDOW), following
            packed = self._waiting or self._stream.read(_GZIP_CHUNK)
            if not packed:
                self.fault = "The compressed file breaks off; what came before was read."
                break
            try:
                given = self._member.decompress(packed, size)
            except zlib.error as error:
                self.fault = f"The compressed file is damaged ({error}); what came before the damage was read."
                break
            self._waiting = self._member.unconsumed_tail
            if given:
                return given
        return b""


class _Utf8:
    """UTF-16 made into UTF-8 on the way."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")

    def read(self, size: int, /) -> bytes:
        while chunk := self._stream.read(size):
            text = self._decoder.decode(chunk)
            if text:
                return text.encode()
        return b""


@dataclass(frozen=True, slots=True)
class Source:
    """An open source: its decompressed bytes, what they are, and the encoding of XML that was changed on the way."""

    stream: ByteStream
    kind: SourceKind
    encoding: str | None
    gunzipped: _Gunzipped | None

    @property
    def fault(self) -> str:
        """What is wrong with the compressed file, as a sentence; known once the source has been read to its end."""
        return self.gunzipped.fault if self.gunzipped else ""


@contextmanager
def opened(path: Path | Stdin, *, or_ids: bool = False) -> Iterator[Source]:
    """A source ready to be read from its beginning; gzip is undone, for standard input ("-") too.

    `or_ids`: it may also be a text file with one record id a line.

    Raises: UnusableSource when it is missing, unreadable, empty, or not MARC of any form known here.
    """
    name = "standard input" if path == "-" else str(path)
    try:
        if path == "-":
            # Not through its buffer: a thread that waits in it when the program ends (Ctrl-C) would make Python abort.
            yield _source(name, getattr(sys.stdin.buffer, "raw", sys.stdin.buffer), or_ids=or_ids)
        else:
            with open(path, "rb") as file:
                yield _source(name, file, or_ids=or_ids)
    except OSError as error:
        raise UnusableSource(f"{name} cannot be read: {error.strerror or error}. Check the path and its permissions.") from error


def _source(name: str, file: ByteStream, *, or_ids: bool) -> Source:
    gunzipped, stream, head = _decompressed(file)
    kind = sniff(head) or ("ids" if or_ids and _are_ids(head) else None)
    if not head:
        raise UnusableSource(f"{name} is empty{' or damaged' if gunzipped else ''}. Give a file with MARC records.")
    if not kind:
        raise UnusableSource(f"{name} holds no MARC records (neither ISO 2709 nor MARCXML nor MARC-in-JSON). Give a file that does.")
    if head[:2] in _UTF16:
        return Source(_Utf8(stream), kind, "utf-8", gunzipped)
    return Source(stream, kind, None, gunzipped)


def _decompressed(file: ByteStream) -> tuple[_Gunzipped | None, ByteStream, bytes]:
    """(decompressor if there is one, stream from the beginning, its first bytes)."""
    head = _first_bytes(file)
    stream: ByteStream = _Rewound(head, file)
    if head[:2] != _GZIP:
        return None, stream, head
    gunzipped = _Gunzipped(stream)
    head = _first_bytes(gunzipped)
    return gunzipped, _Rewound(head, gunzipped), head


def _first_bytes(stream: ByteStream) -> bytes:
    """What a file begins with; a pipe gives it in small pieces."""
    head = b""
    while len(head) < _HEAD_BYTES and (piece := stream.read(_HEAD_BYTES - len(head))):
        head += piece
    return head


def sniff(head: bytes) -> SourceKind | None:
    """What the first bytes of a file are, or None for something that is no MARC."""
    if head[:2] in _UTF16:
        head = head.decode("utf-16", "replace").encode()
    start = head.lstrip(_FILLER)
    if start[:1] == b"<":
        return "marcxml"
    if start[:1] in {b"{", b"["} and _KEY.search(start):
        return "json"
    if _LEADER.match(start) or _END_OF_DIRECTORY.search(head):
        return "iso2709"
    return None


def _are_ids(head: bytes) -> bool:
    """Whether a text has nothing but one word in every line; what is cut off at the end of `head` may be anything."""
    whole = head if len(head) < _HEAD_BYTES else head[: head.rfind(b"\n") + 1]
    try:
        text = whole.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return bool(text.strip()) and _ID_LINES.fullmatch(text) is not None


def expand(paths: Sequence[str]) -> list[Path | Stdin]:
    """The files to read, in order: files as named, directories with everything in them that is MARC, "-" for standard input.

    Directories are searched in full, sorted by path; hidden files and folders are left out, and so is what is no MARC (it is
    logged). A file that is named itself is never left out. Raises: UnusableSource for a path that is not there.
    """
    found: list[Path | Stdin] = []
    for name in paths:
        path = Path(name)
        if name == "-":
            found.append("-")
        elif path.is_dir():
            found += _files_of(path)
        elif path.exists():
            found.append(path)
        else:
            raise UnusableSource(f"There is no file or directory {name}. Check the path.")
    return found


def _files_of(directory: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(directory):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.startswith("."):
                continue
            if _is_marc(path):
                yield path
            else:
                log.info("left out %s: no MARC records in it", path)


def _is_marc(path: Path) -> bool:
    """Whether a file of a directory is worth reading. XML is looked into: a style sheet is XML as well."""
    try:
        with open(path, "rb") as file:
            _, _, head = _decompressed(file)
    except OSError as error:
        log.warning("left out %s: %s", path, error.strerror or error)
        return False
    kind = sniff(head)
    if head[:2] in _UTF16:
        head = head.decode("utf-16", "replace").encode()
    return kind is not None and (kind != "marcxml" or bool(_ELEMENT.search(head)))
