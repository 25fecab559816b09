"""Languages: codes of records, and names and codes of queries."""

import pytest

from indexer.functions.code_lists import languages
from indexer.functions.languages import Languages, language_forms, language_name, marc21_languages, unimarc_languages


def f008(code):
    return " " * 35 + code + "  "


@pytest.mark.parametrize(
    ("fixed", "f041", "expected"),
    [
        ("swe", [], Languages(("swe",))),
        ("swe", ["1 $aswe$heng"], Languages(("swe",), ("eng",))),
        ("eng", ["0 $aengfre"], Languages(("eng", "fre"))),
        ("eng", ["0 $aeng fre"], Languages(("eng", "fre"))),
        ("eng", ["0 $aeng$afre$dger"], Languages(("eng", "fre", "ger"))),
        ("eng", ["0 $aeng$bfre$jspa"], Languages(("eng",), (), ("fre", "spa"))),
        ("ENG", [], Languages(("eng",))),
        ("scr", [], Languages(("hrv",))),
        ("scc", ["0 $ascc"], Languages(("srp",))),
        ("mol", [], Languages(("rum",))),
        ("fra", [], Languages(("fre",))),
        ("mul", [], Languages(("mul",))),
        ("mul", ["0 $aeng$ager"], Languages(("eng", "ger"))),
        ("und", [], Languages()),
        ("und", ["0 $aara"], Languages(("ara",))),
        ("   ", [], Languages()),
        ("|||", [], Languages()),
        ("###", ["0 $aswe"], Languages(("swe",))),
        ("zxx", [], Languages(("zxx",))),
        ("eng", [" 7$ade$2rfc3066"], Languages(("eng",))),
        ("chi", [" 7$acmn$2iso639-3"], Languages(("chi", "cmn"), unknown=("cmn",))),
        ("ara", ["0 $aara$hqqq"], Languages(("ara",), ("qqq",), (), ("qqq",))),
        ("", [], Languages()),
    ],
)
def test_marc21_languages(fixed, f041, expected):
    assert marc21_languages(f008(fixed) if fixed else "", [body.replace("$", "\x1f") for body in f041]) == expected


def test_unimarc_languages():
    bodies = ["1 \x1fafre\x1faita\x1fceng\x1fdger", "0 \x1fafre"]
    assert unimarc_languages(bodies) == Languages(("fre", "ita"), ("eng",), ("ger",))


@pytest.mark.parametrize(
    ("term", "codes"),
    [
        ("swe", ("swe",)), ("SWE", ("swe",)), ("sv", ("swe",)), ("svenska", ("swe",)), ("Swedish", ("swe",)), ("SUÉDOIS", ("swe",)),
        ("suedois", ("swe",)), ("sueco", ("swe",)), ("Schwedisch", ("swe",)), ("sv-SE", ("swe",)), ("sv_FI", ("swe",)),
        ("deu", ("ger",)), ("de", ("ger",)), ("fra", ("fre",)), ("scr", ("hrv",)), ("norska", ("nor",)), ("bokmål", ("nob",)),
        ("Farsi", ("per",)), ("castellano", ("spa",)), ("zho", ("chi",)), ("qqq", ("qqq",)), ("klingonese", ()), ("", ()), ("12", ()),
        ("xx", ()),
    ],
)  # fmt: skip
def test_language_forms(term, codes):
    assert language_forms(term) == codes


def test_names_come_in_five_languages():
    assert [language_name("ger", locale) for locale in ("en", "sv", "es", "fr", "de")] == [
        "German",
        "tyska",
        "alemán",
        "allemand",
        "Deutsch",
    ]
    assert language_name("sla", "sv") == language_name("sla") == "Slavic languages"
    assert language_name("qqq") == "qqq"


def test_the_list_is_whole():
    codes = languages()
    assert len(codes.names) > 480
    assert all(len(code) == 3 and code == code.lower() and names["en"] for code, names in codes.names.items())
    assert set(codes.replaced.values()) <= set(codes.names)
    assert sum({"en", "sv", "es", "fr", "de"} <= set(names) for names in codes.names.values()) >= 180
    for code in codes.names:
        assert language_forms(code) == (code,)


def test_every_two_letter_code_is_found():
    two = [code for code in languages().replaced if len(code) == 2]
    assert len(two) >= 180
    assert all(language_forms(code) == (languages().replaced[code],) for code in two)
