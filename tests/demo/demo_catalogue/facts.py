"""The facts of a record as the YAML files give them, checked: every key is known, every record has what all records need."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from demo_catalogue.marcxml import FactError

# fmt: off
TEXT_KEYS = frozenset({
    "id", "kind", "lang", "langs", "orig", "cataloguing", "rules", "author", "corporate", "meeting", "with", "with_corp",
    "uniform", "title", "n", "p", "sub", "parallel", "resp", "alt", "edition", "pub", "date", "first", "copyright", "date_text",
    "country", "extent", "illustrated", "series", "series0", "freq", "start", "note", "dissertation", "contents", "summary",
    "isbn", "issn", "lccn", "lcc", "ddc", "sab", "lcsh", "lcsh_geo", "sao", "sao_geo", "rameau", "rameau_geo", "about",
    "about_corp", "about_title", "genre", "literature", "audience", "biography", "script", "music_form", "film_minutes",
    "in_title", "in_part", "in_issn", "in_key", "in_id", "former", "later", "url", "copies", "suppressed",
})
OTHER_KEYS = frozenset({"extra", "vern"})
VERN_KEYS = frozenset({
    "author", "corporate", "meeting", "title", "n", "p", "sub", "resp", "edition", "pub", "series", "uniform", "with",
    "with_corp", "alt", "note",
})
# fmt: on


class Facts(dict[str, str]):
    """Facts of one record: key -> text; a missing key reads as an empty text.

    `extra`: further fields in line notation. `vern`: key -> the same fact in the original script. `countries`: place of
    publication -> MARC country code, the same for all records.
    """

    extra: list[str]
    vern: dict[str, str]
    countries: dict[str, str]

    def __missing__(self, key: str) -> str:
        return ""

    def listed(self, key: str) -> list[str]:
        """The values of a fact that holds several, separated by ` ; `."""
        return split_list(self[key])

    @property
    def number(self) -> int:
        """The record's own number, from which its control number, dates and barcodes are made."""
        return int(self["id"])

    @property
    def title_main(self) -> str:
        """The title proper without the mark of the nonfiling characters."""
        return self["title"].replace("|", "", 1)


def split_list(text: str) -> list[str]:
    """The values of a text that separates them by ` ; `."""
    return [value.strip() for value in text.split(" ; ") if value.strip()]


def read_facts(folder: Path, pattern: str) -> list[Facts]:
    """Facts of all records of the YAML files that match, ordered by record number.

    Raises FactError for an unknown key, a missing necessary one, or a number used twice.
    """
    countries = _countries(folder / "places.yaml")
    found = [_checked(raw, path.name) for path in sorted(folder.glob(pattern)) for raw in _rows(path)]
    found.sort(key=lambda facts: facts.number)
    for facts in found:
        facts.countries = countries
    for before, after in pairwise(found):
        if before.number == after.number:
            raise FactError(f"id {after.number} is used twice: {before['title']!r} and {after['title']!r}")
    return found


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a YAML file whose values are all texts (authority records)."""
    return [{key: str(value) for key, value in row.items()} for row in _rows(path)]


def _countries(path: Path) -> dict[str, str]:
    places: dict[str, list[str]] = _loaded(path)
    return {place: country for country, own in places.items() for place in own}


def _rows(path: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = _loaded(path)
    return rows


def _loaded(path: Path) -> Any:
    # The base loader keeps every scalar a text: ISBNs keep their zeros and the country `no` stays a word.
    try:
        return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
    except yaml.YAMLError as broken:
        raise FactError(f"{path.name}: {broken}") from broken


def _checked(raw: dict[str, object], source: str) -> Facts:
    name = f"{source}: record {raw.get('id')} ({raw.get('title')})"
    facts = Facts({key: str(value) for key, value in raw.items() if key not in OTHER_KEYS})
    facts.extra = [str(line) for line in _sequence(raw.get("extra", []), name)]
    vern = raw.get("vern", {})
    if not isinstance(vern, dict):
        raise FactError(f"{name}: vern is not a mapping")
    facts.vern = {str(key): str(value) for key, value in vern.items()}
    unknown = sorted(set(facts) - TEXT_KEYS) + sorted(set(facts.vern) - VERN_KEYS)
    if unknown:
        raise FactError(f"{name}: unknown keys {', '.join(unknown)}")
    missing = [key for key in ("id", "kind", "lang", "title") if not facts[key]]
    if missing:
        raise FactError(f"{name}: no {', '.join(missing)}")
    return facts


def _sequence(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise FactError(f"{name}: extra is not a list")
    return value
