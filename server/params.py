"""Strict readers for query and form parameters.

Values come as text that every answer can carry: what is not UTF-8, or has characters that XML 1.0 forbids, is replaced by
U+FFFD and its name is remembered, so that a room can refuse it in its own words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from server.errors import BadEncoding, BadParameter, MissingParameter

# XML 1.0, production 2: everything that is not a Char. Text decoded from UTF-8 has no surrogates.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
MOST_PARAMETERS = 1_000


@dataclass(slots=True)
class Parameters(Mapping[str, str]):
    """Parameters of one request; names are case-sensitive, and the first value of a name counts.

    `pairs`: all (name, value) in the order of the request. `first`: name -> first value, in order of first appearance.
    `repeated`: names that came more than once. `unreadable`: names whose value (or which themselves) had to be mended.
    """

    pairs: tuple[tuple[str, str], ...]
    first: dict[str, str]
    repeated: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        return self.first[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.first)

    def __len__(self) -> int:
        return len(self.first)

    def all(self, name: str) -> list[str]:
        """Every value of a name, in order; empty when it was not sent."""
        return [value for own, value in self.pairs if own == name]

    def text(self, name: str) -> str:
        """The value of a mandatory parameter. Raises: MissingParameter, BadEncoding."""
        if name not in self.first:
            raise MissingParameter(name)
        if name in self.unreadable:
            raise BadEncoding(name)
        return self.first[name]

    def whole_number(self, name: str, default: int, minimum: int = 0, maximum: int = 2**31 - 1) -> int:
        """A number of decimal digits 0-9 only; values over `maximum` are clipped. Raises: BadParameter."""
        value = self.first.get(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdigit()):
            raise BadParameter(f"The parameter `{name}` must be a whole number, not {_short(value)!r}.", name=name, value=value)
        digits = value.lstrip("0")
        number = int(digits or "0") if len(digits) <= 18 else maximum
        if number < minimum:
            raise BadParameter(f"The parameter `{name}` must be at least {minimum}, not {number}.", name=name, value=value)
        return min(number, maximum)

    def one_of(self, name: str, allowed: Sequence[str], default: str) -> str:
        """One of a closed list of words, case-sensitive. Raises: BadParameter."""
        value = self.first.get(name, default)
        if value not in allowed and name in self.first:
            words = ", ".join(f"`{word}`" for word in allowed)
            raise BadParameter(f"The parameter `{name}` is {_short(value)!r}; it can be {words}.", name=name, value=value)
        return value


def _short(value: str) -> str:
    return value if len(value) <= 50 else f"{value[:50]}..."


def read_parameters(*encoded: str | bytes) -> Parameters:
    """Reads `application/x-www-form-urlencoded` text: a raw query string, a form body, or several after each other.

    Percent-decoding, then UTF-8; `+` means blank. Raises: BadParameter for more than 1,000 parameters.
    """
    pairs: list[tuple[str, str]] = []
    first: dict[str, str] = {}
    repeated: dict[str, None] = {}
    unreadable: dict[str, None] = {}
    for text in encoded:
        if isinstance(text, bytes):
            text = text.decode("utf-8", "surrogateescape")  # noqa: PLW2901
        pieces = text.split("&")
        if len(pieces) > MOST_PARAMETERS:
            raise BadParameter(f"There are more than {MOST_PARAMETERS} parameters.", name="", value="")
        for piece in pieces:
            if not piece:
                continue
            name, _, value = piece.partition("=")
            if "%" in piece or "+" in piece or not piece.isprintable():
                name, name_is_good = _decode(name)
                value, value_is_good = _decode(value)
                if not (name_is_good and value_is_good):
                    unreadable[name] = None
            if name in first:
                repeated[name] = None
            else:
                first[name] = value
            pairs.append((name, value))
    return Parameters(tuple(pairs), first, tuple(repeated), tuple(unreadable))


def _decode(encoded: str) -> tuple[str, bool]:
    """The text, and whether it needed no mending."""
    text = encoded.replace("+", " ")
    is_good = True
    if "%" in text or not text.isascii():
        raw = unquote_to_bytes(text.encode("utf-8", "surrogateescape"))
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text, is_good = raw.decode(errors="replace"), False
    if not text.isprintable() and FORBIDDEN.search(text):
        return FORBIDDEN.sub("\ufffd", text), False
    return text, is_good


def accepted(header: str, offered: Sequence[str]) -> str | None:
    """Which of the `offered` media types an Accept header wants most (RFC 9110, 12.5.1); None when it wants none of them.

    Among equals the first offered wins; a header without a range accepts everything; a malformed range is passed over. What Java
    sends is read too: `*` for anything, and weights without their zero (`q=.2`).
    """
    ranges = list(_ranges(header))
    if not ranges:
        return offered[0] if offered else None
    best, best_quality = None, 0.0
    for media_type in offered:
        quality = max(((precision, q) for pattern, q in ranges if (precision := _precision(pattern, media_type))), default=(0, 0.0))[1]
        if quality > best_quality:
            best, best_quality = media_type, quality
    return best


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(","):
        media_range, *options = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for option in options:
            if option.startswith("q="):
                quality = float(option[2:]) if re.fullmatch(r"[01](\.[0-9]{0,3})?|\.[0-9]{1,3}", option[2:]) else 0.0
        if media_range:
            yield media_range, quality


def _precision(pattern: str, media_type: str) -> int:
    """How precisely a media range names a media type: 3 exactly, 2 by its first half, 1 by any, 0 not at all."""
    if pattern == media_type:
        return 3
    if pattern == f"{media_type.partition('/')[0]}/*":
        return 2
    return 1 if pattern in {"*/*", "*"} else 0
