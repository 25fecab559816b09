"""Records made of fields, and their MARCXML: one field per line, so that a change of a fact is a change of a line."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "http://www.loc.gov/MARC21/slim"

Subfields = list[tuple[str, str]]


class FactError(ValueError):
    """A fact in a YAML file cannot become a record; the message names the record and says why."""


@dataclass(frozen=True, slots=True)
class Field:
    """One data field: tag, two indicators, (code, text) subfields in order."""

    tag: str
    indicators: str
    subfields: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class MarcRecord:
    """Leader (24 characters), control fields (tag, text) and data fields; `sort` puts the data fields in tag order."""

    leader: str
    control: list[tuple[str, str]] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)

    def add(self, tag: str, indicators: str, subfields: Iterable[tuple[str, str]]) -> None:
        """Appends a data field without its empty subfields; without any subfield there is no field."""
        kept = tuple((code, text) for code, text in subfields if text)
        if kept:
            self.fields.append(Field(tag, indicators, kept))

    def add_line(self, line: str) -> None:
        """Appends a field written as `511 0_ $a Read by ...`, `_` standing for a blank indicator."""
        tag, indicators, rest = line.split(" ", 2)
        self.add(tag, indicators.replace("_", " "), coded(rest))

    def sort(self) -> None:
        """Puts the fields into the order of their tags; equal tags keep the order in which they were added."""
        self.fields.sort(key=lambda own: own.tag)


def coded(text: str) -> Subfields:
    """Subfields of `$a one $b two`; text before the first code counts as $a."""
    pieces = (" " + text).split(" $")
    found: Subfields = [("a", pieces[0].strip())] if pieces[0].strip() else []
    return found + [(piece[0], piece[1:].strip()) for piece in pieces[1:]]


def split_nonfiling(title: str, most: int = 9) -> tuple[str, int]:
    """A title without its `|` mark, and the number of characters before the mark (0 without a mark)."""
    skipped = title.find("|")
    if skipped > most:
        raise FactError(f"the | in {title!r} would make more than {most} nonfiling characters")
    return title.replace("|", "", 1), max(skipped, 0)


def collection_xml(records: Iterable[MarcRecord]) -> str:
    """A MARCXML collection as text, ending on a newline."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<collection xmlns="{NAMESPACE}">']
    for record in records:
        lines += ["<record>", f"  <leader>{record.leader}</leader>"]
        lines += [f'  <controlfield tag="{tag}">{escape(text)}</controlfield>' for tag, text in record.control]
        lines += [_field_xml(own) for own in record.fields]
        lines.append("</record>")
    return "\n".join([*lines, "</collection>", ""])


def _field_xml(own: Field) -> str:
    inner = "".join(f"<subfield code={quoteattr(code)}>{escape(text)}</subfield>" for code, text in own.subfields)
    return f'  <datafield tag="{own.tag}" ind1="{own.indicators[0]}" ind2="{own.indicators[1]}">{inner}</datafield>'
