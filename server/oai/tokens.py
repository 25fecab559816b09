"""Resumption tokens: all that a list needs to go on, signed, and kept nowhere (oai-pmh.md 9).

A token is `PAYLOAD.MARK`: compact JSON and the first 16 bytes of its HMAC-SHA-256 under the key for "oai-token", each in base64url
without padding. Decoding is strict: the decoded parts are encoded again and must be the same text, because base64 has several
spellings for some bytes.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Literal

import orjson
from pydantic import SecretStr

from server.auth.secrets import Secrets
from server.oai_settings import OaiSettings

VERSION = 1
MARK_BYTES = 16
_FORM = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{22})")

Verb = Literal["ListRecords", "ListIdentifiers", "ListSets"]


class BadToken(Exception):
    """A text that is no token of ours, or one that is no longer good; the sentence says which."""


@dataclass(frozen=True, slots=True)
class Token:
    """Where a list goes on.

    `since`, `until`, `after_stamp` and `expires` are seconds since 1970 (`expires` 0: never); `until` is the frozen upper bound.
    `after_id`: OAI id of the last item sent. `cursor`: items sent so far. `total`: size of the complete list. `fingerprint`: of the
    definitions of set and format, so that a list never goes on by other rules than it began with.
    """

    verb: Verb
    prefix: str
    set_spec: str
    since: int
    until: int
    after_stamp: int
    after_id: str
    cursor: int
    total: int
    fingerprint: str
    expires: int


def token_secrets(settings: OaiSettings, secrets: Secrets) -> Secrets:
    """What tokens are signed with: `token_secret` and its earlier values, or else the server's secret."""
    earlier = tuple(_server_secret(one) for one in settings.token_secrets_old)
    if settings.token_secret.get_secret_value():
        return Secrets((_server_secret(settings.token_secret), *earlier))
    return secrets.and_earlier(earlier)


def _server_secret(given: SecretStr) -> bytes:
    """A secret of any length as 32 bytes, from which keys are derived."""
    return hashlib.sha256(given.get_secret_value().encode()).digest()


def write_token(token: Token, secrets: Secrets) -> str:
    """The token as text, of letters, digits and `._-`."""
    payload = orjson.dumps(
        [
            VERSION, token.verb, token.prefix, token.set_spec, token.since, token.until, token.after_stamp, token.after_id, token.cursor,
            token.total, token.fingerprint, token.expires,
        ]
    )  # fmt: skip
    return f"{_encoded(payload)}.{_encoded(secrets.mark('oai-token', payload)[:MARK_BYTES])}"


def read_token(text: str, secrets: Secrets, now: int) -> Token:
    """The token of a text. Raises: BadToken."""
    found = _FORM.fullmatch(text)
    if found is None or not text.isascii():
        raise BadToken("This is no resumption token of this server.")
    payload, mark = _decoded(found[1]), _decoded(found[2])
    if not secrets.is_marked("oai-token", payload, mark, MARK_BYTES):
        raise BadToken("This resumption token was not made by this server, or has been changed.")
    version, *values = orjson.loads(payload)
    if version != VERSION:
        raise BadToken("This resumption token is of an earlier release of this server; please begin the list again.")
    token = Token(*values)
    if token.expires and now > token.expires:
        raise BadToken("This resumption token has expired; please begin the list again.")
    return token


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise BadToken("This is no resumption token of this server.") from None
    if _encoded(data) != text:
        raise BadToken("This is no resumption token of this server.")
    return data
