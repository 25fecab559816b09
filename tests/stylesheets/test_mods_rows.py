"""MODS row by row, as far as `tests/server/records/test_crosswalks.py` does not have it; and the schema for what a row gives."""

import pytest
from lxml import etree

from indexer.marc import to_marcxml
from server.xmlio import transform

F008 = "008 980312c19809999enkar pb      0   b0eng c"

MARC21 = [
    ("m:titleInfo[@type='abbreviated']/m:title", ["210 0# $aAbbr."], ["Abbr."]),
    ("m:titleInfo[@type='translated']/@lang", ["242 10 $aHav$yswe"], ["swe"]),
    ("m:titleInfo/m:partNumber | m:titleInfo/m:partName", ["245 10 $aA$nPart 2,$pFishes"], ["Part 2", "Fishes"]),
    ("m:titleInfo[@type='uniform']", ["730 0# $aUniform", "730 02 $aContained"], ["Uniform"]),
    ("m:relatedItem[@type='constituent']", ["730 02 $aContained"], ["Contained"]),
    ("m:name/m:nameIdentifier", ["100 1# $aA$0(DE-588)1"], ["(DE-588)1"]),
    ("m:name/@valueURI", ["100 1# $aA$1http://x.org/people/1"], ["http://x.org/people/1"]),
    ("m:name/m:namePart[@type='termsOfAddress']", ["100 0# $aJohn$bII,$cPope"], ["II, Pope"]),
    ("m:name[@type='corporate']/m:namePart", ["710 2# $aSweden.$bRiksdag."], ["Sweden", "Riksdag"]),
    ("m:genre/@authority", ["655 #7 $aMaps$2lcgft"], ["lcgft"]),
    ("m:originInfo/m:copyrightDate", ["264 #4 $c©2001"], ["©2001"]),
    ("m:originInfo/m:edition", ["250 ## $a2nd edition /$brevised"], ["2nd edition / revised"]),
    ("m:originInfo/m:frequency", ["310 ## $aMonthly,$b2001-"], ["Monthly, 2001-"]),
    ("m:originInfo/m:dateIssued[@encoding='marc']", [F008], ["1980", "9999"]),
    ("m:originInfo/@eventType", ["264 #0 $bA", "264 #2 $bB", "264 #3 $bC"], ["production", "distribution", "manufacture"]),
    ("m:originInfo/m:publisher", ["260 ## $a[S.l. :$bs.n.]"], []),
    ("m:physicalDescription/m:form[@authority='marccategory']", ["007 cr ||"], ["electronic resource"]),
    ("m:physicalDescription/m:form[@authority='marcsmd']", ["007 cr ||", "007 vf ||"], ["remote", "videocassette"]),
    ("m:physicalDescription/m:form", ["338 ## $avolume$2rdacarrier"], ["volume"]),
    ("m:physicalDescription/m:internetMediaType", ["856 40 $qtext/html"], ["text/html"]),
    ("m:physicalDescription/m:extent", ["300 ## $a312 pages :$bill. ;$c25 cm$e1 disc"], ["312 pages : ill. ; 25 cm 1 disc"]),
    ("m:physicalDescription/m:digitalOrigin", ["007 cr ||", "533 ## $aElectronic reproduction."], ["reformatted digital"]),
    ("m:tableOfContents", ["505 00 $gI.$tReefs /$rFinn"], ["I. Reefs / Finn"]),
    ("m:targetAudience", ["008 980312s1998    enk    j      000 1 eng d", "521 ## $aSchools"], ["juvenile", "Schools"]),
    ("m:note/@type", ["502 ## $aA", "504 ## $aB", "511 ## $aC", "518 ## $aD"], ["thesis", "bibliography", "performers", "venue"]),
    ("m:subject/m:geographicCode", ["043 ## $ae-sw---"], ["e-sw---"]),
    ("m:subject/m:hierarchicalGeographic/*", ["752 ## $aA$bB$cC$dD"], ["A", "B", "C", "D"]),
    ("m:subject/m:temporal", ["045 ## $bd1901", "648 #7 $a1900-talet$2sao"], ["1900-talet", "d1901"]),
    ("m:subject/m:titleInfo/m:title", ["630 00 $aBible."], ["Bible"]),
    ("m:subject/*", ["650 #2 $aA$vV$xX$yY$zZ"], ["A", "V", "X", "Y", "Z"]),
    ("m:classification/@authority", ["050 #4 $aQ", "060 #4 $aW", "082 04 $a5$222", "080 ## $a5", "084 ## $aUa$2kssb"],
     ["lcc", "nlm", "ddc", "udc", "kssb"]),
    ("m:location/m:physicalLocation | m:location/m:shelfLocator", ["852 ## $aOrg$bHall$hQ 1"], ["Org", "Hall", "Q 1"]),
    ("m:location/m:shelfLocator", ["952 ## $aMPL$bCPL$oQ 1"], ["Q 1"]),
    ("m:location/m:url/@displayLabel | m:location/m:url/@note", ["856 40 $uhttp://x.org/a$yText$zFree"], ["Text", "Free"]),
    ("m:relatedItem/@type",
     ["773 0# $tA", "780 00 $tB", "785 00 $tC", "776 0# $tD", "775 0# $tE", "774 0# $tF", "534 ## $tG", "510 0# $aH"],
     ["host", "preceding", "succeeding", "otherFormat", "otherVersion", "constituent", "original", "isReferencedBy"]),
    ("m:identifier/@type", ["020 ## $a9789173310000", "022 ## $a0123-4567$l0123-4567", "010 ## $a98000001", "024 7# $a10.1/2$2doi",
     "856 40 $uhttp://x.org", "035 ## $a(OCoLC)1"], ["isbn", "issn", "issn-l", "lccn", "doi", "uri", "oclc"]),
    ("m:identifier[@invalid='yes']", ["020 ## $z9789173310000", "022 ## $z0123-4567", "024 7# $z10.1/2$2doi"],
     ["9789173310000", "0123-4567", "10.1/2"]),
    ("m:recordInfo/*", ["001 1", "003 SE-X", "005 20200101000000.0", F008, "040 ## $aSE-X$bswe$erda"],
     ["rda", "SE-X", "980312", "20200101000000.0", "1", "swe"]),
    ("m:recordInfo/m:recordIdentifier/@source", ["001 1", "003 SE-X"], ["SE-X"]),
]  # fmt: skip

UNIMARC = [
    ("m:titleInfo/*", ["200 1# $aA$eE$hH$iI"], ["A", "E", "H", "I"]),
    ("m:titleInfo/@type",
     ["530 ## $aA", "541 1# $aB", "510 1# $aC", "500 10 $aD"], ["abbreviated", "translated", "alternative", "uniform"]),
    ("m:name/@type", ["700 #1 $aA", "710 02 $aB", "710 12 $aC", "720 ## $aD"], ["personal", "corporate", "conference", "family"]),
    ("m:genre", ["608 ## $aThèses"], ["Thèses"]),
    ("m:originInfo/*", ["210 ## $aParis$cLarge$d2020", "205 ## $a2e éd.", "326 ## $aMensuel"],
     ["Paris", "Large", "2020", "2e éd.", "monographic", "Mensuel"]),
    ("m:abstract | m:tableOfContents | m:targetAudience", ["330 ## $aA", "327 ## $aB", "333 ## $aC"], ["A", "B", "C"]),
    ("m:note", ["200 1# $aX$fDe F$gG", "328 #0 $bThèse", "320 ## $aBibl.", "300 ## $aNote"], ["De F G", "Thèse", "Bibl.", "Note"]),
    ("m:subject/*",
     ["606 ## $aA$xX$yY$zZ", "607 ## $aB", "605 ## $aC", "600 #1 $aD", "610 0# $aE"], ["D", "C", "A", "X", "Y", "Z", "B", "E"]),
    ("m:classification/@authority", ["680 ## $aQ", "676 ## $a5$v22", "675 ## $a5", "686 ## $aA$2rameau"], ["lcc", "ddc", "udc", "rameau"]),
    ("m:relatedItem/@type",
     ["225 0# $aA", "461 #0 $tB", "430 #0 $tC", "440 #0 $tD", "452 #0 $tE", "451 #0 $tF", "464 #0 $tG", "324 ## $aH"],
     ["series", "host", "preceding", "succeeding", "otherFormat", "otherVersion", "constituent", "original"]),
    ("m:accessCondition/@type", ["310 ## $aA", "371 0# $aB"], ["restriction on access", "use and reproduction"]),
    ("m:recordInfo/*", ["001 1", "005 20200101000000.0", "100 ## $a20200101d2019    m  y0frey50      ba", "801 #0 $aFR$bBnF"],
     ["BnF", "20200101", "20200101000000.0", "1"]),
    ("m:location/*", ["995 ## $bCPL$kQ 1"], ["CPL", "Q 1"]),
]  # fmt: skip

ROWS = [*(("marc21", *row) for row in MARC21), *(("unimarc", *row) for row in UNIMARC)]


@pytest.mark.parametrize(("form", "path", "lines", "expected"), ROWS)
def test_a_row_gives_its_elements(found_in, form, path, lines, expected):
    assert found_in("mods", path, form, *lines) == expected


def test_what_every_row_gives_is_valid(shared_data, written):
    schema = etree.XMLSchema(etree.parse(shared_data / "xsd" / "oai" / "mods-3-7.xsd"))
    for form, _, lines, _ in ROWS:
        made = etree.fromstring(transform(to_marcxml(written(form, *lines)), f"{form}-to-mods.xsl"))
        assert schema.validate(made), f"{lines}: {schema.error_log}"


def test_non_sorting_marks_come_nowhere(written):
    lines = ["100 1# $a\u0098A\u009c$0\u0098http://x.org/people/1", "245 10 $a\u0098The \u009csea$c\u0098x\u009c", "856 40 $uhttp://x.org/\u0098$z\u009cn",
             "773 0# $tT$w\u00981", "041 0# $a\u0098swe", "500 ## $aA \u0088B\u0089"]  # fmt: skip
    made = transform(to_marcxml(written("marc21", *lines)), "marc21-to-mods.xsl").decode()
    assert not set(made) & set("\u0088\u0089\u0098\u009c")
