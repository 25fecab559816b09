"""Reading MARCXML as a stream: any wrapper, any namespace or none, several documents one after another.

expat is used without namespaces (a prefix that nobody declared does no harm), resolves no entities but the five of XML itself, and never
loads anything: a record that needs one for its text is set aside, for nobody knows what it would say. An ill-formed document gives its
records up to the error, and the rest once as unreadable (indexing.md 1.3).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import NamedTuple
from xml.parsers import expat

from indexer.marc.framing import KEPT_OF_TOO_LARGE, ByteStream
from indexer.marc.outcomes import BadRecord, Warned
from indexer.marc.profile import SourceProfile
from indexer.marc.tidying import assembled, warn
from indexer.record import SUBFIELD, Format, Kind, Record

_CHUNK_BYTES = 1 << 16
_NEXT_DOCUMENT = frozenset(
    expat.errors.codes[message] for message in (expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT, expat.errors.XML_ERROR_MISPLACED_XML_PI)
)
_MARC_ELEMENTS = frozenset({"record", "leader", "controlfield", "datafield", "subfield"})


class XmlRecord(NamedTuple):
    """The bytes of one record element, and the record in it or what is wrong with it."""

    offset: int
    raw: bytes
    content: "Content | BadRecord"


@dataclass(slots=True)
class Content:
    """What a record element holds, before anything is repaired."""

    offset: int
    leader: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    is_wrapper: bool = False
    is_too_large: bool = False
    entity: str = ""
    kept: bytes = b""

    def record(self, profile: SourceProfile) -> Record:
        """The record. Raises: BadRecord ("no-fields", "xml" when it uses an entity that is not resolved here)."""
        if self.entity:
            raise BadRecord("xml", f"The record uses the entity {self.entity[:50]}, and entities are not resolved here.")
        return assembled(self.leader, self.fields, self.warnings, profile)


def _without_edge_lines(value: str) -> str:
    """The value without white space at its ends that holds a line end: it comes from indenting the XML."""
    started = value.lstrip()
    if "\n" in value[: len(value) - len(started)]:
        value = started
    ended = value.rstrip()
    return ended if "\n" in value[len(ended) :] else value


class _LocalNames(dict[str, str]):
    """Element names without their prefixes."""

    def __missing__(self, name: str) -> str:
        self[name] = local = name.rpartition(":")[2]
        return local


class _Document:
    """One XML document being parsed; finished records wait in `done` with their places (start, start of the end tag)."""

    def __init__(self, encoding: str | None, start: int) -> None:
        self.start = start
        self.done: list[tuple[Content, int]] = []
        self.open: list[Content] = []
        self.tag: str | None = None
        self.code: str | None = None
        self.body: list[str] = []
        self.text: list[str] = []
        self.local = _LocalNames()
        self.parser = expat.ParserCreate(encoding)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.text.append
        self.parser.StartDoctypeDeclHandler = self._doctype

    def close(self) -> None:
        """Parts parser and document, which know each other, so that their memory is given back at once."""
        self.parser.StartElementHandler = self.parser.EndElementHandler = None
        self.parser.CharacterDataHandler = self.parser.StartDoctypeDeclHandler = self.parser.DefaultHandler = None

    def _doctype(self, *_: object) -> None:
        # Only a document with a DOCTYPE can have entities of its own; with a default handler expat tells them and expands none.
        self.parser.DefaultHandler = self._entity

    def _entity(self, text: str) -> None:
        if text.startswith("&") and self.open:
            self.open[-1].entity = text

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = self.local[name]
        if local == "subfield":
            self.code = attributes.get("code")
        elif local == "datafield":
            self.tag = attributes.get("tag")
            self.body = [(attributes.get("ind1") or " ")[:1] + (attributes.get("ind2") or " ")[:1]]
        elif local == "controlfield":
            self.tag = attributes.get("tag")
        elif local == "record":
            if self.open:
                self.open[-1].is_wrapper = True
            self.open.append(Content(self.start + self.parser.CurrentByteIndex))
        elif local != "leader" and self.open:
            self.open[-1].is_wrapper = True
        self.text.clear()

    def _end(self, name: str) -> None:
        local = self.local[name]
        if local == "subfield" and self.code:
            self.body.append(self.code[0] + self._value())
        elif local in _MARC_ELEMENTS and self.open:
            self._finish(local, self.open[-1])
        self.text.clear()

    def _finish(self, local: str, record: Content) -> None:
        """Takes note of an element that has ended, other than a sound subfield."""
        match local:
            case "datafield":
                self._field(record, SUBFIELD.join(self.body))
            case "controlfield":
                self._field(record, self._value())
            case "leader":
                record.leader = self._value()
            case "record":
                self.open.pop()
                if record.leader or record.fields or record.warnings or not record.is_wrapper:
                    self.done.append((record, self.start + self.parser.CurrentByteIndex))
            case _:
                warn(record.warnings, "element")

    def keep_from(self, window: bytes, window_at: int, max_record_bytes: int) -> int:
        """The first byte that is still needed: where the open record starts, or else the unfinished tag at the end.

        An open record over the limit is emptied here; only its beginning stays, for the quarantine file.
        """
        unfinished = self.start + max(0, self.parser.CurrentByteIndex)
        unfinished = min(max(unfinished, window_at), window_at + len(window))
        record = self.open[-1] if self.open else None
        if record is None or record.is_wrapper:
            return unfinished
        if not record.is_too_large and window_at + len(window) - record.offset <= max_record_bytes:
            return max(window_at, min(record.offset, unfinished))
        if not record.is_too_large:
            record.is_too_large = True
            record.kept = window[record.offset - window_at :][:KEPT_OF_TOO_LARGE]
        record.fields.clear()
        self.body = self.body[:1]
        self.text.clear()
        return unfinished

    def _value(self) -> str:
        value = self.text[0] if len(self.text) == 1 else "".join(self.text)
        return _without_edge_lines(value) if "\n" in value else value

    def _field(self, record: Content, body: str) -> None:
        if self.tag:
            record.fields.append((self.tag, body))
        else:
            warn(record.warnings, "element")


def xml_records(stream: ByteStream, max_record_bytes: int, encoding: str | None = None) -> Iterator[XmlRecord]:
    """Every record element of the stream in order. Records that only wrap others (OAI-PMH, SRU, Alma) are not counted.

    `encoding` overrides what the document says of itself. Memory: one chunk and one record.
    """
    window, window_at = b"", 0
    document = _Document(encoding, 0)
    fault = ""
    while not fault:
        chunk = stream.read(_CHUNK_BYTES)
        window += chunk
        following, fault = _parse(document, chunk, is_last=not chunk)
        yield from _finished(document, window, window_at)
        while following is not None:
            document.close()
            document = _Document(encoding, following)
            following, fault = _parse(document, window[following - window_at :], is_last=not chunk)
            yield from _finished(document, window, window_at)
        keep_from = document.keep_from(window, window_at, max_record_bytes)
        window, window_at = window[keep_from - window_at :], keep_from
        if not chunk:
            break
        if len(window) > 2 * max_record_bytes + _CHUNK_BYTES:
            fault = f"A single tag or comment is longer than {2 * max_record_bytes:,} bytes."
    document.close()
    if fault:
        yield XmlRecord(window_at, window[:max_record_bytes], BadRecord("xml", f"{fault} Nothing after this place was read."))


def _parse(document: _Document, data: bytes, *, is_last: bool) -> tuple[int | None, str]:
    """(where another document starts behind this one, or None; what is wrong, as a sentence, or "")."""
    try:
        document.parser.Parse(data, is_last)
    except expat.ExpatError as error:
        if error.code in _NEXT_DOCUMENT and not document.open:
            return document.start + document.parser.ErrorByteIndex, ""
        message = expat.errors.messages.get(error.code, "error")
        return None, f"The XML is not well-formed: {message} in line {error.lineno}, column {error.offset + 1}."
    except (ValueError, LookupError) as error:
        return None, f"The XML is in a character set that cannot be read: {error}."
    return None, ""


def _finished(document: _Document, window: bytes, window_at: int) -> Iterator[XmlRecord]:
    """The records that have ended since the last call, with their bytes cut out of the window."""
    for content, end_tag in document.done:
        if content.is_too_large:
            yield XmlRecord(content.offset, content.kept, BadRecord("too-large", "The record is larger than the limit of the source."))
            continue
        end = window.find(b">", end_tag - window_at) + 1
        yield XmlRecord(content.offset, window[max(0, content.offset - window_at) : end], content)
    document.done.clear()


def decode_marcxml(data: bytes, profile: SourceProfile) -> Record:
    """The record in the first record element of these bytes, classified.

    Raises: BadRecord ("xml" when there is no such element or it is ill-formed, "no-fields", "too-large").
    """
    for found in xml_records(BytesIO(data), profile.max_record_bytes):
        if isinstance(found.content, BadRecord):
            raise found.content
        return found.content.record(profile)
    raise BadRecord("xml", "There is no record element.")


def decode_exact_marcxml(data: bytes, form: Format, kind: Kind) -> Record:
    """The record that `to_exact_marcxml` wrote, exactly."""
    found = next(xml_records(BytesIO(data), len(data)))
    if isinstance(found.content, BadRecord):
        raise found.content
    return Record(found.content.leader, found.content.fields, form, kind)
