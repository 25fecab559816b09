"""The tables of what CQL means, row by row (sru-cql.md 14.2 to 14.6 and 16.2), asked of the matcher and of both engines.

An answer is a set of records, written `1 2 3`, or the number of a diagnostic, written `!22`.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from opensearch_nodes import own_prefix

from cql.diagnostics import CqlError
from cql.matcher import matches
from cql.parser import parse
from cql.planner import plan_query
from indexer.document import Document
from indexer.engine import open_engine
from indexer.engine.opensearch import ClusterSettings
from indexer.engine.port import Engine, Window
from indexer.fields import FieldTable, load_field_table
from indexer.plain_values import document_from_values
from server.stemming import spelled_out

RECORDS: dict[str, dict[str, list[Any]]] = {
    "1": {
        "title": ["Coral reefs of the world", "Reef atlas"],
        "author": ["Finn, Anna"],
        "subject": ["Coral reefs", "Fishes"],
        "year": [1999], "year_from": [1999], "year_to": [1999],
        "language": ["eng", "swe"],
        "isbn": ["0-306-40615-2"],
        "date_modified": [20240115],
        "item_checkouts": [17],
        "callnumber": ["QA 76"],
        "note": ["A world of its own"],
    },
    "2": {
        "title": ["The world of coral"],
        "author": ["O'Neill, Élise"],
        "subject": ["Reefs, coral", "Fishes"],
        "year": [2004], "year_from": [2004], "year_to": [2010],
        "language": ["fre"],
        "date_modified": [20240220],
        "item_checkouts": [3, 40],
        "callnumber": ["PT 9"],
    },
    "3": {"title": ["Récifs"], "year": [850], "year_from": [850], "year_to": [850], "language": ["fre"], "abstract": ["Om korall"]},
    "4": {"title": ["What? * ^ or \\"], "author": ["Ek, Bo"]},
}  # fmt: skip

RELATIONS = """
dc.title = world | 1 2
dc.title = "coral reefs" | 1
dc.title = "reefs coral" |
dc.title = "world reef" |
dc.title = RÉCIFS | 3
dc.creator = oneill | 2
dc.creator = "o neill" | 2
dc.title scr "coral reefs" | 1
dc.title adj "coral reefs" | 1
dc.title all "world coral" | 1 2
dc.title all "atlas world" | 1
dc.title any "atlas recifs" | 1 3
dc.title == "the WORLD, of coral" | 2
dc.title == "coral" |
dc.title exact "reef atlas" | 1
dc.title <> coral | 3 4
dc.subject <> fishes |
dc.title < a | !22
dc.title > a | !22
dc.title <= a | !22
dc.title >= a | !22
dc.title within "a b" | !22
dc.title encloses a | !22
dc.date = 1999 | 1
dc.date = 0850 | 3
dc.date = 850 | 3
dc.date scr 1999 | 1
dc.date = 199? | 1
dc.date = 20* | 2
dc.date adj 1999 | !22
dc.date all 1999 | 1
dc.date any "1999 2004" | 1 2
dc.date == 2004 | 2
dc.date exact 2004 | 2
dc.date <> 1999 | 2 3
dc.date < 1999 | 3
dc.date <= 1999 | 1 3
dc.date > 1999 | 2
dc.date >= 1999 | 1 2
dc.date within "850 1999" | 1 3
dc.date within "1999" | !36
dc.date encloses 2007 | 2
dc.date encloses 1999 | 1
dc.date = abc | !36
rec.lastModificationDate = 2024 | 1 2
rec.lastModificationDate = 2024-01 | 1
rec.lastModificationDate = 2024-01-15 | 1
rec.lastModificationDate > 2024-01 | 2
rec.lastModificationDate > 2023 | 1 2
rec.lastModificationDate >= 2024-02-20 | 2
rec.lastModificationDate < 2024-02 | 1
rec.lastModificationDate within "2024-01-15 2024-01-31" | 1
rec.lastModificationDate = "15/1/2024" | !36
rec.lastModificationDate encloses 2024 | !22
koha.issues = 17 | 1
koha.issues > 17 | 2
koha.issues < 17 | 2
koha.issues <> 40 | 1
koha.issues any "3 17" | 1 2
koha.issues within "10 20" | 1
dc.language = swe | 1
dc.language = svenska | 1
dc.language all "swe eng" | 1
dc.language any "swe fre" | 1 2 3
dc.language == fre | 2 3
dc.language <> fre | 1
dc.language < fre | !22
dc.language within "a b" | !22
dc.language encloses a | !22
bath.isbn = 9780306406157 | 1
bath.isbn = 0306406152 | 1
bath.isbn exact "0 306 40615 2" | 1
bath.isbn > 1 | !22
rec.id < 2 | 1
rec.id >= 3 | 3 4
koha.Call-number > "QA 1" | 1
dc.title near coral | !19
"""

MODIFIERS = """
dc.title =/stem reef | 1
dc.title =/stem reefed | 1
dc.title any/stem "reefing worlds" | 1 2
dc.title all/stem "reefing worlds" | 1
dc.title =/stem "corals reef" | 1
dc.title =/stem "reefs coral" |
dc.title adj/stem "^worlds of" |
dc.title adj/stem "world of corals^" | 2
dc.title <>/stem corals | 3 4
dc.title any/stem/relevant fish |
dc.subject any/stem "fish frog" | 1 2
dc.subject =/stem/locale=en-GB fishing | 1 2
dc.subject =/stem/locale=swe fishing |
dc.title =/stem/locale=fr récif | 3
dc.creator =/stem O'Neills | 2
dc.creator =/stem oneill | 2
cql.anywhere =/stem fishing | 1 2
cql.anywhere =/stem korall | 3
dc.title =/stem corals prox/distance<3 dc.title any/stem "sea worlds" | 2
dc.title =/stem corals prox/distance<=4/ordered dc.title =/stem worlds | 1
dc.title =/stem corals prox/unit=element dc.title =/stem zebras |
dc.title =/stem corals and dc.subject =/stem reef | 1 2
dc.title =/stem/locale=tlh coral | !20
dc.title ==/stem coral | !20
dc.title =/stem/string coral | !21
dc.title =/stem/fuzzy coral | !21
dc.title =/stem coral* | !24
dc.note =/stem world | !20
dc.language =/stem swe | !20
dc.date =/stem 1999 | !20
dc.title =/relevant reefs | 1
dc.title any/cql.relevant reefs | 1
dc.title =/fuzzy ricifs | 3
dc.title =/fuzzy worlds | 1 2
dc.title =/phonetic reefs | !20
dc.date within/partial "2006 2020" | 2
dc.date encloses/partial 2009 | 2
dc.title =/partial coral | !20
dc.title =/ignoreCase REEFS | 1
dc.title =/IGNORECASE/ignoreAccents RÉCIFS | 3
dc.title =/respectCase reefs | !20
dc.title =/respectAccents reefs | !20
dc.title =/ignoreCase/respectCase reefs | !21
dc.title =/locale=sv reefs | 1
dc.title =/locale="?" reefs | !20
dc.title =/word "coral reefs" | 1
dc.title ==/word "coral reefs" | 1
dc.title =/string "reef atlas" | 1
dc.title =/string "reef" |
dc.title =/word/string reefs | !21
dc.date =/isoDate 1999 | 1
dc.title =/isoDate reefs | !36
dc.title =/number reefs | !36
dc.date =/number 1999 | 1
dc.title =/uri reefs | !36
dc.title =/oid reefs | !36
dc.title =/oid 1.2.840 |
dc.title =/masked reef* | 1
dc.title =/unmasked reef* | 1
dc.title =/unmasked re* |
dc.title =/masked/unmasked reef | !21
dc.title =/regexp "re[ce]fs" | 1
dc.title =/regexp "w.*d" | 1 2
dc.title ==/regexp "reef .*" | 1
dc.title =/regexp "re(" | !36
dc.title =/substring="1:3" ree | !20
dc.title =/rel.algorithm=cori reefs | !20
dc.title =/rel.combine=sum reefs | !20
dc.title =/nosuch reefs | !20
dc.title = reefs and/rel.combine=sum dc.title = coral | !46
"""

MASKS = """
dc.title = re* | 1 3
dc.title = *fs | 1 3
dc.title = r?ef | 1
dc.title = r??fs | 1
dc.title = *e?f* | 1
dc.title = "coral ree*" | 1
dc.title = "c?ral *fs of" | 1
dc.title adj "c* r*" | 1
dc.title any "atl* rec?fs" | 1 3
dc.title all "w?rld cor*" | 1 2
dc.title == "reef atl*" | 1
dc.title == "t* world of coral" | 2
dc.title == "* world of coral" | !29
dc.title = * | !29
dc.title = "coral ?" | !29
dc.title = ^coral | 1
dc.title = "^the world" | 2
dc.title = ^world |
dc.title = coral^ | 2
dc.title = "world^" | 1
dc.title = ^recifs^ | 3
dc.title = "^coral reefs^" |
dc.title any "^reef ^the" | 1 2
dc.title all "^coral world^" | 1
dc.title = re^ef | !32
dc.title == ^coral | !32
dc.title = "what\\? \\* \\^ or \\\\" | 4
dc.title = cor\\*al |
dc.title = cor\\al | !26
bath.isbn = 97803064* | 1
dc.language = f* | 2 3
dc.date < 19?? | !28
"""

BOOLEANS = """
dc.title = coral and dc.title = reefs | 1
dc.title = atlas or dc.title = recifs | 1 3
dc.title = coral not dc.title = reefs | 2
dc.title = recifs or dc.title = coral and dc.creator = finn | 1
dc.title = coral prox dc.title = reefs | 1
dc.title = coral prox dc.title = world |
dc.title = coral prox/distance<=4 dc.title = world | 1 2
dc.title = coral prox/distance=2 dc.title = world | 2
dc.title = coral prox/distance<3 dc.title = world | 2
dc.title = coral prox/distance>2 dc.title = world | 1
dc.title = coral prox/distance>=4 dc.title = world | 1
dc.title = coral prox/distance<>2 dc.title = world | 1
dc.title = coral prox/distance==2 dc.title = world | !40
dc.title = coral prox/distance=x dc.title = world | !41
dc.title = coral prox/distance="-1" dc.title = world | !41
dc.title = coral prox/unit=word/distance<=4/ordered dc.title = world | 1
dc.title = coral prox/unordered/distance<=4 dc.title = world | 1 2
dc.title = coral prox/ordered/unordered dc.title = world | !44
dc.title = coral prox/unit=element dc.title = world | 1 2
dc.title = coral prox/unit=element dc.title = atlas |
dc.subject = coral prox/unit=element dc.subject = fishes |
dc.title = coral prox/unit=sentence dc.title = world | !42
dc.title = coral prox/unit=paragraph dc.title = world | !42
dc.title = coral prox/unit=chapter dc.title = world | !42
dc.title = coral prox/odd dc.title = world | !46
dc.title = coral prox dc.creator = finn | !44
dc.date = 1999 prox dc.date = 2004 | !39
(dc.title = coral or dc.title = reef) prox dc.title = atlas | 1
dc.title = "coral reefs" prox/distance=2 dc.title = the | 1
(dc.title = coral and dc.title = reefs) prox dc.title = world | !39
dc.title = "" | !27
dc.title = "  " | !27
dc.title = ^ | !27
cql.allRecords = "" | 1 2 3 4
"""

UTILITY = """
cql.serverChoice = coral | 1 2
coral | 1 2
cql.anywhere = korall | 3
cql.allIndexes = korall | 3
cql.anyIndexes = korall | 3
cql.all = korall | 3
cql.anywhere all "coral 9780306406157" | 1
cql.anywhere = "coral reefs" | 1
cql.anywhere = "reefs anna" |
cql.keywords = coral | 1 2
cql.keywords = korall |
cql.keywords = 9780306406157 |
cql.allRecords = 1 | 1 2 3 4
cql.allRecords any "no matter" | 1 2 3 4
cql.allRecords < x | 1 2 3 4
cql.resultSetId = x | !50
cql.nosuch = x | !16
"""


def rows(text: str) -> list[Any]:
    """Query, and the ids or the number of the answer."""
    pairs = (line.rpartition("|") for line in text.strip("\n").split("\n"))
    return [pytest.param(query.strip(), answer.strip(), id=query.strip()) for query, _, answer in pairs]


@pytest.fixture(scope="module")
def table() -> FieldTable:
    return load_field_table()


@pytest.fixture(scope="module")
def documents(table: FieldTable) -> list[Document]:
    made = [document_from_values(table, record_id, values) for record_id, values in RECORDS.items()]
    for one in made:
        one.stored = {"marcxml": one.id.encode()}
    return made


@pytest.fixture(scope="module", params=["embedded", "opensearch"])
def location(request: Any, tmp_path_factory: Any) -> Iterator[tuple[str, Any]]:
    """Kind of engine, and the place of a collection."""
    if request.param == "embedded":
        yield request.param, tmp_path_factory.mktemp("tables")
        return
    url = request.getfixturevalue("opensearch_url")
    with own_prefix(url) as prefix:
        yield request.param, ClusterSettings(url=url, prefix=prefix)


@pytest.fixture
async def engine(location: tuple[str, Any], table: FieldTable, documents: list[Document]) -> AsyncIterator[Engine]:
    """The engine with the records in it, which the first test writes."""
    texts = {one.id.encode(): one.text for one in documents}
    made = open_engine(
        *location,
        table.collection("biblios"),
        writable=True,
        extract_field=lambda hit, field: texts[hit.stored["marcxml"]].get(field, []),
    )
    if not await made.confirmed():
        await made.write(documents)
        await made.commit(1)
    yield made
    await made.close()


async def check(engine: Engine, table: FieldTable, documents: list[Document], query: str, answer: str) -> None:
    """The matcher and the engine give this answer."""
    if answer.startswith("!"):
        with pytest.raises(CqlError) as told:
            plan_query(parse(query), table.index_table("biblios"))
        assert told.value.number == int(answer[1:])
        return
    plan = plan_query(parse(query), table.index_table("biblios")).plan
    assert " ".join(one.id for one in documents if matches(plan, one)) == answer
    words = await spelled_out(plan, lambda fields, start, count: engine.scan(fields, "words", start, 0, count))
    page = await engine.search(words, Window(1, 10), stored=())
    assert (" ".join(sorted(hit.id for hit in page.hits)), page.total) == (answer, len(answer.split()))


@pytest.mark.parametrize(("query", "answer"), rows(RELATIONS))
async def test_relations_by_kind_of_index(engine: Engine, table: FieldTable, documents: list[Document], query: str, answer: str) -> None:
    """Section 14.2, with the normal form of words of 14.1."""
    await check(engine, table, documents, query, answer)


@pytest.mark.parametrize(("query", "answer"), rows(MODIFIERS))
async def test_relation_modifiers(engine: Engine, table: FieldTable, documents: list[Document], query: str, answer: str) -> None:
    """Section 14.3."""
    await check(engine, table, documents, query, answer)


@pytest.mark.parametrize(("query", "answer"), rows(MASKS))
async def test_masks_anchors_and_escapes(engine: Engine, table: FieldTable, documents: list[Document], query: str, answer: str) -> None:
    """Section 14.4."""
    await check(engine, table, documents, query, answer)


@pytest.mark.parametrize(("query", "answer"), rows(BOOLEANS))
async def test_booleans_proximity_and_empty_terms(
    engine: Engine, table: FieldTable, documents: list[Document], query: str, answer: str
) -> None:
    """Sections 14.5 and 14.6."""
    await check(engine, table, documents, query, answer)


@pytest.mark.parametrize(("query", "answer"), rows(UTILITY))
async def test_utility_indexes(engine: Engine, table: FieldTable, documents: list[Document], query: str, answer: str) -> None:
    """Section 16.2."""
    await check(engine, table, documents, query, answer)


SETS = """
cql info:srw/cql-context-set/1/cql-v1.2 info:srw/cql-context-set/1/cql-v1.1 | allRecords
dc info:srw/cql-context-set/1/dc-v1.1 | title
bath http://zing.z3950.org/cql/bath/2.0/ | title
bib info:srw/cql-context-set/1/bib-v1.0 | edition
rec info:srw/cql-context-set/2/rec-1.1 info:srw/cql-context-set/2/rec-1.0 | identifier
bib1 1.2.840.10003.3.1 | 1003
z3950 1.2.840.10003.3.1 | 4
srw info:srw/cql-context-set/1/cql-v1.1 | serverChoice
koha urn:x-discovery:cql:koha-1.0 | ti
"""


@pytest.mark.parametrize("row", SETS.strip().split("\n"), ids=lambda row: row.split()[0])
def test_context_sets_are_known_by_name_and_identifier(table: FieldTable, row: str) -> None:
    """Section 16.1: sets with indexes; `sort` and `rel` have only modifiers, `net` is not needed."""
    names, _, index = row.partition(" | ")
    prefix, *identifiers = names.split()
    plain = plan_query(parse(f"{prefix}.{index} = 1"), table.index_table("biblios")).plan
    for identifier in identifiers:
        assigned = parse(f'> mine = "{identifier}" mine.{index} = 1')
        assert plan_query(assigned, table.index_table("biblios")).plan == plain
        assert plan_query(parse(f'> "{identifier}" {index} = 1'), table.index_table("biblios")).plan == plain


@pytest.mark.parametrize(
    ("prefix", "identifier", "query"),
    [
        ("sort", "info:srw/cql-context-set/1/sort-v1.0", "a sortBy dc.title/{}.descending"),
        ("rel", "info:srw/cql-context-set/2/relevance-1.0", "dc.title =/{}.algorithm=x a"),
    ],
)
def test_context_sets_of_modifiers_are_known(table: FieldTable, prefix: str, identifier: str, query: str) -> None:
    """Section 16.1: the set `sort` works under any prefix; modifiers of `rel` are known and refused."""
    numbers = []
    for text in (query.format(prefix), f'> mine = "{identifier}" {query.format("mine")}'):
        try:
            plan_query(parse(text), table.index_table("biblios"))
            numbers.append(0)
        except CqlError as error:
            numbers.append(error.number)
    assert numbers == ([0, 0] if prefix == "sort" else [20, 20])


@pytest.mark.parametrize(
    ("name", "primary"),
    [
        ("title", "dc.title"), ("anywhere", "cql.anywhere"), ("uniformTitle", "bath.uniformTitle"), ("edition", "bib.edition"),
        ("lastModificationDate", "rec.lastModificationDate"), ("homebranch", "koha.homebranch"),
    ],
)  # fmt: skip
def test_an_index_without_prefix_is_looked_for_in_the_default_sets(table: FieldTable, name: str, primary: str) -> None:
    """Section 16.1: dc, then cql, bath, bib, rec, koha; a name of no set is 16."""
    indexes = table.index_table("biblios")
    assert plan_query(parse(f"{name} = 1999"), indexes).plan == plan_query(parse(f"{primary} = 1999"), indexes).plan
    with pytest.raises(CqlError) as told:
        plan_query(parse("nosuchname = x"), indexes)
    assert told.value.number == 16
