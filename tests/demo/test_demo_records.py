"""The shipped demo records are what they promise: well-formed MARC, right numbers, paired scripts, enough of everything."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from lxml import etree

SLIM = "{http://www.loc.gov/MARC21/slim}"
FOLDER = Path(str(files("schemas").joinpath("demo")))
BUILDER = Path(__file__).parent / "build_demo.py"
NAMES = ["biblios-marc21.xml", "biblios-unimarc.xml", "authorities.xml"]

Subfields = list[tuple[str, str]]


@dataclass(frozen=True)
class Parsed:
    """A record as parsed by lxml: leader, control fields by tag, data fields (tag, indicators, subfields)."""

    leader: str
    control: dict[str, str]
    fields: list[tuple[str, str, Subfields]]

    @property
    def number(self) -> str:
        return self.control["001"]

    def tagged(self, tag: str) -> list[Subfields]:
        return [subfields for own, _, subfields in self.fields if own == tag]

    def values(self, tag: str, code: str) -> list[str]:
        return [text for subfields in self.tagged(tag) for own, text in subfields if own == code]


def read(name: str) -> list[Parsed]:
    root = etree.fromstring((FOLDER / name).read_bytes())
    return [_parsed(record) for record in root]


def _parsed(record: etree._Element) -> Parsed:
    control = {field.get("tag", ""): field.text or "" for field in record.iter(f"{SLIM}controlfield")}
    fields = [
        (field.get("tag", ""), f"{field.get('ind1')}{field.get('ind2')}", [(own.get("code", ""), own.text or "") for own in field])
        for field in record.iter(f"{SLIM}datafield")
    ]
    return Parsed(record.findtext(f"{SLIM}leader", ""), control, fields)


@pytest.fixture(scope="module")
def marc21() -> list[Parsed]:
    return read("biblios-marc21.xml")


@pytest.fixture(scope="module")
def unimarc() -> list[Parsed]:
    return read("biblios-unimarc.xml")


@pytest.fixture(scope="module")
def authorities() -> list[Parsed]:
    return read("authorities.xml")


@pytest.fixture(scope="module")
def all_biblios(marc21: list[Parsed], unimarc: list[Parsed]) -> list[Parsed]:
    return marc21 + unimarc


def items_of(record: Parsed) -> Iterator[dict[str, str]]:
    """The record's items with MARC 21 subfield codes, also those of UNIMARC."""
    codes = {"b": "a", "c": "b", "e": "c", "h": "8", "r": "y", "f": "p", "n": "q", "5": "d", "k": "o", "o": "7", "2": "1"}
    yield from (dict(subfields) for subfields in record.tagged("952"))
    yield from ({codes[code]: text for code, text in subfields} for subfields in record.tagged("995"))


def isbn_weight(number: str) -> bool:
    """ISO 2108 in its own words, written apart from the generator: weighted sum divisible by 11 or 10."""
    if len(number) == 10:
        return sum((10 - place) * (10 if digit == "X" else int(digit)) for place, digit in enumerate(number)) % 11 == 0
    return len(number) == 13 and sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(number)) % 10 == 0


def issn_weight(number: str) -> bool:
    digits = number.replace("-", "")
    return sum((8 - place) * (10 if digit == "X" else int(digit)) for place, digit in enumerate(digits)) % 11 == 0


def luhn(number: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def test_the_generator_makes_exactly_the_shipped_files(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, str(BUILDER), str(tmp_path)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), f"run tests/demo/build_demo.py: {name} is out of date"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_validates_against_the_marcxml_schema(name: str, shared_data: Path) -> None:
    schema = etree.XMLSchema(etree.parse(str(shared_data / "xsd" / "oai" / "MARC21slim.xsd")))
    root = etree.fromstring((FOLDER / name).read_bytes())
    for leader in root.iter(f"{SLIM}leader"):
        # The schema wants MARC 21's entry map; UNIMARC's ends on a blank.
        leader.text = re.sub("450 $", "4500", leader.text or "")
    schema.assertValid(root)


def test_there_are_as_many_records_as_promised(marc21: list[Parsed], unimarc: list[Parsed], authorities: list[Parsed]) -> None:
    assert len(marc21) >= 250
    assert len(unimarc) >= 70
    assert len(marc21) + len(unimarc) >= 320
    assert len(authorities) >= 60


def test_control_numbers_and_barcodes_are_unique(all_biblios: list[Parsed], authorities: list[Parsed]) -> None:
    numbers = Counter(record.number for record in [*all_biblios, *authorities])
    barcodes = Counter(item["p"] for record in all_biblios for item in items_of(record))
    assert [number for number, count in (numbers + barcodes).items() if count > 1] == []
    assert all(re.fullmatch(r"hya?\d{5}", number) for number in numbers)
    assert all(len(barcode) == 14 and luhn(barcode) for barcode in barcodes)


def test_leaders_and_fixed_fields_have_their_lengths(marc21: list[Parsed], unimarc: list[Parsed], authorities: list[Parsed]) -> None:
    for record in [*marc21, *unimarc, *authorities]:
        assert len(record.leader) == 24, record.number
        assert record.leader[9] == "a" or record in unimarc, record.number
        assert re.fullmatch(r"\d{14}\.0", record.control["005"]), record.number
    for record in [*marc21, *authorities]:
        assert len(record.control["008"]) == 40, record.number
        assert record.control["003"] == "SE-Hylla"
    for record in unimarc:
        assert [len(text) for text in record.values("100", "a")] == [36], record.number
        assert record.leader[20:] == "450 "


def test_a_record_is_changed_after_it_is_made_and_made_after_the_publication(marc21: list[Parsed]) -> None:
    for record in marc21:
        fixed = record.control["008"]
        entered = f"20{fixed[:6]}"
        assert entered <= record.control["005"][:8] <= "20261125", record.number
        if fixed[6] == "s" and fixed[7:11].isdigit():
            assert fixed[7:11] <= entered[:4], record.number


LENGTHS_007 = {"a": 8, "c": 14, "f": 10, "h": 13, "k": 6, "o": 2, "q": 2, "s": 14, "t": 2, "v": 9, "z": 2}


def test_007_has_the_length_of_its_category(marc21: list[Parsed]) -> None:
    for record in marc21:
        text = record.control["007"]
        assert len(text) == LENGTHS_007[text[0]], f"{record.number}: {text!r}"


def test_the_dates_of_008_agree_with_the_imprint(marc21: list[Parsed]) -> None:
    for record in marc21:
        fixed = record.control["008"]
        shown = " ".join(record.values("260", "c") + record.values("264", "c"))
        if fixed[6] in "srtc" and fixed[7:11].isdigit():
            assert fixed[7:11] in shown, record.number
        if fixed[6] == "r":
            assert fixed[11:15] <= fixed[7:11], record.number
        if fixed[6] in "mdq":
            assert fixed[7:11] <= fixed[11:15], record.number


def test_languages_of_008_and_041_agree(marc21: list[Parsed]) -> None:
    for record in marc21:
        spoken = record.values("041", "a")
        language = record.control["008"][35:38]
        assert re.fullmatch(r"[a-z]{3}", language), record.number
        assert not spoken or language in (spoken[0], "mul"), record.number


def test_standard_numbers_have_right_check_digits(all_biblios: list[Parsed]) -> None:
    isbns = [text.split(" ")[0].replace("-", "") for record in all_biblios for tag in ("020", "010") for text in isbn_texts(record, tag)]
    issns = [
        text for record in all_biblios for tag, code in (("022", "a"), ("011", "a"), ("773", "x")) for text in record.values(tag, code)
    ]
    assert len(isbns) >= 40
    assert len(issns) >= 15
    assert [number for number in isbns if not isbn_weight(number)] == []
    assert [number for number in issns if not issn_weight(number)] == []


def isbn_texts(record: Parsed, tag: str) -> list[str]:
    """ISBNs of MARC 21 020 or UNIMARC 010 (MARC 21 010 is the LCCN)."""
    is_unimarc = "008" not in record.control
    return record.values(tag, "a") if is_unimarc == (tag == "010") else []


def test_880_fields_and_their_partners_name_each_other(marc21: list[Parsed]) -> None:
    pairs = 0
    for record in marc21:
        partners = {
            (tag, text.removeprefix("880-"))
            for tag, _, subfields in record.fields
            if tag != "880"
            for code, text in subfields
            if code == "6"
        }
        linked = set()
        for text in record.values("880", "6"):
            match = re.fullmatch(r"(\d{3})-(\d\d)/(\(3/r|\(2/r|\(N|\(S|\$1)", text)
            assert match, f"{record.number}: {text}"
            if match[2] != "00":
                linked.add((match[1], match[2]))
        assert linked == partners, record.number
        pairs += len(linked)
    assert pairs >= 100


def test_880_fields_are_in_another_script(marc21: list[Parsed]) -> None:
    for record in marc21:
        for subfields in record.tagged("880"):
            assert any(ord(letter) > 0x36F for _, text in subfields[1:] for letter in text), record.number


def test_unimarc_fields_in_two_scripts_come_in_pairs(unimarc: list[Parsed]) -> None:
    pairs = 0
    for record in unimarc:
        links = Counter(
            text for tag, _, subfields in record.fields if tag not in ("181", "182", "183") for code, text in subfields if code == "6"
        )
        assert set(links.values()) <= {2}, record.number
        pairs += len(links)
    assert pairs >= 6


def test_nonfiling_characters_end_before_a_word(marc21: list[Parsed], unimarc: list[Parsed]) -> None:
    articles = Counter()
    for record in marc21:
        for tag, indicators, subfields in record.fields:
            if tag == "245" and indicators[1] != "0":
                title = next(text for code, text in subfields if code == "a")
                articles[title[: int(indicators[1])].strip().lower()] += 1
                assert title[int(indicators[1]) - 1] in " '-", record.number
    assert {"the", "a", "den", "det", "der", "die", "la", "le", "al-", "l'"} <= set(articles)
    sorted_out = [text for record in unimarc for text in record.values("200", "a") if "\x98" in text]
    assert len(sorted_out) >= 30
    assert all(re.match("\x98[^\x9c]+\x9c", text) for text in sorted_out)


def test_every_authority_id_exists_and_carries_the_same_heading(all_biblios: list[Parsed], authorities: list[Parsed]) -> None:
    headings = {record.number: heading_of(record) for record in authorities}
    used = Counter()
    for record in all_biblios:
        for tag, _, subfields in record.fields:
            for code, text in subfields:
                number = text.removeprefix("(SE-Hylla)") if code == "0" else text if code == "3" else ""
                if number.startswith("hya"):
                    used[number] += 1
                    stem = re.sub(r"[ .,]+$", "", next(own for name, own in subfields if name == "a"))
                    assert headings[number].startswith(stem), f"{record.number} {tag}: {stem} is not {headings[number]}"
    assert len(used) >= 60
    assert sum(used.values()) >= 300


def heading_of(authority: Parsed) -> str:
    return next(subfields[0][1] for tag, _, subfields in authority.fields if tag.startswith("1"))


def test_references_between_authority_records_lead_somewhere(authorities: list[Parsed]) -> None:
    numbers = {record.number for record in authorities}
    links = [text.removeprefix("(SE-Hylla)") for record in authorities for _, _, own in record.fields for code, text in own if code == "0"]
    assert len(links) >= 40
    assert set(links) <= numbers
    assert sum(tag.startswith("4") for record in authorities for tag, _, _ in record.fields) >= 100


def test_articles_name_host_records_that_exist(all_biblios: list[Parsed]) -> None:
    titles = {record.number: " ".join(record.values("245", "a") + record.values("200", "a")) for record in all_biblios}
    hosts = [dict(own) for record in all_biblios for own in record.tagged("773") if any(code == "w" for code, _ in own)]
    assert len(hosts) >= 7
    for host in hosts:
        assert titles[host["w"].removeprefix("(SE-Hylla)")].rstrip(" :/.") == host["t"]


def test_item_codes_are_the_ones_of_the_code_table(all_biblios: list[Parsed]) -> None:
    table = yaml.safe_load((FOLDER / "codes.yaml").read_bytes())
    places = {"libraries": "ab", "locations": "c", "collections": "8", "item_types": "y"}
    for group, codes in places.items():
        used = {item[code] for record in all_biblios for item in items_of(record) for code in codes}
        used |= set(all_types(all_biblios)) if group == "item_types" else set()
        assert used == set(table[group]), group
        assert all(set(names) == {"en", "sv"} for names in table[group].values())


def all_types(records: list[Parsed]) -> list[str]:
    return [text for record in records for text in record.values("942", "c")]


def test_items_are_in_every_state(all_biblios: list[Parsed]) -> None:
    items = [item for record in all_biblios for item in items_of(record)]
    assert len(items) >= 450
    assert sum("q" in item for item in items) >= 40
    assert sum(item.get("1") == "1" for item in items) >= 6
    assert Counter(item["7"] for item in items)["1"] >= 60
    assert Counter(item["7"] for item in items)["-1"] >= 3
    assert all(re.fullmatch(r"(199|20[012])\d-\d\d-\d\d", item["d"]) for item in items)
    assert {item["a"] for item in items} == {"CPL", "HARBOR", "ISLAND", "UNIV"}


LANGUAGES = {
    "eng": 100, "swe": 90, "fre": 70, "ger": 12, "nor": 10, "dan": 7, "fin": 6, "spa": 6, "ara": 6, "jpn": 6, "rus": 6, "chi": 4, "gre": 3,
    "heb": 3, "per": 3, "kor": 2, "lat": 5, "ice": 3, "por": 3, "ita": 3,
}  # fmt: skip


@pytest.mark.parametrize(("language", "least"), LANGUAGES.items(), ids=list(LANGUAGES))
def test_a_language_has_enough_records(language: str, least: int, marc21: list[Parsed], unimarc: list[Parsed]) -> None:
    counted = Counter(record.control["008"][35:38] for record in marc21) + Counter(record.values("101", "a")[0] for record in unimarc)
    assert counted[language] >= least


MATERIALS = {
    "book": ("am", 250), "article": ("ab", 8), "chapter": ("aa", 1), "journal or newspaper": ("as", 15),
    "integrating resource": ("ai", 6), "map or atlas": ("em", 7), "score": ("cm", 5), "music recording": ("jm", 6),
    "spoken word": ("im", 4), "video": ("gm", 6), "picture": ("km", 2), "game or object": ("rm", 4), "kit": ("om", 1),
    "software": ("mm", 1), "manuscript": ("tm", 2), "archive": ("pc", 1),
}  # fmt: skip


@pytest.mark.parametrize(("leader", "least"), MATERIALS.values(), ids=list(MATERIALS))
def test_a_material_has_enough_records(leader: str, least: int, all_biblios: list[Parsed]) -> None:
    assert sum(record.leader[6:8] == leader for record in all_biblios) >= least


FIELDS = {
    "e-book or other online resource": lambda own: own.control.get("007", "").startswith("cr"),
    "large print": lambda own: own.control["008"][23] == "d" and own.leader[6:8] == "am",
    "Braille": lambda own: own.control["008"][23] == "f",
    "microform": lambda own: own.control["007"].startswith("h"),
    "thesis": lambda own: bool(own.tagged("502")),
    "conference": lambda own: own.control["008"][29] == "1" and bool(own.tagged("111")),
    "newspaper": lambda own: own.leader[7] == "s" and own.control["008"][21] == "n",
    "ceased serial": lambda own: own.leader[7] == "s" and own.control["008"][6] == "d",
    "reprint": lambda own: own.control["008"][6] == "r",
    "questionable date": lambda own: own.control["008"][6] == "q",
    "unknown decade": lambda own: "u" in own.control["008"][7:11],
    "coordinates": lambda own: bool(own.values("034", "d")),
    "uniform title": lambda own: bool(own.tagged("240") or own.tagged("130")),
    "DOI": lambda own: "doi" in own.values("024", "2"),
    "suppressed": lambda own: own.values("942", "n") == ["1"],
}


@pytest.mark.parametrize("has", FIELDS.values(), ids=list(FIELDS))
def test_every_kind_of_record_occurs(has: object, marc21: list[Parsed]) -> None:
    assert callable(has)
    assert any(has(record) for record in marc21)


def test_every_unimarc_field_that_is_indexed_occurs(unimarc: list[Parsed]) -> None:
    tags = {tag for record in unimarc for tag, _, _ in record.fields}
    numbered = {"010", "011", "100", "101", "102", "105", "106", "110", "135", "181", "200", "206", "207", "210", "214", "215", "225"}
    noted = {"300", "327", "328", "330", "410", "461", "500", "600", "606", "607", "608", "676"}
    assert numbered | noted | {"700", "701", "702", "712", "801", "856", "995"} <= tags


@pytest.mark.parametrize(("word", "least"), [("reefs", 12), ("sea", 25), ("havet", 8), ("mer", 12), ("islands", 15), ("öar", 20)])
def test_words_of_the_sea_occur_often(word: str, least: int, all_biblios: list[Parsed]) -> None:
    found = re.compile(rf"\b{word}\b", re.IGNORECASE)
    assert sum(any(found.search(text) for _, _, own in record.fields for _, text in own) for record in all_biblios) >= least
