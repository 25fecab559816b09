"""Which stylesheet an answer names.

The value ends up in a processing instruction that browsers obey, so only addresses of our own host, of hosts that the
settings name, and relative ones are let through (section 11.1); anything else is diagnostic 111 and no instruction.
"""

import re
from urllib.parse import urlsplit

from server.settings import SruSettings
from server.sru.diagnostics import Diagnostic

# RFC 3986: the characters an address may hold. Neither blanks, quotes, angle brackets nor backslashes are among them.
_ADDRESS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,2000}")


def choose_stylesheet(value: str | None, host: str, settings: SruSettings) -> tuple[str, Diagnostic | None]:
    """The address for the instruction (empty: none) and the diagnostic if the one asked for was refused.

    `value`: the parameter, None when it was not sent (the default stylesheet), empty to switch it off.
    """
    if value is None:
        return settings.stylesheet, None
    if not value or is_allowed(value, host, settings):
        return value, None
    return "", Diagnostic(111, value, "Only stylesheets of this server, or of hosts that it knows, can be named.")


def is_allowed(address: str, host: str, settings: SruSettings) -> bool:
    """Whether a browser may be sent to this address for a stylesheet."""
    if not _ADDRESS.fullmatch(address):
        return False
    try:
        parts = urlsplit(address)
        name = parts.netloc.lower()
    except ValueError:
        return False
    if not parts.scheme and not name:
        return not address.startswith("//")
    known = {host.lower(), *(own.lower() for own in settings.stylesheet_hosts)}
    return parts.scheme in {"", "http", "https"} and bool(name) and name in known
