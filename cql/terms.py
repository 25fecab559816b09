r"""Terms taken apart: blanks, masks `*` and `?`, anchors `^`, and the backslash that makes them plain characters.

Source: CQL 1.2, masking rules; the SRU page, 14.4.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cql.diagnostics import AnchorMisplaced, AnchorNotSupported, TooManyMasks
from cql.limits import Limits
from cql.plan import MaskPart
from cql.tree import Clause

_SPECIAL = re.compile(r"[*?^\\]")
_MASK = re.compile(r"(?:\\.)++|([*?])", re.DOTALL)
_BARE = re.compile(r"\S+")
# Punctuation that ends a piece in `any` and `all`. Not here: what holds a word together (apostrophes, single hyphens, points,
# & + # @ _), so that such a piece means the same there as it does with `=`.
_PARTING = r"--+|[,;:!/()\[\]{}<>=|~$%\"«»“”„‹›–—…]"
_PARTING_MASKED = re.compile(rf"(?:\\.)+|{_PARTING}", re.DOTALL)
_PARTING_UNMASKED = re.compile(rf"[*?^\\]|{_PARTING}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a term as written, with its backslashes, and its character offset in the query."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """What stands between two blanks of a term: unfolded text and masks, without backslashes.

    `starts`, `ends`: an anchor stood before, behind. `parts` is empty when there was nothing but anchors.
    """

    parts: tuple[MaskPart, ...]
    starts: bool = False
    ends: bool = False
    at: int = 0

    @property
    def has_masks(self) -> bool:
        """Whether any part is a mask."""
        return any(part.is_mask for part in self.parts)

    @property
    def text(self) -> str:
        """The characters, masks included."""
        return "".join(part.text for part in self.parts)


def is_plain(text: str, masked: bool) -> bool:
    """Whether a term has no mask, anchor or backslash, or none that counts."""
    return not masked or _SPECIAL.search(text) is None


def split_at_blanks(piece: Piece) -> list[Piece]:
    """The blank-separated values of a term; none for a blank one."""
    return [Piece(match[0], piece.at + match.start()) for match in _BARE.finditer(piece.text)]


def split_at_punctuation(piece: Piece, masked: bool) -> list[Piece]:
    """What `any` and `all` take as single words on a text index; empty pieces are left out."""
    pieces: list[Piece] = []
    start = 0
    for match in (_PARTING_MASKED if masked else _PARTING_UNMASKED).finditer(piece.text):
        if match.start() > start:
            pieces.append(Piece(piece.text[start : match.start()], piece.at + start))
        start = match.end()
    if start < len(piece.text):
        pieces.append(Piece(piece.text[start:], piece.at + start))
    return pieces


def read_chunks(piece: Piece, masked: bool) -> list[Chunk]:
    """The chunks of a term for a text index.

    Without `masked` every character stands for itself. Raises: AnchorMisplaced (32) for an anchor inside a chunk.
    """
    if is_plain(piece.text, masked):
        return [Chunk((MaskPart(part.text),), at=part.at) for part in split_at_blanks(piece)]
    return [_read_chunk(part) for part in split_at_blanks(piece)]


def _read_chunk(piece: Piece) -> Chunk:
    found = list(_characters(piece.text))
    starts = bool(found) and found[0][1] == "anchor"
    if starts:
        found = found[1:]
    ends = bool(found) and found[-1][1] == "anchor"
    if ends:
        found = found[:-1]
    for _, role, place in found:
        if role == "anchor":
            raise _misplaced(piece.at + place)
    return Chunk(_parts(found), starts, ends, piece.at)


def read_value(piece: Piece, masked: bool) -> tuple[MaskPart, ...]:
    """A term for an index of whole values: text and masks, blanks kept. Raises: AnchorNotSupported (31)."""
    if is_plain(piece.text, masked):
        return (MaskPart(piece.text),)
    found = list(_characters(piece.text))
    for _, role, place in found:
        if role == "anchor":
            raise AnchorNotSupported(
                f"Position {piece.at + place}: `^` anchors words of a text; this index has whole values. Write \\^ for the character.",
                offset=piece.at + place,
            )
    return _parts(found)


def _characters(text: str) -> Iterator[tuple[str, str, int]]:
    """Character, role ("text", "mask" or "anchor") and place; a backslash is taken with the character it protects."""
    place = 0
    while place < len(text):
        character = text[place]
        if character == "\\" and place + 1 < len(text):
            yield text[place + 1], "text", place
            place += 2
            continue
        role = "mask" if character in "*?" else "anchor" if character == "^" else "text"
        yield character, role, place
        place += 1


def _parts(found: list[tuple[str, str, int]]) -> tuple[MaskPart, ...]:
    parts: list[MaskPart] = []
    literal: list[str] = []
    for character, role, _ in found:
        if role == "mask":
            if literal:
                parts.append(MaskPart("".join(literal)))
                literal = []
            if not (character == "*" and parts and parts[-1] == MaskPart("*", True)):
                parts.append(MaskPart(character, True))
        else:
            literal.append(character)
    if literal:
        parts.append(MaskPart("".join(literal)))
    return tuple(parts)


def _misplaced(at: int) -> AnchorMisplaced:
    return AnchorMisplaced(
        f"Position {at}: `^` may stand only before the first or behind the last word; write \\^ for the character.",
        details=str(at),
        offset=at,
    )


def check_anchors(chunks: list[Chunk], each: bool, whole: bool) -> None:
    """Raises AnchorMisplaced (32) for anchors in wrong places.

    `each`: every chunk may have its own anchors (`any`, `all`). `whole`: none is allowed (`==`).
    """
    last = len(chunks) - 1
    for number, chunk in enumerate(chunks):
        if not (chunk.starts or chunk.ends):
            continue
        if whole:
            raise AnchorMisplaced(
                f"Position {chunk.at}: `==` compares the whole value and takes no anchors; write \\^ for the character.",
                details=str(chunk.at),
                offset=chunk.at,
            )
        in_the_middle = not each and ((chunk.starts and number > 0) or (chunk.ends and number < last))
        if in_the_middle or (not chunk.parts and (each or last > 0)):
            raise _misplaced(chunk.at)


def count_masks(term: str) -> int:
    """Number of masking characters that are not protected by a backslash."""
    return sum(1 for match in _MASK.finditer(term) if match[1])


def check_masks(clause: Clause, limits: Limits) -> None:
    """Raises TooManyMasks (30), unless the clause switches masks off."""
    if "*" not in clause.term and "?" not in clause.term:
        return
    if any(modifier.name.lower().removeprefix("cql.") in {"unmasked", "regexp"} for modifier in clause.modifiers):
        return
    count = count_masks(clause.term)
    if count > limits.masks:
        raise TooManyMasks(
            f"Position {clause.term_at}: a term with {count} masking characters; at most {limits.masks} are allowed.",
            details=str(limits.masks),
            offset=clause.term_at,
        )
