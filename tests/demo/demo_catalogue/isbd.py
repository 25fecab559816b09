"""ISBD punctuation: each part of a description ends on the mark that introduces the next one."""

import re
from collections.abc import Mapping

from demo_catalogue.marcxml import Subfields


def title_statement(title: str, source: Mapping[str, str], medium: str = "", *, closed: bool) -> Subfields:
    """245 (or its 880): $a $n $p $h $b $c from `title` and the facts n, p, parallel, sub and resp of `source`.

    `medium`: general material designation without its brackets. `closed`: the statement ends on a full stop (AACR2).
    """
    number, part = source.get("n", ""), source.get("p", "")
    pieces = [
        ("a", title, ""), ("n", number, "."), ("p", part, "," if number else "."), ("h", f"[{medium}]" if medium else "", ""),
        ("b", source.get("parallel", ""), " ="), ("b", source.get("sub", ""), " :"), ("c", source.get("resp", ""), " /"),
    ]  # fmt: skip
    found: Subfields = []
    for code, text, mark in pieces:
        if not text:
            continue
        if code == "b" and found[-1][0] == "b":
            # The parallel title and the other title information share one $b.
            found[-1] = ("b", f"{found[-1][1]}{mark} {text}")
            continue
        if found:
            found[-1] = (found[-1][0], found[-1][1] + mark)
        found.append((code, text))
    if closed:
        found[-1] = (found[-1][0], full_stop(found[-1][1]))
    return found


def imprint(places: str, shown: str) -> Subfields:
    """$a place $b publisher $c date of `Place / Publisher ; Place / Publisher`, with ISBD punctuation."""
    found: Subfields = []
    for place_and_publisher in places.split(" ; "):
        place, _, publisher = place_and_publisher.partition(" / ")
        if found:
            found[-1] = (found[-1][0], found[-1][1] + " ;")
        found.append(("a", f"{place} :" if publisher and place else place))
        found.append(("b", publisher))
    found = [own for own in found if own[1]]
    if found and shown:
        found[-1] = (found[-1][0], found[-1][1] + ",")
    return [*found, ("c", shown)]


def full_stop(text: str) -> str:
    """The text with a full stop, unless it ends on a mark already."""
    return text if text.endswith((".", "!", "?", ")", "-")) else text + "."


def physical_description(extent: str) -> Subfields:
    """300 of `vii, 230 pages / illustrations / 22 cm / + 1 map`: $a extent $b details $c size $e accompanying material."""
    first, *rest = extent.split(" / ")
    found: Subfields = [("a", first)]
    for part in rest:
        if part.startswith("+"):
            code, mark = "e", " +"
        else:
            code, mark = ("c", " ;") if re.search(r"\d\s?(cm|mm)\b", part) else ("b", " :")
        found[-1] = (found[-1][0], found[-1][1] + mark)
        found.append((code, part.lstrip("+ ")))
    return found


def series_statement(text: str) -> Subfields:
    """$a name $v volume of `Name / volume`."""
    name, _, volume = text.partition(" / ")
    return [("a", f"{name} ;" if volume else name), ("v", volume)]
