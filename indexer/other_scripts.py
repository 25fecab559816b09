"""MARC 21 fields in other scripts: every 880 beside the field it parallels, for crosswalks that read tag after tag.

The same as `stylesheets/marc21-record.xsl`. Source: MARC 21 bibliographic format, field 880 and appendix A (control subfields, $6).
"""

from collections.abc import Sequence

from indexer.record import SUBFIELD


def arranged(fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The fields with every 880 as a field of the tag that its $6 names, behind the field it parallels (`marc21-record.xsl`)."""
    linked = _in_order(fields)
    others: dict[tuple[str, str], list[str]] = {}
    for place, body in linked:
        others.setdefault(place, []).append(body)
    made: list[tuple[str, str]] = []
    paired: set[tuple[str, str]] = set()
    for field in fields:
        tag, body = field
        if tag != "880":
            made.append(field)
            if _LINKED in body and (link := _link(body)) is not None:
                place = (tag, link[4:6])
                if place in others and _is_occurrence(place[1]):
                    paired.add(place)
                    made += [(tag, other) for other in others[place]]
    if len(paired) < len(others):
        made += [(place[0], body) for place, body in linked if place not in paired]
    return made


def _in_order(fields: Sequence[tuple[str, str]]) -> list[tuple[tuple[str, str], str]]:
    """(tag and occurrence, body) of the fields 880 that have a $6."""
    links = [(_link(body), body) for tag, body in fields if tag == "880"]
    return [((link[:3], link[4:6]), body) for link, body in links if link is not None]


_LINKED = f"{SUBFIELD}6"


def _link(body: str) -> str | None:
    """The first $6; None when there is none."""
    at = body.find(_LINKED)
    return body[at + 2 :].partition(SUBFIELD)[0] if at >= 0 else None


def _is_occurrence(number: str) -> bool:
    return len(number) == 2 and number != "00"
