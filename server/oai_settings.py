"""Settings of the OAI-PMH provider (`oai.`), with Koha's preference where it has one in the description.

What the sets and formats mean is checked where they are used (`server.sets`, `server.oai.formats`), at start-up.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PrivateAttr, SecretStr, field_validator

from indexer.record import Format
from server.setting_types import Section, structured

_MAIL = re.compile(r"[^\s@]{2,}@(?:[^\s@.]+\.)+[^\s@.]+")
_PLACE = re.compile(r"[0-9A-Za-z]{3}(?:\$?[0-9a-z])?")
TOKEN_SECRET_BYTES = 16
_ARCHIVE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?::[A-Za-z0-9\-._~:/?#@!$&*+,;=]+)?")


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


def _mail(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not _MAIL.fullmatch(value) or value.endswith("@localhost"):
            raise ValueError(f"{value!r} is no mail address such as library@example.org")
    return values


def _words(value: Any) -> Any:
    return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value


def _address(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("it must be an http or https address without query, such as https://catalogue.example.org/oai")
    return value


def _archive(value: str) -> str:
    if not _ARCHIVE.fullmatch(value):
        raise ValueError("it must begin like an address, such as KOHA-OAI-TEST or oai:catalogue.example.org")
    return value


def _record_address(value: str) -> str:
    if value and "{id}" not in value:
        raise ValueError("it must have {id} in it, such as https://catalogue.example.org/record/{id}")
    return value


def _days(value: int) -> int:
    if value and value < 86_400:
        raise ValueError("a token lives at least a day (86400), or for ever (0)")
    return value


def _secrets(value: Any) -> Any:
    return [one for one in _words(value) if one] if isinstance(value, str | list | tuple) else value


def _long_enough(value: SecretStr) -> SecretStr:
    size = len(value.get_secret_value().encode())
    if size and size < TOKEN_SECRET_BYTES:
        raise ValueError(f"it must have at least {TOKEN_SECRET_BYTES} bytes; `openssl rand -hex 32` makes a good one")
    return value


def _places(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not _PLACE.fullmatch(value):
            raise ValueError(f"{value!r} is no place in a record; write tag$code, such as 999$c, or a tag such as 001")
    return tuple(value if len(value) != 4 else f"{value[:3]}${value[3]}" for value in values)


def _texts(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class OaiMapping(Section):
    """One of Koha's mapping rules. `marcvalue` is a regular expression for a whole value."""

    rule_operator: Literal["or", "and"] = Field(default="or", description="how it is joined with the rule before; and binds tighter")
    marcfield: str = Field(pattern=r"^[0-9A-Za-z]{3}$", description="tag")
    marcsubfield: str = Field(default="", pattern=r"^[0-9a-z]?$", description="subfield code; empty for a control field")
    operator: Literal["equal", "notequal", ""] = Field(default="equal", description="notequal: no such subfield has the value")
    marcvalue: str = Field(max_length=80, description="regular expression")


class OaiSet(Section):
    """A set: by CQL or by Koha's mapping rules."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    spec: str = Field(alias="setSpec", max_length=80, description="setSpec; a:b lies within a")
    name: str = Field(alias="setName", min_length=1, max_length=80, description="setName")
    description: Annotated[tuple[str, ...], BeforeValidator(_texts)] = Field(
        default=(), alias="setDescription", description="text or raw XML, one or several"
    )
    cql: str = Field(default="", description="query that its records are found with")
    mappings: tuple[OaiMapping, ...] = Field(default=(), description="Koha's rules")
    _unseen: Mapping[Format, str] = PrivateAttr(default_factory=dict)

    @property
    def unseen(self) -> Mapping[Format, str]:
        """Tag of the item fields by format, where mapping rules do not see them; else nothing."""
        return self._unseen

    def see_without(self, tags: Mapping[Format, str]) -> None:
        """From now on its rules do not see fields with these tags (by format)."""
        self._unseen = dict(tags)


class OaiBranding(Section):
    """The collection's icon in Identify."""

    url: str = Field(default="", description="address of an icon, 88 by 31 pixels as a rule; empty: no branding")
    link: str = Field(default="", description="address it leads to")
    title: str = Field(default="", description="its title")
    width: int = Field(default=88, ge=1, description="pixels")
    height: int = Field(default=31, ge=1, description="pixels")


class OaiSettings(Section):
    """OAI-PMH provider."""

    enabled: bool = Field(default=True, description="offer OAI-PMH (Koha: OAI-PMH)")
    base_url: Annotated[str, AfterValidator(_address)] = Field(
        default="", description="address that harvesters are told; empty: public_url and /oai, required in production"
    )
    repository_name: str = Field(default="", description="empty: library_name")
    admin_emails: Annotated[tuple[str, ...], BeforeValidator(_words), AfterValidator(_mail)] = Field(
        default=(), description="mail addresses of those who answer for it; required in production"
    )
    archive_id: Annotated[str, AfterValidator(_archive)] = Field(
        default="KOHA-OAI-TEST", description="first part of every identifier (Koha: OAI-PMH:archiveID)"
    )
    max_count: int = Field(default=50, ge=1, le=1000, description="records of a page (Koha: OAI-PMH:MaxCount); 100 to 500 recommended")
    deleted_record: Literal["persistent", "transient", "no"] = Field(default="persistent", description="Koha: OAI-PMH:DeletedRecord")
    tombstone_days: int = Field(default=365, ge=1, description="days for which deletions are shown when transient")
    conf_file: Path | None = Field(default=None, description="formats, as Koha's OAI-PMH:ConfFile; empty: the built-in ones")
    sets: Annotated[tuple[OaiSet, ...], BeforeValidator(structured)] = Field(
        default=(), description="sets, by CQL or by Koha's mapping rules"
    )
    auto_update_sets: bool = Field(
        default=True,
        description="decide memberships when records are loaded; off: by `hylla oai update-sets` alone (Koha: OAI-PMH:AutoUpdateSets)",
    )
    auto_update_sets_embed_items: bool = Field(
        default=False, description="mapping rules see the item fields of records (Koha: OAI-PMH:AutoUpdateSetsEmbedItemData)"
    )
    sets_touch: bool = Field(
        default=True, description="a record that comes into a set or leaves one gets a new datestamp, so that harvests of the set see it"
    )
    sets_leave_as_deleted: bool = Field(
        default=False,
        description="in lists of a set, records that have left it stand as deleted; off: they are not listed, since who harvests several "
        "sets into one place would lose what is still in another",
    )
    granularity: Literal["YYYY-MM-DDThh:mm:ssZ", "YYYY-MM-DD"] = Field(default="YYYY-MM-DDThh:mm:ssZ", description="of datestamps")
    token_secret: Annotated[SecretStr, AfterValidator(_long_enough)] = Field(
        default=SecretStr(""), description="signs resumption tokens; empty: a key made of secret_key does"
    )
    token_secrets_old: Annotated[tuple[Annotated[SecretStr, AfterValidator(_long_enough)], ...], BeforeValidator(_secrets)] = Field(
        default=(), description="earlier values of token_secret, whose tokens are still good"
    )
    token_ttl: Annotated[int, Field(ge=0), AfterValidator(_days)] = Field(
        default=604_800, description="seconds for which a resumption token is good; 0: for ever"
    )
    visibility_delay: int = Field(default=5, ge=0, le=600, description="seconds after which a change is listed, so that none is missed")
    record_id: Annotated[tuple[str, ...], BeforeValidator(_words), AfterValidator(_places)] = Field(
        default=(), description="where new records have the number of their identifier; empty: 999$c, 001 (UNIMARC 001, 090$9, 090$a)"
    )
    record_url: Annotated[str, AfterValidator(_record_address)] = Field(
        default="", description="address of a record for people with {id} in it; becomes an identifier in Dublin Core"
    )
    opac_base_url: str = Field(default="", description="handed to stylesheets as OPACBaseURL (Koha: OPACBaseURL)")
    descriptions: Annotated[tuple[str, ...], BeforeValidator(_one_or_more)] = Field(
        default=(), description="further description containers of Identify, raw XML"
    )
    rights: str = Field(default="", description="address of the licence of the metadata, told in Identify and with each record")
    branding: OaiBranding = Field(default=OaiBranding(), description="icon")
    friends: Annotated[tuple[str, ...], BeforeValidator(_words)] = Field(default=(), description="base URLs of befriended repositories")
    metadata_policy: str = Field(default="", description="eprints container: what may be done with the metadata; empty: no container")
    authorised_values: Annotated[dict[str, dict[str, str]], BeforeValidator(structured)] = Field(
        default={}, description='for formats with expanded_avs: {"952a": {CPL: Centerville}}, tag and subfield to code to text'
    )
    max_parallel: int = Field(default=8, ge=1, le=1000, description="list requests at a time and process; more get 503")
    search_timeout: float = Field(default=20.0, gt=0, description="seconds before a list is given up with 503")

    @property
    def sets_at_load(self) -> tuple[OaiSet, ...]:
        """The sets whose memberships a load decides."""
        return self.sets if self.auto_update_sets else ()

    @field_validator("conf_file", mode="before")
    @classmethod
    def _no_file(cls, value: Any) -> Any:
        return None if value == "" else value
