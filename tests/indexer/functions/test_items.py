"""Copies: the layouts of systems, availability, and sums."""

import pytest

from indexer.functions.holdings import holding_statements
from indexer.functions.items import ITEM_MAPS, Item, ItemMap, aggregate, is_available, read_items


def body(text):
    return text.replace("$", "\x1f")


def test_koha_952():
    field = body("  $01$10$2lcc$40$50$70$8REF$9117$aMAIN$bBRANCH$cSTACKS$d2013-07-16$g9.99$h2009:1$i99-1$l3$m1$n2$oQA76 .B3$pB1"
                 "$r2020-01-01$tc.2$uhttp://x/$v8.88$xsecret$yBK$zSee desk$q2030-01-01")  # fmt: skip
    (item,) = read_items(ITEM_MAPS["koha952"], {"952": [field]})
    assert item == Item(
        id="117", barcode="B1", home="MAIN", holding="BRANCH", location="STACKS", collection="REF", callnumber="QA76 .B3",
        callnumber_source="lcc", item_type="BK", lost="0", withdrawn="1", damaged="0", not_for_loan="0", restricted="0",
        due="2030-01-01", acquired="2013-07-16", enumeration="2009:1", copy="c.2", public_note="See desk", url="http://x/",
        stock_number="99-1", checkouts="3", renewals="1", holds="2", last_seen="2020-01-01",
    )  # fmt: skip
    assert item.shelf_key == "QA 0076 B3"
    assert not item.available


def test_prices_and_nonpublic_notes_are_not_read():
    (item,) = read_items(ITEM_MAPS["koha952"], {"952": [body("  $pB1$g99.99$v88.88$xsecret")]})
    assert item == Item(barcode="B1")


def test_852_alone_is_an_item_with_the_scheme_of_its_indicator():
    fields = {"852": [body("1 $aLib$bMain$cOpen$kREF$h813.54$iB5$mq$pB1$tc.1$xsecret$zNote"), body("  $bOnly")]}
    first, second = read_items(ITEM_MAPS["marc852"], fields)
    assert (first.home, first.holding, first.callnumber, first.callnumber_source) == ("Lib", "Main", "REF 813.54 B5 q", "ddc")
    assert first.shelf_key == "813.54 REF B5 Q"
    assert (second.home, second.holding) == ("Only", "Only")


def test_876_is_completed_by_the_852_with_its_number():
    fields = {
        "852": [body("0 $81$aLib$bMain$hQA76"), body("1 $82$aLib$bEast$h813")],
        "876": [body("  $82.1$aI1$pB1$jLost"), body("  $81.1$aI2$pB2$jAvailable"), body("  $pB3")],
    }
    items = read_items(ITEM_MAPS["marc852"], fields)
    assert [(item.id, item.holding, item.callnumber, item.available) for item in items] == [
        ("I1", "East", "813", False), ("I2", "Main", "QA76", True), ("", "Main", "QA76", True),
    ]  # fmt: skip


def test_876_without_numbers_go_by_order_when_there_are_as_many():
    fields = {"852": [body("  $bA"), body("  $bB")], "876": [body("  $p1"), body("  $p2")]}
    assert [(item.barcode, item.holding) for item in read_items(ITEM_MAPS["marc852"], fields)] == [("1", "A"), ("2", "B")]
    assert [item.barcode for item in read_items(ITEM_MAPS["marc852"], {"876": [body("  $p1")]})] == ["1"]


def test_unimarc_995():
    (item,) = read_items(
        ITEM_MAPS["unimarc995"], {"995": [body("  $bMAIN$cMAIN$emag$fB1$hCOLL$kR LEG$rLIV$o0$n2030-01-01$up$vT. 2$p12.50")]}
    )
    assert (item.barcode, item.home, item.location, item.collection, item.callnumber) == ("B1", "MAIN", "mag", "COLL", "R LEG")
    assert (item.item_type, item.due, item.enumeration) == ("LIV", "2030-01-01", "T. 2")


def test_alma_itm():
    field = body("  $r222$b1$gmedia$939074030839930$emedia$8232$a5$q2017-06-20 06:04:05$iDVD 17 138$dMEDIA$fMEDIA")
    (item,) = read_items(ITEM_MAPS["alma_itm"], {"ITM": [field]})
    assert (item.id, item.barcode, item.home, item.location, item.callnumber) == ("232", "39074030839930", "MEDIA", "media", "DVD 17 138")


def test_a_map_of_a_librarys_own_and_its_tag():
    own = ItemMap(barcode="i", callnumber="a", location="mx")
    fields = {"949": [body("  $aDS49 .A98$i300$xRAR"), body("  $zempty")]}
    assert read_items(own, fields, "949") == [Item(barcode="300", callnumber="DS49 .A98", location="RAR")]


@pytest.mark.parametrize(
    ("item", "available"),
    [
        (Item(), True),
        (Item(lost="0", withdrawn="", not_for_loan="0"), True),
        (Item(lost="1"), False),
        (Item(withdrawn="1"), False),
        (Item(not_for_loan="-1"), False),
        (Item(not_for_loan="2"), False),
        (Item(damaged="1"), False),
        (Item(restricted="1"), False),
        (Item(due="2030-01-01"), False),
        (Item(due=" "), True),
        (Item(status="Not for loan"), False),
        (Item(status="On loan"), False),
        (Item(status="Available"), True),
    ],
)
def test_availability(item, available):
    assert item.available is available


def test_damaged_and_restricted_copies_may_count_as_available():
    assert is_available(Item(damaged="1"), damaged_counts=False)
    assert is_available(Item(restricted="1"), restricted_counts=False)
    assert not is_available(Item(restricted="1", lost="1"), restricted_counts=False)


def test_sums_count_all_items_and_keep_some():
    items = [Item(home="A", holding="B", item_type="BK")] * 6 + [Item(home="C", location="X", collection="K", lost="1")]
    whole = aggregate(items, limit=5)
    assert (whole.total, whole.available, whole.truncated, len(whole.items)) == (7, 6, True, 5)
    assert (whole.homes, whole.holdings, whole.locations) == (("A", "C"), ("B",), ("X",))
    assert (whole.collections, whole.item_types) == (("K",), ("BK",))
    assert aggregate([]).total == 0


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({"866": ["  $av.1-10"], "868": ["  $aIndex 1-10"], "863": ["40$81.1$a1"]}, ["v.1-10", "Index 1-10"]),
        ({"853": ["  $81$av.$bno.$i(year)$j(month)"], "863": ["  $81.1$a1$b2$i1990$j01", "  $81.2$a2$i1991"]},
         ["v.1:no.2(1990:01)", "v.2(1991)"]),
        ({"863": ["  $81.1$a1$i1990", "  $81.2"]}, ["1(1990)"]),
        ({"866": ["  $zNote only"], "853": ["  $81$a(year)"], "863": ["  $81.1$a1999-2001"]}, ["1999-2001"]),
        ({}, []),
    ],
)  # fmt: skip
def test_holding_statements(fields, lines):
    assert holding_statements({tag: [body(one) for one in bodies] for tag, bodies in fields.items()}) == lines
