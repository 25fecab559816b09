"""What lies in a collection's folder besides the live index: remains of rebuilds that were ended by force.

The right to rebuild protects an index that is being built. Somebody who writes the very first index makes its folder and then
makes it the live one, so while there is no live index, the right to write is needed too.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

from indexer.engine.embedded.folder import META, REBUILD_LOCK, WRITER_LOCK, Folder
from indexer.engine.port import EngineError, EngineUnavailable, Leftover


def remove_leftovers(folder: Folder) -> list[Leftover]:
    """Removes them and says what they were. Raises: EngineUnavailable when it is being rebuilt, EngineError when damaged."""
    if not folder.root.is_dir():
        return []
    with ExitStack() as stack:
        try:
            stack.callback(folder.lock(0, REBUILD_LOCK).release)
            if folder.current() is None:
                stack.callback(folder.lock(0, WRITER_LOCK).release)
        except EngineUnavailable:
            raise EngineUnavailable(f"The index {folder.root.name} is being built right now; nothing of it was removed.") from None
        return [_remove(path) for path in _leftovers(folder)]


def make_room(folder: Folder) -> None:
    """Removes leftovers before a rebuild, whose lock the caller holds. An index that may be of use to somebody stays."""
    with suppress(EngineError):  # which index is the live one cannot be told; the switch will put that right
        if folder.current() is not None:
            for path in _leftovers(folder):
                _remove(path)


def _leftovers(folder: Folder) -> Iterator[Path]:
    current = folder.current()
    for path in sorted(folder.root.iterdir()):
        if path != current and (path.is_dir() or (path.name.startswith(".") and path.name.endswith(".new"))):
            yield path


def _remove(path: Path) -> Leftover:
    size_bytes = sum(one.stat().st_size for one in (path, *path.rglob("*")) if one.is_file())
    if path.is_dir():
        # Readers look at this file; without it they ask which folder is current.
        (path / META).unlink(missing_ok=True)
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    return Leftover(f"{path.parent.name}/{path.name}", size_bytes)
