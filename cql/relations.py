"""Relations and relation modifiers: what the words between index and term ask for.

The context set `cql` is meant where no prefix stands. `exact` and `scr` are the CQL 1.1 names of `==` and `=`. Modifiers that
this server cannot honour are refused (20) and never ignored: there are no sub-fields with unfolded text or sounds. Forms of a word
(`stem`) are looked up in the word list of the index, so an index without one has no stems.

Source: CQL 1.1 and 1.2, context set cql; the SRU page, 14.2 and 14.3.
"""

import re
from dataclasses import dataclass
from typing import Literal

from cql.diagnostics import (
    ContradictoryRelationModifiers,
    UnsupportedRelation,
    UnsupportedRelationForIndex,
    UnsupportedRelationModifier,
    did_you_mean,
    near_matches,
)
from cql.indexes import Index, IndexTable
from cql.names import Scope, local_name
from cql.stems import LANGUAGES, language_of
from cql.tree import Clause, Modifier

Relation = Literal["=", "any", "all", "<>", "<", ">", "<=", ">=", "within", "encloses"]
Format = Literal["", "isodate", "number", "uri", "oid"]

_RELATIONS: dict[str, tuple[Relation, bool]] = {
    "=": ("=", False), "scr": ("=", False), "adj": ("=", False), "==": ("=", True), "exact": ("=", True),
    "any": ("any", False), "all": ("all", False), "<>": ("<>", False), "<": ("<", False), ">": (">", False),
    "<=": ("<=", False), ">=": (">=", False), "within": ("within", False), "encloses": ("encloses", False),
}  # fmt: skip
"""Relation as written -> what it is, and whether it compares whole values."""

ORDER = frozenset({"<", ">", "<=", ">="})
_FORMATS: tuple[Format, ...] = ("isodate", "number", "uri", "oid")
_KNOWN = frozenset(
    {"stem", "relevant", "fuzzy", "partial", "ignorecase", "ignoreaccents", "word", "string", "masked", "unmasked", "regexp"}
)
_NOT_OFFERED = {
    "phonetic": "there is no index of sounds",
    "respectcase": "upper and lower case are the same here",
    "respectaccents": "letters with and without accents are the same here",
    "substring": "parts of values cannot be compared; use masks",
}
_CONTRADICTIONS = (
    ("masked", "unmasked"), ("ignorecase", "respectcase"), ("ignoreaccents", "respectaccents"), ("word", "string"),
    ("regexp", "unmasked"), ("regexp", "masked"), ("regexp", "fuzzy"), ("isodate", "number"), ("isodate", "uri"), ("isodate", "oid"),
    ("number", "uri"), ("number", "oid"), ("uri", "oid"), ("stem", "fuzzy"), ("stem", "regexp"), ("stem", "string"),
)  # fmt: skip
_LOCALE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Reading:
    """A relation with its modifiers, understood.

    `written`: as in the query. `whole`: compare whole values (`==`, `exact`, or modifier string). `form`: format that the term
    must have. `relevant`: order by relevance wished. `stem`: language of the stems to compare, or empty.
    """

    relation: Relation
    written: str
    whole: bool = False
    masked: bool = True
    regexp: bool = False
    fuzzy: bool = False
    partial: bool = False
    form: Format = ""
    relevant: bool = False
    stem: str = ""


_PLAIN = {written: Reading(relation, written, whole) for written, (relation, whole) in _RELATIONS.items()}


def read_relation(clause: Clause, scope: Scope, table: IndexTable) -> Reading:
    """The relation of a clause.

    Raises: UnsupportedRelation (19), UnsupportedRelationModifier (20), ContradictoryRelationModifiers (21).
    """
    if not clause.modifiers:
        plain = _PLAIN.get(clause.relation)
        if plain is not None:
            return plain
    name = local_name(clause.relation, "cql", scope, table)
    if name not in _RELATIONS:
        raise UnsupportedRelation(
            f"Position {clause.at}: no relation `{clause.relation}`.{did_you_mean(near_matches(clause.relation, _RELATIONS))} "
            f"There are {', '.join(_RELATIONS)}.",
            details=clause.relation,
            offset=clause.at,
        )
    relation, whole = _RELATIONS[name]
    given = _read_modifiers(clause, scope, table)
    if "partial" in given and relation not in {"within", "encloses"}:
        raise _refused(given["partial"], "it goes only with `within` and `encloses`")
    if "string" in given and relation in {"=", "any", "all"}:
        relation, whole = "=", True
    whole = "string" in given or (whole and "word" not in given)
    if "stem" in given and whole:
        raise _refused(given["stem"], f"words have stems, and `{clause.relation}` compares whole values")
    return Reading(
        relation,
        name,
        whole=whole,
        masked="unmasked" not in given,
        regexp="regexp" in given,
        fuzzy="fuzzy" in given,
        partial="partial" in given,
        form=next((form for form in _FORMATS if form in given), ""),
        relevant="relevant" in given,
        stem=_language(given, table) if "stem" in given else "",
    )


def _read_modifiers(clause: Clause, scope: Scope, table: IndexTable) -> dict[str, Modifier]:
    """Lower-case local name -> modifier, all of them known, offered and free of contradictions."""
    given: dict[str, Modifier] = {}
    for modifier in clause.modifiers:
        name = local_name(modifier.name, "cql", scope, table)
        known = name in _KNOWN or name in _FORMATS or name in _NOT_OFFERED or name == "locale"
        if name is None or not known:
            close = near_matches(modifier.name, (*_KNOWN, *_FORMATS, "locale"))
            raise _refused(modifier, f"it is not known.{did_you_mean(close)}".removesuffix("."))
        if name == "locale":
            _check_locale(modifier)
        elif modifier.comparison is not None and name not in _NOT_OFFERED:
            raise _refused(modifier, "it takes no value")
        given[name] = modifier
    for one, other in _CONTRADICTIONS:
        if one in given and other in given:
            names = f"{given[one].name}/{given[other].name}"
            raise ContradictoryRelationModifiers(
                f"Position {given[other].at}: modifiers `{given[one].name}` and `{given[other].name}` exclude each other.",
                details=names,
                offset=given[other].at,
            )
    for name, reason in _NOT_OFFERED.items():
        if name in given:
            raise _refused(given[name], reason)
    return given


def _check_locale(modifier: Modifier) -> None:
    if modifier.comparison != "=" or not _LOCALE.fullmatch(modifier.value or ""):
        raise _refused(modifier, "it reads  /locale=sv  or  /locale=sv_SE")


def _language(given: dict[str, Modifier], table: IndexTable) -> str:
    """The language of the stems: that of `locale`, else that of the installation."""
    locale = given.get("locale")
    if locale is None:
        return table.language
    language = language_of(locale.value or "")
    if language is None:
        raise _refused(locale, f"no stems are known for it; there are {', '.join(LANGUAGES)}", f"locale={locale.value}")
    return language


def _refused(modifier: Modifier, reason: str, details: str = "") -> UnsupportedRelationModifier:
    name = details or modifier.name
    return UnsupportedRelationModifier(
        f"Position {modifier.at}: relation modifier `{name}` cannot be used: {reason}{'' if reason.endswith('?') else '.'}",
        details=name,
        offset=modifier.at,
    )


def check_index(reading: Reading, index: Index, clause: Clause) -> None:
    """Raises UnsupportedRelationForIndex (22) for a relation that this kind of index has no meaning for, and
    UnsupportedRelationModifier (20) for stems where there is no list of words to look them up in.
    """
    relation = reading.relation
    reason = ""
    match index.kind:
        case "number" | "date":
            if reading.written == "adj":
                reason = "has no words that could stand next to each other"
            elif relation == "encloses" and not index.upper:
                reason = "has no ranges"
        case "text":
            if relation in ORDER or relation in {"within", "encloses"}:
                reason = "is text and has no order"
        case "key":
            if relation in {"within", "encloses"} or (relation in ORDER and not index.ordered):
                reason = "has whole values without an order"
        case _:
            pass
    if reason:
        raise UnsupportedRelationForIndex(
            f"Position {clause.at}: relation `{clause.relation}` cannot be used with `{index.name}`, which {reason}.",
            details=f"{clause.relation} {clause.index}",
            offset=clause.at,
        )
    if reading.stem and not has_stems(index):
        reason = "whose words are not listed" if index.kind == "text" else "which has no words"
        raise UnsupportedRelationModifier(
            f"Position {clause.at}: relation modifier `stem` cannot be used with `{index.name}`, {reason}.",
            details="stem",
            offset=clause.at,
        )


def has_stems(index: Index) -> bool:
    """Whether `stem` can be used with an index."""
    return index.kind == "text" and "words" in index.scan
