"""Standard numbers in the forms under which they are stored and looked for.

`..._forms(text)` gives the normalised forms of one value, best first, each once, and an empty tuple when the text holds no such
number. Documents and query terms go through the same function, so hyphens, blanks, qualifiers and old forms do not matter.

Source: indexing.md section 4.3; ISO 2108 (ISBN), ISO 3297 (ISSN), ISO 10957 (ISMN), the Library of Congress' normalisation
of LCCNs.
"""

import re
import unicodedata
from dataclasses import dataclass

_LONGEST = 80
_LONGEST_ADDRESS = 512

_ISBN = re.compile(
    r"[^0-9A-Za-z]*(?:(?:e-?)?(?:ISBN|SBN)(?:[- ]?1[03](?=[: ]))?[: ]*)?([0-9][0-9 -]*(?:(?<=[0-9-])[Xx]|[Xx](?![A-Za-z]))?)", re.IGNORECASE
)
_ISMN = re.compile(r"[^0-9A-Za-z]*(?:ISMN[: ]*)?([Mm]|979-?0)[- ]?([0-9][0-9 -]*)", re.IGNORECASE)
_ISSN = re.compile(r"(?<![0-9])([0-9]{4})[- ]?([0-9]{3}[0-9Xx])(?![0-9A-Za-z])")
_OCLC = re.compile(r"(?:\(OCoLC\)\s*(?:ocm|ocn|on)?|ocm|ocn|on)\s*0*([0-9]+)", re.IGNORECASE)
_ORGANISATION = re.compile(r"\s*\(\s*([^)]*?)\s*\)\s*(.*)", re.DOTALL)
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"<>]+")
_NOT_ALPHANUMERIC = bytes(code for code in range(128) if not chr(code).isalnum())
_UPPER = bytes(range(128)).upper().ljust(256)
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))


@dataclass(frozen=True, slots=True)
class StandardNumber:
    """What a subfield says about one number.

    `forms`: normalised forms, best first; empty when there is no number. `valid`: right length and check digit. `qualifier`: what
    follows the number (`pbk.`), without parentheses around it.
    """

    forms: tuple[str, ...]
    valid: bool
    qualifier: str = ""


def read_isbn(text: str) -> StandardNumber:
    """The ISBN at the beginning of a subfield, as ISBN-13 and (prefix 978) ISBN-10; SBNs of nine digits get their 0.

    A number with a wrong check digit or length is kept as it is and not valid.
    """
    text = _ascii_digits(text)
    found = _ISBN.match(text)
    if found is None:
        return StandardNumber((), valid=False, qualifier=text.strip())
    run = found.group(1)
    pieces = run.replace("-", "").upper().split()
    for count in range(len(pieces), 0, -1):
        forms = _valid_isbn("".join(pieces[:count]))
        if forms:
            rest = " ".join(pieces[count:]) + text[found.end() :]
            return StandardNumber(forms, valid=True, qualifier=_qualifier(rest))
    return StandardNumber(("".join(pieces)[:_LONGEST],), valid=False, qualifier=_qualifier(text[found.end() :]))


def isbn_forms(text: str) -> tuple[str, ...]:
    """ISBN-13 and ISBN-10 without hyphens, whichever of them was given."""
    return read_isbn(text).forms


def _valid_isbn(compact: str) -> tuple[str, ...]:
    if len(compact) == 9 and compact.isdigit():
        compact = "0" + compact
    if len(compact) == 10 and compact[:9].isdigit() and compact[9] == _check_11(compact[:9]):
        return f"978{compact[:9]}{_check_ean('978' + compact[:9])}", compact
    if len(compact) == 13 and compact.isdigit() and compact[12] == _check_ean(compact[:12]):
        if compact.startswith("978"):
            return compact, compact[3:12] + _check_11(compact[3:12])
        if compact.startswith("979"):
            return (compact,)
    return ()


def _check_11(digits: str) -> str:
    """Check character modulo 11, weights from len + 1 down to 2: that of ISBN-10 and ISSN."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1), strict=True))
    return "0123456789X"[-total % 11]


def _check_ean(digits: str) -> str:
    """Check digit of an EAN-13."""
    return str(-(sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))) % 10)


def _qualifier(rest: str) -> str:
    return rest.strip(" :;,()[]")


def _ascii_digits(text: str) -> str:
    """The text with digits of all scripts in ASCII and all hyphens and dashes as `-`."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in folded)


def read_issn(text: str) -> StandardNumber:
    """The first ISSN in a text, with and without hyphen."""
    text = _ascii_digits(text)
    found = _ISSN.search(text)
    if found is None:
        return StandardNumber((), valid=False, qualifier=text.strip())
    compact = (found.group(1) + found.group(2)).upper()
    return StandardNumber((f"{compact[:4]}-{compact[4:]}", compact), compact[7] == _check_11(compact[:7]), _qualifier(text[found.end() :]))


def issn_forms(text: str) -> tuple[str, ...]:
    """`1234-567X` and `1234567X`."""
    return read_issn(text).forms


def lccn_forms(text: str) -> tuple[str, ...]:
    """The LC control number: prefix, year and serial number of six digits without blanks; prefixes in lower case.

    `   82968706 /NE/r93` -> `82968706`; `64-8198` -> `64008198`.
    """
    plain = _ascii_digits(text).partition("/")[0].lower().encode("ascii", "ignore").decode()
    compact = "".join(plain.split()).removeprefix("(dlc)")
    head, hyphen, serial = compact.partition("-")
    if hyphen:
        compact = head + serial.replace("-", "").zfill(6)
    return (compact[:_LONGEST],) if any(char.isdigit() for char in compact) else ()


def oclc_number(text: str) -> str:
    """Digits of an OCLC number that says so (`(OCoLC)`, `ocm`, `ocn`, `on`), without leading zeros; else empty."""
    found = _OCLC.match(text.strip())
    return found.group(1) if found else ""


def oclc_forms(text: str) -> tuple[str, ...]:
    """The digits of an OCLC number; a query term may be bare digits."""
    number = oclc_number(text) or text.strip().lstrip("0")
    return (number,) if number.isascii() and number.isdigit() else ()


def control_number_forms(text: str) -> tuple[str, ...]:
    """A system control number (035): `(ORG)value` and `value`; case and inner blanks stay."""
    found = _ORGANISATION.fullmatch(text)
    if found is None:
        value = text.strip()
        return (value[:_LONGEST],) if value else ()
    organisation, value = found.group(1), found.group(2).strip()
    if not value:
        return ()
    return (f"({organisation}){value}"[:_LONGEST], value[:_LONGEST]) if organisation else (value[:_LONGEST],)


def doi_forms(text: str) -> tuple[str, ...]:
    """The DOI in a text or address, in lower case and without what closes a sentence."""
    found = _DOI.search(text)
    if found is None:
        return ()
    doi = found.group().rstrip(".,;:'")
    if doi.endswith(")") and "(" not in doi:
        doi = doi.rstrip(").,;")
    return (doi.lower()[:_LONGEST_ADDRESS],) if not doi.endswith("/") else ()


def ismn_forms(text: str) -> tuple[str, ...]:
    """The music number as thirteen digits; the old form `M-2306-7118-7` begins with M instead of 979-0."""
    found = _ISMN.match(_ascii_digits(text))
    if found is None:
        return ()
    number = "9790" + re.sub("[^0-9]", "", found.group(2))
    return (number[:_LONGEST],)


def ean_forms(text: str) -> tuple[str, ...]:
    """The digits of a trade number; a UPC of twelve digits is also an EAN of thirteen."""
    run = re.match(r"[\s(]*([0-9][0-9 -]*)", _ascii_digits(text))
    digits = re.sub("[^0-9]", "", run.group(1))[:_LONGEST] if run else ""
    if len(digits) == 12:
        return "0" + digits, digits
    if len(digits) == 13 and digits[0] == "0":
        return digits, digits[1:]
    return (digits,) if digits else ()


def uri_forms(text: str) -> tuple[str, ...]:
    """A URN, handle or address: trimmed, in lower case."""
    trimmed = text.strip().lower()
    return (trimmed[:_LONGEST_ADDRESS],) if trimmed else ()


def other_number_forms(text: str) -> tuple[str, ...]:
    """Any other number: as it stands (blanks collapsed), and squeezed to upper-case letters and digits."""
    raw = " ".join(text.split())
    if raw.isascii():
        squeezed = raw.encode().translate(_UPPER, _NOT_ALPHANUMERIC).decode()
    else:
        squeezed = "".join(char for char in unicodedata.normalize("NFKC", raw).upper() if char.isalnum())
    if squeezed == raw:
        return (raw[:_LONGEST],) if raw else ()
    return tuple(dict.fromkeys(form[:_LONGEST] for form in (raw, squeezed) if form))
