"""Where the server listens: bound sockets, and the addresses to tell people."""

import errno
import socket

from server.errors import CannotStart
from server.settings import Settings


def bind(host: str, port: int, count: int = 1) -> list[list[socket.socket]]:
    """`count` times the bound sockets of an address (a name may have several numbers). Raises: CannotStart.

    A port that another program listens on is refused, even one that shares it: two installations must never mix answers.
    """
    first = _bind_once(host, port, shared=False)
    if count == 1:
        return [first]
    port = first[0].getsockname()[1]
    for one in first:
        one.close()
    return [_bind_once(host, port, shared=True) for _ in range(count)]


def _bind_once(host: str, port: int, *, shared: bool) -> list[socket.socket]:
    made: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in dict.fromkeys(found):
            one = socket.socket(family, kind, protocol)
            made.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((address[0], port, *address[2:]))
            one.setblocking(False)
            port = one.getsockname()[1]
    except OSError as error:
        for one in made:
            one.close()
        raise CannotStart(_why_not_bound(host, port, error)) from None
    return made


def _why_not_bound(host: str, port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"The address {host!r} is not known; set host to an address of this machine."
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} of {host} is in use by another program; choose another one (--port, or the setting port)."
        case errno.EACCES:
            return f"This user may not listen on port {port}; choose one above 1023."
        case errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine; set host to one that is."
    return f"Cannot listen on {host} port {port}: {error.strerror}."


def addresses(settings: Settings, port: int) -> list[str]:
    """Addresses to click, most useful first."""
    if settings.public_url:
        base = settings.public_url
    else:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
        base = f"http://[{host}]:{port}" if ":" in host.strip("[]") and not host.startswith("[") else f"http://{host}:{port}"
    return [f"{base}/", f"{base}/sru", f"{base}/status"]
