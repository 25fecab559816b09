"""Code lists of the standards, as the files of `schemas/` hold them, with the way from names to codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from indexer.analysis import Analyser


@dataclass(frozen=True, slots=True)
class CodeList:
    """One code list.

    `names`: code -> locale -> name. `codes`: folded name or code -> the codes it may mean, best first. `replaced`: other code ->
    the code in force.
    """

    names: Mapping[str, Mapping[str, str]]
    codes: Mapping[str, tuple[str, ...]]
    replaced: Mapping[str, str]

    def current(self, code: str) -> str:
        """The code in force for a code as found."""
        return self.replaced.get(code, code)

    def forms(self, term: str) -> tuple[str, ...]:
        """Codes that a code or name stands for; empty when it is none of the list."""
        code = self.current(term.strip().lower())
        if code in self.names:
            return (code,)
        return self.codes.get(folded_name(term), ())

    def name(self, code: str, locale: str = "en") -> str:
        """The name of a code in a locale, else in English, else the code."""
        names = self.names.get(code)
        return code if names is None else names.get(locale) or names["en"]


@cache
def _folding() -> Analyser:
    return Analyser()


def folded_name(text: str) -> str:
    """A name as the lists are looked up: folded, without punctuation."""
    return _folding().heading(text)


@cache
def languages() -> CodeList:
    """`schemas/languages.yaml`; two-letter and terminology codes and those that MARC gave up count as replaced."""
    table = _read("languages.yaml")
    two_letters = {row["iso1"]: code for code, row in table["languages"].items() if "iso1" in row}
    return _code_list(table["languages"], two_letters | table["terminology"] | table["obsolete"])


@cache
def relators() -> CodeList:
    """`schemas/relators.yaml`; the numbers of UNIMARC count as replaced."""
    table = _read("relators.yaml")
    return _code_list(table["relators"], table["unimarc"])


def _read(name: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    table: dict[str, Any] = yaml.load(files("schemas").joinpath(name).read_bytes(), Loader=loader)
    return table


def _code_list(rows: Mapping[str, Mapping[str, Any]], replaced: Mapping[str, str]) -> CodeList:
    names = {code: {locale: name for locale, name in row.items() if locale not in {"iso1", "also"}} for code, row in rows.items()}
    codes: dict[str, dict[str, None]] = {}
    for code, row in rows.items():
        for name in (*names[code].values(), *row.get("also", ())):
            codes.setdefault(folded_name(name), {})[code] = None
    return CodeList(
        MappingProxyType(names), MappingProxyType({name: tuple(found) for name, found in codes.items()}), MappingProxyType(dict(replaced))
    )
