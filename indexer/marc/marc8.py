"""MARC-8 and the single sets of ISO 2022 that it shares with UNIMARC, decoded with pymarc's tables.

The loop is our own because pymarc's writes a line to stderr for each bad character, where we count it, and does not know the
escape sequences with two intermediate characters. Source: MARC 21 Specifications, Character Sets, MARC-8 Encoding Environment.
"""

import functools
import re
from collections.abc import Mapping

BASIC_LATIN = 0x42
ANSEL = 0x45
BASIC_CYRILLIC = 0x4E
EXTENDED_CYRILLIC = 0x51
BASIC_GREEK = 0x53
EACC = 0x31

REPLACEMENT = "\ufffd"

ESCAPE = re.compile(rb"\x1b(?:([gbp])|(s)|([$]?[(,)\-]|[$])([!\"]?)([0-9A-Za-z]))")
"""A complete escape sequence. Groups: technique 1 set, technique 1 back to ASCII, technique 2 intermediates, a second one, final."""

ESCAPED_TEXT = re.compile('\x1b(?:[gbps]|(?:[$]?[(,)\\-]|[$])[!"]?[0-9A-Za-z])')
"""The same in decoded text, to be taken out."""

_ASCII_RUN = re.compile(rb"[\x20-\x7e]+")

CodeSet = Mapping[int, tuple[int, int]]


@functools.cache
def _code_sets() -> tuple[Mapping[int, CodeSet], Mapping[int, int]]:
    """Tables of pymarc: final character -> code -> (code point, whether combining), and the EACC codes that have no entry there."""
    from pymarc import marc8_mapping

    return marc8_mapping.CODESETS, marc8_mapping.ODD_MAP


def decode_marc8(data: bytes, g1: int = ANSEL) -> tuple[str, int]:
    """(text of one subfield, not NFC; number of codes that are no character, each U+FFFD in the text).

    Every subfield starts with ASCII in G0 and `g1` (the final character of a set) in G1. Marks stand before their letter.
    """
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii"), 0
    return _Decoder(data, g1).decode()


class _Decoder:
    """One subfield on its way through the code sets."""

    def __init__(self, data: bytes, g1: int) -> None:
        self.data = data
        self.g0 = BASIC_LATIN
        self.g1 = g1
        self.text: list[str] = []
        self.waiting: list[str] = []
        self.lost = 0

    def decode(self) -> tuple[str, int]:
        data, position, size = self.data, 0, len(self.data)
        while position < size:
            byte = data[position]
            if byte == 0x1B:
                position = self.switch(position)
            elif self.g0 == BASIC_LATIN and 0x20 <= byte < 0x7F:
                run = _ASCII_RUN.match(data, position)
                end = run.end() if run else position + 1
                self.put(data[position:end].decode("ascii"))
                position = end
            elif byte <= 0x20 or (byte == 0x7F and self.g0 != EACC):
                self.put(chr(byte))
                position += 1
            else:
                position = self.one(position)
        return "".join(self.text + self.waiting), self.lost

    def switch(self, position: int) -> int:
        """Obeys the escape sequence at `position`. A broken one loses its escape character, one to an unknown set has no effect."""
        match = ESCAPE.match(self.data, position)
        if match is None:
            return position + 1
        technique1, back, way, _, final = match.groups()
        if technique1:
            self.g0 = technique1[0]
        elif back:
            self.g0 = BASIC_LATIN
        elif final[0] not in _code_sets()[0]:
            self.lost += 1
        elif way[-1:] in {b")", b"-"}:
            self.g1 = final[0]
        else:
            self.g0 = final[0]
        return match.end()

    def one(self, position: int) -> int:
        """Puts the character whose code starts at `position` and gives the position behind it."""
        sets, odd = _code_sets()
        byte = self.data[position]
        own = self.g1 if byte >= 0x80 else self.g0
        if own == EACC and byte not in {0x88, 0x89, 0x8D, 0x8E}:
            code = int.from_bytes(self.data[position : position + 3], "big") & 0x7F7F7F
            width = 3
        else:
            code, width = byte, 1
        found = _look_up(sets.get(own, {}), code)
        if found is None and width == 1 and byte in {0x88, 0x89, 0x8D, 0x8E}:
            found = sets[ANSEL][byte]
        if found is None and code in odd:
            found = (odd[code], 0)
        if found is None:
            self.lost += 1
            self.put(REPLACEMENT)
        elif found[1]:
            self.waiting.append(chr(found[0]))
        else:
            self.put(chr(found[0]))
        return position + width

    def put(self, characters: str) -> None:
        """Adds spacing characters; marks that were waiting go behind the first of them."""
        if self.waiting:
            self.text += [characters[0], *self.waiting, characters[1:]]
            self.waiting.clear()
        else:
            self.text.append(characters)


def _look_up(table: CodeSet, code: int) -> tuple[int, int] | None:
    """A set may stand in either half of the code table; pymarc lists some sets for one half only."""
    return table.get(code) or (table.get(code ^ 0x80) if code < 0x100 else None)
