"""One field of the field table, read from its entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from indexer.analysis import Analyser
from indexer.functions.normalisers import NORMALISERS
from indexer.record import Format
from indexer.rules import Rule, read_rules
from indexer.schema import FieldKind
from indexer.specials import SINGLE_VALUED
from indexer.steps import Normalise

FORMATS: tuple[Format, ...] = ("marc21", "unimarc")

_KIND: dict[str, FieldKind] = {
    "text": "text", "keyword": "key", "identifier": "key", "code": "key", "boolean": "key", "number": "number", "date": "date",
}  # fmt: skip
_FINDABLE = frozenset({"isbn", "ismn", "lccn", "oclc", "standard_number"})
_NORMALISE = {"identifier": "other_number", "code": "code", "boolean": "code"}


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of the table, read.

    `type` is the word of the table; `kind` that of the engine, or "sort" for a field that is only a sort key. `sort`: name of
    its sort key, empty when it has none; `sort_before`: of the one that is used where further keys follow, empty when that is the
    same. `sort_joined`: several values make one sort key, by joining them. `twin`: a text field
    that keeps whole values too. `rules`: by format, in order.
    `displayed`: whole values of a key field are shown as they were written, not as they were normalised; `findable`: their
    normalised forms are words of `anywhere`, because they may differ from what is written (ISBN-13 for ISBN-10).
    `normalise` gives the forms of a whole value (key fields and twins). The other names are those of the table's keys.
    """

    name: str
    type: str
    kind: FieldKind | Literal["sort"]
    labels: Mapping[str, str]
    cql: tuple[str, ...]
    bib1: tuple[int, ...]
    scan_words: bool
    scan_values: bool
    sort: str
    sort_before: str
    sort_joined: bool
    facet: bool
    twin: bool
    anywhere: bool
    displayed: bool
    findable: bool
    ordered: bool
    is_year: bool
    lower: str
    upper: str
    boost: float
    pipe: tuple[str, ...]
    translate: tuple[tuple[str, str], ...]
    subdivisions: Mapping[str, str]
    rules: Mapping[Format, tuple[Rule, ...]] = field(repr=False)
    normalise: Normalise | None = field(repr=False, compare=False)

    @property
    def sort_highest(self) -> str:
        """Name of the second sort key of a field that makes its own: of the highest value, for descending order.

        Empty where a record has one value at most: what is only a sort key, what is joined, and what comes from a function that gives
        one. Elsewhere a document has both keys even if it has one value, because engines sort all documents by one column.
        """
        given = [own for own in self.rules.values() if own]
        is_single = bool(given) and all(len(own) == 1 and own[0].source in SINGLE_VALUED for own in given)
        return "" if self.sort != self.name or self.type == "sort" or self.sort_joined or is_single else f"{self.name}-highest"


def read_field(name: str, given: Mapping[str, Any], analyser: Analyser) -> FieldSpec:
    """A field of a checked table."""
    type_ = given["type"]
    kind: FieldKind | Literal["sort"] = "sort" if type_ == "sort" else _KIND[type_]
    scan, sort, facet = given.get("scan", False), given.get("sort", type_ == "sort"), bool(given.get("facet", False))
    scan_values = scan in {True, "values"} or bool(given.get("suggest", False))
    twin = kind == "text" and (scan_values or facet)
    return FieldSpec(
        name=name, type=type_, kind=kind, labels=MappingProxyType(dict(given.get("label", {}))),
        cql=tuple(given.get("cql", ())), bib1=tuple(given.get("bib1", ())),
        scan_words=kind == "text" and scan in {True, "words"}, scan_values=scan_values,
        sort=name if sort is True else sort or "", sort_before=given.get("sort_before") or "",
        sort_joined=given.get("sort_joined", False), facet=facet, twin=twin,
        anywhere=given.get("anywhere", type_ in {"text", "identifier"}), ordered=given.get("ordered", False),
        findable=given.get("normalise") in _FINDABLE,
        displayed=given.get("displayed", type_ in {"code", "boolean"}),
        is_year=given.get("unit") == "year", lower=given.get("lower", ""), upper=given.get("upper", ""), boost=given.get("boost", 1.0),
        pipe=tuple(given.get("pipe", ())), translate=tuple((str(old), str(new)) for old, new in given.get("translate", {}).items()),
        subdivisions=given.get("subdivisions", {}),
        rules={form: _rules(given, form) for form in FORMATS},
        normalise=_normalise(type_, given.get("normalise"), analyser, twin=twin),
    )  # fmt: skip


def _rules(given: Mapping[str, Any], form: str) -> tuple[Rule, ...]:
    entries = list(given.get(form, ()))
    if "source" in given:
        entries.insert(0, {"source": given["source"]})
    return tuple(rule for entry in entries for rule in read_rules(entry))


def _normalise(type_: str, name: str | None, analyser: Analyser, *, twin: bool) -> Normalise | None:
    if type_ == "keyword" or twin:
        return _heading(analyser)
    return NORMALISERS[name or _NORMALISE[type_]] if type_ in _NORMALISE else None


def _heading(analyser: Analyser) -> Normalise:
    def heading(text: str) -> tuple[str, ...]:
        folded = analyser.heading(text)
        return (folded,) if folded else ()

    return heading
