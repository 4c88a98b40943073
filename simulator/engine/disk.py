# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The disk that holds the instance's folder: the real one, or a smaller one that it pretends to be.

A file ``disk_size`` in the folder holds the size in bytes; it may be written,
changed and removed while the instance runs.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path


class Disk:
    def __init__(self, folder: Path, size: int | None) -> None:
        self.folder = folder
        self._setting = folder / "disk_size"
        if size is not None:
            self._setting.write_text(str(size), "ascii")

    @property
    def size(self) -> int | None:
        try:
            return int(self._setting.read_text("ascii"))
        except (FileNotFoundError, ValueError):
            return None

    def volume(self, path: Path) -> tuple[int, int]:
        """Total and free bytes of the volume that a path lies on."""
        pretended = self.size
        existing = next((folder for folder in (path, *path.parents) if folder.exists()), self.folder)
        real = shutil.disk_usage(existing)
        if pretended is None or not path.absolute().is_relative_to(self.folder.absolute()):
            return real.total, real.free
        return pretended, max(min(pretended - self.used(), real.free), 0)

    def used(self) -> int:
        """Blocks, not lengths: data files have holes."""
        total = 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                try:
                    total += os.stat(os.path.join(folder, name)).st_blocks * 512
                except FileNotFoundError:
                    continue
        return total

    def free_for(self, path: Path) -> int | None:
        """Bytes that may still be written there; None: as many as the real disk takes."""
        return None if self.size is None else self.volume(path)[1]
