"""Settings as YAML: the sample of all of them, or those in force."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from server.db.private import private_url
from server.setting_types import Section
from server.settings import PREFIX, PROGRAM, Settings, is_secret, masked

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
            yield from _keys_of_each(field, indent) if explained else ()


def _keys_of_each(field: FieldInfo, indent: str) -> Iterator[str]:
    """The keys that each member of a list of sections may have, as comments."""
    for kind in get_args(field.annotation):
        if isinstance(kind, type) and issubclass(kind, Section):
            for key, own in kind.model_fields.items():
                default = "required" if own.is_required() else _yaml(_simple(own.get_default()))
                yield f"{indent}#   {own.alias or key}: {own.description} ({default})"


def _simple(value: Any) -> Any:
    """A value of a list member as YAML knows it; secrets starred."""
    match value:
        case Section():
            return {type(value).model_fields[name].alias or name: _simple(getattr(value, name)) for name in value.model_fields_set}
        case SecretStr():
            return STARS
        case Mapping():
            return {str(key): _simple(one) for key, one in value.items()}
        case tuple():
            return [_simple(one) for one in value]
        case None | bool() | int() | float():
            return value
    return masked(str(value))


def _plain(value: Any, field: FieldInfo) -> Any:
    """A value as YAML knows it; secrets starred."""
    if is_secret(field):
        return [STARS for _ in value] if isinstance(value, tuple) else STARS if value.get_secret_value() else ""
    match value:
        case tuple():
            return [_simple(one) if isinstance(one, Section) else str(one) for one in value]
        case Path():
            return str(value)
        case str():
            return masked(value)
    return value


def _yaml(value: Any) -> str:
    """A value on one line."""
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000).removesuffix("...\n").strip()
