"""`config`: settings as YAML, the sample of all of them or those in force."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from server.db.private import private_url
from server.settings import PREFIX, PROGRAM, Section, Settings, is_secret, masked

STARS = "***"


def sample_file() -> str:
    """A settings file with every key, its default and what it means; it changes nothing as it stands."""
    head = [
        f"# All settings of {PROGRAM}, with their defaults. Keep the lines you change and drop the rest.",
        f"# Command line and environment win over this file; the variable of engine.kind is {PREFIX}ENGINE__KIND, and so on.",
    ]
    return "\n".join([*head, *_lines(Settings(), "", explained=True)]) + "\n"


def settings_in_force(settings: Settings) -> str:
    """The settings in force as YAML, secrets starred.

    Two keys more than a settings file has tell a program where the database is: `database.effective_url`, and
    `database.socket`, the folder of the private server's socket (empty when `database.url` names a server).
    """
    lines = list(_lines(settings, "", explained=False))
    url, socket = masked(settings.database.url), ""
    if not url:
        url, folder, _ = private_url(settings)
        socket = str(folder)
    place = lines.index("database:") + 1
    lines[place:place] = [f"  effective_url: {_yaml(url)}", f"  socket: {_yaml(socket)}"]
    return "\n".join(lines) + "\n"


def _lines(section: BaseModel, indent: str, *, explained: bool) -> Iterator[str]:
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if explained:
            yield from ([""] if isinstance(value, Section) and not indent else [])
            yield f"{indent}# {field.description}"
        if isinstance(value, Section):
            yield f"{indent}{name}:"
            yield from _lines(value, f"{indent}  ", explained=explained)
        else:
            yield f"{indent}{name}: {_yaml(_plain(value, field))}"


def _plain(value: Any, field: FieldInfo) -> Any:
    """A value as YAML knows it; secrets starred."""
    if is_secret(field):
        return [STARS for _ in value] if isinstance(value, tuple) else STARS if value.get_secret_value() else ""
    match value:
        case tuple():
            return [str(one) for one in value]
        case Path():
            return str(value)
        case str():
            return masked(value)
    return value


def _yaml(value: Any) -> str:
    """A value on one line."""
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000).removesuffix("...\n").strip()
