# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A folder or a share as store of a Windows host: it answers as ``windows_store.WindowsStore`` does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..recovery.errors import StoreUnreachable, TransferFailed
from ..recovery.windows_places import windows_path
from .windows_host import WindowsHost
from .windows_store import local_files, placed


class Store(Protocol):
    """Where a Windows host's files go: an FTP server, or a folder."""

    host: WindowsHost

    def sizes(self, paths: Sequence[str]) -> list[int | None]: ...
    def upload(self, source: str, path: str) -> int | None: ...
    def write(self, path: str, content: str) -> None: ...
    def rename(self, source: str, destination: str) -> None: ...
    def read(self, path: str) -> str | None: ...
    def download(self, path: str, destination: str) -> None: ...


class WindowsFolder:
    """Paths begin with ``/``, which is the folder."""

    def __init__(self, host: WindowsHost, folder: str) -> None:
        # A share's own name is no folder of it: one is asked for, and may be any.
        self.host, self._root = host, windows_path(f"{folder.rstrip('/' + chr(92))}\\.deadpool").rpartition("\\")[0]

    def _place(self, path: str) -> str:
        return windows_path(f"{self._root}\\{path.strip('/').replace('/', chr(92))}", "path on the store")

    def sizes(self, paths: Sequence[str]) -> list[int | None]:
        found = local_files(self.host, [self._place(path) for path in paths])
        for file in found:
            if file.error:
                raise TransferFailed(f"{file.path}: {file.error}", hint="Check this account's rights on the store.")
        return [file.length if file.exists else None for file in found]

    def _copied(self, to: str, source: str = "", text: str = "") -> int:
        found = self.host.script("copy", {"Root": self._root, "To": to, "From": source, "Text": text})
        if str(found["error"]).endswith("cannot be reached"):
            raise StoreUnreachable(
                f"{self.host.name}: {found['error']}",
                hint="A share is reached with what the connection may pass on: docs/windows.md, Backups.",
            )
        if found["error"]:
            raise TransferFailed(
                f"{to}: cannot be written: {found['error']}",
                hint="Free the disk or correct its rights, then run again.",
            )
        return int(found["length"])

    def upload(self, source: str, path: str) -> int | None:
        return self._copied(self._place(path), source)

    def write(self, path: str, content: str) -> None:
        self._copied(self._place(path), text=content)

    def rename(self, source: str, destination: str) -> None:
        placed(self.host, destination, From=self._place(source), To=self._place(destination), Overwrite=False)

    def read(self, path: str) -> str | None:
        return self.host.content(self._place(path)).decode("utf-8", "replace")

    def download(self, path: str, destination: str) -> None:
        found = self.host.script("copy", {"Root": destination[:3], "To": destination, "From": self._place(path)})
        if found["error"]:
            raise TransferFailed(
                f"{path}: cannot be copied: {found['error']}", hint="Check the rights on the store and the disk here."
            )
