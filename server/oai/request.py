"""From parameters to one question, and every error that the parameters alone can have (oai-pmh.md 2 and 4)."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from server.params import Parameters

ErrorCode = Literal[
    "badArgument", "badResumptionToken", "badVerb", "cannotDisseminateFormat", "idDoesNotExist", "noMetadataFormats", "noRecordsMatch",
    "noSetHierarchy",
]  # fmt: skip
ListVerb = Literal["ListRecords", "ListIdentifiers"]

SECONDS = "YYYY-MM-DDThh:mm:ssZ"
MOST_ECHOED = 200
_LAST_SECOND = 86_399

# verb -> (required, optional, whether a resumptionToken can stand alone)
VERBS: Mapping[str, tuple[frozenset[str], frozenset[str], bool]] = {
    "Identify": (frozenset(), frozenset(), False),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"}), False),
    "ListSets": (frozenset(), frozenset(), True),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset(), False),
    "ListIdentifiers": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"}), True),
    "ListRecords": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"}), True),
}

_NAME = r"[A-Za-z0-9\-_.!~*'()]+"
PREFIX = re.compile(_NAME)
_SET = re.compile(f"{_NAME}(?::{_NAME})*")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")
_DAY = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SECOND = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")


class OaiError(Exception):
    """What the protocol calls an error condition: one or several (code, text)."""

    def __init__(self, *errors: tuple[ErrorCode, str]) -> None:
        super().__init__("; ".join(f"{code}: {text}" for code, text in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Identify:
    """Asks for the repository's description."""


@dataclass(frozen=True, slots=True)
class ListMetadataFormats:
    """Asks for the formats of the repository, or of one item."""

    identifier: str | None


@dataclass(frozen=True, slots=True)
class ListSets:
    """Asks for the sets."""


@dataclass(frozen=True, slots=True)
class GetRecord:
    """Asks for one record in one format."""

    identifier: str
    prefix: str


@dataclass(frozen=True, slots=True)
class ListItems:
    """Asks for the first page of a list. `since` and `until`: seconds since 1970, both included; None: open."""

    verb: ListVerb
    prefix: str
    since: int | None
    until: int | None
    set_spec: str | None


@dataclass(frozen=True, slots=True)
class Resume:
    """Asks for the next page of a list."""

    verb: Literal["ListRecords", "ListIdentifiers", "ListSets"]
    token: str


Asked = Identify | ListMetadataFormats | ListSets | GetRecord | ListItems | Resume


def read(sent: Parameters, granularity: str) -> Asked:
    """The question. Raises: OaiError with badVerb or badArgument; for the latter with every argument that is wrong."""
    verb = _verb(sent)
    required, optional, is_list = VERBS[verb]
    problems = list(_misplaced(sent, verb, required, optional, is_list))
    if problems:
        raise OaiError(*(("badArgument", text) for text in problems))
    if "resumptionToken" in sent:
        if not sent["resumptionToken"]:
            raise OaiError(("badArgument", "The argument resumptionToken is empty."))
        return Resume(verb, sent["resumptionToken"])  # type: ignore[arg-type]
    problems = list(_malformed(sent))
    since, until = _bounds(sent, granularity, problems)
    if problems:
        raise OaiError(*(("badArgument", text) for text in problems))
    match verb:
        case "Identify":
            return Identify()
        case "ListMetadataFormats":
            return ListMetadataFormats(sent.get("identifier"))
        case "ListSets":
            return ListSets()
        case "GetRecord":
            return GetRecord(sent["identifier"], sent["metadataPrefix"])
        case _:
            return ListItems(verb, sent["metadataPrefix"], since, until, sent.get("set"))  # type: ignore[arg-type]


def short(value: str) -> str:
    """A value of a client as far as it is echoed in an error's text."""
    return value if len(value) <= MOST_ECHOED else f"{value[:MOST_ECHOED]}..."


def _verb(sent: Parameters) -> str:
    if not sent.get("verb"):
        raise OaiError(("badVerb", f"The argument verb is missing; it can be {', '.join(VERBS)}."))
    if "verb" in sent.repeated:
        raise OaiError(("badVerb", "The argument verb is there more than once."))
    if sent["verb"] not in VERBS or "verb" in sent.unreadable:
        raise OaiError(("badVerb", f"There is no verb {short(sent['verb'])!r}; there are {', '.join(VERBS)}."))
    return sent["verb"]


def _misplaced(sent: Parameters, verb: str, required: frozenset[str], optional: frozenset[str], is_list: bool) -> list[str]:
    """Sentences about arguments that are unknown, repeated, unreadable, missing, or do not go together."""
    known = required | optional | {"verb"} | ({"resumptionToken"} if is_list else set())
    problems: list[str] = []
    for name in sent:
        if name not in known:
            problems.append(f"The argument {short(name)!r} does not belong to {verb}.")
        elif name in sent.repeated:
            problems.append(f"The argument {name} is there more than once.")
        elif name in sent.unreadable:
            problems.append(f"The argument {name} is not UTF-8 text, or holds characters that XML cannot carry.")
    if "resumptionToken" in sent:
        others = sorted(name for name in sent if name in known - {"verb", "resumptionToken"})
        problems += [f"The argument {name} cannot stand beside resumptionToken." for name in others]
    else:
        problems += [f"{verb} needs the argument {name}." for name in sorted(required) if name not in sent]
    return problems


def _malformed(sent: Parameters) -> list[str]:
    problems: list[str] = []
    for name, grammar in (("metadataPrefix", PREFIX), ("set", _SET), ("identifier", _IDENTIFIER)):
        if name in sent and not grammar.fullmatch(sent[name]):
            problems.append(f"The argument {name} cannot be {short(sent[name])!r}.")
    return problems


def _bounds(sent: Parameters, granularity: str, problems: list[str]) -> tuple[int | None, int | None]:
    """`from` and `until` as seconds; what is wrong with them is added to `problems`."""
    found: dict[str, int] = {}
    for name in ("from", "until"):
        if name in sent:
            seconds = _seconds(sent[name], name)
            if seconds is None:
                problems.append(f"The argument {name} is {short(sent[name])!r}; it must be a date as {granularity} or YYYY-MM-DD.")
            else:
                found[name] = seconds
                if len(sent[name]) > len("YYYY-MM-DD") and granularity != SECONDS:
                    problems.append(f"The argument {name} is finer than this repository's granularity {granularity}.")
    if len(found) == 2:
        if len(sent["from"]) != len(sent["until"]):
            problems.append("The arguments from and until must have the same granularity.")
        elif found["from"] > found["until"]:
            problems.append("The argument from is later than until.")
    return found.get("from"), found.get("until")


def _seconds(text: str, name: str) -> int | None:
    """Seconds since 1970; the first one of a day for `from`, the last one for `until`. None: no such time."""
    found = _DAY.fullmatch(text) or _SECOND.fullmatch(text)
    if found is None:
        return None
    year, month, day, *clock = map(int, found.groups())
    if not (year and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    midnight = calendar.timegm((year, month, day, 0, 0, 0))
    if not clock:
        return midnight + (_LAST_SECOND if name == "until" else 0)
    hours, minutes, seconds = clock
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return midnight + 3600 * hours + 60 * minutes + seconds
