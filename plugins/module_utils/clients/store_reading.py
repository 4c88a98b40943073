# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which files a store holds and reading them, whether it is an FTP server or a folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import partial
from typing import Any, Union

from ..recovery.errors import DamagedBackup, InvalidInput, NotABackup, Refused
from ..recovery.window import Read
from .folder_reading import Listed, Place
from .folder_store import FolderStore
from .ftp import Entry, Ftp
from .ftp_reading import on_store


class ListedFolder(FolderStore):
    """A folder that is asked what it holds, as ``ftp.Ftp`` is."""

    def walk(self, directory: str) -> Iterator[Entry]:
        """Every file below a directory, each once, those of a folder sorted by path. A folder that cannot be listed is
        an error: half a listing would lie. Links are passed over, as in a listing of FTP."""
        parent = directory.rstrip("/")
        with self._failing(f"cannot list {directory}"):
            found = sorted(os.scandir(self._path(parent or "/")), key=lambda one: one.name)
            entries = [_entry(parent, one) for one in found if not one.is_symlink()]
        for entry in entries:
            if entry.is_directory:
                yield from self.walk(entry.path)
            else:
                yield entry

    def place(self) -> Place:
        """For FolderReading. A file that is refused hides no other one; a share that went away is no answer about any
        file."""

        @contextmanager
        def pieces(file: Listed) -> Iterator[Read]:
            if file.size < 0:
                raise InvalidInput(f"{file.path}: this is no ordinary file", hint="Take it away from the store.")
            yield partial(self.read, file.path)

        return Place(f"folder:{self._root}", pieces, pieces, (NotABackup, DamagedBackup, InvalidInput, Refused))


def _entry(parent: str, found: os.DirEntry[str]) -> Entry:
    """The time is written as MLSD writes it."""
    facts = found.stat(follow_symlinks=False)
    modified = datetime.fromtimestamp(facts.st_mtime, timezone.utc).strftime("%Y%m%d%H%M%S.%f")
    size = facts.st_size if stat.S_ISREG(facts.st_mode) else -1
    return Entry(f"{parent}/{found.name}", stat.S_ISDIR(facts.st_mode), size, modified)


#: Stores that can say what they hold.
ListedStore = Union[Ftp, ListedFolder]


def open_listed(params: Mapping[str, Any]) -> ListedStore:
    """The folder that was named, or the FTP server."""
    return ListedFolder(params["folder"]) if params.get("folder") else Ftp(dict(params))


def place_on(store: ListedStore, account: str | None) -> Place:
    """Where FolderReading reads."""
    return store.place() if isinstance(store, ListedFolder) else on_store(store, account or "")
