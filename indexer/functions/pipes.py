"""Pipe functions of the field table: small steps that change values between a rule and its field.

A pipe is named, some with an argument: `trim_punct`, `max:3`, `map:NAME`, `regex:/PATTERN/REPLACEMENT/`. One value gives a list
of values, which may be empty. `max` and `unique` look at all values of a rule together.

Source: indexing.md section 2.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from indexer.functions.callnumbers import dewey_key, generic_key, lc_key
from indexer.functions.code_lists import folded_name
from indexer.functions.dates import date8
from indexer.functions.numbers import isbn_forms, issn_forms, lccn_forms, oclc_number
from indexer.functions.punctuation import trim_punct
from indexer.functions.titles import filing_text
from indexer.functions.years import year_in_text

Pipe = Callable[[str], list[str]]
Values = Callable[[list[str]], list[str]]

_ANY_YEAR = 2100
"""The `year` pipe has no clock; it takes years up to this one."""

_PARENTHESIS = re.compile(r"\s*\([^)]*\)\s*")
_REGEX = re.compile(r"/((?:[^/\\]|\\.)*)/((?:[^/\\]|\\.)*)/(i?)", re.DOTALL)
_LONGEST_PATTERN = 500


class UnknownPipe(ValueError):
    """A pipe that does not exist or whose argument cannot be used; the sentence says which."""


def _one(change: Callable[[str], str]) -> Pipe:
    """A pipe that changes a value, and drops it when nothing is left."""

    def pipe(text: str) -> list[str]:
        changed = change(text)
        return [changed] if changed else []

    return pipe


def strip_brackets(text: str) -> str:
    """The text without square brackets."""
    return " ".join(text.replace("[", " ").replace("]", " ").split())


def digits(text: str) -> str:
    """Only the digits 0-9."""
    return "".join(char for char in text if char.isascii() and char.isdigit())


def first_char_upper(text: str) -> str:
    """The text with its first character in upper case."""
    return text[:1].upper() + text[1:]


def split_lang3(text: str) -> list[str]:
    """Codes of three characters that stand together (`engfre`); anything else as it is."""
    text = text.strip()
    if len(text) > 3 and len(text) % 3 == 0 and " " not in text:
        return [text[start : start + 3] for start in range(0, len(text), 3)]
    return [text] if text else []


def strip_paren_prefix(text: str) -> str:
    """The text without a parenthesis at its beginning: `(DLC)123` -> `123`."""
    found = _PARENTHESIS.match(text)
    return text[found.end() :] if found else text


def _year(text: str) -> list[str]:
    year = year_in_text(text, _ANY_YEAR)
    return [] if year is None else [str(year)]


def _date8(text: str) -> list[str]:
    day = date8(text)
    return [] if day is None else [str(day)]


PIPES: Mapping[str, Pipe] = MappingProxyType(
    {
        "trim_punct": _one(trim_punct),
        "trim": _one(str.strip),
        "strip_brackets": _one(strip_brackets),
        "lower": _one(str.lower),
        "fold": _one(folded_name),
        "isbn": lambda text: list(isbn_forms(text)),
        "issn": lambda text: list(issn_forms(text)),
        "lccn": lambda text: list(lccn_forms(text)),
        "oclc": _one(oclc_number),
        "digits": _one(digits),
        "year": _year,
        "date8": _date8,
        "nonfiling": _one(filing_text),
        "split_lang3": split_lang3,
        "strip_paren_prefix": _one(strip_paren_prefix),
        "lc_sort": _one(lc_key),
        "dewey_sort": _one(dewey_key),
        "generic_sort": _one(generic_key),
        "first_char_upper": _one(first_char_upper),
    }
)
"""Pipes without argument. `map`, `regex`, `max` and `unique` are made by `parse_pipe`."""

NAMES = (*PIPES, "map", "regex", "max", "unique")

Maps = Mapping[str, Mapping[str, str]]


def parse_pipe(spec: str, maps: Maps = MappingProxyType({})) -> Pipe:
    """One pipe for single values. `maps` are the translation tables that `map:NAME` may name.

    `max` and `unique` leave a single value as it is; they matter over all values of a rule, see `parse_pipes`.

    Raises: UnknownPipe.
    """
    name, _, argument = spec.partition(":")
    if name in PIPES and not argument:
        return PIPES[name]
    match name:
        case "map" if argument in maps:
            return partial(_mapped, maps[argument])
        case "regex":
            return _one(_substitution(argument, spec))
        case "max" if _count(argument, spec):
            return _unchanged
        case "unique" if not argument:
            return _unchanged
        case "map":
            raise UnknownPipe(f"Pipe `{spec}` names a map that does not exist; there are: {', '.join(sorted(maps)) or 'none'}.")
        case _:
            raise UnknownPipe(f"There is no pipe `{spec}`; there are: {', '.join(NAMES)}.")


def parse_pipes(specs: Sequence[str], maps: Maps = MappingProxyType({})) -> Values:
    """The pipes of a rule, one after the other, over all its values.

    `max:N` keeps the first N values, `unique` each value once.

    Raises: UnknownPipe.
    """
    steps = [_over_values(spec, maps) for spec in specs]

    def run(values: list[str]) -> list[str]:
        for step in steps:
            values = step(values)
        return values

    return steps[0] if len(steps) == 1 else run


def _over_values(spec: str, maps: Maps) -> Values:
    name, _, argument = spec.partition(":")
    if name == "max":
        count = _count(argument, spec)
        return lambda values: values[:count]
    pipe = parse_pipe(spec, maps)
    if name == "unique":
        return lambda values: list(dict.fromkeys(values))
    return lambda values: [changed for value in values for changed in pipe(value)]


def _unchanged(text: str) -> list[str]:
    return [text]


def _mapped(table: Mapping[str, str], text: str) -> list[str]:
    found = table.get(text, text)
    return [found] if found else []


def _count(argument: str, spec: str) -> int:
    if not (argument.isascii() and argument.isdigit() and int(argument) > 0):
        raise UnknownPipe(f"Pipe `{spec}` wants a number above 0, as in `max:3`.")
    return int(argument)


def _substitution(argument: str, spec: str) -> Callable[[str], str]:
    found = _REGEX.fullmatch(argument)
    if found is None or len(argument) > _LONGEST_PATTERN:
        raise UnknownPipe(f"Pipe `{spec}` is not of the form `regex:/PATTERN/REPLACEMENT/`.")
    pattern, replacement, flags = found.groups()
    try:
        compiled = re.compile(pattern.replace("\\/", "/"), re.IGNORECASE if flags else 0)
        compiled.sub(replacement.replace("\\/", "/"), "")
    except (re.error, IndexError) as error:
        raise UnknownPipe(f"Pipe `{spec}` cannot be used: {error}.") from error
    return partial(compiled.sub, replacement.replace("\\/", "/"))
