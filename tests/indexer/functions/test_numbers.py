"""Standard numbers: what is read from subfields, and that every form finds every other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.functions import numbers
from indexer.functions.numbers import isbn_forms, issn_forms, lccn_forms, read_isbn, read_issn


@pytest.mark.parametrize(
    ("text", "forms", "valid", "qualifier"),
    [
        # as they stand in catalogues
        ("8205031312", "9788205031319 8205031312", True, ""),
        ("83-86646-47-0", "9788386646470 8386646470", True, ""),
        ("060796622X", "9780607966220 060796622X", True, ""),
        ("1403992843 (hbk.)", "9781403992840 1403992843", True, "hbk."),
        ("978-82-05-37513-0", "9788205375130 8205375135", True, ""),
        ("9771240986 :", "9789771240983 9771240986", True, ""),
        ("9781438433264 (pbk. : alk. paper)", "9781438433264 1438433263", True, "pbk. : alk. paper"),
        ("9771240056 (v. 4)", "9789771240051 9771240056", True, "v. 4"),
        ("9788954640305?", "9788954640305 8954640303", True, "?"),
        ("5-7516-0279-X", "9785751602796 575160279X", True, ""),
        ("030797006X :", "9780307970060 030797006X", True, ""),
        ("0-02-865595-8 (Vol. 1)", "9780028655956 0028655958", True, "Vol. 1"),
        ("017443474x", "9780174434740 017443474X", True, ""),
        ("82-0520930-8", "9788205209305 8205209308", True, ""),
        ("0571194931(pbk.) :", "9780571194933 0571194931", True, "pbk."),
        ("9789647792400 set", "9789647792400 9647792409", True, "set"),
        (" 9783540461456", "9783540461456 3540461450", True, ""),
        ("9791195434077 (1)", "9791195434077", True, "1"),
        ("978-80-247-3943-4 (váz.)", "9788024739434 8024739437", True, "váz."),
        ("2-214-10285-X", "9782214102855 221410285X", True, ""),
        ("978-2-85480-596-3", "9782854805963 2854805968", True, ""),
        ("2-268-026205", "9782268026206 2268026205", True, ""),
        ("(0373197527pbk.) :", "9780373197521 0373197527", True, "pbk."),
        ("0440487331pbk.", "9780440487333 0440487331", True, "pbk."),
        ("089542262X295", "9780895422620 089542262X", True, "295"),
        # wrong in catalogues
        ("978184533213X (hbk.)", "978184533213X", False, "hbk."),
        ("0977029233(v. 20) :", "0977029233", False, "v. 20"),
        ("9788930313639", "9788930313639", False, ""),
        ("088685149", "088685149", False, ""),
        ("02285647288", "02285647288", False, ""),
        ("2-7026-002-16", "2702600216", False, ""),
        ("8901452100503", "8901452100503", False, ""),
        ("HL00361126 :", "", False, "HL00361126 :"),
        ("n-us-tx", "", False, "n-us-tx"),
        # as people type them
        ("ISBN 0 306 40615 2", "9780306406157 0306406152", True, ""),
        ("ISBN-13: 978-0-306-40615-7", "9780306406157 0306406152", True, ""),
        ("ISBN-10: 0306406152", "9780306406157 0306406152", True, ""),
        ("isbn:0306406152", "9780306406157 0306406152", True, ""),
        ("306406152", "9780306406157 0306406152", True, ""),
        ("978–0–306–40615–7", "9780306406157 0306406152", True, ""),
        ("٩٧٨٠٣٠٦٤٠٦١٥٧", "9780306406157 0306406152", True, ""),
        ("９７８０３０６４０６１５７", "9780306406157 0306406152", True, ""),
        ("0306406152 9780306406157", "9780306406157 0306406152", True, "9780306406157"),
        ("0 8389 2143 4 12.95", "9780838921432 0838921434", True, "12.95"),
        ("9780306406157 xyz", "9780306406157 0306406152", True, "xyz"),
        ("", "", False, ""),
        ("X", "", False, "X"),
        ("---", "", False, "---"),
    ],
)
def test_isbn(text, forms, valid, qualifier):
    found = read_isbn(text)
    assert found.forms == tuple(forms.split())
    assert found.valid is valid
    assert found.qualifier == qualifier
    assert isbn_forms(text) == found.forms


@pytest.mark.parametrize(
    ("text", "forms", "valid"),
    [
        # as they stand in catalogues
        *((text, f"{text} {text.replace('-', '')}", True) for text in (
            "0565-6109", "0364-538X", "1043-0954", "2574-2884", "2379-3759", "0015-6914", "1946-3677", "2693-1567", "2166-6687",
            "2770-4459", "2573-8275", "0361-6819", "0017-3231", "0198-5043", "1096-2514", "0891-7515", "0276-6906", "1075-8860",
            "0083-0194", "0094-6214", "1930-7462", "0884-5883", "1221-8472", "1221-907X",
        )),
        # as people type them, and what is wrong
        ("0364538X", "0364-538X 0364538X", True),
        ("0364-538x", "0364-538X 0364538X", True),
        ("0364 538X", "0364-538X 0364538X", True),
        ("ISSN 0028-0836", "0028-0836 00280836", True),
        ("ISSN: 00280836", "0028-0836 00280836", True),
        ("0028–0836", "0028-0836 00280836", True),
        ("٠٠٢٨-٠٨٣٦", "0028-0836 00280836", True),
        ("0028-0836 (Print)", "0028-0836 00280836", True),
        (" 0028-0836 ;", "0028-0836 00280836", True),
        ("1606-3715", "1606-3715 16063715", False),
        ("0028-0837", "0028-0837 00280837", False),
        ("1234-5678", "1234-5678 12345678", False),
        ("0039-46660", "", False),
        ("0028-08", "", False),
        ("9780306406157", "", False),
        ("0028-083", "", False),
        ("", "", False),
        ("none", "", False),
    ],
)  # fmt: skip
def test_issn(text, forms, valid):
    found = read_issn(text)
    assert found.forms == tuple(forms.split())
    assert found.valid is valid
    assert issn_forms(text) == found.forms


@pytest.mark.parametrize(
    ("text", "form"),
    [
        # as they stand in catalogues
        ("72004218", "72004218"),
        ("sn 99029208", "sn99029208"),
        ("  2011043163", "2011043163"),
        ("   74962187 ", "74962187"),
        ("ne 68002474 ", "ne68002474"),
        ("ne 68003623  ", "ne68003623"),
        ("20020049 23", "2002004923"),
        ("64-8198", "64008198"),
        ("   2009320567", "2009320567"),
        ("79240880 /NE", "79240880"),
        ("   74962195 /NE ", "74962195"),
        ("78645026 //r81", "78645026"),
        ("unk81044792", "unk81044792"),
        ("GS 46040712", "gs46040712"),
        ("   79057439 //r90", "79057439"),
        ("   82968706 /NE/r93", "82968706"),
        ("   84930547/NE ", "84930547"),
        ("85695094 /MAPS/r85", "85695094"),
        ("l 66000105 //r813", "l66000105"),
        ("tmp92004289 ", "tmp92004289"),
        ("ne 67000110 //r ", "ne67000110"),
        ("a  51001922 ", "a51001922"),
        ("2001449682  ", "2001449682"),
        ("ne 62000119 /rev ", "ne62000119"),
        ("nuc87522476  ", "nuc87522476"),
        ("   86118651 /ACN/r88", "86118651"),
        ("90-186882", "90186882"),
        ("ac 34001545", "ac34001545"),
        # the Library of Congress' own rules, and what people type
        ("n78-890351", "n78890351"),
        ("n78-89035", "n78089035"),
        ("n 78890351 ", "n78890351"),
        (" 85000002 ", "85000002"),
        ("85-2 ", "85000002"),
        ("2001-000002", "2001000002"),
        ("75-425165//r75", "75425165"),
        (" 79139101 /AC/r932", "79139101"),
        ("(DLC)   2001568750", "2001568750"),
        ("N78-890351", "n78890351"),
        ("٨٥-٢", "85000002"),
        ("/AC", ""),
        ("none", ""),
        ("   ", ""),
        ("", ""),
    ],
)
def test_lccn(text, form):
    assert lccn_forms(text) == ((form,) if form else ())


@pytest.mark.parametrize(
    ("text", "marked", "asked"),
    [
        ("(OCoLC)11419877", "11419877", "11419877"),
        ("ocm46604325", "46604325", "46604325"),
        ("(OCoLC)ocm18484128", "18484128", "18484128"),
        ("(OCoLC)43887325 ", "43887325", "43887325"),
        ("(OCoLC)36241708 980121", "36241708", "36241708"),
        ("ocm00712345", "712345", "712345"),
        ("ocn214285386", "214285386", "214285386"),
        ("on1012345678", "1012345678", "1012345678"),
        ("(ocolc)123", "123", "123"),
        ("3760223", "", "3760223"),
        ("003760223", "", "3760223"),
        ("(OCoLC-M)6619122", "", ""),
        ("(NjP)2788143", "", ""),
        ("(OCoLC)", "", ""),
        ("once", "", ""),
        ("", "", ""),
    ],
)
def test_oclc_number(text, marked, asked):
    assert numbers.oclc_number(text) == marked
    assert numbers.oclc_forms(text) == ((asked,) if asked else ())


@pytest.mark.parametrize(
    ("forms", "text", "expected"),
    [
        (numbers.control_number_forms, "(CStRLIN)CTYN06-B2034", ("(CStRLIN)CTYN06-B2034", "CTYN06-B2034")),
        (numbers.control_number_forms, "( NjP)2788143", ("(NjP)2788143", "2788143")),
        (numbers.control_number_forms, "(Sirsi) a21463", ("(Sirsi)a21463", "a21463")),
        (numbers.control_number_forms, "()R9865632", ("R9865632",)),
        (numbers.control_number_forms, "GLIS004504528", ("GLIS004504528",)),
        (numbers.control_number_forms, "(OCoLC)", ()),
        (numbers.control_number_forms, " ", ()),
        (numbers.doi_forms, "10.3133/fs20213058", ("10.3133/fs20213058",)),
        (numbers.doi_forms, "doi:10.7289/V5PR7T0G", ("10.7289/v5pr7t0g",)),
        (numbers.doi_forms, "https://doi.org/10.1007/978-3-642-20236-0.", ("10.1007/978-3-642-20236-0",)),
        (numbers.doi_forms, "(10.1000/abc)", ("10.1000/abc",)),
        (numbers.doi_forms, "10.1000/a(b)c(d)", ("10.1000/a(b)c(d)",)),
        (numbers.doi_forms, "10.1000/", ()),
        (numbers.doi_forms, "HV9261", ()),
        (numbers.ismn_forms, "M-2306-7118-7", ("9790230671187",)),
        (numbers.ismn_forms, "979-0-2306-7118-7", ("9790230671187",)),
        (numbers.ismn_forms, "ISMN M 2306 7118 7", ("9790230671187",)),
        (numbers.ismn_forms, "Mozart", ()),
        (numbers.ean_forms, "5099994946727", ("5099994946727",)),
        (numbers.ean_forms, "042282258427", ("0042282258427", "042282258427")),
        (numbers.ean_forms, "0042282258427", ("0042282258427", "042282258427")),
        (numbers.ean_forms, "no digits", ()),
        (numbers.uri_forms, " URN:NBN:se:kb:publ-19 ", ("urn:nbn:se:kb:publ-19",)),
        (numbers.uri_forms, "", ()),
        (numbers.other_number_forms, "46-777  PDF", ("46-777 PDF", "46777PDF")),
        (numbers.other_number_forms, "ABC1", ("ABC1",)),
        (numbers.other_number_forms, " ", ()),
    ],
)
def test_other_numbers(forms, text, expected):
    assert forms(text) == expected


NUMBER_TEXT = st.text(st.sampled_from("0123456789Xx -()ISBNabc:.–٣"), max_size=25)


@settings(max_examples=300)
@given(st.one_of(NUMBER_TEXT, st.from_regex(r"97[89][0-9]{10}|[0-9]{9}[0-9X]", fullmatch=True)))
def test_isbn_normalisation_is_idempotent(text):
    forms = isbn_forms(text)
    for form in forms:
        assert isbn_forms(form) == forms


@settings(max_examples=200)
@given(st.integers(0, 10**9 - 1))
def test_isbn_10_and_13_find_each_other(serial):
    ten = f"{serial:09d}"
    forms = isbn_forms(f"978{ten}{_ean_digit('978' + ten)}")
    assert len(forms) == 2
    assert isbn_forms(forms[1]) == forms
    assert isbn_forms(f"{forms[1][:1]}-{forms[1][1:9]}-{forms[1][9]}") == forms


def _ean_digit(digits):
    return (10 - sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10) % 10


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_no_normaliser_breaks_on_any_text_and_forms_are_stable(text):
    for forms in (isbn_forms, issn_forms, lccn_forms, numbers.oclc_forms, numbers.doi_forms, numbers.ismn_forms, numbers.ean_forms):
        found = forms(text)
        assert all(found)
        if found:
            assert forms(found[0]) == found
