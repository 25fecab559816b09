"""Which format a record is in, what kind of record it is, and who it is (indexing.md 1.4)."""

from hashlib import blake2b

from indexer.marc.outcomes import BadRecord, Identity
from indexer.marc.profile import SourceProfile
from indexer.record import SUBFIELD, Format, Kind, Record, first

MAX_ID_BYTES = 480
"""Longest record id; OpenSearch takes 512 bytes."""

_KINDS: dict[str, Kind] = {"z": "authority", "u": "holdings", "v": "holdings", "x": "holdings", "y": "holdings"}
_UNIMARC_KINDS: dict[str, Kind] = {"x": "authority", "y": "authority", "z": "authority"}
_NOT_INDEXED = {"w": "classification record (leader/06 = w)", "q": "community information record (leader/06 = q)"}
_ID_FROM: dict[Format, tuple[str, ...]] = {"marc21": ("999$c", "035$a"), "unimarc": ("090$a",)}


def classify(record: Record, profile: SourceProfile) -> None:
    """Sets `format` and `kind`, and makes the leader say what is true of the record in memory.

    That is: two indicators and codes of one character (leader/10-11 = 22), and in MARC 21 Unicode (leader/09 = a).
    """
    leader = record.leader
    if leader[10:12] != "22":
        leader = record.leader = f"{leader[:10]}22{leader[12:]}"
    record.format = "unimarc" if profile.format == "unimarc" or (profile.format == "auto" and _looks_unimarc(record)) else "marc21"
    if record.format == "unimarc":
        # Only a source that says so has UNIMARC authorities; elsewhere x and y are MARC 21 holdings.
        record.kind = _UNIMARC_KINDS.get(leader[6], "bibliographic") if profile.format == "unimarc" else "bibliographic"
        return
    record.kind = _KINDS.get(leader[6], "bibliographic")
    if leader[9] != "a":
        record.leader = f"{leader[:9]}a{leader[10:]}"


def _looks_unimarc(record: Record) -> bool:
    """Field 200 and no 245, and either the coded field 100 of UNIMARC or its entry map."""
    title, coded = False, ""
    for tag, body in record.fields:
        if tag == "245":
            return False
        if tag == "200":
            title = True
        elif tag == "100" and not coded:
            coded = first(body, "a")
    if not title or record.leader[6] in _KINDS:
        return False
    return (len(coded) >= 20 and coded[:8].isdecimal()) or record.leader[20:24] == "450 "


def not_indexed(record: Record) -> str:
    """Why a record of this kind is left out, or an empty string."""
    return _NOT_INDEXED.get(record.leader[6], "")


def identify(record: Record, profile: SourceProfile) -> Identity:
    """The id of a classified record: source prefix and 001, or the first number found at the places of `id_from`.

    Raises: BadRecord ("no-id") when there is none, or one too long for the engines.
    """
    number = org = ""
    for tag, body in record.fields:
        if tag == "001" and not number:
            number = _control_text(body)
        elif tag == "003" and not org:
            org = _control_text(body)
            if number:
                break
        elif tag > "009" and number:
            break
    if record.format == "unimarc":
        org = next((first(body, "b").strip() for body in record.bodies("801")), "")
    elif number and not org:
        org = _org_of(record, number)
    own = number or _number_from(record, profile.id_from or _ID_FROM[record.format])
    record_id = f"{profile.name}:{own}" if profile.name else own
    if not own:
        raise BadRecord("no-id", "The record has no control number in 001 and none of the other places has a number.")
    if len(record_id.encode()) > MAX_ID_BYTES:
        raise BadRecord("no-id", f"The record's number is longer than {MAX_ID_BYTES} bytes.")
    return Identity(record_id, number, org, _number_from(record, profile.oai_from) if profile.oai_from else "")


def _control_text(body: str) -> str:
    """Trimmed text of a control field; of its first subfield when it was written as a data field."""
    return (body.split(SUBFIELD)[1][1:] if SUBFIELD in body else body).strip()


def _number_from(record: Record, places: tuple[str, ...]) -> str:
    for place in places:
        for body in record.bodies(place[:3]):
            value = first(body, place[-1]).strip() if len(place) > 3 else _control_text(body)
            if value:
                return value
    return ""


def _org_of(record: Record, number: str) -> str:
    """The organisation that 035 names for the record's own number: "(DE-101)123" for 123."""
    for body in record.bodies("035"):
        prefix, bracket, value = first(body, "a").partition(")")
        if bracket and prefix.startswith("(") and value.strip() == number:
            return prefix[1:].strip()
    return ""


def id_hash(record_id: str, kind: Kind = "bibliographic") -> int:
    """64 bits that stand for a record in `Preview.ids`; never 0, which stands for a record without id.

    Records of different kinds are kept apart, so the same number in two kinds is two records.
    """
    return int.from_bytes(blake2b(f"{kind[0]}{record_id}".encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") or 1
