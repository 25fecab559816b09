"""Volume, issue and pages of an article, from the citation of its host (MARC 21 773 $g and $q, UNIMARC 461-463 $v)."""

import re
from dataclasses import dataclass

_SICI = re.compile(r"\s*(?P<volume>[0-9A-Za-z]+)?(?::(?P<issue>[0-9A-Za-z/-]+))?(?::[0-9A-Za-z/-]+)*(?:<(?P<page>[0-9A-Za-z]+))?\s*")
_VOLUME = re.compile(r"(?<![a-z])(?:vol(?:ume)?|v|bd|band|t|tome|årg|jahrg|jg|año|anno)\b\.?\s*([0-9]+[a-z]?)", re.IGNORECASE)
_ISSUE = re.compile(
    r"(?<![a-z])(?:(?:no|nr|num|número|issue|iss|heft|h|häfte|fasc|pt)\b|n[°º])\.?\s*([0-9]+(?:[/-][0-9]+)?)", re.IGNORECASE
)
_PAGES = re.compile(r"(?<![a-z])(?:pp?|pages?|s|seiten?|sid(?:or|a)?)\b\.?\s*([0-9]+[a-z]?)(?:\s*[-–]\s*([0-9]+[a-z]?))?", re.IGNORECASE)
_COMPACT = re.compile(r"\s*([0-9]+)\s*[(:]\s*(?:[12][0-9]{3}\s*\)?\s*[:,]\s*)?([0-9]+(?:[/-][0-9]+)?)(?![0-9]{2,})\)?")
_LAST_RANGE = re.compile(r"([0-9]+)\s*[-–]\s*([0-9]+)\s*\.?\s*$")


@dataclass(frozen=True, slots=True)
class HostPart:
    """Where in its host a part stands; empty strings for what is not said."""

    volume: str = ""
    issue: str = ""
    start_page: str = ""
    end_page: str = ""


def read_host_part(citation: str, enumeration: str = "") -> HostPart:
    """Reads "Vol. 24, no. 3 (May 1999), p. 12-34", "24(1999):3, s. 12-34" and the like.

    `enumeration` ($q, `24:3<12`) counts before the citation for volume, issue and first page.
    """
    volume = _group(_VOLUME, citation)
    issue = _group(_ISSUE, citation)
    if not volume and not issue and (compact := _COMPACT.match(citation)):
        volume, issue = compact.group(1), compact.group(2)
    pages = _PAGES.search(citation) or _LAST_RANGE.search(citation)
    start, end = (pages.group(1), pages.group(2) or "") if pages else ("", "")
    if start and end and len(end) < len(start) and (start + end).isdigit():
        end = start[: len(start) - len(end)] + end
    sici = _SICI.fullmatch(enumeration) if enumeration else None
    if sici:
        volume, issue = sici["volume"] or volume, sici["issue"] or issue
        start = sici["page"] or start
    return HostPart(volume, issue, start, end)


def _group(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(1) if found else ""
