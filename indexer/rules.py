"""The rules of the field table: which subfields of which MARC field are a value.

A rule is written short or long. Short form, a superset of Koha's:

    rule = tag [ ind ] [ subs ] [ "_/" from [ "-" to ] ]
    tag  = 3 characters, "." stands for any: "6..", "24."; or "leader"
    ind  = "[" c c "]"    one character per indicator, "." any, "#" blank: 245[.0]a
    subs = codes and "(" codes ")" groups; a code alone: each such subfield is a value; a group: the subfields of the
           group joined by one blank are one value; nothing: each subfield is a value; "(*)": all subfields joined
    "_/" = characters of each value, counted from 0, both ends included

"All" subfields are the alphabetic ones without the control subfields $u and $w, and without $0-$9; a rule that wants one of
these names it. The long form is a mapping with the keys of `LONG_KEYS`. Source: our indexing specification, section 2.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

ALL_CODES = frozenset("abcdefghijklmnopqrstvxyz")
"""What "every subfield" means: a-z without $u (address) and $w (number of another record)."""

LONG_KEYS = frozenset(
    {
        "tag", "take", "ind1", "ind2", "when", "range", "split", "pipe", "translate", "first", "to", "link", "prefix", "default",
        "type", "sort", "facet", "suggest", "anywhere", "source", "normalise", "value",
    }
)  # fmt: skip

_SHORT = re.compile(
    r"(?P<tag>leader|[0-9A-Za-z.]{3})"
    r"(?:\[(?P<ind>[0-9A-Za-z#. ]{2})\])?"
    r"(?P<subs>(?:[0-9A-Za-z]|\([0-9A-Za-z]+\)|\(\*\))*)"
    r"(?:_/(?P<from>[0-9]+)(?:-(?P<to>[0-9]+))?)?"
)
_PIECE = re.compile(r"\((?P<group>[0-9A-Za-z]+|\*)\)|(?P<single>[0-9A-Za-z])")


class RuleError(ValueError):
    """A rule that cannot be read; the sentence names the offending piece."""


@dataclass(frozen=True, slots=True)
class Take:
    """One way of taking values from a field: `codes` joined into one value, or each a value of its own."""

    codes: frozenset[str]
    joined: bool


@dataclass(frozen=True, slots=True)
class When:
    """Conditions on a field, all of which must hold.

    `ind1`, `ind2`: characters allowed, empty when any is ("#" has become a blank). `has`: one of these subfields is there,
    `not_has`: none of these is. `code` with `equals` or `matches`: some subfield `code` has one of the texts, or matches the
    expression from its start (without `code`: the text of a control field). `relator`: codes, given by $4 or told by $e.
    """

    ind1: str = ""
    ind2: str = ""
    has: str = ""
    not_has: str = ""
    code: str = ""
    equals: tuple[str, ...] = ()
    matches: str = ""
    relator: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, read and checked. `text` is how it was written (for `explain`).

    `tag` may hold "." wildcards; it is empty when `source` names a special function instead. `value`: the value of every field
    that meets the conditions, whatever its subfields. `normalise`: a normaliser instead of that of the field. `words` and
    `values` say whether the values feed the tokens and the whole values of the field; `sort` and `anywhere` whether they feed
    these.
    """

    text: str
    tag: str = ""
    takes: tuple[Take, ...] = ()
    when: When = field(default_factory=When)
    start: int | None = None
    end: int | None = None
    split: str | int | None = None
    pipe: tuple[str, ...] = ()
    translate: tuple[tuple[str, str], ...] = ()
    first: bool = False
    to: str = ""
    link: str = ""
    prefix: str = ""
    default: str = ""
    source: str = ""
    value: str = ""
    normalise: str = ""
    words: bool = True
    values: bool = True
    sort: bool = True
    anywhere: bool | None = None


def read_rules(entry: object) -> tuple[Rule, ...]:
    """The rules of one entry of a rule list: a short rule (str) or a long one (mapping), which may name a list of tags.

    Raises: RuleError.
    """
    match entry:
        case str():
            return (_short(entry),)
        case Mapping():
            if isinstance(entry.get("tag"), list):
                return tuple(_long({**entry, "tag": tag}) for tag in entry["tag"])
            return (_long(entry),)
        case int():
            raise RuleError(f"a rule made of digits alone needs quotation marks, YAML has read it as the number {entry}")
        case _:
            raise RuleError(f"a rule is a text such as 245(abnp) or a mapping with `tag`, not {entry!r}")


def parse_takes(text: str) -> tuple[Take, ...]:
    """The `subs` part of a rule; an empty text is every subfield by itself.

    Raises: RuleError.
    """
    if not text:
        return (Take(ALL_CODES, joined=False),)
    takes: list[Take] = []
    at = 0
    singles: set[str] = set()
    for found in _PIECE.finditer(text):
        if found.start() != at:
            break
        at = found.end()
        group = found["group"]
        if group is None:
            singles.add(found["single"])
            if len(singles) > 1:
                takes[-1] = Take(frozenset(singles), joined=False)
            else:
                takes.append(Take(frozenset(singles), joined=False))
        else:
            singles = set()
            takes.append(Take(ALL_CODES if group == "*" else frozenset(group), joined=True))
    if at != len(text):
        raise RuleError(f"subfields `{text}` cannot be read at `{text[at:]}`; they are codes and groups such as a(bc)")
    return tuple(takes)


def _short(text: str) -> Rule:
    found = _SHORT.fullmatch(text)
    if found is None:
        raise RuleError(f"rule `{text}` cannot be read; rules look like 245(abnp), 650[.0]a, 008_/35-37, leader_/6")
    if found["tag"] == "leader" and (found["subs"] or found["ind"]):
        raise RuleError(f"rule `{text}`: the leader has neither indicators nor subfields; write leader_/6")
    ind = found["ind"] or ".."
    start, end = found["from"], found["to"]
    if start is not None and end is not None and int(end) < int(start):
        raise RuleError(f"rule `{text}` ends its character range before it starts")
    when = When(ind1=_indicators(ind[0]), ind2=_indicators(ind[1]))
    return Rule(
        text=text, tag=found["tag"], takes=parse_takes(found["subs"]), when=when,
        start=None if start is None else int(start), end=None if start is None else int(end or start),
    )  # fmt: skip


def _indicators(allowed: str) -> str:
    return "" if allowed == "." else allowed.replace("#", " ")


def _long(entry: Mapping[Any, Any]) -> Rule:
    unknown = sorted(str(key) for key in entry if key not in LONG_KEYS)
    if unknown:
        raise RuleError(f"a rule has no key `{unknown[0]}`; known are {', '.join(sorted(LONG_KEYS))}")
    if ("tag" in entry) == ("source" in entry):
        raise RuleError("a long rule has either `tag` or `source`")
    rule = Rule(text=str(entry["source"]), source=str(entry["source"])) if "source" in entry else _tagged(entry)
    kind = entry.get("type")
    listed = entry.get("facet", True) and entry.get("suggest", True)
    if kind not in {None, "text", "keyword"}:
        raise RuleError(f"`type` of a rule is text (words only) or keyword (whole values only), not {kind}")
    return replace(
        rule,
        pipe=_strings(entry.get("pipe", ())),
        translate=tuple((str(old), str(new)) for old, new in _mapping(entry, "translate").items()),
        first=bool(entry.get("first", False)),
        to=str(entry.get("to", "")),
        prefix=str(entry.get("prefix", "")),
        default=str(entry.get("default", "")),
        value=str(entry.get("value", "")),
        normalise=str(entry.get("normalise", "")),
        words=kind != "keyword",
        values=kind != "text" and bool(listed),
        sort=bool(entry.get("sort", True)),
        anywhere=entry.get("anywhere"),
    )


def _tagged(entry: Mapping[Any, Any]) -> Rule:
    tag = entry["tag"]
    if not isinstance(tag, str) or re.fullmatch(r"leader|[0-9A-Za-z.]{3}", tag) is None:
        raise RuleError(f"`tag` is a text of three characters, in quotation marks, not {tag!r}")
    when = _when(_mapping(entry, "when"))
    if "ind1" in entry:
        when = replace(when, ind1=str(entry["ind1"]).replace("#", " "))
    if "ind2" in entry:
        when = replace(when, ind2=str(entry["ind2"]).replace("#", " "))
    start, end = _range(entry.get("range"))
    split = entry.get("split")
    if isinstance(split, str):
        _checked_expression(split)
    take = str(entry.get("take", ""))
    return Rule(
        text=f"{tag}{take}", tag=tag, takes=parse_takes(take), when=when, start=start, end=end, split=split, link=str(entry.get("link", ""))
    )


def _mapping(entry: Mapping[Any, Any], key: str) -> dict[str, Any]:
    given = entry.get(key) or {}
    if not isinstance(given, Mapping):
        raise RuleError(f"`{key}` is a mapping, not {given!r}")
    return dict(given)


def _range(given: object) -> tuple[int | None, int | None]:
    if given is None:
        return None, None
    if isinstance(given, int) and not isinstance(given, bool):
        return given, given
    found = re.fullmatch(r"([0-9]+)-([0-9]+)", str(given))
    if found is None or int(found[2]) < int(found[1]):
        raise RuleError(f"`range` is a position or two joined by a hyphen, such as 35-37, not {given!r}")
    return int(found[1]), int(found[2])


def _when(given: dict[str, Any]) -> When:
    subfield = given.pop("subfield", None) or {}
    unknown = sorted(str(key) for key in given if key not in {"ind1", "ind2", "has", "not_has", "matches", "relator"})
    if unknown:
        raise RuleError(f"`when` knows no `{unknown[0]}`; it has ind1, ind2, has, not_has, matches, relator and subfield")
    if not isinstance(subfield, Mapping) or (subfield and "code" not in subfield):
        raise RuleError("`when.subfield` is a mapping with `code` and one of `equals` and `matches`")
    matches = str(subfield.get("matches", given.get("matches", "")))
    _checked_expression(matches)
    return When(
        ind1=str(given.get("ind1", "")).replace("#", " "), ind2=str(given.get("ind2", "")).replace("#", " "),
        has=str(given.get("has", "")), not_has=str(given.get("not_has", "")),
        code=str(subfield.get("code", "")), equals=_strings(subfield.get("equals", ())), matches=matches,
        relator=_strings(given.get("relator", ())),
    )  # fmt: skip


def _checked_expression(expression: str) -> None:
    try:
        re.compile(expression)
    except re.error as error:
        raise RuleError(f"`{expression}` is no regular expression: {error}") from error


def _strings(given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    if isinstance(given, Sequence):
        return tuple(str(one) for one in given)
    return (str(given),)
