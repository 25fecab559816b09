"""What every group of settings is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A group of settings that share a prefix."""

    model_config = ConfigDict(extra="forbid", frozen=True)
