"""A collection's folder: which index in it is the current one, and who may write.

```
LOCATION/NAME/current         name of the current index folder, one line; replaced as a whole
LOCATION/NAME/writer.lock     held by the one process that writes; says which (rebuild.lock: that rebuilds)
LOCATION/NAME/INDEX/          tantivy's files, collection.json, confirmed.json, terms.sqlite
```

An index can be built beside the current one and take its place in one step. Everything here is disposable: it is made from
the record store.
"""

import fcntl
import json
import os
import shutil
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tantivy import Index

from indexer.engine.embedded.layout import Layout, register_tokenizers
from indexer.engine.port import EngineError, EngineUnavailable
from indexer.schema import CollectionSchema

COLLECTION = "collection.json"
CONFIRMED = "confirmed.json"
META = "meta.json"
_CURRENT = "current"
WRITER_LOCK = "writer.lock"
REBUILD_LOCK = "rebuild.lock"
_POLL_S = 0.1

STORE_BLOCK_BYTES = 8192
"""Size of a block of stored documents before compression. tantivy's 16 kB make a hit 60 % dearer to fetch and save 4 % of disk."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The place of one collection: `root` = LOCATION/NAME."""

    root: Path

    def current(self) -> Path | None:
        """The current index folder, or None while there is none. Raises: EngineError when the folder is no folder of ours."""
        try:
            name = (self.root / _CURRENT).read_text().strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise EngineError(f"The index folder {self.root} cannot be read ({error}); run `hylla reindex`.") from None
        if not name or "/" in name or name.startswith("."):
            raise EngineError(f"The file {self.root / _CURRENT} names no index folder; run `hylla reindex`.")
        return self.root / name

    def create(self, schema: CollectionSchema) -> Path:
        """A new, empty index folder that is not yet the current one."""
        path = self.root / f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:8]}"
        path.mkdir(parents=True)
        layout = Layout(schema)
        Index(layout.tantivy_schema(), str(path))
        _set_block_size(path)
        write_json(path / COLLECTION, layout.to_json())
        return path

    def make_current(self, path: Path) -> None:
        """Puts a folder in the place of the current one, in one step."""
        write_text(self.root / _CURRENT, f"{path.name}\n")

    def remove_others(self) -> None:
        """Removes every index folder but the current one."""
        current = self.current()
        for other in self.root.iterdir():
            if other.is_dir() and other != current:
                # Readers look at this file; without it they ask which folder is current.
                (other / META).unlink(missing_ok=True)
                shutil.rmtree(other, ignore_errors=True)

    def lock(self, wait_s: float, name: str = WRITER_LOCK) -> "WriterLock":
        """The right to write. Raises: EngineUnavailable, naming the other process, when it is not to be had in time."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            file = (self.root / name).open("a+")
        except OSError as error:
            raise EngineError(f"The index folder {self.root} cannot be written ({error}).") from None
        end = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < end:
                    time.sleep(_POLL_S)
                    continue
                file.seek(0)
                holder = file.read(200).strip() or "another process"
                file.close()
                raise EngineUnavailable(f"The index {self.root.name} is being written by {holder}; try again when it is done.") from None
            file.truncate(0)
            file.write(f"process {os.getpid()} ({Path(sys.argv[0]).name})\n")
            file.flush()
            return WriterLock(file)


@dataclass(frozen=True, slots=True)
class WriterLock:
    """The right to write one collection, as long as the file is open; a killed process loses it."""

    file: IO[str]

    def release(self) -> None:
        """Gives it back."""
        self.file.close()


def read_layout(path: Path) -> Layout:
    """The layout of an index folder. Raises: EngineError."""
    try:
        saved: dict[str, Any] = json.loads((path / COLLECTION).read_bytes())
    except (OSError, ValueError) as error:
        raise EngineError(f"The index in {path} cannot be read ({error}); run `hylla reindex`.") from None
    return Layout.from_json(saved)


def open_index(path: Path) -> Index:
    """The tantivy index of a folder with its tokenizers. Raises: EngineError when it is damaged or of another version."""
    try:
        index = Index.open(str(path))
    except (OSError, ValueError) as error:
        raise EngineError(f"The index in {path} cannot be opened ({error}); run `hylla reindex`.") from None
    register_tokenizers(index)
    index.config_reader("manual")
    return index


def is_committed(path: Path) -> bool:
    """Whether there was a commit, be it of an empty collection."""
    return (path / CONFIRMED).is_file()


def confirmed_change(path: Path) -> int:
    """The change number of the last commit.

    It is written after the commit, so a crash between the two leaves a lower number, and what is then done again changes
    nothing. A number that belongs to a later commit than the index has (files restored one by one) counts for nothing.
    """
    try:
        saved = json.loads((path / CONFIRMED).read_bytes())
        opstamp = json.loads((path / META).read_bytes())["opstamp"]
        return int(saved["change"]) if saved["opstamp"] <= opstamp else 0
    except FileNotFoundError:
        return 0
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"The index in {path} cannot be read ({error}); run `hylla reindex`.") from None


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Replaces a small file as a whole, durably."""
    write_text(path, json.dumps(value))


def write_text(path: Path, text: str) -> None:
    """Replaces a small file as a whole, durably."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _set_block_size(path: Path) -> None:
    """tantivy-py has no parameter for it; tantivy reads it from the settings of the index, which are still unused here."""
    meta = json.loads((path / META).read_bytes())
    meta["index_settings"]["docstore_blocksize"] = STORE_BLOCK_BYTES
    write_json(path / META, meta)
