"""What the stylesheets make of single MARC fields, as tables: fields in, elements out."""

import pytest
from lxml import etree

from indexer.marc import to_marcxml
from indexer.record import SUBFIELD, Record
from server.xmlio import transform

MARC21_LEADER = "00000nam a2200000   4500"
UNIMARC_LEADER = "00000nam  2200000   450 "


def record(*lines: str, leader: str = MARC21_LEADER) -> bytes:
    """MARCXML of lines such as `245 10 $aTitle`; # is a blank indicator, control fields have no indicators."""
    fields = []
    for line in lines:
        tag, rest = line[:3], line[4:]
        body = rest if tag.startswith("00") else rest[:2].replace("#", " ") + rest[3:].replace("$", SUBFIELD)
        fields.append((tag, body))
    return to_marcxml(Record(leader, fields))


def dublin_core(*lines: str, form: str = "marc21", leader: str = MARC21_LEADER, **parameters: str) -> list[tuple[str, str]]:
    """(element, text) in order, without the type that the leader alone gives."""
    made = etree.fromstring(transform(record(*lines, leader=leader), f"{form}-to-dc.xsl", parameters))
    return [(etree.QName(one).localname, one.text) for one in made if one.text != "Text"]


def mods(path: str, *lines: str, form: str = "marc21", leader: str = MARC21_LEADER) -> list[str]:
    """Texts of what an XPath finds in the MODS of a record; prefix m."""
    made = etree.fromstring(transform(record(*lines, leader=leader), f"{form}-to-mods.xsl"))
    return [
        str(one if isinstance(one, str) else one.xpath("string()"))
        for one in made.xpath(path, namespaces={"m": "http://www.loc.gov/mods/v3"})
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["245 10 $aCoral reefs :$bfish and frogs /$cA. Finn."], [("title", "Coral reefs : fish and frogs")]),
        (["245 10 $aCoral reefs$bfish"], [("title", "Coral reefs : fish")]),
        (["245 10 $aSea =$bHav /$cx"], [("title", "Sea = Hav")]),
        (["245 10 $aWorks.$nPart 2,$pFish."], [("title", "Works. Part 2, Fish.")]),
        (["245 14 $a\u0098The \u009csea"], [("title", "The sea")]),
        (["245 10 $aTitle", "246 3# $aOther title :$bmore", "740 0# $aThird."], [("title", "Title"),
        ("title", "Other title : more"), ("title", "Third")]),
        (["245 10 $aOne", "246 3# $aOne"], [("title", "One")]),
        (["100 1# $aFinn, Anna,$d1971-$eauthor.$4aut$0(x)1"], [("creator", "Finn, Anna, 1971-")]),
        (["100 1# $aBrunskill, R. W."], [("creator", "Brunskill, R. W.")]),
        (["110 2# $aSweden.$bRiksdag."], [("creator", "Sweden. Riksdag")]),
        (["100 1# $aA, B", "700 1# $aC, D,$eillustrator."], [("creator", "A, B"), ("contributor", "C, D")]),
        (["100 1# $aA, B", "700 1# $aC, D,$eauthor."], [("creator", "A, B"), ("creator", "C, D")]),
        (["700 1# $aC, Dora"], [("creator", "C, Dora")]),
        (["700 1# $aC, Dora$4http://id.loc.gov/vocabulary/relators/cmp"], [("creator", "C, Dora")]),
        (["700 1# $aC, Dora$tSymphony"], [("relation", "C, Dora Symphony")]),
        (["650 #0 $aReefs$xEcology$zAustralia."], [("subject", "Reefs -- Ecology -- Australia")]),
        (["650 #0 $xEcology"], [("subject", "Ecology")]),
        (["520 ## $aAbout.", "500 ## $aNoted.", "541 ## $aSecret price"], [("description", "About"), ("description", "Noted")]),
        (["260 ## $aLondon :$bHarbour Books,$cc1998."], [("publisher", "Harbour Books"), ("date", "1998")]),
        (["260 ## $a[S.l. :$bs.n.],$c1990-1995."], [("date", "1990-1995")]),
        (["264 #1 $aX :$bShore,$c[2019]", "264 #4 $c©2018"], [("publisher", "Shore"), ("date", "2019")]),
        (["008 190801s2019    ne            000 0 eng d"], [("date", "2019"), ("language", "eng")]),
        (["008 190801s20uu    ne            000 0 und d"], []),
        (["041 0# $aengswe$afre$hger"], [("language", "eng"), ("language", "swe"), ("language", "fre")]),
        (["020 ## $a978-91-7331-000-0 (inb.)", "020 ## $z9100000000"], [("identifier", "URN:ISBN:9789173310000")]),
        (["020 ## $apbk."], []),
        (["022 0# $a0123-456X$z9999-9999"], [("identifier", "URN:ISSN:0123-456X")]),
        (["024 7# $a10.1000/182$2doi"], [("identifier", "https://doi.org/10.1000/182")]),
        (["856 40 $uhttps://example.org/a b$qtext/html"], [("format", "text/html"), ("identifier", "https://example.org/a b")]),
        (["856 42 $uhttps://example.org/"], [("relation", "https://example.org/")]),
        (["490 0# $aTropical waters ;$v3"], [("relation", "Tropical waters ; 3")]),
        (["490 1# $aTropical", "830 #0 $aTropical waters (Leiden) ;$v3."], [("relation", "Tropical waters (Leiden) ; 3")]),
        (["490 1# $aTropical"], [("relation", "Tropical")]),
        (["773 0# $tReef quarterly$x0123-4567$z9789173310000"],
         [("relation", "Reef quarterly"), ("relation", "URN:ISSN:0123-4567"), ("relation", "URN:ISBN:9789173310000")]),
        (["752 ## $aSweden$bSkåne$dMalmö."], [("coverage", "Sweden -- Skåne -- Malmö")]),
        (["506 ## $aOnly indoors.", "540 ## $aFree$uhttp://x"], [("rights", "Only indoors"), ("rights", "Free http://x")]),
        (["245 10 $6880-01$aMore /$cI.", "880 10 $6245-01$aМоре /$cИ.", "246 3# $aX"], [("title", "More"), ("title", "Море"),
        ("title", "X")]),
        (["245 10 $aMore", "880 10 $6650-00$aРыбы"], [("title", "More"), ("subject", "Рыбы")]),
        (["300 ## $a312 p. ;$c25 cm."], [("format", "312 p. ; 25 cm.")]),
        (["786 ## $tSource"], [("source", "Source"), ("relation", "Source")]),
    ],
)  # fmt: skip
def test_marc21_becomes_dublin_core(lines, expected):
    assert dublin_core(*lines) == expected


@pytest.mark.parametrize(
    ("leader", "expected"),
    [
        ("00000ncm a2200000   4500", ["Text", "notated music"]),
        ("00000nem a2200000   4500", ["Image", "cartographic"]),
        ("00000ngm a2200000   4500", ["MovingImage"]),
        ("00000njm a2200000   4500", ["Sound"]),
        ("00000nkm a2200000   4500", ["StillImage"]),
        ("00000nmm a2200000   4500", ["Software"]),
        ("00000npc a2200000   4500", ["Collection"]),
        ("00000nrm a2200000   4500", ["PhysicalObject"]),
        ("00000nam a2200000   4500", ["Text"]),
    ],
)
def test_the_leader_gives_the_type(leader, expected):
    made = etree.fromstring(transform(record(leader=leader), "marc21-to-dc.xsl"))
    assert [one.text for one in made] == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["200 1# $aLes récifs$evie et mort$fJ. D."], [("title", "Les récifs : vie et mort")]),
        (["200 1# $aPremier$esous$aSecond"], [("title", "Premier : sous"), ("title", "Second")]),
        (["200 1# $aOeuvres$hTome 2$iMer"], [("title", "Oeuvres. Tome 2. Mer")]),
        (["700 #1 $aDelmer$bJeanne$f1960-....$4070"], [("creator", "Delmer, Jeanne (1960-....)")]),
        (["701 #1 $aMarsh$bOliver$4440"], [("contributor", "Marsh, Oliver")]),
        (["606 ## $aRécifs$xÉcologie$yAustralie"], [("subject", "Récifs -- Écologie -- Australie")]),
        (["210 ## $aParis$cLarge$ddl 2020"], [("publisher", "Large"), ("date", "2020")]),
        (["100 ## $a20200101d2019    m  y0frey50      ba"], [("date", "2019")]),
        (["010 ## $a978-2-07-000001-5$d12 EUR"], [("identifier", "URN:ISBN:9782070000015")]),
        (["101 0# $afre$ceng"], [("language", "fre")]),
        (["463 ## $tLa mer$x0123-4567"], [("relation", "La mer"), ("relation", "URN:ISSN:0123-4567")]),
        (["463 ## $1001x$12001#$aLa mer$e2"], [("relation", "La mer")]),
        (["225 0# $aCollection ;$v3"], [("relation", "Collection ; 3")]),
        (["607 ## $aAustralie"], [("subject", "Australie"), ("coverage", "Australie")]),
    ],
)
def test_unimarc_becomes_dublin_core(lines, expected):
    assert dublin_core(*lines, form="unimarc", leader=UNIMARC_LEADER) == expected


def test_the_address_of_the_record_is_the_first_identifier():
    made = dublin_core("020 ## $a9789173310000", record_url="https://example.org/record/1")
    assert made[0] == ("identifier", "https://example.org/record/1")


@pytest.mark.parametrize("container", ["srw", "oai_dc"])
def test_the_container_is_chosen_by_a_parameter(container):
    made = etree.fromstring(transform(record("245 10 $aSea"), "marc21-to-dc.xsl", {"container": container}))
    namespaces = {"srw": "info:srw/schema/1/dc-schema", "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/"}
    assert made.tag == f"{{{namespaces[container]}}}dc"


@pytest.mark.parametrize(
    ("path", "lines", "expected"),
    [
        ("m:titleInfo/m:nonSort", ["245 14 $aThe sea :$bfish /$cx"], ["The"]),
        ("m:titleInfo/m:title", ["245 14 $aThe sea :$bfish /$cx"], ["sea"]),
        ("m:titleInfo/m:subTitle", ["245 14 $aThe sea :$bfish /$cx"], ["fish"]),
        ("m:titleInfo/m:title", ["245 13 $aThesea"], ["Thesea"]),
        ("m:titleInfo/m:nonSort", ["245 10 $a\u0098Les \u009cmers"], ["Les"]),
        ("m:titleInfo[@type='alternative']/m:title", ["246 3# $aOther"], ["Other"]),
        ("m:titleInfo[@type='uniform']/m:title", ["240 10 $aHamlet.$lSwedish"], ["Hamlet. Swedish"]),
        ("m:name[@usage='primary']/m:namePart", ["100 1# $aFinn, Anna,$d1971-"], ["Finn, Anna", "1971-"]),
        ("m:name/m:role/m:roleTerm", ["700 1# $aMarsh,$eillustrator.$4ill"], ["ill", "illustrator"]),
        ("m:name/@type", ["111 2# $aCongress$d(1990)"], ["conference"]),
        ("m:typeOfResource", [], ["text"]),
        ("m:originInfo/m:place/m:placeTerm", ["008 980312s1998    enk           000 1 eng d", "260 ## $aLondon :$bX"], ["enk", "London"]),
        ("m:originInfo/m:dateIssued/@point", ["008 850101c19859999nyuar p       0    |eng c"], ["start", "end"]),
        ("m:originInfo/@eventType", ["264 #3 $aX :$bPrinter"], ["manufacture"]),
        ("m:language/m:languageTerm", ["008 980312s1998    enk           000 1 eng d", "041 1# $aeng$aswe$hger"], ["eng", "swe", "ger"]),
        ("m:language/@objectPart", ["041 1# $hger"], ["original"]),
        ("m:subject/m:topic", ["650 #0 $aReefs$xEcology"], ["Reefs", "Ecology"]),
        ("m:subject/@authority", ["650 #0 $aReefs", "650 #7 $aHav$2sao"], ["lcsh", "sao"]),
        ("m:subject/m:name/m:namePart", ["600 10 $aDarwin, Charles,$d1809-1882"], ["Darwin, Charles", "1809-1882"]),
        ("m:relatedItem[@type='host']/m:titleInfo/m:title", ["773 0# $tReef quarterly$gVol. 3"], ["Reef quarterly"]),
        ("m:relatedItem[@type='series']/m:titleInfo/m:partNumber", ["490 0# $aWaters ;$v3"], ["3"]),
        ("m:identifier[@type='isbn']/@invalid", ["020 ## $z9789173310000"], ["yes"]),
        ("m:location/m:url", ["856 40 $uhttps://example.org/a"], ["https://example.org/a"]),
        ("m:location/m:url", ["856 40 $uhttps://example.org/a b", "856 40 $uwww.example.org", "856 40 $uhttp://x.org/%zz"], []),
        ("m:recordInfo/m:recordIdentifier", ["001 42", "003 SE-X"], ["42"]),
        ("m:note[@type='statement of responsibility']", ["245 10 $aA /$cby B."], ["by B."]),
        ("m:note", ["561 ## $aBought from a thief", "590 ## $aLocal"], []),
        ("m:accessCondition/@type", ["506 ## $aNo", "540 ## $aYes"], ["restriction on access", "use and reproduction"]),
        ("m:classification/@edition", ["082 04 $a577$223"], ["23"]),
        ("//*[normalize-space(.) = '']", ["245 10 $aA", "100 1# $a"], []),
    ],
)  # fmt: skip
def test_marc21_becomes_mods(path, lines, expected):
    assert mods(path, *lines) == expected


@pytest.mark.parametrize(
    ("path", "lines", "expected"),
    [
        ("m:titleInfo/m:nonSort", ["200 1# $a\u0088Les \u0089récifs"], ["Les"]),
        ("m:name/m:namePart", ["700 #1 $aDelmer$bJeanne$f1960-"], ["Delmer", "Jeanne", "1960-"]),
        ("m:name/m:role/m:roleTerm/@authority", ["700 #1 $aDelmer$4070"], ["unimarc"]),
        ("m:originInfo/m:place/m:placeTerm[@type='code']", ["102 ## $aFR"], ["fr"]),
        ("m:language/m:languageTerm", ["101 0# $afre$ceng"], ["fre", "eng"]),
        ("m:relatedItem/@type", ["461 ## $tX", "434 ## $tY", "410 ## $tZ"], ["host", "preceding", "series"]),
        ("m:identifier", ["010 ## $a978-2-07-000001-5"], ["9782070000015"]),
    ],
)
def test_unimarc_becomes_mods(path, lines, expected):
    assert mods(path, *lines, form="unimarc", leader=UNIMARC_LEADER) == expected


@pytest.mark.parametrize(
    ("leader", "form", "kind"),
    [
        (MARC21_LEADER, "MARC21", "Bibliographic"),
        ("00000nz  a2200000n  4500", "MARC21", "Authority"),
        (UNIMARC_LEADER, "UNIMARC", "Bibliographic"),
    ],
)
def test_marcxchange_tells_format_and_type(leader, form, kind):
    made = etree.fromstring(transform(record("245 10 $aSea", leader=leader), "marcxml-to-marcxchange.xsl", {"format": form}))
    assert (made.get("format"), made.get("type")) == (form, kind)
    assert {etree.QName(one).namespace for one in made.iter()} == {"info:lc/xmlns/marcxchange-v1"}
    assert made.xpath("string(//*[@code='a'])") == "Sea"
