"""Terms taken apart."""

import pytest

from cql.diagnostics import AnchorMisplaced, AnchorNotSupported
from cql.plan import MaskPart
from cql.terms import Chunk, Piece, count_masks, read_chunks, read_value, split_at_punctuation

STAR, ONE = MaskPart("*", True), MaskPart("?", True)


@pytest.mark.parametrize(
    ("text", "chunks"),
    [
        ("sea  wind", [Chunk((MaskPart("sea"),), at=10), Chunk((MaskPart("wind"),), at=15)]),
        ("a\u00a0b", [Chunk((MaskPart("a"),), at=10), Chunk((MaskPart("b"),), at=12)]),
        ("ree*", [Chunk((MaskPart("ree"), STAR), at=10)]),
        ("***?a", [Chunk((STAR, ONE, MaskPart("a")), at=10)]),
        ("\\*a\\?", [Chunk((MaskPart("*a?"),), at=10)]),
        ("^sea wind^", [Chunk((MaskPart("sea"),), starts=True, at=10), Chunk((MaskPart("wind"),), ends=True, at=15)]),
        ("\\^a\\\\", [Chunk((MaskPart("^a\\"),), at=10)]),
        ("^", [Chunk((), starts=True, at=10)]),
        ("a\\", [Chunk((MaskPart("a\\"),), at=10)]),
    ],
)
def test_chunks_of_masked_terms(text: str, chunks: list[Chunk]):
    assert read_chunks(Piece(text, 10), masked=True) == chunks


def test_without_masking_every_character_is_itself():
    assert read_chunks(Piece("^a\\* b?", 0), masked=False) == [Chunk((MaskPart("^a\\*"),), at=0), Chunk((MaskPart("b?"),), at=5)]


def test_values_keep_their_blanks():
    assert read_value(Piece("a b* ", 0), masked=True) == (MaskPart("a b"), STAR, MaskPart(" "))


@pytest.mark.parametrize("text", ["se^a", "s^e^a", "a^^b"])
def test_an_anchor_inside_a_word_is_misplaced(text: str):
    with pytest.raises(AnchorMisplaced) as caught:
        read_chunks(Piece(text, 100), masked=True)
    assert caught.value.offset == 100 + text.index("^")


def test_values_have_no_anchors():
    with pytest.raises(AnchorNotSupported):
        read_value(Piece("^a", 0), masked=True)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("sea,wind", ["sea", "wind"]),
        ("o'neill", ["o'neill"]),
        ("co-op", ["co-op"]),
        ("hats--history", ["hats", "history"]),
        ("c++/c#", ["c++", "c#"]),
        ("a\\*b*", ["a", "b*"]),
        ("(^sea)", ["^sea"]),
        (",", []),
        ("U.S.A.", ["U.S.A."]),
    ],
)
def test_pieces_for_any_and_all(text: str, pieces: list[str]):
    assert [piece.text for piece in split_at_punctuation(Piece(text, 0), masked=True)] == pieces


@pytest.mark.parametrize(("term", "count"), [("", 0), ("a*b?", 2), ("\\*\\?", 0), ("\\\\*", 1), ("**", 2)])
def test_only_unprotected_masks_count(term: str, count: int):
    assert count_masks(term) == count
