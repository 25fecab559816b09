"""Item fields in MARCXML on its way to harvesters: left out, or kept without what is nobody's business (oai-pmh.md 12).

What is worked on is our own MARCXML (`indexer.marc.to_marcxml`), whose spelling is known, so that bytes can be cut out of it: a
tree would cost fifty times as much, and every record of every harvest passes here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from xml.sax.saxutils import unescape

from server import xmlio

Change = Callable[[bytes], bytes]

_END = b"</datafield>"
_SUBFIELD = re.compile(rb'<subfield code="([^"]+)">([^<]*)</subfield>')


def without_items(tag: str) -> Change:
    """A function that takes all fields with this tag out of a record."""
    start = b"<datafield " + _mark(tag)

    def change(marcxml: bytes) -> bytes:
        at = marcxml.find(start)
        while at >= 0:
            # Fields of one tag stand together as a rule, and their text is escaped, so the end is the end.
            end = marcxml.find(_END, at) + len(_END)
            while marcxml.startswith(start, end):
                end = marcxml.find(_END, end) + len(_END)
            marcxml = marcxml[:at] + marcxml[end:]
            at = marcxml.find(start, at)
        return marcxml

    return change


def with_public_items(tags: Sequence[str], private: Mapping[str, str], hidden: Mapping[str, Sequence[str]]) -> Change:
    """A function that keeps item fields, but not their private subfields, and not the fields of hidden items.

    `private`: tag -> subfield codes. `hidden`: tag and subfield code -> values that hide an item.
    """
    pattern = _fields(tags)
    marks = [_mark(tag) for tag in tags]
    private_codes = {_mark(tag): {code.encode() for code in codes} for tag, codes in private.items()}
    hiding: dict[bytes, dict[bytes, frozenset[str]]] = {}
    for place, values in hidden.items():
        hiding.setdefault(_mark(place[:3]), {})[place[3:4].encode()] = frozenset(values)

    def public(found: re.Match[bytes]) -> bytes:
        mark, field = found[1], found[0]
        values = _SUBFIELD.findall(field)
        rules = hiding.get(mark, {})
        if any(code in rules and _text(value) in rules[code] for code, value in values):
            return b""
        codes = private_codes.get(mark, set())
        kept = _SUBFIELD.sub(lambda one: b"" if one[1] in codes else one[0], field)
        return kept if b"<subfield" in kept else b""

    def change(marcxml: bytes) -> bytes:
        return pattern.sub(public, marcxml) if any(mark in marcxml for mark in marks) else marcxml

    return change


def with_texts(values: Mapping[str, Mapping[str, str]]) -> Change:
    """A function that puts texts in the place of coded values. `values`: tag and subfield code -> code -> text."""
    by_tag: dict[str, dict[bytes, dict[str, str]]] = {}
    for place, texts in values.items():
        by_tag.setdefault(place[:3], {})[place[3:4].encode()] = dict(texts)
    pattern = _fields(list(by_tag)) if by_tag else None
    codes = {_mark(tag): subfields for tag, subfields in by_tag.items()}

    def expanded(found: re.Match[bytes]) -> bytes:
        texts = codes[found[1]]

        def text(one: re.Match[bytes]) -> bytes:
            known = texts.get(one[1], {}).get(_text(one[2]))
            if known is None:
                return one[0]
            return b'<subfield code="%b">%b</subfield>' % (one[1], xmlio.escape(xmlio.without_forbidden(known)).encode())

        return _SUBFIELD.sub(text, found[0])

    return (lambda marcxml: pattern.sub(expanded, marcxml)) if pattern is not None else (lambda marcxml: marcxml)


def _mark(tag: str) -> bytes:
    return b'tag="%b"' % xmlio.escape_attribute(tag).encode()


def _fields(tags: Sequence[str]) -> re.Pattern[bytes]:
    named = b"|".join(re.escape(_mark(tag)) for tag in tags)
    return re.compile(rb"<datafield (" + named + rb')[^>]*>(?:<subfield code="[^"]+">[^<]*</subfield>)*</datafield>')


def _text(value: bytes) -> str:
    return unescape(value.decode(), {"&quot;": '"', "&#13;": "\r"}).strip()
