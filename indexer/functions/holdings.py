"""What a library has of a serial or set, as one line per statement.

Source: MARC 21 Holdings 853-855 with 863-865 (captions and their values), 866-868 (text); indexing.md section 4.11.
"""

from indexer.functions.shapes import Fields, values
from indexer.record import first, subfields

_TEXTS = ("866", "867", "868")
_PAIRS = (("853", "863"), ("854", "864"), ("855", "865"))
_ENUMERATION = "abcdefgh"
_CHRONOLOGY = "ijklm"


def holding_statements(fields: Fields) -> list[str]:
    """The statements of a holdings record (or of holdings fields in a bibliographic one) in the order basic, supplements, indexes.

    Text (866-868 $a) is preferred; without any, the pairs are written out: `v.1:no.2(1990:01)`.
    """
    written = [text.strip() for tag in _TEXTS for text in values(fields, tag, "a")]
    if any(written):
        return [text for text in written if text]
    return [line for captions, pieces in _PAIRS for line in _pairs(fields, captions, pieces)]


def _pairs(fields: Fields, captions_tag: str, pieces_tag: str) -> list[str]:
    captions = {_link(body): dict(subfields(body)) for body in fields.get(captions_tag, ())}
    lines = (_line(body, captions.get(_link(body), {})) for body in fields.get(pieces_tag, ()))
    return [line for line in lines if line]


def _link(body: str) -> str:
    return first(body, "8").partition(".")[0].strip()


def _line(body: str, captions: dict[str, str]) -> str:
    """Levels of enumeration with their captions, joined by colons, and chronology in parentheses."""
    pieces = dict(subfields(body))
    enumeration = ":".join(f"{_caption(captions.get(code, ''))}{pieces[code]}" for code in _ENUMERATION if pieces.get(code))
    chronology = ":".join(pieces[code] for code in _CHRONOLOGY if pieces.get(code))
    return f"{enumeration}({chronology})" if enumeration and chronology else enumeration or chronology


def _caption(caption: str) -> str:
    """The caption as it is written; captions in parentheses are not shown."""
    return "" if caption.startswith("(") else caption
