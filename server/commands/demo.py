"""`hylla demo`: from nothing to a server that answers, with sample records or the user's own."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console

from indexer.marc import SourceProfile
from server.commands.load import LoadOptions, load, screen
from server.commands.load_report import report
from server.commands.serve import run_serve
from server.db import records
from server.db.pool import open_database
from server.db.private import private_server
from server.settings import Settings

SAMPLE_FILES = ("authorities.xml", "biblios-marc21.xml", "biblios-unimarc.xml")
ADDRESSES = (
    ("/sru?query=reefs", "a search, as a page"),
    ("/sru?scanClause=dc.title%3D%3D%22%22", "titles to browse"),
    ("/sru", "what can be searched, and how"),
    ("/status", "how it is doing"),
)


def run_demo(settings: Settings, file: Path | None, say: Callable[[str], None]) -> int:
    """Loads (sample records only into an empty store, a user's file always), then serves until Ctrl-C."""
    console = screen()
    with ExitStack() as stack:
        if not settings.database.url:
            say("Starting a private PostgreSQL ...")
            stack.enter_context(private_server(settings))  # kept over loading and serving
        if file is not None:
            say(f"Loading {file} ...")
            _load(settings, [str(file)], console)
        elif asyncio.run(_is_empty(settings)):
            say("Loading the sample records ...")
            with ExitStack() as unpacked:
                folder = files("schemas").joinpath("demo")
                _load(settings, [str(unpacked.enter_context(as_file(folder.joinpath(name)))) for name in SAMPLE_FILES], console)
        else:
            say("Records are there already; they are served as they are.")

        def announce(line: str) -> None:
            if line.startswith(settings.library_name):
                _welcome(line, say)
            elif not line.startswith(" "):
                say(line)

        return run_serve(settings, announce)


def _welcome(line: str, say: Callable[[str], None]) -> None:
    """The start screen: addresses to click, and a query to try."""
    address = line.rpartition(" ")[2].rstrip("/")
    say("")
    say(line)
    for path, what in ADDRESSES:
        say(f"  {address + path:<60} {what}")
    say("")
    say("Try it in a second shell:")
    say(f"  curl '{address}/biblios?version=1.1&operation=searchRetrieve&query=reefs&maximumRecords=1'")
    say("")


def _load(settings: Settings, names: list[str], console: Console) -> None:
    outcome, quarantine, seconds = asyncio.run(load(settings, names, LoadOptions(SourceProfile()), console))
    report(console, outcome, quarantine, seconds)


async def _is_empty(settings: Settings) -> bool:
    async with open_database(settings) as pool:
        return await records.last_change(pool, "biblios") == 0
