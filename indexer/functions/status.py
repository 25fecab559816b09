"""Whether a record is deleted or hidden from the public.

Source: indexing.md section 4.10; MARC 21 and UNIMARC leader/05; Koha 942$n and 955$n.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from indexer.record import Format, Record, subfields

_LIVE = frozenset("acnp")
_DELETED = frozenset("d")
_DELETED_AUTHORITY = frozenset("dsx")
_NO = frozenset({"", "0", "n", "no", "false", "f"})

SUPPRESSION_RULES: Mapping[Format, tuple[str, ...]] = MappingProxyType({"marc21": ("942n",), "unimarc": ("955n",)})
"""Tag and subfield whose value hides a record, by format."""


def is_deleted(leader: str, *, authority: bool = False) -> bool:
    """Whether leader/05 says that the record is gone; authority records are also split or replaced (s, x)."""
    return leader[5:6] in (_DELETED_AUTHORITY if authority else _DELETED)


def is_known_status(leader: str, *, authority: bool = False) -> bool:
    """Whether leader/05 is one that the standard knows; other records are live, with a warning."""
    return leader[5:6] in _LIVE or (authority and leader[5:6] == "o") or is_deleted(leader, authority=authority)


def is_suppressed(record: Record, rules: Sequence[str] | None = None) -> bool:
    """Whether some rule finds a value that means yes: anything but empty, 0, n, no, false.

    A rule is a tag with its subfield codes (`942n`); None takes those of the record's format.
    """
    by_tag = {rule[:3]: rule[3:] for rule in (SUPPRESSION_RULES[record.format] if rules is None else rules)}
    return any(tag in by_tag and _says_yes(body, by_tag[tag]) for tag, body in record.fields)


def _says_yes(body: str, codes: str) -> bool:
    return any(code in codes and text.strip().lower() not in _NO for code, text in subfields(body))
