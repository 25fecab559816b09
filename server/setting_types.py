"""What every group of settings is."""

from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict


def structured(value: Any) -> Any:
    """Lists and maps may be written as one YAML text, as in an environment variable."""
    if not isinstance(value, str):
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError:
        return value


class Section(BaseModel):
    """A group of settings that share a prefix."""

    model_config = ConfigDict(extra="forbid", frozen=True)
