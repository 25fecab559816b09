"""In which form an answer goes out: media types, and what a browser gets.

Rules (section 11.3): `httpAccept`, else the Accept header, else application/sru+xml; 1.x is text/xml unless httpAccept says
otherwise. A browser that will show the answer gets a page. It used to be enough to send XML with a stylesheet; browsers are
taking XSLT out, so when a request carries the marks of a navigation we apply the same stylesheet ourselves and send HTML.
A caller that merely lists text/html and XML in Accept still gets application/xml with the processing instruction, and one that
lists text/html and everything else gets XML too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from server.params import accepted

OURS = "urn:x-discovery:sru:1"
"""Namespace of everything that we add to answers in places that the standard leaves open."""

SRU_XML = "application/sru+xml"
XML = "application/xml"
TEXT_XML = "text/xml"
JSON = "application/json"
ATOM = "application/atom+xml"
RSS = "application/rss+xml"
HTML = "text/html"

_XML_TYPES = (SRU_XML, XML, TEXT_XML)
_OFFERED_ALWAYS = (*_XML_TYPES, JSON, HTML)
_OFFERED_FOR_RECORDS = (*_OFFERED_ALWAYS, ATOM, RSS)

Form = Literal["xml", "json", "atom", "rss", "html"]


class ResponseType(NamedTuple):
    """A schema of answers by its name and identifier, and the media types that carry it."""

    name: str
    identifier: str
    media_types: tuple[str, ...]


RESPONSE_TYPES = (
    ResponseType("sru", "http://docs.oasis-open.org/ns/search-ws/sruResponse", _XML_TYPES),
    ResponseType("atom", "http://www.w3.org/2005/Atom", (ATOM,)),
    ResponseType("rss", "https://www.rssboard.org/rss-specification", (RSS,)),
    ResponseType("json", f"{OURS}#json", (JSON,)),
    ResponseType("html", "http://www.w3.org/1999/xhtml", (HTML,)),
)
"""What explain announces as responseFormats and `responseType` may name (section 3)."""

_FORMS: Mapping[str, Form] = {JSON: "json", ATOM: "atom", RSS: "rss", HTML: "html"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """The media type of an answer; `for_people`: somebody will look at it, so links to pages and other forms come along."""

    media_type: str
    for_people: bool = False

    @property
    def form(self) -> Form:
        """What the media type means for the builder of the answer."""
        return _FORMS.get(self.media_type, "xml")

    @classmethod
    def default(cls, version: str) -> "Delivery":
        """What is sent when nothing else was asked for, or nothing that exists."""
        return cls(SRU_XML if version == "2.0" else TEXT_XML)


def choose_delivery(version: str, operation: str, sent: Mapping[str, str], accept: str, is_navigation: bool) -> Delivery | None:
    """The form of the answer, or None when only forms are wanted that are not offered (2.0; HTTP 406)."""
    # A plus sign in an address means a blank, and nobody remembers to write %2B.
    wanted = sent.get("httpAccept", "").replace(" xml", "+xml")
    offered = _OFFERED_FOR_RECORDS if operation == "searchRetrieve" else _OFFERED_ALWAYS
    if version == "2.0" and sent.get("renderedBy") == "server":
        return Delivery(HTML, for_people=True)
    if wanted:
        return _negotiated(version, wanted, offered)
    if HTML in accept:
        if is_navigation and "stylesheet" not in sent:
            return Delivery(HTML, for_people=True)
        if "xml" in accept:
            return Delivery(XML, for_people=True)
    if version != "2.0":
        return Delivery(TEXT_XML)
    # Programs written in Java say that they like HTML and pictures best; they are given pages only if they take nothing else.
    others = tuple(one for one in offered if one != HTML)
    return _negotiated(version, accept, others) or _negotiated(version, accept, offered)


@lru_cache(maxsize=512)
def _negotiated(version: str, wanted: str, offered: tuple[str, ...]) -> Delivery | None:
    media_type = accepted(wanted, offered)
    if media_type is None:
        return None if version == "2.0" else Delivery(TEXT_XML)
    return Delivery(media_type, for_people=media_type == HTML)
