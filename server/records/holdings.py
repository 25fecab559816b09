"""What a library has of a record, as the OPAC record of Z39.50 (XML form of the YAZ toolkit) and as ISO 20775 holdings.

Copies are those that the field table finds in the record; whether one can be lent is the default rule of `indexer.functions.items`.
Copies of one library (and, in the OPAC record, of one place on the shelf) are one holding. Statements of what a library has of a
serial (866-868, 863-865) stand with the first holding, or are one by themselves. Our decision: the namespace of the OPAC record is
ours, because the published form has none and no element of a record may be without.

Source: Z39.50 OPAC record syntax (record model REC.2); ISO 20775.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from indexer.extract import Extractor
from indexer.functions.dates import date8
from indexer.functions.holdings import holding_statements
from indexer.functions.items import Item
from indexer.functions.shapes import by_tag
from indexer.record import Record
from server.xmlio import element, without_forbidden

OPAC = "urn:x-discovery:opac"
ISO20775 = "http://www.loc.gov/standards/iso20775/"
AVAILABLE, NOT_AVAILABLE = 1, 2
"""ISO 20775, availabilityStatus."""


def opac_record(extractor: Extractor, record: Record, marcxml: bytes) -> bytes:
    """`opacRecord`: the bibliographic record, and its copies by library and place on the shelf."""
    statements = "; ".join(holding_statements(by_tag(record)))
    groups = _groups(extractor.items(record), lambda item: (_library(item), item.location, item.callnumber))
    holdings = [_opac_holding(record, copies, statements if not place else "") for place, copies in enumerate(groups)]
    if statements and not holdings:
        holdings.append(f"<holding>{_opac_head(record)}{_text('enumAndChron', statements)}</holding>")
    start = f'<opacRecord xmlns="{OPAC}"><bibliographicRecord>'.encode()
    return start + marcxml + f"</bibliographicRecord><holdings>{''.join(holdings)}</holdings></opacRecord>".encode()


def _opac_head(record: Record) -> str:
    return _text("typeOfRecord", record.leader[6:7].strip()) + _text("encodingLevel", record.leader[17:18].strip())


def _opac_holding(record: Record, copies: Sequence[Item], statements: str) -> str:
    first = copies[0]
    circulations = "".join(map(_circulation, copies))
    return (
        f"<holding>{_opac_head(record)}"
        + _text("localLocation", _library(first))
        + _text("shelvingLocation", first.location)
        + _text("callNumber", first.callnumber)
        + _text("copyNumber", first.copy if len(copies) == 1 else "")
        + _text("publicNote", first.public_note)
        + _text("enumAndChron", statements)
        + f"<circulations>{circulations}</circulations></holding>"
    )


def _circulation(item: Item) -> str:
    due = date8(item.due)
    return (
        f'<circulation><availableNow value="{int(item.available)}"/>'
        + _text("availabilityDate", _iso(due))
        + _text("restrictions", item.status)
        + _text("itemId", item.barcode or item.id)
        + f'<renewable value="0"/><onHold value="{int(_is_count(item.holds))}"/>'
        + _text("enumAndChron", item.enumeration)
        + _text("temporaryLocation", item.holding if item.holding != item.home and item.home else "")
        + "</circulation>"
    )


def iso20775(extractor: Extractor, record: Record) -> bytes | None:
    """`holdings`: one `holding` a library, with its copies; None when the record says nothing of any."""
    statements = holding_statements(by_tag(record))
    groups = _groups(extractor.items(record), lambda item: (_library(item),))
    holdings = [_iso_holding(copies, statements if not place else []) for place, copies in enumerate(groups)]
    if not holdings:
        if not statements:
            return None
        holdings.append(f"<holding><holdingStructured>{_sets(statements)}</holdingStructured></holding>")
    return f'<holdings xmlns="{ISO20775}">{"".join(holdings)}</holdings>'.encode()


def _iso_holding(copies: Sequence[Item], statements: Sequence[str]) -> str:
    library = _library(copies[0])
    identifier = f"<institutionIdentifier>{_text('value', library)}<typeOrSource><text>local</text></typeOrSource></institutionIdentifier>"
    available = sum(item.available for item in copies)
    summary = (
        f"<copiesSummary><copiesCount>{len(copies)}</copiesCount>"
        f"<status><availableCount>{available}</availableCount><availableFor>1</availableFor></status></copiesSummary>"
    )
    structured = f"<holdingStructured>{_sets(statements)}</holdingStructured>" if statements else ""
    simple = f"<holdingSimple>{summary}{''.join(map(_copy, copies))}</holdingSimple>"
    return f"<holding>{identifier if library else ''}{_text('physicalLocation', library)}{structured}{simple}</holding>"


def _sets(statements: Iterable[str]) -> str:
    return "".join(
        "<set><enumerationAndChronology><startingEnumAndChronology>"
        f"{_text('text', one)}</startingEnumAndChronology></enumerationAndChronology></set>"
        for one in statements
    )


def _copy(item: Item) -> str:
    number = item.barcode or item.id
    piece = f"<pieceIdentifier>{_text('value', number)}<typeOrSource><text>local</text></typeOrSource></pieceIdentifier>"
    enumeration = f"<enumerationAndChronology>{_text('text', item.enumeration)}</enumerationAndChronology>" if item.enumeration else ""
    due = _iso(date8(item.due))
    status = f"<availabilityStatus>{AVAILABLE if item.available else NOT_AVAILABLE}</availabilityStatus>{_text('dateTimeAvailable', due)}"
    return (
        f"<copyInformation>{piece if number else ''}"
        + _text("sublocation", item.location)
        + _text("shelfLocator", item.callnumber)
        + (f"<electronicLocator>{_text('pointer', item.url)}</electronicLocator>" if item.url else "")
        + _text("note", item.public_note)
        + enumeration
        + f"<availabilityInformation><status>{status}</status></availabilityInformation></copyInformation>"
    )


def _library(item: Item) -> str:
    return item.home or item.holding


def _groups(items: Iterable[Item], key: Callable[[Item], tuple[str, ...]]) -> list[list[Item]]:
    """Items with the same key, in the order in which the first of each came."""
    groups: dict[tuple[str, ...], list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def _text(name: str, text: str) -> str:
    """An element, or nothing for an empty text."""
    return element(name, without_forbidden(text)) if text else ""


def _iso(day: int | None) -> str:
    """A yyyymmdd number as a date; empty when it is none."""
    if day is None:
        return ""
    try:
        return date(day // 10_000, day // 100 % 100, day % 100).isoformat()
    except ValueError:
        return ""


def _is_count(text: str) -> bool:
    return text.strip().isdecimal() and int(text) > 0
