"""Headings: how a name or subject written on one line becomes subfields, and which authority record it belongs to."""

import re
from dataclasses import dataclass

from demo_catalogue.codes import RELATORS
from demo_catalogue.marcxml import FactError, Subfields, coded, split_nonfiling

DATES = re.compile(r"([,،])\s*((?:approximately |ca |active |fl\. |d\. |b\. )?\d{3,4}\??(?:-(?:\d{3,4}\??)?)?)$")


@dataclass(frozen=True, slots=True)
class Name:
    """A name heading: MARC 21 first indicator, subfields without relators, relator codes."""

    first_indicator: str
    subfields: tuple[tuple[str, str], ...]
    relators: tuple[str, ...]


def person(text: str, default: str = "") -> Name:
    """A personal name of the form `Lagerlöf, Selma, 1858-1940 | aut`.

    Further subfields in place: `Kristina, $c drottning av Sverige, 1626-1689`. A name without a comma is a forename.
    """
    heading, relators = _relators(text, default)
    dated = DATES.search(heading)
    pieces = coded(heading[: dated.start()] if dated else heading)
    first_indicator = "1" if re.search("[,،]", pieces[0][1].rstrip(",")) else "0"
    if dated:
        code, last = pieces[-1]
        pieces[-1] = (code, last + dated[1])
        pieces.append(("d", dated[2]))
    return Name(first_indicator, tuple(pieces), relators)


def corporate(text: str, default: str = "") -> Name:
    """A corporate name or meeting; `$b`, `$n`, `$d`, `$c` are written in place. A place name in front makes indicator 1."""
    heading, relators = _relators(text, default)
    return Name("1" if heading.startswith("@") else "2", tuple(coded(heading.lstrip("@"))), relators)


def topic(text: str) -> Subfields:
    """A subject of the form `Ocean --z Baltic Sea --x History`."""
    first, *further = text.split(" --")
    return [("a", first.strip()), *((piece[0], piece[2:].strip()) for piece in further)]


def uniform(text: str) -> tuple[Subfields, int]:
    """A uniform title with its `$l` etc. in place, and its number of nonfiling characters."""
    plain, skipped = split_nonfiling(text)
    return coded(plain), skipped


def key(subfields: Subfields | tuple[tuple[str, str], ...]) -> str:
    """The text that a heading and its authority record share: no punctuation at the ends, subfields joined."""
    return " ".join(text.strip(" .,:;") for _, text in subfields).casefold()


def _relators(text: str, default: str) -> tuple[str, tuple[str, ...]]:
    heading, _, codes = text.partition(" | ")
    relators = tuple(code.strip() for code in (codes or default).split(",") if code.strip())
    unknown = [code for code in relators if code not in RELATORS]
    if unknown:
        raise FactError(f"unknown relator codes {unknown} in {text!r}")
    return heading.strip(), relators
