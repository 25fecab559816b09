"""What a library says about one source of records: format, character set, identity and limits."""

import codecs
from dataclasses import dataclass
from typing import Literal

from indexer.record import Kind

SourceFormat = Literal["marc21", "unimarc", "auto"]

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""Longest record that is read (indexing.md 1.1): the largest real one seen has 4.1 MB of XML."""

_OWN_CHARSETS = {
    "marc-8": "marc-8",
    "marc8": "marc-8",
    "ansel": "marc-8",
    "iso-5426": "iso-5426",
    "iso5426": "iso-5426",
    "iso_5426": "iso-5426",
    "iso-5427": "iso-5427",
    "iso-5428": "iso-5428",
}


class UnusableSource(Exception):
    """A source cannot be read at all; the sentence says which one, why, and what to do."""


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """How the records of one source are to be understood. The defaults suit MARC 21 and UNIMARC files that tell the truth.

    `name`: prefix of the record ids ("libris" gives "libris:7149593"), or empty. `format`: "auto" decides per record.
    `charset` (of ISO 2709; MARCXML and JSON say theirs themselves): "auto" decides per record (indexing.md 1.2), else it is used
    without guessing: "utf-8", "marc-8", "iso-5426" or any codec of Python. `charset_fallback`: for records that are neither ASCII
    nor UTF-8 and do not claim to be; empty means MARC-8 for MARC 21, and for UNIMARC what 100$a/26-29 says, else ISO 5426.
    `id_from`: where a record without 001 has its number, such as ("999$c", "035$a"); empty means the default of its format.
    `oai_from`: in the same form, where the number of its OAI-PMH identifier stands; empty means the default of its format.
    `merge_same_id`: consecutive records with equal 001 are one record. `max_record_bytes`: longer ones are rejected.
    `ids_of`: a text file with one id a line stands for deleted records of this kind; None: it is no source of records.

    Raises: UnusableSource for a character set that nobody knows and for an `id_from` or `oai_from` that is not tag$code.
    """

    name: str = ""
    format: SourceFormat = "auto"
    charset: str = "auto"
    charset_fallback: str = ""
    id_from: tuple[str, ...] = ()
    oai_from: tuple[str, ...] = ()
    merge_same_id: bool = False
    max_record_bytes: int = MAX_RECORD_BYTES
    ids_of: Kind | None = None

    def __post_init__(self) -> None:
        for value in (self.charset, self.charset_fallback):
            if value not in {"auto", ""}:
                charset_name(value)
        for place in (*self.id_from, *self.oai_from):
            if len(place) not in {3, 5} or (len(place) == 5 and place[3] != "$"):
                raise UnusableSource(f"The record id cannot be taken from {place!r}: write tag$code, such as 999$c.")


def charset_name(name: str) -> str:
    """The one name under which a character set is known here: "marc-8", "iso-5426", ... or that of a Python codec.

    Raises: UnusableSource when there is no such character set.
    """
    own = _OWN_CHARSETS.get(name.lower())
    if own:
        return own
    try:
        b"a".decode(name)  # of nothing, even a codec that is no character set would make text
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise UnusableSource(
            f"There is no character set {name!r}. Use auto, utf-8, marc-8, iso-5426 or the name of a Python codec such as latin-1."
        ) from None
