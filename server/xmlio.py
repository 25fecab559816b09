"""The one XML place: namespaces, escaping, forbidden characters, the safe parser, and compiled stylesheets.

Answers are written as strings and joined as bytes, because ready record XML must not pass through a tree on its way out
(a tree costs two hundred times as much as a join). This module keeps that honest: whatever goes between tags passes
`escape`, whatever comes from outside is asked with `has_forbidden` first, and XML is only ever read by `parse`.

Stylesheets live in the package `stylesheets`. They may import each other by file name and nothing else; reading and
writing files and the network are off (`_Shelf`, `ACCESS`).
"""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

from lxml import etree

MARCXML = "http://www.loc.gov/MARC21/slim"
SRW = "http://www.loc.gov/zing/srw/"
SRW_DIAGNOSTIC = "http://www.loc.gov/zing/srw/diagnostic/"
SRU_RESPONSE = "http://docs.oasis-open.org/ns/search-ws/sruResponse"
SRU_SCAN = "http://docs.oasis-open.org/ns/search-ws/scan"
SRU_DIAGNOSTIC = "http://docs.oasis-open.org/ns/search-ws/diagnostic"
SRU_FACETS = "http://docs.oasis-open.org/ns/search-ws/facetedResults"
SRU_ANALYSIS = "http://docs.oasis-open.org/ns/search-ws/searchResultAnalysis"
ZEEREX = "http://explain.z3950.org/dtd/2.0/"
ATOM = "http://www.w3.org/2005/Atom"
OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"

LARGEST_DOCUMENT_BYTES = 64 * 1024 * 1024
"""Nothing larger is parsed (our decision): the largest real MARC records are a few hundred kilobytes."""

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONTENT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_CONTENT_TABLE = str.maketrans(_CONTENT)
_ATTRIBUTE_TABLE = str.maketrans(_CONTENT | {'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})
_NEEDS_ESCAPE = re.compile("[&<>\r]")


class NotXml(Exception):
    """Bytes that are not a well-formed XML document, or too large a one; the sentence says where."""


def has_forbidden(text: str) -> bool:
    """Whether the text holds a character that XML 1.0 cannot carry (section 2.2): most controls, surrogates, U+FFFE, U+FFFF."""
    return _FORBIDDEN.search(text) is not None


def without_forbidden(text: str) -> str:
    """The text without the characters that XML 1.0 cannot carry."""
    return _FORBIDDEN.sub("", text)


def escape(text: str) -> str:
    """Text as element content. A carriage return becomes a reference, or a reader would turn it into a line feed."""
    return text.translate(_CONTENT_TABLE) if _NEEDS_ESCAPE.search(text) else text


def escape_attribute(text: str) -> str:
    """Text as the value of an attribute in double quotes."""
    return text.translate(_ATTRIBUTE_TABLE)


def escape_bytes(xml: bytes) -> bytes:
    """Serialised XML in UTF-8 as element content, for answers that carry a record as a string."""
    return xml.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;").replace(b"\r", b"&#13;")


def element(name: str, text: str | int | None) -> str:
    """`<name>text</name>`, or nothing at all when the text is None."""
    return "" if text is None else f"<{name}>{escape(str(text))}</{name}>"


def parse(data: bytes, base_url: str | None = None) -> Any:
    """The root element of a document from outside. Entities stay unresolved, nothing is fetched, size is limited.

    Raises: NotXml.
    """
    if len(data) > LARGEST_DOCUMENT_BYTES:
        raise NotXml(f"The document has {len(data)} bytes; at most {LARGEST_DOCUMENT_BYTES} are read.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)
    try:
        return etree.fromstring(data, parser, base_url=base_url)
    except etree.XMLSyntaxError as problem:
        raise NotXml(f"Not well-formed XML: {problem}.") from problem


def elements(file: IO[bytes], names: Sequence[str], encoding: str | None = None) -> Iterator[Any]:
    """Elements of a large document with these local names, each when it has ended, so that the caller can clear it.

    Texts may be of any size, so the caller bounds the file and refuses declarations of entities in it; none are resolved, nothing is
    fetched. `encoding`: instead of the one that the document names. Raises: NotXml at the first mistake.
    """
    wanted = [f"{{*}}{name}" for name in names]
    parsing = etree.iterparse(
        file, events=("end",), tag=wanted, encoding=encoding, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        for _, found in parsing:
            yield found
    except etree.XMLSyntaxError as problem:
        raise NotXml(f"Not well-formed XML: {problem}.") from problem


def serialise(tree: Any) -> bytes:
    """An element with its own namespace declarations, in UTF-8, without XML declaration and trailing text."""
    return etree.tostring(tree, encoding="utf-8", xml_declaration=False, with_tail=False)


def pretty(xml: bytes) -> bytes:
    """A whole document with its elements on lines of their own; mixed content and processing instructions stay as they are."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=True)
    tree = etree.fromstring(xml, parser).getroottree()
    return etree.tostring(tree, encoding="utf-8", xml_declaration=True, pretty_print=True)


# -- stylesheets ----------------------------------------------------------------------------------

ACCESS = etree.XSLTAccessControl.DENY_ALL
_SHELF = "stylesheets:///"
_STYLESHEET_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9_]+)*\.xsl")
_compiled = threading.local()


class UnknownStylesheet(Exception):
    """No stylesheet of this name is shipped."""


class TransformFailed(Exception):
    """A stylesheet stopped with an error, or gave nothing."""


class _Shelf(etree.Resolver):
    """Finds imported stylesheets on our own shelf, and refuses everything else."""

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:
        """Gives the bytes of a shipped stylesheet."""
        name = (system_url or "").removeprefix(_SHELF)
        return self.resolve_string(stylesheet_bytes(name), context, base_url=_SHELF + name)


def stylesheet_bytes(name: str) -> bytes:
    """The source of a shipped stylesheet. Raises: UnknownStylesheet."""
    if not _STYLESHEET_NAME.fullmatch(name):
        raise UnknownStylesheet(f"{name!r} is no name of a stylesheet.")
    try:
        return files("stylesheets").joinpath(name).read_bytes()
    except FileNotFoundError:
        raise UnknownStylesheet(f"There is no stylesheet {name}.") from None


class _OwnFolder(etree.Resolver):
    """Finds what a stylesheet file imports from its own folder and those below, and refuses everything else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:
        """Gives the bytes of an imported stylesheet."""
        path = Path((system_url or "").removeprefix("file://")).resolve()
        if not path.is_relative_to(self._folder):
            raise UnknownStylesheet(f"{path} does not lie in {self._folder}.")
        return self.resolve_string(path.read_bytes(), context, base_url=str(path))


def compiled(name: str | Path) -> Any:
    """A compiled stylesheet of this thread, shipped or of a file: libxslt objects belong to the thread that made them.

    Raises: UnknownStylesheet, TransformFailed for a file that is no stylesheet.
    """
    shelf: dict[str | Path, Any] = _compiled.__dict__.setdefault("shelf", {})
    found = shelf.get(name)
    if found is None:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        if isinstance(name, Path):
            found = _compiled_file(name, parser)
        else:
            parser.resolvers.add(_Shelf())
            source = etree.fromstring(stylesheet_bytes(name), parser, base_url=_SHELF + name)
            found = etree.XSLT(source, access_control=ACCESS)
        shelf[name] = found
    return found


def _compiled_file(path: Path, parser: Any) -> Any:
    parser.resolvers.add(_OwnFolder(path.parent))
    try:
        return etree.XSLT(etree.fromstring(path.read_bytes(), parser, base_url=str(path)), access_control=ACCESS)
    except OSError as problem:
        raise UnknownStylesheet(f"{path} cannot be read: {problem.strerror}.") from None
    except (etree.XMLSyntaxError, etree.XSLTParseError) as problem:
        raise TransformFailed(f"{path} is no XSLT stylesheet: {problem}") from None


def transform(xml: bytes, name: str | Path, parameters: Mapping[str, str] | None = None) -> bytes:
    """What a stylesheet, shipped or of a file, makes of a document, in UTF-8; XML comes without declaration.

    It takes a while: call it in a thread.
    `parameters` are plain strings. Raises: NotXml, UnknownStylesheet, TransformFailed.
    """
    quoted = {key: etree.XSLT.strparam(value) for key, value in (parameters or {}).items()}
    document = parse(xml)
    try:
        result = compiled(name)(document, **quoted)
    except etree.XSLTApplyError as problem:
        raise TransformFailed(f"{name}: {problem}") from problem
    if result.getroot() is None:
        raise TransformFailed(f"{name} gave no document.")
    if result.getroot().tag == "html":
        return bytes(result)
    return serialise(result.getroot())
