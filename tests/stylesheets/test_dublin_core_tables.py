"""Dublin Core row by row: every source field of the crosswalks from MARC 21 and UNIMARC, and the rules of texts."""

import pytest

from indexer.dublin_core import oai_dc, with_record_url
from indexer.marc import to_marcxml
from server.xmlio import transform

MARC21 = [
    # title
    (["245 10 $aA$bB$nN$pP$fF$gG$kK$sS$cnot"], [("title", "A : B N P F G K S")]),
    (["246 3# $aA$bB$nN$pP$inot$fnot"], [("title", "A B N P")]),
    (["130 0# $aA$dD$fF$kK$lL$mM$nN$oO$pP$rR$sS$hnot$tnot"], [("title", "A D F K L M N O P R S")]),
    (["240 10 $aA$lSwedish$hnot"], [("title", "A Swedish")]),
    (["740 02 $aA$nN$pP$hnot"], [("title", "A N P")]),
    (["740 0# $aLast", "240 10 $aThird", "246 3# $aSecond", "245 10 $aFirst"],
     [("title", "First"), ("title", "Second"), ("title", "Third"), ("title", "Last")]),
    # creator, contributor
    (["100 1# $aA$bB$cC$qQ$dD$nN$enot$tnot$unot"], [("creator", "A B C Q D N")]),
    (["110 2# $aA$bB$nN$dD$cC$enot$knot"], [("creator", "A B N D C")]),
    (["111 2# $aA$nN$dD$cC$enot"], [("creator", "A N D C")]),
    *[([f"700 1# $aName, A$e{term}", "100 1# $aMain"], [("creator", "Main"), ("creator", "Name, A")])
      for term in ("author.", "composer,", "artist", "creator", "photographer", "programmer", "Author")],
    *[([f"700 1# $aName, A$4{code}", "100 1# $aMain"], [("creator", "Main"), ("creator", "Name, A")])
      for code in ("aut", "cmp", "art", "cre", "pht", "prg")],
    (["700 1# $aName, A$4ill", "700 1# $aOther, B$eeditor"], [("contributor", "Name, A"), ("contributor", "Other, B")]),
    (["700 1# $aName, A", "100 1# $aMain"], [("creator", "Main"), ("contributor", "Name, A")]),
    (["710 2# $aBody"], [("creator", "Body")]),
    (["711 2# $aCongress$eSection"], [("creator", "Congress")]),
    (["711 2# $aCongress$jhost"], [("contributor", "Congress")]),
    (["711 2# $aCongress$jauthor", "100 1# $aMain"], [("creator", "Main"), ("creator", "Congress")]),
    (["720 ## $aA. Person$eeditor"], [("contributor", "A. Person")]),
    (["700 1# $aName$tWork$fF$kK$lL$mM$nN$oO$pP$rR$sS$gG$enot$4not"], [("relation", "Name Work F K L M N O P R S G")]),
    (["720 ## $aName$tWork"], []),
    # subject
    *[([f"{tag} #0 $aHead$xX$zZ$yY$vV"], [("subject", "Head -- X -- Z -- Y -- V")])
      for tag in ("600", "610", "611", "630", "648", "650", "653", "654", "656", "657")],
    (["651 #0 $aSweden$xHistory"], [("subject", "Sweden -- History"), ("coverage", "Sweden")]),
    (["600 10 $aDarwin, Charles,$d1809-1882.$tOrigin$xPlaces"], [("subject", "Darwin, Charles, 1809-1882. Origin -- Places")]),
    (["650 #0 $aReefs$x$zPacific."], [("subject", "Reefs -- Pacific")]),
    # description
    (["520 ## $aA$bB$cnot"], [("description", "A B")]),
    (["505 0# $aA$gG$rR$tT$unot"], [("description", "A G R T")]),
    *[([f"{tag} ## $aNote$xnot"], [("description", "Note")])
      for tag in ("500", "502", "504", "508", "511", "515", "518", "521", "525", "545", "550", "555", "586", "588")],
    *[([f"{tag} ## $aPrivate"], []) for tag in ("541", "561", "563", "583", "590", "599", "546")],
    (["500 ## $aNote", "505 0# $aToc", "520 ## $aAbout"],
     [("description", "About"), ("description", "Toc"), ("description", "Note")]),
    # publisher, date
    (["260 ## $aPlace :$bOne :$bTwo,$c2001."], [("publisher", "One"), ("publisher", "Two"), ("date", "2001")]),
    (["264 #1 $bOne,$c[2001?]"], [("publisher", "One"), ("date", "2001")]),
    (["264 ## $bOne,$c2001"], [("publisher", "One")]),
    *[([f"264 #{indicator} $bMaker,$c2001"], []) for indicator in "0234"],
    *[([f"260 ## $b{text}"], []) for text in ("[s.n.],", "s.n.", "[S.l. :", "[publisher not identified],", "[s. n.]",
       "[place of publication not identified]", "[?]")],
    (["260 ## $c1990-1995."], [("date", "1990-1995")]),
    (["260 ## $c1990–1995."], [("date", "1990-1995")]),
    (["260 ## $c[n.d.]", "008 980312s1998    enk           000 1 und d"], [("date", "1998")]),
    (["260 ## $c1997", "008 980312s1998    enk           000 1 und d"], [("date", "1997")]),
    (["260 ## $cprinted 1997,$cc1996"], [("date", "1997")]),
    (["008 980312s19uu    enk           000 1 und d"], []),
    # type beside the leader's, format
    (["655 #7 $aMaps$xnot$2lcgft", "336 ## $atext$btxt$2rdacontent"], [("type", "text"), ("type", "Maps")]),
    (["300 ## $aA$bB$cC$eE$fnot"], [("format", "A B C E")]),
    (["338 ## $avolume$bnc$2rdacarrier"], [("format", "volume")]),
    (["856 40 $qtext/html"], [("format", "text/html")]),
    # identifier
    (["020 ## $a0-8044-2957-X (pbk.) :$c10"], [("identifier", "URN:ISBN:080442957X")]),
    (["020 ## $z9789173310000", "022 ## $z0123-4567$y0123-4567"], []),
    (["022 ## $a0123-456x"], [("identifier", "URN:ISSN:0123-456X")]),
    (["024 7# $a10.1/2$2doi"], [("identifier", "https://doi.org/10.1/2")]),
    (["024 7# $adoi:10.1/2$2doi"], [("identifier", "https://doi.org/10.1/2")]),
    (["024 7# $ahttps://doi.org/10.1/2$2doi"], [("identifier", "https://doi.org/10.1/2")]),
    (["024 7# $a2027/x$2hdl"], [("identifier", "https://hdl.handle.net/2027/x")]),
    (["024 7# $aurn:nbn:se:1$2urn", "024 7# $anbn:se:2$2urn"], [("identifier", "urn:nbn:se:1"), ("identifier", "urn:nbn:se:2")]),
    (["024 8# $a1$2doi", "024 7# $a1$2local", "024 7# $z10.1/2$2doi"], []),
    (["856 4# $uhttps://a.org/", "856 41 $uhttps://b.org/."], [("identifier", "https://a.org/"), ("identifier", "https://b.org/.")]),
    # source, language
    (["786 0# $oO$tT"], [("source", "O T"), ("relation", "T")]),
    (["534 ## $tT$pnot"], [("source", "T")]),
    (["008 980312n        xx            000 0 swe d", "041 0# $aeng$aswe"], [("language", "swe"), ("language", "eng")]),
    *[([f"008 980312n        xx            000 0 {code} d"], []) for code in ("   ", "|||", "zxx", "und", "mul", "N/A")],
    (["041 07 $aen$asve$2rfc3066"], []),
    # relation
    *[([f"{tag} 0# $aName.$tTitle.$x0123-4567$z9789173310000$wnot$gnot"],
       [("relation", "Name. Title"), ("relation", "URN:ISSN:0123-4567"), ("relation", "URN:ISBN:9789173310000")])
      for tag in ("760", "762", "765", "767", "770", "772", "773", "774", "775", "776", "777", "780", "785", "787")],
    (["773 0# $xnone$z12"], []),
    (["490 0# $aSeries ;$v1$xnot"], [("relation", "Series ; 1")]),
    (["490 1# $aAs printed", "490 0# $aOther", "830 #0 $aTraced ;$v2"], [("relation", "Other"), ("relation", "Traced ; 2")]),
    (["490 1# $aAs printed"], [("relation", "As printed")]),
    (["490 1# $aOne", "490 0# $aTwo", "490 1# $aThree"], [("relation", "One"), ("relation", "Two"), ("relation", "Three")]),
    (["530 ## $aAlso online$unot"], [("relation", "Also online")]),
    (["856 42 $uhttps://a.org/"], [("relation", "https://a.org/")]),
    # coverage, rights
    (["751 ## $aPlace$enot"], [("coverage", "Place")]),
    (["752 ## $aA$bB$cC$dD$fnot"], [("coverage", "A -- B -- C -- D")]),
    (["752 ## $a$bSkåne län.$d"], [("coverage", "Skåne län.")]),
    (["522 ## $aPacific"], [("coverage", "Pacific")]),
    (["506 ## $aOnly here$cnot"], [("rights", "Only here")]),
    (["540 ## $aFree$uhttps://a.org/l$bnot"], [("rights", "Free https://a.org/l")]),
    (["542 1# $dHolder$f©2001$enot", "542 0# $dPrivate"], [("rights", "Holder ©2001")]),
    # fields in other scripts
    (["245 10 $6880-01$aMore", "880 10 $6245-01/(N$aМоре", "246 3# $6880-02$aHav", "880 3# $6246-02$aХав"],
     [("title", "More"), ("title", "Море"), ("title", "Hav"), ("title", "Хав")]),
    (["100 1# $6880-01$aFinn", "700 1# $6880-02$aMarsh", "880 1# $6700-02$aМарш", "880 1# $6100-01$aФинн"],
     [("creator", "Finn"), ("creator", "Финн"), ("contributor", "Marsh"), ("contributor", "Марш")]),
    (["880 1# $6100-00$aФинн", "700 1# $aMarsh"], [("creator", "Финн"), ("contributor", "Marsh")]),
    (["880 10 $aNo link", "880 10 $6245$aNo number"], [("title", "No number")]),
    (["245 10 $6881-01$aMore", "880 10 $6245-01$aМоре"], [("title", "More"), ("title", "Море")]),
]  # fmt: skip

UNIMARC = [
    # title
    (["200 1# $aA$eE$hH$iI$fnot$dnot"], [("title", "A : E. H. I")]),
    (["200 1# $aOne$eE$aTwo"], [("title", "One : E"), ("title", "Two")]),
    (["200 1# $a$eRest"], [("title", "Rest")]),
    (["200 1# $\u0061\u0098Les \u009crécifs"], [("title", "Les récifs")]),
    (["500 10 $aUniform$mnot"], [("title", "Uniform")]),
    *[([f"{tag} 1# $aOther$eRest$hnot"], [("title", "Other : Rest")]) for tag in ("510", "512", "517", "540", "541")],
    (["517 1# $eRest"], [("title", "Rest")]),
    # creator, contributor
    *[([f"{tag} #1 $aDelmer$bJeanne$dII$f1960-2001$cnot$4999"], [("creator", "Delmer, Jeanne II (1960-2001)")])
      for tag in ("700", "710", "720", "721")],
    *[([f"{tag} #1 $aDelmer$bJeanne$f(1960-2001)$4070"], [("contributor", "Delmer, Jeanne (1960-2001)")])
      for tag in ("702", "712", "722")],
    *[([f"{tag} #1 $aMarsh$bO.$4{role}"], [("creator", "Marsh, O.")])
      for tag in ("701", "711") for role in ("070", "230", "040", "205", "100", "600")],
    *[([f"{tag} #1 $aMarsh$4440"], [("contributor", "Marsh")]) for tag in ("701", "711")],
    (["701 #1 $aMarsh"], [("creator", "Marsh")]),
    # subject
    *[([f"{tag} ## $aA$bB$cC$dD$f1900$xX$yY$zZ$jnot$2not$3not"], [("subject", "A, B, C D (1900) -- X -- Y -- Z")])
      for tag in ("600", "601", "602")],
    *[([f"{tag} ## $aA$bB$cC$dD$fF$xX$yY$zZ$jnot$2not"], [("subject", "A B C D F -- X -- Y -- Z")])
      for tag in ("604", "605", "606", "610", "616")],
    (["607 ## $aFrance$xHistoire"], [("subject", "France -- Histoire"), ("coverage", "France")]),
    (["608 ## $aThèses$xX"], [("subject", "Thèses -- X"), ("type", "Thèses")]),
    # description
    (["330 ## $aA$bnot"], [("description", "A")]),
    (["327 1# $aA$bB"], [("description", "A B")]),
    *[([f"{tag} ## $aNote$bnot"], [("description", "Note")]) for tag in (
        "300", "301", "302", "303", "305", "307", "308", "310", "311", "313", "314", "316", "318", "320", "323", "325", "328", "336",
        "337")],
    (["300 ## $aNote", "327 ## $aToc", "330 ## $aAbout"],
     [("description", "About"), ("description", "Toc"), ("description", "Note")]),
    # publisher, date
    (["210 ## $aParis$cUn$cDeux$dDL 2020"], [("publisher", "Un"), ("publisher", "Deux"), ("date", "2020")]),
    (["214 #0 $aParis$cUn$d[2020]"], [("publisher", "Un"), ("date", "2020")]),
    (["214 #3 $cImprimeur$d2020", "210 ## $c[s.n.]"], []),
    (["210 ## $ds. d.", "100 ## $a20200101d2019    m  y0frey50      ba"], [("date", "2019")]),
    # type, format
    (["200 1# $b[Images animées]", "181 ## $ctxt$2rda", "608 ## $aThèses"],
     [("subject", "Thèses"), ("type", "Images animées"), ("type", "Thèses"), ("type", "txt")]),
    (["215 ## $aA$cC$dD$eE$fnot"], [("format", "A C D E")]),
    (["230 ## $aDonnées"], [("format", "Données")]),
    (["856 4# $qPDF"], [("format", "PDF")]),
    # identifier
    (["010 ## $a2-07-000001-X$z978-2-07-000001-5"], [("identifier", "URN:ISBN:207000001X")]),
    (["011 ## $a0123-4567$y0123-4567"], [("identifier", "URN:ISSN:0123-4567")]),
    *[([f"{tag} ## $aNumber 1.$2not"], [("identifier", "Number 1.")]) for tag in ("013", "014", "015", "016", "017")],
    (["856 4# $uhttps://a.org/", "856 42 $uhttps://b.org/"], [("identifier", "https://a.org/"), ("relation", "https://b.org/")]),
    # language, relation
    (["101 1# $afre$ageg$cengnot$aFRE"], [("language", "fre"), ("language", "geg")]),
    (["225 0# $aCollection ;$v3$xnot"], [("relation", "Collection ; 3")]),
    *[([f"{tag} #0 $tTitre$x0123-4567$y9782070000015$vnot"],
       [("relation", "Titre"), ("relation", "URN:ISSN:0123-4567"), ("relation", "URN:ISBN:9782070000015")])
      for tag in ("410", "461", "462", "463", "464", "430", "454", "488")],
    (["461 #1 $1001X$12001#$aTitre$eE$1011##$a0123-4567$1010##$a9782070000015"],
     [("relation", "Titre"), ("relation", "URN:ISSN:0123-4567"), ("relation", "URN:ISBN:9782070000015")]),
    # coverage, rights, source
    (["660 ## $ae-fr---"], [("coverage", "e-fr---")]),
    (["661 ## $av9v9"], [("coverage", "v9v9")]),
    (["123 1# $dE0010000$eE0020000$fN0480000$gN0470000$anot"], [("coverage", "E0010000 E0020000 N0480000 N0470000")]),
    (["371 0# $aLibre$bnot"], [("rights", "Libre")]),
    (["324 ## $aReproduction"], [("source", "Reproduction")]),
    (["455 #0 $tOriginal$x0123-4567"], [("source", "Original")]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), MARC21, ids=[" | ".join(lines)[:60] for lines, _ in MARC21])
def test_a_row_of_marc21_gives_its_elements(dublin_core, lines, expected):
    assert dublin_core("marc21", *lines, leader="00000nxm a2200000   4500") == expected


@pytest.mark.parametrize(("lines", "expected"), UNIMARC, ids=[" | ".join(lines)[:60] for lines, _ in UNIMARC])
def test_a_row_of_unimarc_gives_its_elements(dublin_core, lines, expected):
    assert dublin_core("unimarc", *lines, leader="00000nxm  2200000   450 ") == expected


@pytest.mark.parametrize(("lines", "form"), [*((one, "marc21") for one, _ in MARC21), *((one, "unimarc") for one, _ in UNIMARC)])
@pytest.mark.parametrize("url", ["", "https://library.example/record?id=1&lang=en"])
def test_the_fast_way_gives_the_same_bytes(written, lines, form, url):
    record = written(form, *lines)
    parameters = {"container": "oai_dc", "record_url": url}
    assert with_record_url(oai_dc(record), url) == transform(to_marcxml(record), f"{form}-to-dc.xsl", parameters)


TYPES = {
    "marc21": {
        "a": ["Text"], "t": ["Text"], "c": ["Text", "notated music"], "d": ["Text", "notated music"], "e": ["Image", "cartographic"],
        "f": ["Image", "cartographic"], "g": ["MovingImage"], "i": ["Sound"], "j": ["Sound"], "k": ["StillImage"], "m": ["Software"],
        "o": ["InteractiveResource"], "p": ["Collection"], "r": ["PhysicalObject"], "x": [],
    },
    "unimarc": {
        "a": ["Text"], "b": ["Text"], "c": ["Text"], "d": ["Text"], "e": ["Image"], "f": ["Image"], "g": ["MovingImage"], "i": ["Sound"],
        "j": ["Sound"], "k": ["StillImage"], "l": ["Software"], "m": ["InteractiveResource"], "r": ["PhysicalObject"], "t": [],
    },
}  # fmt: skip


@pytest.mark.parametrize(("form", "kind"), [(form, kind) for form, kinds in TYPES.items() for kind in kinds])
def test_leader_06_and_07_give_types(dublin_core, written, form, kind):
    for level, more in (("m", []), ("c", ["Collection"])):
        leader = f"00000n{kind}{level} a2200000   4500"
        expected = list(dict.fromkeys([*TYPES[form][kind], *more]))
        assert [text for _, text in dublin_core(form, leader=leader)] == expected
        assert oai_dc(written(form, leader=leader)).count(b"<dc:type>") == len(expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Title /", "Title"), ("Title :", "Title"), ("Title ;", "Title"), ("Title =", "Title"), ("Title,", "Title"), ("Title / :", "Title"),
        ("A long title.", "A long title"), ("By Brunskill, R. W.", "By Brunskill, R. W."), ("Smith & co.", "Smith & co."),
        ("Reprint ed.", "Reprint ed."), ("Etc...", "Etc..."), ("In 1998.", "In 1998"), ("Seas (2).", "Seas (2)"), ("What?.", "What?"),
        (" Sea   and\tland ", "Sea and land"), ("\u0098The \u009csea", "The sea"), ("\u0088La \u0089mer", "La mer"),
        (".", None), ("  ", None),
    ],
)  # fmt: skip
def test_texts_are_trimmed(dublin_core, written, given, expected):
    made = dublin_core("marc21", f"246 3# $a{given}")
    assert [text for name, text in made if name == "title"] == ([expected] if expected else [])
    assert (b"<dc:title>" in oai_dc(written("marc21", f"246 3# $a{given}"))) == (expected is not None)


def test_no_subfield_for_control_is_read(dublin_core):
    control = "".join(f"${code}not" for code in "0125689w")
    for tag in ("245", "500", "650", "710", "300", "830"):
        assert "not" not in str(dublin_core("marc21", f"{tag} 00 $aText{control}"))


def test_identical_values_of_an_element_come_once(dublin_core):
    made = dublin_core("marc21", "650 #0 $aReefs", "650 #7 $aReefs.$2x", "246 3# $aReefs", "246 3# $aReefs")
    assert made[:-1] == [("title", "Reefs"), ("subject", "Reefs")]
