"""Bounding boxes of maps, in decimal degrees.

Source: indexing.md section 4.9; MARC 21 034 $d-$g and 255 $c; UNIMARC 123 $d-$g and 206 $a. Coordinates are `hdddmmss`, also with
decimals of degrees, minutes or seconds, or with a sign instead of a hemisphere.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from indexer.record import first, subfields

_CODED = re.compile(r"([EWNS+-]?)([0-9]{1,7})(\.[0-9]+)?")
_WRITTEN = re.compile(
    r"(?<![A-Za-zÅÄÖåäö])([EWNSÖV])\s*([0-9]{1,3}(?:[.,][0-9]+)?)\s*[°⁰º˚]"
    r"(?:\s*([0-9]{1,2}(?:[.,][0-9]+)?)\s*(?:[ʹ'′’]|(?=[^0-9.,])))?(?:\s*([0-9]{1,2}(?:[.,][0-9]+)?)\s*[ʺ\"″”'’ʹ′])?"
)
_SIGNS = {"E": 1, "Ö": 1, "N": 1, "+": 1, "": 1, "W": -1, "V": -1, "S": -1, "-": -1}
_EAST_WEST, _NORTH_SOUTH = "EWÖV+-", "NS+-"


class Box(NamedTuple):
    """West to east, and south to north; a point has equal sides. Degrees, west and south negative."""

    west: float
    east: float
    north: float
    south: float


def marc21_boxes(f034: Sequence[str], f255: Sequence[str] = ()) -> list[Box]:
    """Boxes of 034 (bodies), or when it gives none those written in 255 $c. What makes no sense is left out."""
    return _coded_boxes(f034) or _written_boxes(f255, "c")


def unimarc_boxes(f123: Sequence[str], f206: Sequence[str] = ()) -> list[Box]:
    """Boxes of 123 (bodies), or when it gives none those written in 206 $a."""
    return _coded_boxes(f123) or _written_boxes(f206, "a")


def _coded_boxes(bodies: Iterable[str]) -> list[Box]:
    boxes = []
    for body in bodies:
        west = _coded(first(body, "d"), _EAST_WEST)
        east = _coded(first(body, "e"), _EAST_WEST) if first(body, "e") else west
        north = _coded(first(body, "f"), _NORTH_SOUTH)
        south = _coded(first(body, "g"), _NORTH_SOUTH) if first(body, "g") else north
        boxes.append(_box(west, east, north, south))
    return list(dict.fromkeys(box for box in boxes if box is not None))


def _box(west: float | None, east: float | None, north: float | None, south: float | None) -> Box | None:
    if west is None or east is None or north is None or south is None:
        return None
    return Box(west, east, north, south) if -180 <= west <= east <= 180 and -90 <= south <= north <= 90 else None


def _coded(text: str, hemispheres: str) -> float | None:
    found = _CODED.fullmatch("".join(text.upper().split()))
    if found is None or found.group(1) not in hemispheres:
        return None
    sign, digits, decimals = found.groups("")
    match len(digits):
        case 1 | 2 | 3:
            parts = (float(digits + decimals), 0.0, 0.0)
        case 5:
            parts = (float(digits[:3]), float(digits[3:] + decimals), 0.0)
        case 6 | 7:
            parts = (float(digits[:-4]), float(digits[-4:-2]), float(digits[-2:] + decimals))
        case _:
            return None
    return _degrees(sign, *parts)


def _degrees(sign: str, degrees: float, minutes: float, seconds: float) -> float | None:
    if minutes >= 60 or seconds >= 60:
        return None
    return round(_SIGNS[sign] * (degrees + minutes / 60 + seconds / 3600), 6)


def _written_boxes(bodies: Iterable[str], code: str) -> list[Box]:
    """Boxes of statements such as `(W 117°00ʹ--W 114°22ʹ/N 47°07ʹ--N 46°07ʹ)`."""
    boxes = []
    for body in bodies:
        for own, text in subfields(body):
            if own == code:
                boxes.append(_written_box(text))
    return list(dict.fromkeys(box for box in boxes if box is not None))


def _written_box(text: str) -> Box | None:
    found = _WRITTEN.findall(text)[:4]
    if (
        len(found) != 4
        or any(place[0] not in _EAST_WEST for place in found[:2])
        or any(place[0] not in _NORTH_SOUTH for place in found[2:])
    ):
        return None
    return _box(*(_degrees(sign, *(float(part.replace(",", ".") or 0) for part in parts)) for sign, *parts in found))
