"""Finding and opening the files of a source. What is MARC is told from the content, never from the name."""

import codecs
import gzip
import logging
import os
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, cast

from indexer.marc.framing import ByteStream
from indexer.marc.profile import UnusableSource

log = logging.getLogger(__name__)

Stdin = Literal["-"]
SourceKind = Literal["iso2709", "marcxml", "json"]

_HEAD_BYTES = 1 << 16
_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_FILLER = b" \t\r\n\x00\x1a\xef\xbb\xbf"
_DIRECTORY = re.compile(rb"(?:[0-9A-Za-z]{3}[0-9]{9}){2,}\x1e|\x1e\x1d")
_LEADER = re.compile(rb"[0-9 ]{5}[\x20-\x7e]{7}[0-9 ]{5}[\x20-\x7e]{7}[0-9A-Za-z]{3}[0-9]{9}")
_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?(?:record|leader|controlfield|datafield)[\s/>]")
_KEY = re.compile(rb'"(?:leader|fields)"\s*:')


class _Stream:
    """Bytes already read, then the rest of another stream. A gzip file that is damaged simply ends there, and `fault` says so."""

    def __init__(self, head: bytes, rest: ByteStream) -> None:
        self._head = head
        self._rest = rest
        self.fault = ""

    def read(self, size: int, /) -> bytes:
        if self._head:
            given, self._head = self._head[:size], self._head[size:]
            return given
        try:
            return self._rest.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self.fault = f"The compressed file is damaged ({error}); what came before the damage was read."
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
    """An open source: its name, its decompressed bytes, what they are, and the encoding of XML that was changed on the way."""

    name: str
    stream: ByteStream
    kind: SourceKind
    encoding: str | None
    compressed: _Stream

    @property
    def fault(self) -> str:
        """What is wrong with the compressed file, as a sentence; known once the source has been read to its end."""
        return self.compressed.fault


@contextmanager
def opened(path: Path | Stdin) -> Iterator[Source]:
    """A source ready to be read from its beginning; gzip is undone, for standard input ("-") too.

    Raises: UnusableSource when it is missing, unreadable, empty, or not MARC of any form known here.
    """
    name = "standard input" if path == "-" else str(path)
    try:
        file = cast(ByteStream, sys.stdin.buffer) if path == "-" else open(path, "rb")  # noqa: SIM115 closed below
    except OSError as error:
        raise UnusableSource(f"{name} cannot be read: {error.strerror}. Check the path and its permissions.") from error
    try:
        yield _source(name, file)
    except OSError as error:
        raise UnusableSource(f"{name} cannot be read: {error.strerror or error}.") from error
    finally:
        if path != "-":
            cast(Closable, file).close()


class Closable(Protocol):
    """A file."""

    def close(self) -> None:
        """Gives it back."""


def _source(name: str, file: ByteStream) -> Source:
    stream, head = _decompressed(file)
    kind = sniff(head)
    if not head:
        raise UnusableSource(f"{name} is empty. Give a file with MARC records.")
    if not kind:
        raise UnusableSource(f"{name} holds no MARC records (neither ISO 2709 nor MARCXML nor MARC-in-JSON). Give a file that does.")
    if head[:2] in _UTF16:
        return Source(name, _Utf8(stream), kind, "utf-8", stream)
    return Source(name, stream, kind, None, stream)


def _decompressed(file: ByteStream) -> tuple[_Stream, bytes]:
    """(stream from the beginning, its first bytes)."""
    stream, head = _peeked(_Stream(b"", file))
    if head[:2] == _GZIP:
        return _peeked(_Stream(b"", cast(ByteStream, gzip.GzipFile(fileobj=stream))))  # type: ignore[call-overload]
    return stream, head


def _peeked(stream: _Stream) -> tuple[_Stream, bytes]:
    """The same stream with its first bytes looked at; a pipe gives them in small pieces."""
    head = b""
    while len(head) < _HEAD_BYTES and (piece := stream.read(_HEAD_BYTES - len(head))):
        head += piece
    fault = stream.fault
    stream = _Stream(head, stream)
    stream.fault = fault
    return stream, head


def sniff(head: bytes) -> SourceKind | None:
    """What the first bytes of a file are, or None for something that is no MARC."""
    if head[:2] in _UTF16:
        head = head.decode("utf-16", "replace").encode()
    start = head.lstrip(_FILLER)
    if start[:1] == b"<":
        return "marcxml"
    if start[:1] in {b"{", b"["} and _KEY.search(start):
        return "json"
    if _LEADER.match(start) or _DIRECTORY.search(head):
        return "iso2709"
    return None


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
            _, head = _decompressed(file)
    except OSError as error:
        log.warning("left out %s: %s", path, error.strerror or error)
        return False
    kind = sniff(head)
    if head[:2] in _UTF16:
        head = head.decode("utf-16", "replace").encode()
    return kind is not None and (kind != "marcxml" or bool(_ELEMENT.search(head)))
