"""XML that is not quite XML, made readable: characters that XML forbids, references to nothing, bytes of no character set.

Every repair leaves a mark (`MARK`, a noncharacter that XML allows and nobody uses), so that the record that holds it can be told
from the others. `Repaired` is a file that is repaired while it is read.
"""

import codecs
import re
from html.entities import html5
from typing import IO

MARK = "\ufdd0"
MARK_BYTES = MARK.encode()

_READ_BYTES = 1 << 16
_LONGEST_REFERENCE = 64
_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_LIKE_ASCII = re.compile(r"utf-?8|(?:us-)?ascii|iso-?8859-\d+|iso_8859-\d+|windows-125\d|cp125\d|latin-?\d", re.IGNORECASE)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&(?:#(?:[0-9]{1,9}|x[0-9A-Fa-f]{1,8});|[A-Za-z][A-Za-z0-9]{0,40};)?")
_OWN = frozenset({"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"})
_HIGHEST = 0x10FFFF


def declared_encoding(head: bytes) -> str:
    """The character set that a document names, utf-8 when it names none; empty for one in which tags are not ASCII (nobody needs it)."""
    found = _DECLARED.match(head)
    if found is None:
        return "" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in head[:4] else "utf-8"
    name = found[1].decode()
    return name if _LIKE_ASCII.fullmatch(name) else ""


def repaired(text: str) -> str:
    """The text with marks where something was repaired; a byte that was undecodable (a lone surrogate) becomes U+FFFD."""
    text = _REFERENCE.sub(_reference, text)
    return _FORBIDDEN.sub(lambda found: f"\ufffd{MARK}" if "\udc80" <= found[0] <= "\udcff" else MARK, text)


def _reference(found: re.Match[str]) -> str:
    """A reference that XML knows as it is; one of HTML as its character; any other ampersand as an ampersand."""
    whole = found[0]
    if whole in _OWN:
        return whole
    if whole[1:2] == "#":
        number = int(whole[3:-1], 16) if whole[2] == "x" else int(whole[2:-1])
        return MARK if number > _HIGHEST or _FORBIDDEN.match(chr(number)) else whole
    named = html5.get(whole[1:]) if len(whole) > 1 else None
    return f"{named or whole.replace('&', '&amp;')}{MARK}"


class Repaired:
    """A binary file in UTF-8 that gives another one repaired, whatever that is encoded in (`encoding`: a name known to Python)."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
        self._held = ""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at least one until the end, and not exactly `size`."""
        while True:
            chunk = self._file.read(_READ_BYTES if size < 0 else size)
            text = self._held + self._decoder.decode(chunk, final=not chunk)
            cut = text.rfind("&", max(0, len(text) - _LONGEST_REFERENCE)) if chunk else -1  # it may go on in the next chunk
            text, self._held = (text, "") if cut < 0 else (text[:cut], text[cut:])
            if text or not chunk:
                return repaired(text).encode("utf-8", "surrogatepass")
