"""Leader, 005, 008 and the parts they share: dates of publication, country, illustrations.

Source: MARC 21 Format for Bibliographic Data, leader and 008.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from demo_catalogue.codes import KINDS, LITERATURE, Kind
from demo_catalogue.facts import Facts
from demo_catalogue.marcxml import FactError

# No record claims to have been changed after the day on which the demo catalogue was first shipped.
LAST_CHANGE = date(2026, 11, 20)


@dataclass(frozen=True, slots=True)
class Dates:
    """What 008/06-14 and 264$c say: type of date, two dates of four characters, the text shown."""

    kind: str
    first: str
    second: str
    shown: str


def dates(facts: Facts) -> Dates:
    """Dates of publication from the facts `date`, `first` (original of a reprint), `copyright` and `date_text`.

    `date` is one of 1951, 193u, 1920?, 1740-1760? (questionable), 1861-1865, 1888- (still appearing), 1952-? (unknown
    whether it still appears), unknown.
    """
    text = facts["date"]
    runs = KINDS[facts["kind"]].level in "si"
    if text == "unknown":
        found = Dates("n", "uuuu", "uuuu", "[date of publication not identified]")
    elif match := re.fullmatch(r"(\d{4})-(\d{4})\?", text):
        found = Dates("q", match[1], match[2], f"[between {match[1]} and {match[2]}?]")
    elif match := re.fullmatch(r"(\d{4})-(\d{4})", text):
        found = Dates("d" if runs else "m", match[1], match[2], text)
    elif match := re.fullmatch(r"(\d{4})-\?", text):
        found = Dates("u", match[1], "uuuu", f"{match[1]}-")
    elif match := re.fullmatch(r"(\d{4})-", text):
        found = Dates("c" if runs else "m", match[1], "9999", text)
    elif match := re.fullmatch(r"(\d{4})(\??)", text):
        found = _single(facts, match[1], f"[{text}]" if match[2] else text)
    elif re.fullmatch(r"\d{3}u", text):
        found = Dates("s", text, "    ", f"[{text[:3]}-]")
    else:
        raise FactError(f"record {facts['id']}: date {text!r} is not understood")
    return Dates(found.kind, found.first, found.second, facts["date_text"] or found.shown)


def _single(facts: Facts, year: str, shown: str) -> Dates:
    if facts["first"]:
        return Dates("r", year, facts["first"], shown)
    if facts["copyright"]:
        return Dates("t", year, facts["copyright"], shown)
    return Dates("s", year, "    ", shown)


def country(facts: Facts) -> str:
    """MARC country code, two or three letters, from `country` or the first place of publication."""
    if facts["country"]:
        return facts["country"]
    place = facts["pub"].split(" / ")[0].split(" ; ")[0].strip("[]")
    if place not in facts.countries:
        raise FactError(f"record {facts['id']}: no country for the place {place!r}; add it to places.yaml or give `country`")
    return facts.countries[place]


def entered_on(number: int, year: int = 0) -> date:
    """The day a record was made: spread over 2009-2022, never before the year of publication; the same at every run."""
    usual = date(2009, 1, 7) + timedelta(days=(number * 397) % 4900)
    return max(usual, date(year, 1, 15) + timedelta(days=(number * 83) % 340)) if year > 2009 else usual


def changed_at(number: int, year: int = 0) -> str:
    """005 of a record: some weeks to years after it was made, in UTC."""
    day = entered_on(number, year) + timedelta(days=20 + (number * 211) % 1300)
    day = min(day, LAST_CHANGE - timedelta(days=number % 60))
    return f"{day:%Y%m%d}{8 + number % 10:02d}{number * 7 % 60:02d}{number * 13 % 60:02d}.0"


def last_year(facts: Facts) -> int:
    """The year from which a record of this publication can date: its own year, or 0 when it still appears or is unknown."""
    known = dates(facts)
    year = known.second if known.kind in "mq" and known.second != "9999" else known.first
    return int(year) if known.kind not in "cdu" and year.isdigit() else 0


def is_rda(facts: Facts) -> bool:
    """Whether a record follows RDA: as the fact `rules` says, else all records of publications from 2000 on."""
    if facts["rules"]:
        return facts["rules"] == "rda"
    year = re.search(r"\d{3}[\du]", facts["date"])
    return year is not None and year[0] >= "2000"


def leader(facts: Facts, kind: Kind) -> str:
    """Leader with blank lengths: status c, UTF-8, full level, ISBD with (RDA: i, AACR2: a) punctuation."""
    archival = "a" if kind.layout == "mixed" else " "
    return f"00000c{kind.record_type}{kind.level}{archival}a2200000 {'i' if is_rda(facts) else 'a'} 4500"


def fixed_008(facts: Facts, kind: Kind) -> str:
    """008 of a bibliographic record, 40 characters."""
    known = dates(facts)
    head = f"{entered_on(facts.number, last_year(facts)):%y%m%d}{known.kind}{known.first}{known.second}{country(facts):<3}"
    middle = _LAYOUTS[kind.layout](facts, kind)
    text = f"{head}{middle.replace('_', ' ')}{facts['lang']} c"
    if len(text) != 40:
        raise FactError(f"record {facts['id']}: 008 has {len(text)} characters: {text!r}")
    return text


def illustrations(facts: Facts) -> str:
    """008/18-21 of books: a illustrations, b maps, c portraits, f plates, as the extent says."""
    extent = facts["extent"].lower() + (" illustrations" if facts["illustrated"] else "")
    words = (("a", "ill"), ("b", "map"), ("b", "carte"), ("b", "kart"), ("c", "portr"), ("f", "plate"), ("f", "plansch"))
    found = dict.fromkeys(code for code, word in words if word in extent)
    return f"{''.join(found)[:4]:<4}"


def _book(facts: Facts, kind: Kind) -> str:
    contents = "b" if any("505 " not in line and "ibliograph" in line for line in facts.extra) else ""
    contents += "m" if facts["dissertation"] else ""
    index = "1" if "index" in facts["note"].lower() or "register" in facts["note"].lower() else "0"
    conference = "1" if facts["meeting"] else "0"
    literature = LITERATURE[facts["literature"]] if facts["literature"] else "0"
    biography = facts["biography"] or " "
    return f"{illustrations(facts)}{facts['audience'] or ' '}{kind.form}{contents:<4} {conference}0{index} {literature}{biography}"


def _serial(facts: Facts, kind: Kind) -> str:
    frequency = facts["freq"] or " "
    types = {"newspaper": "n", "newsfilm": "n", "database": "d", "website": "w", "looseleaf": "l"}
    layout = {"database": "k", "website": "k", "looseleaf": "k"}
    regular = "r" if frequency.strip() else "|"
    entry = "2" if facts["kind"] in layout else "0"
    frequency = layout.get(facts["kind"], frequency)
    return f"{frequency}{regular} {types.get(facts['kind'], 'p')} {kind.form}     0   {facts['script'] or 'a'}{entry}"


def _map(facts: Facts, kind: Kind) -> str:
    relief = "a" if "contour" in facts["extent"] else " "
    return f"{relief:<4}   {'e' if facts['kind'] == 'atlas' else 'a'}   {kind.form} 0   "


def _music(facts: Facts, kind: Kind) -> str:
    form = facts["music_form"] or ("nn" if kind.record_type == "i" else "zz")
    # Format of music, parts, literary text, transposition: what a score tells and a recording has not, or the other way.
    score, parts, transposed = ("a", " ", "|") if kind.record_type == "c" else ("n", "n", "n")
    spoken = "f " if kind.record_type == "i" else "  "
    return f"{form}{score}{parts}{facts['audience'] or ' '}{kind.form}      {spoken} {transposed} "


def _visual(facts: Facts, kind: Kind) -> str:
    minutes = f"{int(facts['film_minutes']):03d}" if facts["film_minutes"] else ("---" if kind.record_type == "g" else "nnn")
    types = {"dvd": "v", "vhs": "v", "picture": "i", "game": "g", "object": "r", "kit": "b"}
    technique = "l" if kind.record_type == "g" else "n"
    return f"{minutes} {facts['audience'] or ' '}      {kind.form}   {types[facts['kind']]}{technique}"


def _computer(facts: Facts, kind: Kind) -> str:
    return f"    {facts['audience'] or ' '}{kind.form}  g        "


def _mixed(facts: Facts, kind: Kind) -> str:
    return f"     {kind.form}           "


_LAYOUTS = {
    "book": _book, "serial": _serial, "map": _map, "music": _music, "visual": _visual, "computer": _computer, "mixed": _mixed,
}  # fmt: skip
