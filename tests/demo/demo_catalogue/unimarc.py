"""UNIMARC bibliographic records from the same facts: French cataloguing, non-sorting characters, fields 995 for items.

Source: UNIMARC Manual, Bibliographic Format (IFLA), with the French choices (181-183, 214, 995).
"""

import re

from demo_catalogue.check_digits import isbn_is_right, issn_is_right
from demo_catalogue.codes import FREQUENCIES, ISO_3166, KINDS, LITERATURE, RELATORS, UNIMARC_SCRIPTS
from demo_catalogue.facts import Facts, split_list
from demo_catalogue.fixed_fields import Dates, changed_at, country, dates, entered_on, illustrations, last_year
from demo_catalogue.headings import DATES, key, topic
from demo_catalogue.headings import person as marc21_person
from demo_catalogue.items import item_995, items
from demo_catalogue.marc21 import ORGANISATION, AuthorityIds, control_number
from demo_catalogue.marcxml import FactError, MarcRecord, Subfields, coded, split_nonfiling

START_NONSORTING, END_NONSORTING = "\x98", "\x9c"
RECORD_TYPES = {"a": "a", "t": "b", "c": "c", "e": "e", "g": "g", "i": "i", "j": "j", "k": "k", "m": "l", "r": "r", "o": "m", "p": "b"}
DATE_TYPES = {"s": "d", "r": "e", "t": "h", "q": "f", "m": "g", "c": "a", "d": "b", "u": "c", "n": "u"}
# RDA carrier code -> code of 183$a in the French profile; 181 and 182 take the RDA codes as they are
CARRIERS = {"nc": "nga", "cr": "ceb", "nb": "nga", "sd": "sdb", "vd": "vbc", "vf": "vha", "nr": "nz", "cd": "ceb", "hd": "hea"}


def nonsorting(title: str) -> str:
    """A title whose part before the `|` mark stands between the control characters for non-sorting text."""
    text, skipped = split_nonfiling(title)
    return f"{START_NONSORTING}{text[:skipped]}{END_NONSORTING}{text[skipped:]}" if skipped else text


class UnimarcBuilder:
    """Builds one UNIMARC record."""

    def __init__(self, facts: Facts, authorities: AuthorityIds) -> None:
        self.facts = facts
        self.authorities = authorities
        self.kind = KINDS[facts["kind"]]
        level = {"b": "a", "i": "i"}.get(self.kind.level, self.kind.level)
        self.record = MarcRecord(f"00000c{RECORD_TYPES[self.kind.record_type]}{level}0 2200000   450 ")
        self.linked = 0

    def build(self) -> MarcRecord:
        """The finished record, fields in tag order."""
        self.record.control = [("001", control_number(self.facts.number)), ("005", changed_at(self.facts.number, last_year(self.facts)))]
        self._numbers()
        self._coded()
        self._title()
        self._publication()
        self._description()
        self._notes()
        self._related()
        self._subjects()
        self._responsibility()
        self._local()
        for line in self.facts.extra:
            self.record.add_line(line)
        self.record.sort()
        return self.record

    def _numbers(self) -> None:
        facts = self.facts
        for isbn in facts.listed("isbn"):
            number, _, qualifier = isbn.partition(" ")
            if not isbn_is_right(number.replace("-", "")):
                raise FactError(f"record {facts['id']}: ISBN {number} has a wrong check digit")
            self.record.add("010", "  ", [("a", number), ("b", qualifier.strip("()"))])
        for issn in facts.listed("issn"):
            if not issn_is_right(issn):
                raise FactError(f"record {facts['id']}: ISSN {issn} has a wrong check digit")
            self.record.add("011", "  ", [("a", issn)])

    def _coded(self) -> None:
        facts = self.facts
        self.record.add("100", "  ", [("a", processing_data(facts))])
        languages = facts.listed("langs") or [facts["lang"]]
        originals = facts.listed("orig")
        self.record.add("101", "1 " if originals else "0 ", [("a", code) for code in languages] + [("c", code) for code in originals])
        if country(facts) not in ISO_3166:
            raise FactError(f"record {facts['id']}: no ISO 3166 code for the country {country(facts)!r}; add it to ISO_3166")
        self.record.add("102", "  ", [("a", ISO_3166[country(facts)])])
        if self.kind.layout == "book":
            self.record.add("105", "  ", [("a", textual_data(facts))])
            self.record.add("106", "  ", [("a", {"o": "s", "d": "d", "f": "f"}.get(self.kind.form, "r"))])
        if self.kind.layout == "serial":
            types = {"newspaper": "c", "database": "f", "website": "g"}
            frequency = FREQUENCIES[facts["freq"]][2] if facts["freq"] else "u"
            self.record.add("110", "  ", [("a", f"{types.get(facts['kind'], 'a')}{frequency}a   0xx0")])
        if self.kind.form == "o" or self.kind.level == "i":
            self.record.add("135", "  ", [("a", "dr|||||||||||")])
        content, media, carrier = self.kind.rda
        if dates(facts).first >= "2010":
            self.record.add("181", "  ", [("6", "z01"), ("c", content), ("2", "rdacontent")])
            self.record.add("182", "  ", [("6", "z01"), ("c", media), ("2", "rdamedia")])
            self.record.add("183", "  ", [("6", "z01"), ("a", CARRIERS[carrier]), ("2", "rdacarrier")])

    def add(self, tag: str, indicators: str, subfields: Subfields, original: Subfields | None = None) -> None:
        """Adds a field, and its repetition in the original script linked by $6 when there is one."""
        if original is None:
            self.record.add(tag, indicators, subfields)
            return
        self.linked += 1
        link = ("6", f"a{self.linked:02d}")
        self.record.add(tag, indicators, [link, ("7", "ba"), *subfields])
        self.record.add(tag, indicators, [link, ("7", UNIMARC_SCRIPTS[self.facts["lang"]]), *original])

    def _title(self) -> None:
        facts, vern = self.facts, self.facts.vern
        original = self._title_subfields(vern) if "title" in vern else None
        self.add("200", "1 ", self._title_subfields(facts), original)
        self.record.add("205", "  ", [("a", facts["edition"])])

    def _title_subfields(self, source: dict[str, str]) -> Subfields:
        responsibilities = [text.strip() for text in source.get("resp", "").split(" ; ")]
        first, *further = responsibilities
        return [
            ("a", nonsorting(source["title"])), ("d", source.get("parallel", "")), ("h", source.get("n", "")), ("i", source.get("p", "")),
            ("e", source.get("sub", "")), ("f", first), *(("g", text) for text in further),
        ]  # fmt: skip

    def _publication(self) -> None:
        facts, vern = self.facts, self.facts.vern
        known = dates(facts)
        tag, indicators = ("214", " 0") if known.first >= "2017" else ("210", "  ")
        original = self._imprint(vern["pub"], known) if "pub" in vern else None
        self.add(tag, indicators, self._imprint(facts["pub"], known), original)

    def _imprint(self, places: str, known: Dates) -> Subfields:
        found: Subfields = []
        for place_and_publisher in places.split(" ; "):
            place, _, publisher = place_and_publisher.partition(" / ")
            found += [("a", place), ("c", publisher)]
        return [*found, ("d", known.shown)]

    def _description(self) -> None:
        facts = self.facts
        codes = {"cm": "d", "+": "e"}
        plain = {"o": "1 ressource en ligne"}.get(self.kind.form, "1 vol." if self.kind.layout == "book" and self.kind.level == "m" else "")
        extent, *rest = (facts["extent"] or plain).split(" / ")
        if facts["illustrated"] and not rest:
            rest = ["ill."]
        found: Subfields = [("a", extent)]
        for part in rest:
            kind = "+" if part.startswith("+") else "cm" if re.search(r"\d\s?(cm|mm)\b", part) else ""
            found.append((codes.get(kind, "c"), part.lstrip("+ ")))
        self.record.add("215", "  ", found)
        for series in [*facts.listed("series"), *facts.listed("series0")]:
            name, _, volume = series.partition(" / ")
            self.record.add("225", "2 " if series in facts.listed("series") else "1 ", [("a", nonsorting(name)), ("v", volume)])
        for series in facts.listed("series"):
            name, _, volume = series.partition(" / ")
            self.record.add("410", " 0", [("t", nonsorting(name)), ("v", volume)])
        self.record.add("207", " 0", [("a", facts["start"])])

    def _notes(self) -> None:
        facts = self.facts
        for note in facts.listed("note"):
            self.record.add("300", "  ", [("a", note)])
        self.record.add("327", "1 ", [("a", part) for part in facts.listed("contents")])
        self.record.add("328", " 0", coded(facts["dissertation"]))
        self.record.add("330", "  ", [("a", facts["summary"])])

    def _related(self) -> None:
        facts = self.facts
        if facts["in_title"]:
            host = control_number(int(facts["in_id"])) if facts["in_id"] else ""
            ids = [("x", facts["in_issn"]), ("0", host)]
            self.record.add("461", " 0", [("t", facts["in_title"]), ("v", facts["in_part"]), *ids])
        for fact, tag in (("former", "430"), ("later", "440")):
            for text in facts.listed(fact):
                (_, title), *numbers = coded(text)
                self.record.add(tag, " 0", [("t", title), *numbers])
        if facts["uniform"]:
            (_, title), *divided = coded(facts["uniform"])
            codes = {"l": "m", "n": "h", "p": "i"}
            self.record.add("500", "11", [("a", nonsorting(title)), *((codes.get(code, code), text) for code, text in divided)])
        for alt in facts.listed("alt"):
            self.record.add("517", "1 ", [("a", nonsorting(alt))])

    def _subjects(self) -> None:
        facts = self.facts
        for text in facts.listed("about"):
            heading, *further = text.split(" --")
            subfields = [*self._authority(heading), *person(heading), *subdivisions(further), ("2", "rameau")]
            self.record.add("600", " " + person_indicator(heading), subfields)
        for text in facts.listed("about_corp"):
            heading, *further = text.split(" --")
            self.record.add("601", "02", [*coded(heading), *subdivisions(further), ("2", "rameau")])
        for fact, tag in (("rameau", "606"), ("rameau_geo", "607")):
            for text in facts.listed(fact):
                (_, heading), *_ = topic(text)
                self.record.add(tag, "  ", [("a", heading), *subdivisions(text.split(" --")[1:]), ("2", "rameau")])
        for text in facts.listed("genre"):
            source, _, term = text.partition("/")
            self.record.add("608", "  ", [("a", term), ("2", source)])
        for ddc in facts.listed("ddc"):
            self.record.add("676", "  ", [("a", ddc), ("v", "23")])

    def _responsibility(self) -> None:
        facts, vern = self.facts, self.facts.vern
        main = facts["author"] if " | " in facts["author"] else f"{facts['author']} | aut"
        persons = ([main] if facts["author"] else []) + facts.listed("with")
        originals = ([vern["author"]] if "author" in vern else []) + split_list(vern.get("with", ""))
        for place, text in enumerate(persons):
            heading, _, codes = text.partition(" | ")
            tag = "700" if place == 0 and facts["author"] else "702" if "aut" not in codes else "701"
            roles: Subfields = [("4", RELATORS[code.strip()][2]) for code in codes.split(",") if code.strip()]
            original = [*person(originals[place]), *roles] if place < len(originals) and originals[place] != "_" else None
            self.add(tag, " " + person_indicator(heading), [*self._authority(heading), *person(heading), *roles], original)
        bodies = [facts["corporate"], *facts.listed("with_corp")] if facts["corporate"] else facts.listed("with_corp")
        for place, text in enumerate(bodies):
            heading, _, codes = text.partition(" | ")
            tag = "710" if place == 0 and facts["corporate"] else "712"
            roles = [("4", RELATORS[code.strip()][2]) for code in codes.split(",") if code.strip()]
            self.record.add(tag, "02", [*coded(heading.lstrip("@")), *roles])
        if facts["meeting"]:
            codes_711 = {"n": "d", "d": "f", "c": "e"}
            meeting = coded(facts["meeting"].partition(" | ")[0])
            self.record.add("710", "12", [(codes_711.get(code, code), text.strip(" (:);")) for code, text in meeting])

    def _authority(self, heading: str) -> Subfields:
        """$3 with the id of a person's authority record, when there is one."""
        known = self.authorities.get(("name", key(marc21_person(heading).subfields)))
        return [("3", known)] if known else []

    def _local(self) -> None:
        facts = self.facts
        day = entered_on(facts.number, last_year(facts))
        self.record.add("801", " 0", [("a", "SE"), ("b", ORGANISATION), ("c", f"{day:%Y%m%d}"), ("g", "AFNOR")])
        for url in facts.listed("url"):
            address, _, note = url.partition(" ")
            self.record.add("856", "4 ", [("u", address), ("z", note)])
        if facts["suppressed"]:
            self.record.add("955", "  ", [("n", "1")])
        for item in items(facts):
            self.record.add("995", "  ", item_995(item))


def person(text: str) -> Subfields:
    """$a entry element $b other part $c additions $f dates of `Hugo, Victor, 1802-1885`."""
    heading = text.strip()
    dated = DATES.search(heading)
    plain = heading[: dated.start()] if dated else heading
    (_, name), *further = coded(plain)
    entry, _, other = name.partition(", ")
    return [("a", entry), ("b", other), *further, ("f", dated[2] if dated else "")]


def person_indicator(text: str) -> str:
    """Second indicator of a personal name: 1 entered under the surname, 0 under the forename."""
    heading = text.strip()
    dated = DATES.search(heading)
    return "1" if ", " in (heading[: dated.start()] if dated else heading) else "0"


def subdivisions(pieces: list[str]) -> Subfields:
    """Subdivisions of a heading; UNIMARC calls topical $x, geographic $y, chronological $z and form $j."""
    codes = {"x": "x", "z": "y", "y": "z", "v": "j"}
    return [(codes[piece[0]], piece[2:].strip()) for piece in pieces]


def processing_data(facts: Facts) -> str:
    """100$a, 36 characters: day entered, dates, audience, language of cataloguing, character set Unicode, script."""
    known = dates(facts)
    audience = {"j": "a", "b": "b", "d": "e"}.get(facts["audience"], "k") + "  "
    day = entered_on(facts.number, last_year(facts))
    text = f"{day:%Y%m%d}{DATE_TYPES[known.kind]}{known.first}{known.second}{audience}y0frey50      ba"
    if len(text) != 36:
        raise FactError(f"record {facts['id']}: 100$a has {len(text)} characters")
    return text


def textual_data(facts: Facts) -> str:
    """105$a, 13 characters: illustrations, contents, conference, festschrift, index, literature, biography."""
    literature = {"f": "a", "j": "f", "p": "g", "d": "b", "e": "c", "i": "e", "m": "h", "1": "a"}
    own = literature[LITERATURE[facts["literature"]]] if facts["literature"] else "y"
    contents = "m   " if facts["dissertation"] else "z   " if not facts["literature"] else "    "
    conference = "1" if facts["meeting"] else "0"
    index = "1" if "index" in facts["note"].lower() else "0"
    return f"{illustrations(facts)}{contents}{conference}0{index}{own}{facts['biography'] or 'y'}"
