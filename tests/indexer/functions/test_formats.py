"""Formats: leader, fixed fields and carriers to our vocabulary."""

import pytest

from indexer.functions.formats import FORMATS, marc21_formats, unimarc_formats


def fields(*given):
    """`008=23:o,29:1` sets positions, `tag ..$acode` a data field, `007 cr` a control field."""
    found = {}
    for one in given:
        if one.startswith("008="):
            text = [" "] * 40
            for place in one[4:].split(","):
                at, _, value = place.partition(":")
                text[int(at) : int(at) + len(value)] = value
            found["008"] = ["".join(text)]
        else:
            tag, body = one[:3], one[4:]
            found.setdefault(tag, []).append(body.replace("$", "\x1f"))
    return found


def leader(type_level, control=" "):
    return f"00000n{type_level}{control}a2200000 a 4500"


@pytest.mark.parametrize(
    ("type_level", "given", "expected"),
    [
        # combinations that the catalogues show
        ("am", ["338 ..$avolume$bnc"], "Book Print"),
        ("am", [], "Book Print"),
        ("am", ["007 cr |||||||||||"], "Book Online"),
        ("am", ["008=23:o"], "Book Online"),
        ("am", ["338 ..$aonline resource$bcr"], "Book Online"),
        ("am", ["856 40$uhttp://example.org/"], "Book Online"),
        ("am", ["856 41$uhttp://example.org/"], "Book Online"),
        ("am", ["856 42$uhttp://example.org/toc"], "Book Print"),
        ("am", ["245 10$aA title$h[electronic resource] /"], "Book Online"),
        ("am", ["245 10$aA title$h[microform] :"], "Book Microform"),
        ("am", ["007 he bmb024bbca"], "Book Microform"),
        ("am", ["008=23:a"], "Book Microform"),
        ("am", ["008=23:b", "856 41$uhttp://example.org/"], "Book Microform Online"),
        ("am", ["008=23:f"], "Book Braille"),
        ("am", ["007 tc"], "Book Braille"),
        ("am", ["008=29:1"], "Book Conference Print"),
        ("am", ["111 2.$aCongress"], "Book Conference Print"),
        ("am", ["650 .0$aSoils$vCongresses."], "Book Conference Print"),
        ("am", ["502 ..$aDiss."], "Thesis Print"),
        ("am", ["502 ..$aDiss.", "007 cr"], "Thesis Online"),
        ("tm", [], "Book Manuscript"),
        ("tm", ["338 ..$bnc"], "Book Manuscript Print"),
        ("as", ["008=21:p"], "Journal Print"),
        ("as", ["008=21:n"], "Newspaper Print"),
        ("as", ["008=21:d,23:o"], "Database Online"),
        ("as", ["008=21:w", "007 cr"], "Website Online"),
        ("as", ["008=21:l"], "Loose-leaf Print"),
        ("as", ["008=21:p,23:a"], "Journal Microform"),
        ("ai", ["008=21:w", "007 cr"], "Website Online"),
        ("ai", ["008=21: ", "007 cr"], "IntegratingResource Online"),
        ("em", ["007 aj canzn"], "Map Print"),
        ("em", ["008=29:o"], "Map Online"),
        ("em", ["008=29:b"], "Map Microform"),
        ("em", ["008=23:o"], "Map Print"),
        ("es", ["007 aj"], "Map Print"),
        ("cm", [], "Score Print"),
        ("jm", ["007 sd fsngnnmmned"], "MusicRecording"),
        ("im", ["007 sd"], "AudioBook"),
        ("gm", ["007 vd cvaizq"], "Video"),
        ("gm", ["007 gs"], "Image"),
        ("gm", ["008=33:v"], "Video"),
        ("gm", ["008=33:s"], "Image"),
        ("km", ["007 kh"], "Image Print"),
        ("mm", ["007 co"], "Software/Data"),
        ("mm", ["007 cr"], "Software/Data Online"),
        ("mm", ["008=26:e", "007 cr"], "Book Online"),
        ("mm", ["008=26:e", "007 co"], "Software/Data"),
        # component parts
        ("ab", [], "Article Print"),
        ("aa", ["773 0.$tHost$7nnas"], "Article Print"),
        ("aa", ["773 0.$tHost$gVol. 12, nr 3 (1984)"], "Article Print"),
        ("aa", ["773 0.$tHost$gS. 13-27"], "Chapter Print"),
        ("aa", ["773 0.$tHost$7nnam"], "Chapter Print"),
        # others
        ("om", [], "Kit"),
        ("pc", [], "Archive"),
        ("rm", [], "Object"),
        ("dm", [], "Score Manuscript"),
        ("fm", [], "Map Manuscript"),
        ("  ", [], "Other"),
        ("4 ", [], "Other"),
        ("am", ["245 10$aX$h[text]"], "Book"),
    ],
)  # fmt: skip
def test_marc21_formats(type_level, given, expected):
    assert marc21_formats(leader(type_level), fields(*given)) == expected.split()


def test_archival_control_is_an_archive():
    assert marc21_formats(leader("am", "a"), {}) == ["Book", "Archive", "Print"]


@pytest.mark.parametrize(
    ("type_level", "given", "expected"),
    [
        ("am", [], "Book Print"),
        ("am", ["106 ..$ar"], "Book Print"),
        ("am", ["105 ..$aa   z   100yy"], "Book Conference Print"),
        ("am", ["105 ..$aa   m   000yy"], "Thesis Print"),
        ("am", ["328 ..$aThèse"], "Thesis Print"),
        ("bm", [], "Book Manuscript"),
        ("as", ["110 ..$aaf"], "Journal Print"),
        ("as", ["110 ..$abz"], "Series Print"),
        ("as", ["110 ..$aca"], "Newspaper Print"),
        ("as", ["110 ..$af"], "Database Print"),
        ("ai", ["110 ..$ag", "856 4.$uhttp://example.org/"], "Website Online"),
        ("aa", ["463 .1$tRevue$x1221-8472"], "Article Print"),
        ("aa", ["463 .1$tRecueil"], "Chapter Print"),
        ("am", ["130 ..$ah"], "Book Microform"),
        ("am", ["106 ..$af"], "Book Braille"),
        ("am", ["135 ..$adr"], "Book Online"),
        ("am", ["183 ..$aceb"], "Book Online"),
        ("cm", [], "Score Print"),
        ("em", [], "Map Print"),
        ("gm", [], "Video"),
        ("gm", ["115 ..$abz"], "Image"),
        ("im", [], "AudioBook"),
        ("jm", [], "MusicRecording"),
        ("km", [], "Image"),
        ("lm", [], "Software/Data"),
        ("mm", [], "Kit"),
        ("rm", [], "Object"),
        ("??", [], "Other"),
    ],
)
def test_unimarc_formats(type_level, given, expected):
    assert unimarc_formats(leader(type_level), fields(*given)) == expected.split()


def test_formats_are_of_the_vocabulary():
    for type_ in "acdefgijkmopqrt|? ":
        for level in "abcdims|? ":
            for f008 in ("008=21:p", "008=23:o", "008=29:1"):
                found = marc21_formats(leader(type_ + level), fields(f008)) + unimarc_formats(leader(type_ + level), {})
                assert set(found) <= set(FORMATS)
                assert found


def test_short_and_empty_records_are_other():
    assert marc21_formats("", {}) == ["Other"]
    assert unimarc_formats("", {}) == ["Other"]
