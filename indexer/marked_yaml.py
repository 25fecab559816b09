"""YAML whose values still know their lines, so that a mistake in a table can be pointed at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]


class YamlError(ValueError):
    """Text that is no YAML mapping. `line` is 1-based."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class MarkedYaml:
    """A mapping read from YAML. `lines`: path of keys and positions -> 1-based line. `repeated`: keys given twice."""

    value: dict[str, Any]
    lines: dict[Path, int] = field(default_factory=dict)
    repeated: tuple[Path, ...] = ()

    def line(self, path: Sequence[str | int]) -> int:
        """Line of the innermost known part of a path; 1 when nothing of it is known."""
        key = tuple(path)
        while key not in self.lines and key:
            key = key[:-1]
        return self.lines.get(key, 1)


def read_yaml(text: str) -> MarkedYaml:
    """The mapping in the text, with lines; an empty text is an empty mapping. Only plain data (no Python objects) is read.

    Raises: YamlError.
    """
    loader = yaml.CSafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return MarkedYaml({})
        if not isinstance(node, yaml.MappingNode):
            raise YamlError(node.start_mark.line + 1, "the file must be a mapping of keys to values")
        lines: dict[Path, int] = {(): node.start_mark.line + 1}
        repeated: list[Path] = []
        _mark(node, (), lines, repeated)
        return MarkedYaml(loader.construct_document(node), lines, tuple(repeated))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(1 if mark is None else mark.line + 1, f"no YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise YamlError(1, f"no YAML: {error}") from error
    finally:
        loader.dispose()


def _mark(node: yaml.Node, path: Path, lines: dict[Path, int], repeated: list[Path]) -> None:
    """Notes the line of every key and list element below a node; aliases are noted where they are used."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else str(key.start_mark.line)
            below = (*path, name)
            lines[below] = key.start_mark.line + 1
            if name in seen:
                repeated.append(below)
            seen.add(name)
            _mark(value, below, lines, repeated)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            below = (*path, place)
            lines[below] = value.start_mark.line + 1
            _mark(value, below, lines, repeated)
