"""The manual at `/docs`: guides for people, the docstrings of the rooms, and what field table and settings say of themselves.

Everything is Markdown (CommonMark with tables), because docstrings and guides are read as plain text just as often. It is all
ours, and HTML inside it is switched off nevertheless. The manual is in English; the frame around it speaks the reader's language.
"""

import inspect
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby

from markdown_it import MarkdownIt
from markupsafe import Markup

from cql.indexes import Index, IndexTable
from server.rooms import Room

GUIDES = ("searching", "loading", "harvesting", "operating")
INDEXES, SETTINGS = "indexes", "settings"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One page of the manual. `name` ends its address; `text` is Markdown that begins with its title."""

    name: str
    text: str

    @property
    def title(self) -> str:
        """The first line without its mark."""
        return self.text.split("\n", 1)[0].lstrip("# ")

    @property
    def html(self) -> Markup:
        """The page, safe to be put into a template."""
        return Markup(_markdown().render(self.text))


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def guides() -> list[Chapter]:
    """What people need first, in the order in which they need it."""
    folder = files("server").joinpath("web", "guides")
    return [Chapter(name, folder.joinpath(f"{name}.md").read_text("utf-8")) for name in GUIDES]


def room_chapters(rooms: Iterable[Room]) -> list[Chapter]:
    """The protocols: the docstring of each room's package, its first line as the title."""
    chapters = []
    for room in reversed(list(rooms)):  # pages for people come last here
        package = sys.modules[room.explain_error.__module__.rpartition(".")[0]]
        first, _, rest = (inspect.getdoc(package) or room.name).partition("\n")
        title, _, more = first.partition(": ")
        body = f"# {title}\n\n{more[0].upper()}{more[1:]}" if more else f"# {first.rstrip('.')}"
        chapters.append(Chapter(room.name, f"{body}\n{rest}"))
    return chapters


def settings_chapter(sample: str) -> Chapter:
    """The settings file with every key and its meaning."""
    return Chapter(SETTINGS, f"# Settings\n\n```yaml\n{sample}```\n")


def index_chapter(tables: Sequence[tuple[str, IndexTable]], language: str) -> Chapter:
    """What can be searched, by database and context set, as the field table has it. `tables`: title of a database and its table."""
    lines = [
        "# Indexes",
        "",
        "*Kinds*: text is searched by words, key by whole values, number and date by size.",
        "*Lists*: what can be browsed (scan), lists of words or of values.",
    ]
    for title, table in tables:
        lines += ["", f"## {title}"]
        for prefix, indexes in groupby(_by_name(table), key=lambda index: index.name.partition(".")[0]):
            lines += ["", f"### {prefix}", "", "| index | is | kind | sort | lists | other names |", "|---|---|---|---|---|---|"]
            lines += [_index_row(index, language) for index in indexes]
    return Chapter(INDEXES, "\n".join(lines) + "\n")


def _by_name(table: IndexTable) -> list[Index]:
    distinct = {index.name: index for index in table.by_name.values()}
    return [distinct[name] for name in sorted(distinct, key=str.lower)]


def _index_row(index: Index, language: str) -> str:
    labels = index.labels or {}
    cells = (
        f"`{index.name}`",
        labels.get(language, labels.get("en", "")),
        index.kind,
        "yes" if index.sort else "",
        ", ".join(sorted(index.scan)),
        " ".join(f"`{name}`" for name in index.aliases),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
