"""MARC 21 bibliographic records from facts: ISBD punctuation, RDA or AACR2 fields, original scripts in 880."""

from demo_catalogue.check_digits import isbn13, isbn_is_right, issn_is_right
from demo_catalogue.codes import FREQUENCIES, KINDS, RDA_TERMS, RELATORS, SCRIPTS
from demo_catalogue.facts import Facts, split_list
from demo_catalogue.fixed_fields import changed_at, dates, fixed_008, is_rda, last_year, leader
from demo_catalogue.headings import Name, corporate, key, person, topic, uniform
from demo_catalogue.isbd import full_stop, imprint, physical_description, series_statement, title_statement
from demo_catalogue.items import item_952, items
from demo_catalogue.marcxml import FactError, MarcRecord, Subfields, coded, split_nonfiling

ORGANISATION = "SE-Hylla"

AuthorityIds = dict[tuple[str, str], str]
"""(kind, heading key) -> authority record id; kinds are `name` and a subject scheme such as `lcsh` or `sao`."""

# kind -> relator of its main entry when the facts name none
MAIN_RELATOR = {"score": "cmp", "cd": "cmp", "lp": "cmp", "map": "ctg", "atlas": "ctg", "picture": "art"}


def control_number(number: int) -> str:
    """001 of the record with this number."""
    return f"hy{number:05d}"


class Marc21Builder:
    """Builds one record; what the fields share (880 numbering, language of cataloguing, authority ids) lives here."""

    def __init__(self, facts: Facts, authorities: AuthorityIds) -> None:
        self.facts = facts
        self.kind = KINDS[facts["kind"]]
        self.authorities = authorities
        self.swedish = (facts["cataloguing"] or ("swe" if facts["lang"] == "swe" else "eng")) == "swe"
        facts["cataloguing"] = "swe" if self.swedish else "eng"
        self.rda = is_rda(facts)
        self.record = MarcRecord(leader(facts, self.kind))
        self.linked = 0

    def build(self) -> MarcRecord:
        """The finished record, fields in tag order."""
        self._control()
        self._numbers()
        self._main_entry()
        self._titles()
        self._publication()
        self._description()
        self._notes()
        self._subjects()
        self._added_entries()
        self._links()
        self._local()
        for line in self.facts.extra:
            self.record.add_line(line)
        self.record.sort()
        return self.record

    def add(self, tag: str, indicators: str, subfields: Subfields, original: tuple[str, Subfields] | None = None) -> None:
        """Adds a field, and when `original` (indicators, subfields) is given also the 880 that carries its original script."""
        if original is None:
            self.record.add(tag, indicators, subfields)
            return
        self.linked += 1
        self.record.add(tag, indicators, [("6", f"880-{self.linked:02d}"), *subfields])
        link = f"{tag}-{self.linked:02d}/{SCRIPTS[self.facts['lang']]}"
        self.record.add("880", original[0], [("6", link), *original[1]])

    def _control(self) -> None:
        facts = self.facts
        changed = changed_at(facts.number, last_year(facts))
        self.record.control = [("001", control_number(facts.number)), ("003", ORGANISATION), ("005", changed)]
        self.record.control.append(("007", self.kind.f007))
        self.record.control.append(("008", fixed_008(facts, self.kind)))

    def _numbers(self) -> None:
        facts = self.facts
        if facts["lccn"]:
            # LCCN structure A: three blanks for the prefix, eight digits, one blank.
            self.record.add("010", "  ", [("a", f"   {facts['lccn']} ")])
        for isbn in facts.listed("isbn"):
            number, _, qualifier = isbn.replace("-", "").partition(" ")
            if not isbn_is_right(number):
                raise FactError(f"record {facts['id']}: ISBN {number} has a wrong check digit")
            note: Subfields = [("q", qualifier)] if self.rda else []
            shown = number if self.rda or not qualifier else f"{number} {qualifier}"
            if len(number) == 10 and last_year(facts) >= 2007:
                self.record.add("020", "  ", [("a", isbn13(number)), *note])
            self.record.add("020", "  ", [("a", shown), *note])
        for issn in facts.listed("issn"):
            if not issn_is_right(issn):
                raise FactError(f"record {facts['id']}: ISSN {issn} has a wrong check digit")
            self.record.add("022", "  ", [("a", issn)])
        source: Subfields = [("a", ORGANISATION), ("b", facts["cataloguing"]), ("e", "rda" if self.rda else ""), ("c", ORGANISATION)]
        self.record.add("040", "  ", source)
        self._languages()
        if facts["lcc"]:
            number, _, rest = facts["lcc"].partition(" ")
            self.record.add("050", " 4", [("a", number), ("b", rest)])
        for ddc in facts.listed("ddc"):
            self.record.add("082", "04", [("a", ddc), ("2", "23" if self.rda else "21")])
        for sab in facts.listed("sab"):
            self.record.add("084", "  ", [("a", sab), ("2", "kssb/8")])

    def _languages(self) -> None:
        facts = self.facts
        spoken = facts.listed("langs")
        if spoken and facts["lang"] not in (spoken[0], "mul"):
            raise FactError(f"record {facts['id']}: the first of `langs` is not `lang`")
        if spoken or facts["orig"]:
            texts = [("a", code) for code in spoken or [facts["lang"]]]
            self.record.add("041", "1 " if facts["orig"] else "0 ", texts + [("h", code) for code in facts.listed("orig")])

    def _name(self, name: Name, in_subject: bool = False) -> Subfields:
        """Subfields of a name with its relators and the id of its authority record."""
        found = list(name.subfields)
        terms = [RELATORS[code][1 if self.swedish else 0] for code in name.relators] if self.rda else []
        if terms:
            code, text = found[-1]
            found[-1] = (code, text if text.endswith(("-", ",")) else text + ",")
        elif not self.swedish and not in_subject and not found[-1][1].endswith(("-", ".", ")")):
            found[-1] = (found[-1][0], found[-1][1] + ".")
        found += [("e", f"{term}{',' if place < len(terms) else '.'}") for place, term in enumerate(terms, 1)]
        return found + self._authority("name", list(name.subfields)) + [("4", code) for code in name.relators]

    def _authority(self, kind: str, subfields: Subfields) -> Subfields:
        known = self.authorities.get((kind, key([own for own in subfields if own[0] not in "exyzv"])))
        return [("0", f"({ORGANISATION}){known}")] if known else []

    def _main_entry(self) -> None:
        facts, vern = self.facts, self.facts.vern
        for fact, tag in (("author", "100"), ("corporate", "110"), ("meeting", "111")):
            if facts[fact]:
                make = person if fact == "author" else corporate
                default = MAIN_RELATOR.get(facts["kind"], "aut") if fact == "author" else ""
                name = make(facts[fact], default)
                self.add(tag, f"{name.first_indicator} ", self._name(name), self._name_original(make, vern.get(fact, "")))
        if facts["uniform"]:
            title, skipped = uniform(facts["uniform"])
            tag = "240" if self._has_main_entry() else "130"
            indicators = f"1{skipped}" if tag == "240" else f"{skipped} "
            original = (indicators[0] + "0" if tag == "240" else "0 ", uniform(vern["uniform"])[0]) if "uniform" in vern else None
            self.add(tag, indicators, title, original)

    def _name_original(self, make: object, text: str) -> tuple[str, Subfields] | None:
        if not text or text == "_":
            return None
        name = person(text) if make is person else corporate(text)
        return f"{name.first_indicator} ", list(name.subfields)

    def _has_main_entry(self) -> bool:
        return any(self.facts[fact] for fact in ("author", "corporate", "meeting"))

    def _titles(self) -> None:
        facts, vern = self.facts, self.facts.vern
        plain, skipped = split_nonfiling(facts["title"])
        added = "1" if self._has_main_entry() else "0"
        subfields = title_statement(plain, facts, self.kind.gmd if not self.rda else "", closed=not self.rda)
        original = None
        if "title" in vern:
            text, vern_skipped = split_nonfiling(vern["title"])
            original = (f"{added}{vern_skipped}", title_statement(text, vern, closed=not self.rda))
        self.add("245", f"{added}{skipped}", subfields, original)
        originals = split_list(vern.get("alt", ""))
        for place, alt in enumerate(facts.listed("alt")):
            pair = ("3 ", [("a", originals[place])]) if place < len(originals) and originals[place] != "_" else None
            self.add("246", "3 ", coded(alt), pair)
        if facts["edition"]:
            self.add("250", "  ", [("a", facts["edition"])], ("  ", [("a", vern["edition"])]) if "edition" in vern else None)
        self._series()

    def _series(self) -> None:
        facts = self.facts
        originals = split_list(self.facts.vern.get("series", ""))
        for place, series in enumerate(facts.listed("series")):
            text, skipped = split_nonfiling(series)
            stated = series_statement(text)
            self.add("490", "1 ", stated, ("1 ", series_statement(originals[place])) if place < len(originals) else None)
            self.record.add("830", f" {skipped}", stated)
        for series in facts.listed("series0"):
            self.record.add("490", "0 ", series_statement(series))

    def _publication(self) -> None:
        facts, vern = self.facts, self.facts.vern
        known = dates(facts)
        unpublished = self.kind.record_type in "tp" or facts["kind"] == "object"
        if self.rda:
            tag, indicators = "264", " 0" if unpublished else " 1"
        else:
            tag, indicators = "260", "  "
        if not facts["pub"] and not facts["date"]:
            return
        original = (indicators, imprint(vern["pub"], known.shown)) if "pub" in vern else None
        shown = known.shown + (f", c{facts['copyright']}" if facts["copyright"] and not self.rda else "")
        self.add(tag, indicators, imprint(facts["pub"], shown), original)
        if facts["copyright"] and self.rda:
            self.record.add("264", " 4", [("c", f"©{facts['copyright']}")])

    def _description(self) -> None:
        facts = self.facts
        self.record.add("300", "  ", physical_description(facts["extent"] or self._plain_extent()))
        if facts["freq"]:
            english, swedish, _ = FREQUENCIES[facts["freq"]]
            self.record.add("310", "  ", [("a", swedish if self.swedish else english)])
        if self.rda:
            for tag, code, scheme in zip(("336", "337", "338"), self.kind.rda, ("rdacontent", "rdamedia", "rdacarrier"), strict=True):
                self.record.add(tag, "  ", [("a", RDA_TERMS[code][self.swedish]), ("b", code), ("2", scheme)])
        self.record.add("362", "0 ", [("a", facts["start"])])

    def _plain_extent(self) -> str:
        """What 300 says when the facts give no extent: that it is one volume, or an online resource."""
        if self.kind.form == "o":
            return "1 onlineresurs" if self.swedish else "1 online resource"
        if self.kind.layout == "book" and self.kind.level == "m":
            illustrated = (" / illustrationer" if self.swedish else " / illustrations") if self.facts["illustrated"] else ""
            return ("1 vol." if self.swedish else "1 volume") + illustrated
        return ""

    def _notes(self) -> None:
        facts = self.facts
        originals = split_list(facts.vern.get("note", ""))
        for place, note in enumerate(facts.listed("note")):
            pair = ("  ", [("a", originals[place])]) if place < len(originals) and originals[place] != "_" else None
            self.add("500", "  ", [("a", full_stop(note))], pair)
        self.record.add("502", "  ", coded(facts["dissertation"]))
        if facts["contents"]:
            self.record.add("505", "0 ", [("a", full_stop(facts["contents"].replace(" ; ", " -- ")))])
        if facts["summary"]:
            self.record.add("520", "  ", [("a", facts["summary"])])

    def _subjects(self) -> None:
        facts = self.facts
        for fact, tag in (("about", "600"), ("about_corp", "610"), ("about_title", "630")):
            for text in facts.listed(fact):
                self._name_subject(tag, text)
        for scheme in ("lcsh", "sao"):
            second, source = ("0", "") if scheme == "lcsh" else ("7", scheme)
            for fact, tag in ((scheme, "650"), (f"{scheme}_geo", "651")):
                for text in facts.listed(fact):
                    subfields = topic(text)
                    linked = self._authority(scheme, subfields)
                    if not self.rda and scheme == "lcsh":
                        subfields[-1] = (subfields[-1][0], full_stop(subfields[-1][1]))
                    self.record.add(tag, f" {second}", [*subfields, ("2", source), *linked])
        for text in facts.listed("genre"):
            source, _, term = text.partition("/")
            self.record.add("655", " 7", [*topic(term), ("2", source), *self._authority(source, topic(term))])

    def _name_subject(self, tag: str, text: str) -> None:
        """A person, body or work as subject, with subdivisions: `Linnaeus, Carl, 1707-1778 --x Travel`."""
        heading, *further = text.split(" --")
        if tag == "630":
            title, skipped = uniform(heading)
            name = Name(str(skipped), tuple(title), ())
        else:
            name = person(heading) if tag == "600" else corporate(heading)
        second, source = ("7", "sao") if self.swedish else ("0", "")
        divided = [(piece[0], piece[2:].strip()) for piece in further]
        subfields = [*name.subfields, *divided, ("2", source), *self._authority("name", list(name.subfields))]
        self.record.add(tag, f"{name.first_indicator}{second}", subfields)

    def _added_entries(self) -> None:
        for fact, tag in (("with", "700"), ("with_corp", "710")):
            originals = split_list(self.facts.vern.get(fact, ""))
            make = person if fact == "with" else corporate
            for place, text in enumerate(self.facts.listed(fact)):
                name = make(text)
                work = any(code == "t" for code, _ in name.subfields)
                original = self._name_original(make, originals[place]) if place < len(originals) else None
                self.add(tag, f"{name.first_indicator}{'2' if work else ' '}", self._name(name, in_subject=work), original)

    def _links(self) -> None:
        facts = self.facts
        if facts["in_title"]:
            host = f"({ORGANISATION}){control_number(int(facts['in_id']))}" if facts["in_id"] else ""
            numbers = ("x", facts["in_issn"])
            if facts["in_issn"] and not issn_is_right(facts["in_issn"]):
                raise FactError(f"record {facts['id']}: ISSN {facts['in_issn']} has a wrong check digit")
            default = "nnas" if self.kind.level == "b" else "nnam"
            link = [("7", facts["in_key"] or default), ("t", facts["in_title"]), ("g", facts["in_part"]), numbers, ("w", host)]
            self.record.add("773", "0 ", link)
        for fact, tag in (("former", "780"), ("later", "785")):
            for text in facts.listed(fact):
                self.record.add(tag, "00", [("t", coded(text)[0][1]), *coded(text)[1:]])
        for url in facts.listed("url"):
            address, _, note = url.partition(" ")
            self.record.add("856", "40" if self.kind.form == "o" or self.kind.level == "i" else "42", [("u", address), ("y", note)])

    def _local(self) -> None:
        facts = self.facts
        for item in items(facts):
            self.record.add("952", "  ", item_952(item))
        item_type = self.kind.item_type or "ARTICLE"
        self.record.add("942", "  ", [("2", "ddc"), ("c", item_type), ("n", "1" if facts["suppressed"] else "")])
