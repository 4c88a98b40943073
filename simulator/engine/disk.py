# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The disk that holds the instance's folder: the real one, or a smaller one that it pretends to be.

A file ``disk_size`` in the folder holds the size in bytes; it may be written,
changed and removed while the instance runs. What data files, logs or backups take may have a limit of its own, as if
they lay on a disk of their own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

AREAS = ("data", "log", "backup")


class Disk:
    def __init__(self, folder: Path, size: int | None) -> None:
        self.folder = folder
        self.limits: dict[str, int] = {}  # area -> bytes that it may hold
        self._setting = folder / "disk_size"
        if size is not None:
            self.pretend(size)

    @property
    def size(self) -> int | None:
        try:
            return int(self._setting.read_text("ascii"))
        except (FileNotFoundError, ValueError):
            return None

    def pretend(self, size: int | None) -> None:
        """None: the real disk again."""
        if size is None:
            self._setting.unlink(missing_ok=True)
        else:
            self._setting.write_text(str(size), "ascii")

    def volume(self, path: Path) -> tuple[int, int]:
        """Total and free bytes of the volume that a path lies on."""
        existing = next((folder for folder in (path, *path.parents) if folder.exists()), self.folder)
        real = shutil.disk_usage(existing)
        if not path.absolute().is_relative_to(self.folder.absolute()):
            return real.total, real.free
        area = self.area(path)
        pretended = self.limits.get(area, self.size)
        if pretended is None:
            return real.total, real.free
        used = self.used(area if area in self.limits else None)
        return pretended, max(min(pretended - used, real.free), 0)

    def area(self, path: Path) -> str:
        """Which of the three disks of a well-kept server a file would lie on."""
        if path.absolute().is_relative_to(self.folder.absolute() / "data"):
            return "log" if ".ldf" in path.name.lower() else "data"
        return "backup"

    def used(self, area: str | None = None) -> int:
        """Blocks, not lengths: data files have holes."""
        wanted: Callable[[Path], bool] = lambda path: area is None or self.area(path) == area  # noqa: E731
        total = 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = Path(folder, name)
                try:
                    total += path.stat().st_blocks * 512 if wanted(path) else 0
                except FileNotFoundError:
                    continue
        return total

    def free_for(self, path: Path) -> int | None:
        """Bytes that may still be written there; None: as many as the real disk takes."""
        inside = path.absolute().is_relative_to(self.folder.absolute())
        limited = self.size is not None or (inside and self.area(path) in self.limits)
        return self.volume(path)[1] if limited else None
