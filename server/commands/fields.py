"""`fields`: the field table, checked and shown."""

from collections.abc import Callable
from pathlib import Path

import yaml

from indexer.fields import FieldTableError, import_koha, load_field_table
from server.errors import CannotStart


def run_check_fields(file: Path | None, say: Callable[[str], None]) -> int:
    """Says every problem with its line, or that there is none; returns the exit code. `file`: None for the shipped table."""
    try:
        table = load_field_table(file)
    except FieldTableError as error:
        for line, problem in error.problems:
            say(f"{error.name}:{line}: {problem}")
        return 1
    counts = ", ".join(f"{len(specs)} fields in {database}" for database, specs in table.fields.items())
    say(f"{file or 'The shipped field table'} is good: {counts}.")
    return 0


def field_table_in_force(file: Path | None) -> str:
    """The whole table as YAML, an installation's own laid over the shipped one. Raises: CannotStart."""
    try:
        table = load_field_table(file)
    except FieldTableError as error:
        raise CannotStart(str(error)) from None
    return yaml.safe_dump(table.effective(), allow_unicode=True, sort_keys=False, width=140)


def imported_from_koha(file: Path) -> str:
    """A table made of Koha's mapping, as YAML. Raises: CannotStart when the file is no such mapping, OSError."""
    try:
        return import_koha(file)
    except FieldTableError as error:
        raise CannotStart(str(error)) from None
