"""Relators: codes of records and names of queries."""

import pytest

from indexer.functions.code_lists import relators
from indexer.functions.relators import relator_codes, relator_forms, relator_name


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ("1 $aStrindberg, August$4aut", ["aut"]),
        ("1 $aX$eförfattare$4aut", ["aut"]),
        ("1 $aX$eauthor.", ["aut"]),
        ("1 $aX$eed. and tr.", ["edt", "trl"]),
        ("1 $aX$ered. & övers.", ["edt", "trl"]),
        ("1 $aX$ejoint author.", ["aut"]),
        ("1 $aX$eill.", ["ill"]),
        ("1 $aX$4http://id.loc.gov/vocabulary/relators/ill", ["ill"]),
        ("1 $aX$4070", ["aut"]),
        ("1 $aX$470", ["aut"]),
        ("1 $aX$4730$4aut", ["trl", "aut"]),
        ("1 $aX$4xyz", ["xyz"]),
        ("1 $aX$etricoteur", []),
        ("2 $aMeeting$jorganizer.", ["orm"]),
        ("1 $aX$e", []),
        ("1 $aX", []),
    ],
)
def test_relator_codes(body, codes):
    assert relator_codes([body.replace("$", "\x1f")]) == codes


def test_codes_of_several_fields_stand_once():
    assert relator_codes(["1 \x1f4aut", "1 \x1f4edt", "1 \x1f4aut"]) == ["aut", "edt"]


@pytest.mark.parametrize(
    ("term", "codes"),
    [
        ("edt", ("edt",)),
        ("EDITOR", ("edt",)),
        ("Redaktör", ("edt",)),
        ("översättare", ("trl",)),
        ("730", ("trl",)),
        ("nonsense", ()),
        ("", ()),
    ],
)
def test_relator_forms(term, codes):
    assert relator_forms(term) == codes


def test_names_and_list():
    assert relator_name("trl", "sv") == "översättare"
    assert relator_name("trl") == "translator"
    assert relator_name("zzz") == "zzz"
    codes = relators()
    assert len(codes.names) > 280
    assert set(codes.replaced.values()) <= set(codes.names)
    for code, names in codes.names.items():
        assert relator_forms(code) == (code,)
        assert code in codes.forms(names["en"])
