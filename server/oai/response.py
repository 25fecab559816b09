"""Answers as XML: the envelope, the six verbs and the errors (oai-pmh.md 3, 5, 18), written as strings and joined as bytes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from server.oai.contents import Header, ItemRecord
from server.oai.formats import MetadataFormat
from server.oai.request import SECONDS, ErrorCode
from server.oai.service import EPOCH, Listed, Resumption, SetsListed
from server.oai_settings import OaiSettings
from server.sets.rules import SetInfo
from server.xmlio import escape, escape_attribute, without_forbidden

OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
EPRINTS = "http://www.openarchives.org/OAI/1.1/eprints"
IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
RIGHTS = "http://www.openarchives.org/OAI/2.0/rights/"
TRIAL_EMAILS = ("library@example.org",)
"""The protocol demands an address; outside production there may be none in the settings."""

_START = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">'
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What every answer says of itself. `arguments` are empty where the protocol wants none; `stylesheet` empty: no instruction."""

    base_url: str
    arguments: Mapping[str, str]
    stylesheet: str = ""
    granularity: str = SECONDS


def error(frame: Frame, errors: Sequence[tuple[ErrorCode, str]]) -> bytes:
    """One or several error conditions."""
    return _answer(frame, [f'<error code="{code}">{escape(without_forbidden(text))}</error>'.encode() for code, text in errors])


def identify(frame: Frame, settings: OaiSettings, name: str, earliest: datetime) -> bytes:
    """The description of the repository."""
    emails = settings.admin_emails or TRIAL_EMAILS
    parts = [
        "<Identify>", f"<repositoryName>{escape(without_forbidden(name))}</repositoryName>", f"<baseURL>{escape(frame.base_url)}</baseURL>",
        "<protocolVersion>2.0</protocolVersion>", *(f"<adminEmail>{escape(one)}</adminEmail>" for one in emails),
        f"<earliestDatestamp>{_stamp(int(earliest.timestamp()), frame.granularity)}</earliestDatestamp>",
        f"<deletedRecord>{settings.deleted_record}</deletedRecord>", f"<granularity>{frame.granularity}</granularity>",
        "<compression>gzip</compression>", *(f"<description>{one}</description>" for one in _descriptions(settings)), "</Identify>",
    ]  # fmt: skip
    return _answer(frame, ["".join(parts).encode()])


def metadata_formats(frame: Frame, formats: Iterable[MetadataFormat]) -> bytes:
    """The formats."""
    told = "".join(
        f"<metadataFormat><metadataPrefix>{escape(one.prefix)}</metadataPrefix><schema>{escape(one.schema)}</schema>"
        f"<metadataNamespace>{escape(one.namespace)}</metadataNamespace></metadataFormat>"
        for one in formats
    )
    return _answer(frame, [f"<ListMetadataFormats>{told}</ListMetadataFormats>".encode()])


def sets(frame: Frame, listed: SetsListed) -> bytes:
    """A page of sets."""
    told = "".join(map(_set, listed.sets))
    return _answer(frame, [f"<ListSets>{told}{_resumption(listed.resumption)}</ListSets>".encode()])


def record(frame: Frame, found: ItemRecord, rights: str) -> bytes:
    """One record."""
    return _answer(frame, [b"<GetRecord>", *_records([found], frame.granularity, rights), b"</GetRecord>"])


def records(frame: Frame, listed: Listed, rights: str) -> bytes:
    """A page of records."""
    parts = _records(listed.records, frame.granularity, rights)
    return _answer(frame, [b"<ListRecords>", *parts, _resumption(listed.resumption).encode(), b"</ListRecords>"])


def identifiers(frame: Frame, listed: Listed) -> bytes:
    """A page of headers."""
    parts = [_header(one.header, frame.granularity) for one in listed.records]
    return _answer(frame, ["".join(["<ListIdentifiers>", *parts, _resumption(listed.resumption), "</ListIdentifiers>"]).encode()])


def _answer(frame: Frame, parts: Sequence[bytes]) -> bytes:
    instruction = f'<?xml-stylesheet type="text/xsl" href="{escape_attribute(frame.stylesheet)}"?>\n' if frame.stylesheet else ""
    echoed = "".join(f' {name}="{escape_attribute(value)}"' for name, value in frame.arguments.items())
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    start = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{instruction}{_START}<responseDate>{now}</responseDate>'
        f"<request{echoed}>{escape(frame.base_url)}</request>"
    )
    return b"".join([start.encode(), *parts, b"</OAI-PMH>"])


@lru_cache(maxsize=4096)
def _stamp(seconds: int, granularity: str) -> str:
    stamp = EPOCH + timedelta(seconds=seconds)
    return stamp.strftime("%Y-%m-%dT%H:%M:%SZ" if granularity == SECONDS else "%Y-%m-%d")


def _header(header: Header, granularity: str) -> str:
    identifier, stamp, sets, deleted = header
    status = ' status="deleted"' if deleted else ""
    specs = "".join([f"<setSpec>{escape(one)}</setSpec>" for one in sets]) if sets else ""
    return (
        f"<header{status}><identifier>{escape(identifier)}</identifier><datestamp>{_stamp(stamp, granularity)}</datestamp>{specs}</header>"
    )


def _records(records: Iterable[ItemRecord], granularity: str, rights: str) -> list[bytes]:
    """The records as bytes to be joined."""
    end = b"</metadata>%b</record>" % _about(rights)
    parts = []
    for header, metadata, about in records:
        if metadata is None:
            parts.append(f"<record>{_header(header, granularity)}</record>".encode())
        else:
            parts += (f"<record>{_header(header, granularity)}<metadata>".encode(), metadata)
            parts.append(end if not about else end.replace(b"</record>", b"%b</record>" % about))
    return parts


def _resumption(resumption: Resumption | None) -> str:
    if resumption is None:
        return ""
    expires = f' expirationDate="{_stamp(resumption.expires, SECONDS)}"' if resumption.expires else ""
    return (
        f'<resumptionToken{expires} completeListSize="{resumption.total}" cursor="{resumption.cursor}">{resumption.token}</resumptionToken>'
    )


def _set(info: SetInfo) -> str:
    told = "".join(f"<setDescription>{_set_text(text)}</setDescription>" for text in info.descriptions)
    return f"<set><setSpec>{escape(info.spec)}</setSpec><setName>{escape(info.name)}</setName>{told}</set>"


def _set_text(text: str) -> str:
    """A text as Dublin Core; raw XML as it is."""
    if text.startswith("<"):
        return text
    return (
        f'<oai_dc:dc xmlns:oai_dc="{OAI_DC}" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xsi="{XSI}" '
        f'xsi:schemaLocation="{OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd">'
        f"<dc:description>{escape(without_forbidden(text))}</dc:description></oai_dc:dc>"
    )


def _about(rights: str) -> bytes:
    if not rights:
        return b""
    return (
        f'<about><rights xmlns="{RIGHTS}" xmlns:xsi="{XSI}" xsi:schemaLocation="{RIGHTS} http://www.openarchives.org/OAI/2.0/rights.xsd">'
        f'<rightsReference ref="{escape_attribute(rights)}"/></rights></about>'
    ).encode()


def _located(name: str, namespace: str, schema: str, content: str, attributes: str = "") -> str:
    return f'<{name} xmlns="{namespace}" xmlns:xsi="{XSI}" xsi:schemaLocation="{namespace} {schema}"{attributes}>{content}</{name}>'


def _descriptions(settings: OaiSettings) -> list[str]:
    """The containers of Identify (oai-pmh.md 18)."""
    found = []
    scheme, _, domain = settings.archive_id.partition(":")
    if scheme == "oai" and "." in domain:
        content = (
            f"<scheme>oai</scheme><repositoryIdentifier>{escape(domain)}</repositoryIdentifier><delimiter>:</delimiter>"
            f"<sampleIdentifier>oai:{escape(domain)}:1</sampleIdentifier>"
        )
        found.append(_located("oai-identifier", IDENTIFIER, "http://www.openarchives.org/OAI/2.0/oai-identifier.xsd", content))
    if settings.metadata_policy:
        text = f"<text>{escape(settings.metadata_policy)}</text>"
        content = f"<metadataPolicy>{text}</metadataPolicy><dataPolicy/>"
        found.append(_located("eprints", EPRINTS, "http://www.openarchives.org/OAI/1.1/eprints.xsd", content))
    if settings.branding.url:
        found.append(_branding(settings))
    if settings.friends:
        content = "".join(f"<baseURL>{escape(one)}</baseURL>" for one in settings.friends)
        found.append(_located("friends", f"{OAI}friends/", f"{OAI}friends.xsd", content))
    if settings.rights:
        content = f'<rightsReference ref="{escape_attribute(settings.rights)}"/>'
        applies = f' appliesTo="{OAI}entity#metadata"'
        manifest = _located("rightsManifest", RIGHTS, f"{OAI}rightsManifest.xsd", f"<rights>{content}</rights>", applies)
        found.append(manifest)
    return found + list(settings.descriptions)


def _branding(settings: OaiSettings) -> str:
    icon = settings.branding
    link = f"<link>{escape(icon.link)}</link>" if icon.link else ""
    title = f"<title>{escape(icon.title)}</title>" if icon.title else ""
    size = f"<width>{icon.width}</width><height>{icon.height}</height>"
    content = f"<collectionIcon><url>{escape(icon.url)}</url>{link}{title}{size}</collectionIcon>"
    return _located("branding", f"{OAI}branding/", f"{OAI}branding.xsd", content)
