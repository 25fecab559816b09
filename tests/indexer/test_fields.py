"""The field table: names, overlays, mistakes with their lines, and what engines and CQL get of it."""

import json
from pathlib import Path

import pytest
import yaml

from cql.indexes import Index, IndexTable
from indexer.fields import Database, FieldTable, FieldTableError, load_field_table

TABLE = load_field_table()


def lookup(name: str, table: IndexTable | None = None, database: Database = "biblios") -> Index:
    return (table or TABLE.index_table(database)).by_name[name.lower()]


def fields_of(name: str, database: Database = "biblios") -> list[str]:
    return [field.name for field in lookup(name, database=database).fields]


# sru-cql.md 16.2 and 16.3: names of one line are names of one index.
BIBLIOGRAPHIC = """
cql.serverChoice cql.anywhere cql.allIndexes cql.anyIndexes cql.all dc.any koha.kw koha.Any
dc.title bath.title koha.title koha.ti
bib.titleUniform bath.uniformTitle
bib.titleSeries bath.titleSeries koha.se
bib.titleAbbreviated
bath.keyTitle
bib.titleAlternative
dc.creator dc.author koha.au
dc.contributor
bath.name bib.name
bath.personalName bib.namePersonal dc.pname
bath.corporateName bib.nameCorporate
bath.conferenceName bib.nameConference
dc.editor koha.editor
dc.subject koha.su
bath.topicalSubject bib.subjectTopic
bath.geographicName bib.subjectPlace
bath.genreForm bib.genre
bib.subjectName
bib.subjectTitle
bib.subjectOccupation
dc.description dc.abstract koha.ab
dc.note bath.notes koha.note koha.nt
dc.publisher koha.pb
bib.originPlace dc.Place-publication koha.pl
dc.date bib.dateIssued koha.pubdate koha.yr
koha.copydate
dc.language koha.ln
koha.language-original
bath.isbn dc.isbn koha.isbn koha.nb
bath.issn dc.issn koha.issn koha.ns
dc.identifier dc.resourceIdentifier bib.identifier koha.stdid
rec.identifier rec.id
koha.biblionumber koha.sn
rec.creationDate
rec.lastModificationDate
rec.collectionName rec.collectionIdentifier
bath.possessingInstitution
koha.lc-card
bath.lccn koha.lcn
bath.dcc koha.dewey
bib.classification
koha.udc
koha.nlm
koha.nal
dc.type dc.resourceType
dc.itemtype koha.itemtype koha.itype koha.mc-itype
dc.format koha.format
koha.ctype
koha.ta koha.aud bib.audience
koha.lf koha.fic
koha.bio
bib.edition
bib.issuance koha.Bib-level
koha.rtype koha.mc-rtype
bib.volume
bib.issue
bib.startPage
bib.endPage
dc.source koha.Host-item
dc.relation
dc.coverage
dc.rights
koha.Control-number
koha.an koha.Koha-Auth-Number
koha.he koha.Heading
koha.barcode dc.barcode koha.bc
koha.homebranch dc.branch koha.branch
koha.holdingbranch
koha.location koha.mc-loc
koha.ccode koha.mc-ccode
koha.callnum
koha.cn-sort
koha.notforloan
koha.onloan
koha.withdrawn
koha.lost
koha.damaged
koha.restricted
koha.acqdate
koha.datelastseen
koha.issues koha.popularity
koha.itemnumber
koha.stocknumber
koha.lex
koha.curriculum
cql.allRecords
cql.resultSetId
"""

# sru-cql.md 16.4
AUTHORITY = """
koha.Heading koha.he koha.Match-heading
koha.See
koha.See-also
bath.personalName
bath.corporateName
bath.conferenceName
bath.uniformTitle
bath.topicalSubject
bath.geographicName
bath.genreForm
koha.authtype koha.at
koha.an
rec.id rec.identifier koha.Authority-Number
koha.Subject-heading-thesaurus
rec.lastModificationDate
cql.anywhere cql.serverChoice cql.allIndexes cql.keywords
cql.allRecords
cql.resultSetId
"""


def groups(text: str) -> list[list[str]]:
    return [line.split() for line in text.split("\n") if line]


@pytest.mark.parametrize("names", groups(BIBLIOGRAPHIC), ids=lambda names: names[0])
def test_every_bibliographic_name_of_one_index_leads_to_it(names: list[str]):
    assert len({id(lookup(name)) for name in names}) == 1


@pytest.mark.parametrize("names", groups(AUTHORITY), ids=lambda names: names[0])
def test_every_authority_name_of_one_index_leads_to_it(names: list[str]):
    assert len({id(lookup(name, database="authorities")) for name in names}) == 1


# indexing.md 3 and sru-cql.md 16.3: Bib-1 use attribute -> a field that must be among those asked.
BIB1 = {
    1: "name_personal", 2: "name_corporate", 3: "name_conference", 4: "title", 5: "title_series", 6: "title_uniform", 7: "isbn",
    8: "issn", 9: "lccn", 10: "national_number", 12: "id", 13: "dewey", 14: "udc", 15: "other_class", 16: "lc_callnumber", 17:
    "nlm", 18: "nal", 20: "item_callnumber", 21: "subject", 22: "subject_rameau", 25: "subject_mesh", 27: "subject_lcsh", 28:
    "subject_rvm", 29: "subject_local", 30: "copydate", 31: "year", 32: "item_acquired", 33: "title_key", 34: "title_uniform", 35:
    "title_alt", 36: "title", 37: "title_alt", 38: "title_alt", 39: "title_alt", 40: "title_alt", 41: "title_alt", 42:
    "title_former", 43: "title_abbrev", 47: "subject_subdivision", 48: "national_number", 49: "legal_deposit_number", 50:
    "government_number", 51: "publisher_number", 52: "national_number", 53: "callnumber", 54: "language", 55: "geo_code", 56:
    "possessing_institution", 57: "author_title", 58: "subject_geo", 59: "place", 60: "coden", 61: "microform_generation", 62:
    "abstract", 63: "note", 1000: "author_title", 1001: "record_type", 1002: "name_personal", 1003: "author", 1004:
    "name_personal", 1005: "name_corporate", 1006: "name_conference", 1007: "isbn", 1008: "subject_children", 1009:
    "subject_name", 1011: "date_entered", 1012: "date_modified", 1013: "authority_id", 1016: "anywhere", 1017: "anywhere", 1018:
    "publisher", 1019: "cataloging_source", 1020: "editor", 1021: "bib_level", 1022: "geo_class", 1023: "indexed_by", 1024:
    "scale", 1025: "music_key", 1026: "link_host", 1027: "report_number", 1028: "item_barcode", 1030: "music_number", 1031:
    "format", 1032: "id", 1033: "link_host", 1034: "contents_code", 1035: "anywhere", 1036: "author", 1044:
    "possessing_institution", 1045: "control_number", 1053: "country", 1062: "item_stocknumber", 1074: "subject_name", 1075:
    "subject_genre", 1076: "subject_geo", 1077: "subject_era", 1078: "subject_title", 1079: "subject_topic", 1080:
    "subject_uncontrolled", 1092: "ismn", 1094: "doi", 1095: "language_original", 1096: "title_later", 1097: "title", 1098:
    "author", 1099: "subject", 1100: "abstract", 1101: "publisher", 1102: "year", 1103: "format", 1104: "isbn", 1105: "language",
    1209: "urn", 1211: "oclc", 1214: "ean", 1223: "edition", 8001: "item_withdrawn", 8002: "item_lost", 8005: "item_damaged",
    8006: "item_restricted", 8007: "item_callnumber_sort", 8008: "item_not_for_loan", 8009: "item_collection", 8010:
    "item_number", 8011: "item_home", 8012: "item_holding", 8013: "item_location", 8019: "item_checkouts", 8022:
    "item_callnumber", 8023: "item_barcode", 8024: "item_due", 8025: "item_last_seen", 8822: "audience", 8823: "extent", 8833:
    "literary_form", 8834: "biography", 8910: "authority_id", 9001: "control_number",
}  # fmt: skip


@pytest.mark.parametrize(("number", "field"), BIB1.items())
def test_bib1_number_asks_the_field(number: int, field: str):
    index = lookup(f"bib1.{number}")
    assert field in [one.name for one in index.fields]
    assert lookup(f"z3950.{number}") is index
    assert number in index.bib1


@pytest.mark.parametrize("number", [1, 2, 3, 6, 9, 12, 21, 58, 63, 1002, 1003, 1004, 1011, 1012, 1016, 1017, 1035, 1045, 1075, 1079])
def test_bib1_number_is_there_for_authorities(number: int):
    assert lookup(f"bib1.{number}", database="authorities").fields


def test_bib1_names_are_their_numbers():
    assert lookup("bib1.author") is lookup("bib1.1003") is lookup("z3950.Author")
    assert lookup("bib1.title") is lookup("dc.title")


def test_names_compare_without_regard_to_case_and_the_old_alias_of_a_set_works():
    assert lookup("DC.TITLE") is lookup("dc.title")
    assert lookup("srw.serverchoice") is lookup("cql.anywhere")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("dc.title", ["title", "title_uniform", "title_alt", "title_other", "subject_title"]),
        ("dc.creator", ["author", "author_see"]),
        ("bath.name", ["author", "name_personal", "name_corporate", "name_conference", "author_see"]),
        ("dc.date", ["year"]),
        ("dc.subject", ["subject", "subject_see"]),
        ("dc.language", ["language"]),
        ("bath.isbn", ["isbn"]),
        ("cql.anywhere", ["anywhere"]),
    ],
)
def test_an_index_is_the_union_of_the_fields_that_carry_its_name(name: str, fields: list[str]):
    assert fields_of(name) == fields


@pytest.mark.parametrize(
    ("name", "kind", "sort", "scan", "facet"),
    [
        ("dc.title", "text", "title_sort", {"words", "values"}, ""),
        ("dc.creator", "text", "author_sort", {"words", "values"}, "author"),
        ("dc.subject", "text", "", {"words", "values"}, "subject"),
        ("dc.publisher", "text", "", {"words", "values"}, "publisher"),
        ("bib.titleSeries", "text", "", {"words", "values"}, "title_series"),
        ("dc.type", "text", "", {"words", "values"}, "format"),
        ("koha.itemtype", "text", "", {"words", "values"}, "item_type"),
        ("dc.date", "date", "year", {"values"}, "year"),
        ("rec.lastModificationDate", "date", "date_modified", set(), ""),
        ("dc.language", "key", "language", {"values"}, "language"),
        ("koha.homebranch", "key", "", {"values"}, "item_home"),
        ("koha.ccode", "key", "", {"values"}, "item_collection"),
        ("koha.location", "key", "", {"values"}, "item_location"),
        ("bath.isbn", "key", "", {"values"}, ""),
        ("koha.issues", "number", "item_checkouts", set(), ""),
        ("rec.id", "key", "id", set(), ""),
        ("cql.anywhere", "text", "", {"words"}, ""),
        ("cql.allRecords", "all", "", set(), ""),
        ("cql.resultSetId", "resultset", "", set(), ""),
    ],
)
def test_kind_sort_scan_and_facet_of_an_index(name: str, kind: str, sort: str, scan: set[str], facet: str):
    index = lookup(name)
    assert (index.kind, index.sort, set(index.scan), index.facet) == (kind, sort, scan, facet)


def test_years_are_number_fields_in_date_indexes_and_days_date_fields():
    year = lookup("dc.date")
    assert (year.fields[0].kind, year.lower, year.upper) == ("number", "year_from", "year_to")
    assert lookup("rec.creationDate").fields[0].kind == "date"


def test_only_ordered_fields_can_be_compared():
    assert lookup("rec.id").ordered
    assert lookup("koha.Call-number").ordered
    assert not lookup("bath.isbn").ordered


@pytest.mark.parametrize(
    ("name", "term", "forms"),
    [
        ("bath.isbn", "0-306-40615-2", ("9780306406157", "0306406152")),
        ("bath.isbn", "word", ()),
        ("dc.language", "svenska", ("swe",)),
        ("rec.id", " Ab1 ", ("Ab1",)),
        ("dc.subject", "Hats -- History", ("hats history",)),
        ("koha.homebranch", "MAIN", ("main",)),
    ],
)
def test_terms_are_normalised_as_values_are(name: str, term: str, forms: tuple[str, ...]):
    normalise = lookup(name).fields[0].normalise
    assert normalise is not None
    assert normalise(term) == forms


def test_text_fields_cut_terms_as_values_are_cut():
    words = lookup("dc.title").fields[0].words
    assert words is not None
    assert words("Récifs coralliens").tokens == ("recifs", "coralliens")
    assert TABLE.index_table("biblios").fold("RÉCIFS") == "recifs"


def test_twins_are_text_fields_with_whole_values():
    by_name = {field.name: field for field in lookup("bath.name").fields}
    assert by_name["author"].twin
    assert not by_name["author_see"].twin


@pytest.mark.parametrize("database", ["biblios", "authorities"])
def test_engine_fields_are_those_of_the_table(database: Database):
    collection = TABLE.collection(database)
    names = [field.name for field in collection.fields]
    assert names == [spec.name for spec in TABLE.fields[database] if spec.kind != "sort"]
    assert (collection.name, collection.version) == (database, TABLE.version)
    assert all(field.kind == "text" for field in collection.fields if field.twin or field.scan_words)
    for index in TABLE.index_table(database).indexes():
        assert {field.name for field in index.fields} <= set(names)
        assert {index.sort, index.sort_highest} - {""} <= set(collection.sorts)
        assert not index.facet or next(field for field in collection.fields if field.name == index.facet).facet


@pytest.mark.parametrize("database", ["biblios", "authorities"])
def test_every_field_has_labels_in_both_languages_and_a_name(database: Database):
    for spec in TABLE.fields[database]:
        if spec.kind != "sort":
            assert set(spec.labels) >= {"en", "sv"}, spec.name
            assert spec.cql, spec.name


def test_the_tables_of_both_databases_share_no_mistake():
    assert load_field_table(text="").effective() == TABLE.effective()


# Overlays


def overlaid(text: str) -> FieldTable:
    return load_field_table(text=text)


def test_an_overlay_adds_a_field():
    table = overlaid("fields:\n  shelf: {type: keyword, cql: [koha.shelf, dc.title], facet: true, marc21: ['952(c)']}\n")
    assert [field.name for field in lookup("koha.shelf", table.index_table("biblios")).fields] == ["shelf"]
    assert "shelf" in [field.name for field in lookup("bath.title", table.index_table("biblios")).fields]
    assert table.version != TABLE.version


def test_an_overlay_renames_and_relabels():
    table = overlaid("fields:\n  subject: {label: {sv: Ämnesord}, cql: [koha.topics]}\naliases: {koha.themes: dc.subject}\n")
    index = lookup("dc.subject", table.index_table("biblios"))
    assert dict(index.labels or {}) == {"en": "Subject", "sv": "Ämnesord"}
    assert lookup("koha.themes", table.index_table("biblios")) is index
    assert [field.name for field in lookup("koha.topics", table.index_table("biblios")).fields] == ["subject"]


def test_an_overlay_removes_fields_and_keys():
    table = overlaid("fields:\n  title_alt: null\n  title: {sort: null}\naliases: {koha.ti: null}\n")
    names = table.index_table("biblios").by_name
    assert "bib.titlealternative" not in names
    assert "koha.ti" not in names
    assert names["dc.title"].sort == ""
    assert "title_alt" not in [field.name for field in names["dc.title"].fields]


def test_an_overlay_retypes():
    table = overlaid("fields:\n  publisher: {type: keyword, scan: values}\n")
    index = lookup("dc.publisher", table.index_table("biblios"))
    assert (index.kind, index.scan) == ("key", frozenset({"values"}))


def test_rules_of_an_overlay_come_after_the_built_in_ones_unless_it_replaces_them():
    added = overlaid("fields:\n  edition: {marc21: ['251(a)']}\n").spec("biblios", "edition")
    replaced = overlaid("fields:\n  edition: {replace: true, marc21: ['251(a)']}\n").spec("biblios", "edition")
    assert [rule.text for rule in added.rules["marc21"]] == ["250(ab)", "251(a)"]
    assert [rule.text for rule in replaced.rules["marc21"]] == ["251(a)"]
    assert replaced.rules["unimarc"] == ()
    assert replaced.cql == added.cql == ("bib.edition",)


def test_a_whole_table_may_be_replaced():
    table = overlaid("replace: true\nfields:\n  title: {type: text, cql: [dc.title], marc21: ['245(a)']}\n")
    assert [index.name for index in table.index_table("biblios").indexes()] == ["dc.title", "cql.allRecords", "cql.resultSetId"]
    assert table.index_table("authorities").by_name.keys() == {"cql.allrecords", "cql.resultsetid", "srw.allrecords", "srw.resultsetid"}


def test_language_profile_comes_from_the_defaults():
    assert overlaid("defaults: {language_profile: sv}").analyser.tokens("Öl") == ["öl"]
    assert TABLE.analyser.tokens("Öl") == ["ol"]


@pytest.mark.parametrize(
    ("defaults", "language"),
    [
        ("{}", "en"),
        ("{language_profile: sv}", "sv"),
        ("{language_profile: de-2}", "de"),
        ("{language_profile: nb}", "no"),
        ("{language_profile: sv, stem_language: fi}", "fi"),
        ("{stem_language: swe}", "sv"),
        ("{stem_language: null}", "en"),
    ],
)
def test_stems_are_those_of_the_language_that_is_named_or_of_the_profile(defaults: str, language: str):
    assert overlaid(f"defaults: {defaults}").index_table("biblios").language == language


def test_a_language_without_stems_is_refused():
    with pytest.raises(FieldTableError) as caught:
        overlaid("version: 1\ndefaults:\n  stem_language: tlh\n")
    ((line, sentence),) = caught.value.problems
    assert (line, "no stems are known for `tlh`" in sentence) == (3, True)


def test_another_language_of_stems_needs_no_new_documents():
    assert overlaid("defaults: {stem_language: sv}").version == TABLE.version


def test_version_depends_on_the_content_alone():
    assert overlaid("fields: {}").version == TABLE.version
    assert len(TABLE.version) == 12
    assert overlaid("defaults: {also_fold: true}").version != TABLE.version


def test_the_effective_table_is_a_table(tmp_path: Path):
    own = overlaid("fields:\n  shelf: {type: code, cql: [koha.shelf], marc21: ['952c']}\n")
    path = tmp_path / "effective.yaml"
    path.write_text(yaml.safe_dump({"replace": True, **own.effective()}, allow_unicode=True, sort_keys=False), "utf-8")
    again = load_field_table(path)
    assert again.effective() == own.effective()
    assert again.version == own.version
    json.dumps(own.effective())


# Mistakes

MISTAKES = [
    ("fields:\n  title:\n    type: txt\n", 3, "txt"),
    ("fields:\n  title:\n    type: text\n    colour: red\n", 4, "no key `colour`"),
    ("fields:\n  title:\n    marc21:\n      - 245(abnp)\n      - 245(ab\n", 5, "cannot be read"),
    ("fields:\n  title:\n    marc21:\n      - {tag: '245', takes: a}\n", 4, "no key `takes`"),
    ("fields:\n  title:\n    marc21: [245]\n", 3, "quotation marks"),
    ("fields:\n  title:\n    pipe: [trim_punkt]\n", 3, "trim_punkt"),
    ("fields:\n  title:\n    marc21:\n      - {tag: '245', pipe: [nope]}\n", 4, "nope"),
    ("fields:\n  year:\n    source: publication_years\n", 3, "did you mean `publication_year`?"),
    ("fields:\n  year:\n    marc21: [{source: nothing_like_it}]\n", 3, "no source `nothing_like_it`"),
    ("fields:\n  isbn:\n    normalise: ibsn\n", 3, "did you mean `issn`?"),
    ("fields:\n  title:\n    cql:\n      - dc.title\n      - nowhere.title\n", 5, "no context set"),
    ("fields:\n  title:\n    cql: [title]\n", 3, "title"),
    ("fields:\n  title:\n    sort: title_srot\n", 3, "did you mean `title_sort`?"),
    ("fields:\n  year:\n    lower: nope\n", 3, "`lower` names a field `nope`"),
    ("fields:\n  mine:\n    marc21: ['900a']\n", 2, "has no `type`"),
    ("fields:\n  mine:\n    type: text\n    marc21:\n      - {tag: '900', to: nowhere}\n", 4, "`nowhere` that does not exist"),
    ("fields:\n  Mine: {type: text}\n", 2, "Mine"),
    ("fields:\n  mine:\n    type: text\n  mine:\n    type: code\n", 4, "given twice"),
    ("fields:\n  mine: {type: text, bib1: [four]}\n", 2, "four"),
    ("fields: [title]\n", 1, "is not of type"),
    ("field: {}\n", 1, "no key `field`"),
    ("version: 2\n", 1, "1"),
    ("defaults:\n  language_profile: xx\n", 2, "no language profile `xx`"),
    ("items:\n  marc21: {tag: '952', map: koha953}\n", 2, "did you mean `koha952`?"),
    ("items:\n  marc21:\n    tag: '852'\n    map: {barcod: p}\n", 4, "barcod"),
    ("aliases:\n  koha.x: dc.titel\n", 2, "did you mean `dc.title`?"),
    ("aliases:\n  nope.x: dc.title\n", 2, "no context set"),
    ("fields:\n  title: [\n", 3, "no YAML"),
    ("- a\n- b\n", 1, "must be a mapping"),
    ("fields:\n  x: !!python/object:os.system {}\n", 2, "no YAML"),
    ("authority_fields:\n  heading:\n    marc21: ['1']\n", 3, "cannot be read"),
]


@pytest.mark.parametrize(("text", "line", "message"), MISTAKES, ids=[f"{text.split()[-1]}-{line}" for text, line, _ in MISTAKES])
def test_a_mistake_is_told_with_its_line(text: str, line: int, message: str):
    with pytest.raises(FieldTableError) as told:
        load_field_table(text=text)
    assert [(number, message in sentence) for number, sentence in told.value.problems] == [(line, True)]
    assert f"line {line}: " in str(told.value)


def test_every_mistake_is_told_in_the_order_of_lines():
    text = "fields:\n  title:\n    pipe: [nope]\n    marc21: ['24']\n  year:\n    source: nope\n"
    with pytest.raises(FieldTableError) as told:
        load_field_table(text=text)
    assert [line for line, _ in told.value.problems] == [3, 4, 6]


def test_a_file_with_mistakes_is_named(tmp_path: Path):
    path = tmp_path / "fields.yaml"
    path.write_bytes(b"fields: {caf\xe9: null}")
    with pytest.raises(FieldTableError, match="UTF-8") as told:
        load_field_table(path)
    assert told.value.name == str(path)
    with pytest.raises(FileNotFoundError):
        load_field_table(tmp_path / "missing.yaml")


def test_a_field_without_words_cannot_share_an_index_with_numbers():
    with pytest.raises(FieldTableError, match="mixes"):
        load_field_table(text="fields:\n  mine: {type: text, cql: [dc.date], marc21: ['900a']}\n")
