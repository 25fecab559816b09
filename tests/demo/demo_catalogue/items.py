"""Items: the copies of a record, from `copies: CPL HARBOR@KIDS:loan UNIV:ref`.

Each word is home library, optionally `>` holding library, `@` shelving location, `:` state.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from demo_catalogue.check_digits import luhn_digit
from demo_catalogue.codes import KINDS
from demo_catalogue.facts import Facts
from demo_catalogue.fixed_fields import dates
from demo_catalogue.marcxml import FactError, Subfields

LIBRARIES = ("CPL", "HARBOR", "ISLAND", "UNIV")
STATES = ("loan", "late", "lost", "ref", "order", "damaged", "withdrawn")
COPY = re.compile(r"(?P<home>[A-Z]+)(?:>(?P<holding>[A-Z]+))?(?:@(?P<location>[A-Z]+))?(?::(?P<state>[a-z]+))?")
# Codabar barcodes of libraries: 3 = item, four digits of the library, eight of the item, a check digit.
BARCODE_PREFIX = "39000"
LAST_ACQUISITION = date(2026, 10, 30)


@dataclass(frozen=True, slots=True)
class Item:
    """One copy; `state` is one of STATES or empty for an ordinary one on the shelf."""

    barcode: str
    home: str
    holding: str
    location: str
    collection: str
    item_type: str
    call_number: str
    acquired_on: date
    state: str
    copy: int

    @property
    def due_on(self) -> str:
        """Due date as ISO text when the copy is on loan, else empty."""
        if self.state == "late":
            return "2026-10-05"
        return f"2026-12-{1 + int(self.barcode[-3:-1]) % 28:02d}" if self.state == "loan" else ""


def items(facts: Facts) -> list[Item]:
    """The items of a record, in the order of its copies."""
    return [_item(facts, word, copy) for copy, word in enumerate(facts["copies"].split(), 1)]


def _item(facts: Facts, word: str, copy: int) -> Item:
    match = COPY.fullmatch(word)
    if not match or {match["home"], match["holding"] or "CPL"} - set(LIBRARIES) or (match["state"] or "ref") not in STATES:
        raise FactError(f"record {facts['id']}: copy {word!r} is not understood")
    kind = KINDS[facts["kind"]]
    digits = f"{BARCODE_PREFIX}{facts.number:06d}{copy:02d}"
    state = match["state"] or ""
    item_type = "REF" if state == "ref" and kind.item_type == "BOOK" else kind.item_type
    return Item(
        barcode=digits + luhn_digit(digits), home=match["home"], holding=match["holding"] or match["home"],
        location=match["location"] or ("REF" if item_type == "REF" else location(facts)), collection=collection(facts), item_type=item_type,
        call_number=call_number(facts, match["home"]), acquired_on=acquired_on(facts, copy), state=state, copy=copy,
    )  # fmt: skip


def location(facts: Facts) -> str:
    """Shelving location: children's books and old books stand apart from the kind's usual place."""
    kind = KINDS[facts["kind"]]
    if facts["audience"] in ("j", "b", "c") and kind.item_type == "BOOK":
        return "KIDS"
    if kind.item_type == "BOOK" and dates(facts).first < "1900":
        return "STACKS"
    return kind.location


def collection(facts: Facts) -> str:
    """Collection code: fiction and children's books are told from the other books."""
    own = KINDS[facts["kind"]].collection
    if own != "NF":
        return own
    if facts["audience"] in ("j", "b", "c"):
        return "CHILD"
    return "FIC" if facts["literature"] else "NF"


def call_number(facts: Facts, library: str) -> str:
    """Shelf mark: the university library shelves by LC, the others by Dewey or SAB and three letters of the heading."""
    if library == "UNIV" and facts["lcc"]:
        return facts["lcc"]
    entry = facts["author"] or facts["corporate"] or facts["meeting"] or facts.title_main
    letters = "".join(letter for letter in entry.split("$")[0] if letter.isalpha())[:3].capitalize()
    scheme = facts["sab"] if facts["cataloguing"] == "swe" and facts["sab"] else facts["ddc"].replace("/", "")
    return f"{scheme.split(' ')[0] or 'X'} {letters}".strip()


def acquired_on(facts: Facts, copy: int) -> date:
    """Day of acquisition: soon after publication for recent works, spread over 1998-2025 for older ones."""
    number = facts.number * 31 + copy * 127
    year = int(dates(facts).first.replace("u", "0")) if dates(facts).kind not in ("n", "c", "u") else 0
    start = date(year, 2, 1) if year >= 2000 else date(1998 + number % 28, 1, 10)
    return min(start + timedelta(days=number % 320), LAST_ACQUISITION - timedelta(days=number % 90))


def item_952(item: Item) -> Subfields:
    """Field 952 as Koha lays it out."""
    flags = {"withdrawn": "0", "lost": "1", "damaged": "4"}
    state = [(code, "1" if name == item.state else "0") for name, code in flags.items()]
    not_for_loan = {"ref": "1", "order": "-1"}.get(item.state, "0")
    return [
        *state, ("7", not_for_loan), ("8", item.collection), ("a", item.home), ("b", item.holding), ("c", item.location),
        ("d", item.acquired_on.isoformat()), ("o", item.call_number), ("p", item.barcode), ("q", item.due_on),
        ("t", str(item.copy) if item.copy > 1 else ""), ("y", item.item_type),
    ]  # fmt: skip


def item_995(item: Item) -> Subfields:
    """Field 995 of a UNIMARC record (French recommendation as Koha uses it)."""
    not_for_loan = {"ref": "1", "order": "-1"}.get(item.state, "0")
    return [
        ("2", "1" if item.state == "lost" else ""), ("5", item.acquired_on.isoformat()), ("b", item.home), ("c", item.holding),
        ("e", item.location), ("f", item.barcode), ("h", item.collection), ("k", item.call_number), ("n", item.due_on),
        ("o", not_for_loan), ("r", item.item_type),
    ]  # fmt: skip
