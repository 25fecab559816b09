"""Shelf keys: their form, and that books stand in the right order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.functions.callnumbers import (
    callnumber_forms,
    dewey_class,
    dewey_key,
    generic_key,
    lc_class,
    lc_key,
    scheme_of,
    shelf_key,
    sudoc_key,
)


@pytest.mark.parametrize(
    ("scheme", "text", "key"),
    [
        ("lcc", "QA76.73.P98 B43 2009 v.10", "QA 0076.73 P98 B43 002009 V 000010"),
        # LC and NLM numbers as they stand in catalogues
        ("lcc", "BP194 .S537 1967", "BP 0194 S537 001967"),
        ("lcc", "KBP370.M84", "KBP0370 M84"),
        ("lcc", "HV 4194 .D26", "HV 4194 D26"),
        ("lcc", "P 160 .C77 1969", "P  0160 C77 001969"),
        ("lcc", "JN6598.R8 S423", "JN 6598 R8 S423"),
        ("lcc", "PA8395.P48 D63 1969", "PA 8395 P48 D63 001969"),
        ("lcc", "DR568.8.M6 S27 1910.", "DR 0568.8 M6 S27 001910"),
        ("lcc", "B751.R63 A3", "B  0751 R63 A3"),
        ("lcc", "HC830 .I458 1948", "HC 0830 I458 001948"),
        ("lcc", "HD5715.2 .R47 1983", "HD 5715.2 R47 001983"),
        ("lcc", "KF27.5 .A355 1992", "KF 0027.5 A355 001992"),
        ("lcc", "CT1918.K8 A7 1966", "CT 1918 K8 A7 001966"),
        ("lcc", "SF951 .V45 2013eb", "SF 0951 V45 002013 EB"),
        ("lcc", "G3823.U5 1993 .G4", "G  3823 U5 001993 G4"),
        ("lcc", "QC100 .U57 no.87 1928", "QC 0100 U57 NO 000087 001928"),
        ("lcc", "BP178 .I22X 1905", "BP 0178 I22 X 001905"),
        ("lcc", "TC423 .N66 TR no. 125-1", "TC 0423 N66 TR NO 000125 000001"),
        ("nlm", "WZ 290 I12ub 1882", "WZ 0290 I12 UB 001882"),
        ("nlm", "WM 270 H249f 1995", "WM 0270 H249 F 001995"),
        ("nlm", "W3 C1165R 1983 v.1", "W  0003 C1165 R 001983 V 000001"),
        ("lcc", "KBL", "KBL"),
        ("lcc", "MICROFILM 02584", "MICROFILM 00002584"),
        ("lcc", "Electronic Resource", "ELECTRONIC RESOURCE"),
        ("lcc", "qa76.73.p98", "QA 0076.73 P98"),
        ("lcc", "QA76.73 .P98", "QA 0076.73 P98"),
        # Dewey
        ("ddc", "813/.54 B5", "813.54 B5"),
        ("ddc", "628.3", "628.3"),
        ("ddc", "552/.1/09786", "552.109786"),
        ("ddc", "557.3/08 s 551.7/52/0979132", "557.308 S 000551 7520979132"),
        ("ddc", "346.42043", "346.42043"),
        ("ddc", "338.1/0943", "338.10943"),
        ("ddc", "738.8/2/075", "738.82075"),
        ("ddc", "R 332.67 S785", "332.67 R S785"),
        ("ddc", "782.421630264 S6986 1989", "782.421630264 S6986 001989"),
        ("ddc", "REF 025.4", "025.4 REF"),
        ("ddc", "j813", "813 J"),
        ("ddc", "5.1", "005.1"),
        ("ddc", "823\u2032.912", "823.912"),
        ("ddc", "[Fic]", "FIC"),
        ("ddc", "Gre.921", "921 GRE"),
        # SuDoc
        ("sudoc", "A 1.9:2327/2", "A 000001 000009:002327/000002"),
        ("sudoc", "LC 14.24:IF 11525/", "LC 000014 000024:IF 011525/"),
        ("sudoc", "Y 1.1/8:118-184", "Y 000001 000001/000008:000118 000184"),
        ("sudoc", "E 1.28:LA-7733-T", "E 000001 000028:LA 007733 T"),
        ("sudoc", "A13.2:G 83", "A 000013 000002:G 000083"),
        ("sudoc", "A 13.2:G 83", "A 000013 000002:G 000083"),
        # everything else
        ("", "Hcf", "HCF"),
        ("", "Gcz Jansson, Tove", "GCZ JANSSON TOVE"),
        ("", "2271.4022.3745", "00002271 00004022 00003745"),
        ("", "17070.g.5.", "00017070 G 00000005"),
        ("udc", "821.111-31", "00000821 00000111 00000031"),
        ("udc", "Åäö 12", "AAO 00000012"),
        ("", "", ""),
        ("lcc", "", ""),
        ("ddc", " ", ""),
        ("sudoc", "", ""),
    ],
)
def test_shelf_key(scheme, text, key):
    assert shelf_key(text, scheme) == key


@pytest.mark.parametrize(
    ("make", "shelf"),
    [
        (lc_key, ["B751.R63", "BP178", "BP194 .S537", "BP194 .S54", "BP1940", "QA7.A1", "QA76 .B3", "QA76 .B43 1999", "QA76 .B43 2009",
                  "QA76.5 .A1", "QA76.73.P98", "QA760"]),
        (lc_key, ["QA76 .B43", "QA76 .B43 2009", "QA76 .B43 2009 v.2", "QA76 .B43 2009 v.10", "QA76 .B435"]),
        (dewey_key, ["005.1", "025.4", "813", "813 B5", "813.5 Z", "813.54", "813.54 B5", "813.54 B6", "814"]),
        (sudoc_key, ["A 1.2:B 5", "A 1.9:2", "A 1.9:10", "A 1.10:1", "A 13.2:1", "AE 1.1:1"]),
        (generic_key, ["Film 2", "Film 10", "Film 10 a", "Film A"]),
    ],
)  # fmt: skip
def test_books_stand_in_order(make, shelf):
    keys = [make(text) for text in shelf]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("tag", "body", "format_", "scheme"),
    [
        ("050", "00\x1faQA76", "marc21", "lcc"),
        ("060", "00\x1faWZ 290", "marc21", "nlm"),
        ("082", "04\x1fa813", "marc21", "ddc"),
        ("080", "  \x1fa82", "marc21", "udc"),
        ("086", "0 \x1faA 1.1", "marc21", "sudoc"),
        ("086", "  \x1faA 1.1", "marc21", ""),
        ("084", "  \x1faHcf\x1f2kssb/8", "marc21", ""),
        ("852", "0 \x1fhQA76", "marc21", "lcc"),
        ("852", "1 \x1fh813", "marc21", "ddc"),
        ("852", "3 \x1fhA 1", "marc21", "sudoc"),
        ("852", "8 \x1fhHcf", "marc21", ""),
        ("852", "7 \x1fhWZ\x1f2nlm", "marc21", "nlm"),
        ("952", "  \x1fo813\x1f2ddc", "marc21", "ddc"),
        ("676", "  \x1fa813", "unimarc", "ddc"),
        ("680", "  \x1faQA", "unimarc", "lcc"),
        ("686", "  \x1faWZ\x1f2nlm", "unimarc", "nlm"),
    ],
)
def test_scheme_of_a_field(tag, body, format_, scheme):
    assert scheme_of(tag, body, format_) == scheme


@pytest.mark.parametrize(
    ("text", "lc", "dewey"),
    [
        ("QA76.73", "QA", ""), ("KBP370", "KBP", ""), ("KBL", "KBL", ""), ("qa 76", "QA", "076"), ("Hello", "", ""), ("813/.54", "", "813"),
        ("5.1", "", "005"), ("J 813", "J", "813"), ("2271.40", "", ""), ("", "", ""),
    ],
)  # fmt: skip
def test_classes_for_facets(text, lc, dewey):
    assert lc_class(text) == lc
    assert dewey_class(text) == dewey


@pytest.mark.parametrize("scheme", ["lcc", "nlm", "ddc", "sudoc", "udc", ""])
@settings(max_examples=60)
@given(text=st.text(max_size=60))
def test_keys_are_short_printable_ascii_and_findable(scheme, text):
    key = shelf_key(text, scheme)
    assert key.isascii()
    assert len(key) <= 255
    assert key == key.strip()
    assert all(char.isprintable() for char in key)


@pytest.mark.parametrize(("scheme", "text"), [("lcc", "QA76.73.P98"), ("ddc", "813/.54 B5"), ("sudoc", "A 1.9:2327"), ("", "Hcf 12")])
def test_a_call_number_of_unknown_scheme_finds_its_key(scheme, text):
    assert shelf_key(text, scheme) in callnumber_forms(text)


def test_no_call_number_has_no_form():
    assert callnumber_forms(" -- ") == ()
