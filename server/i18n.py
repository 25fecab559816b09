"""Texts of pages in English and Swedish: one YAML file per language under `server/messages`, the same keys in each."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

LANGUAGES: Mapping[str, str] = {"en": "English", "sv": "Svenska"}
DEFAULT = "en"


@cache
def messages(language: str) -> Mapping[str, str]:
    """All texts of a language, key -> text; `{name}` in a text is a place for a value."""
    loaded: dict[str, str] = yaml.safe_load(files("server").joinpath("messages", f"{language}.yaml").read_bytes())
    return loaded


def message(language: str, key: str, **values: object) -> str:
    """One text. A key that does not exist is our mistake: KeyError."""
    text = messages(language)[key]
    return text.format(**values) if values else text


def choose_language(asked: str, accept_language: str) -> str:
    """The language of a page: the one asked for (`lang=sv`), else what the browser likes best of ours (RFC 9110, 12.5.4)."""
    if asked in LANGUAGES:
        return asked
    best, best_quality = DEFAULT, 0.0
    for part in accept_language.lower().split(","):
        found = re.fullmatch(r"\s*([a-z]{2,3})(?:-[a-z0-9-]+)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?", part)
        if found is None or found[1] not in LANGUAGES:
            continue
        quality = float(found[2]) if found[2] else 1.0
        if quality > best_quality:
            best, best_quality = found[1], quality
    return best


def number(language: str, value: int) -> str:
    """A whole number as the language groups its digits: 12,345 in English, 12 345 (no-break spaces) in Swedish."""
    return f"{value:,}".replace(",", "\u00a0") if language == "sv" else f"{value:,}"
