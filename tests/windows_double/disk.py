# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Windows host's files in a folder of this machine, with what Windows keeps of each beside its bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

ORDINARY = "O:BAG:SYD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)"
PRIVATE = "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)"
ME = "S-1-5-21-1-2-3-1001"


class WindowsError_(Exception):
    """What .NET throws: its message and, for files, the code of the error."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Disk:
    """Drive letters are folders below ``root``. Names are found whatever their case, as on Windows."""

    root: Path
    sddl: dict[str, str] = field(default_factory=dict)
    read_only: set[str] = field(default_factory=set)
    encrypted: set[str] = field(default_factory=set)
    links: dict[str, int] = field(default_factory=dict)
    symbolic: dict[str, str] = field(default_factory=dict)
    #: Accounts that may write into a folder besides the trusted ones.
    writers: dict[str, list[str]] = field(default_factory=dict)
    #: How many more times a file is found open by another program.
    busy: dict[str, int] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    #: What the protection of a file is after it was replaced, once, where it does not stay.
    after_replace: dict[str, str] = field(default_factory=dict)
    #: Files whose protection this account may not set.
    obstinate: set[str] = field(default_factory=set)
    free: int = 10**10

    def __post_init__(self) -> None:
        (self.root / "C").mkdir(parents=True, exist_ok=True)

    def local(self, path: str) -> Path:
        if path.startswith("\\\\"):
            parts = ["unc", *[part for part in path.split("\\") if part]]
        else:
            if path[1:3] != ":\\":
                raise WindowsError_(f"The path {path} is not of a legal form.")
            parts = [path[0].upper(), *[part for part in path[3:].split("\\") if part]]
        place = self.root
        for part in parts:
            place = self._child(place, part)
        return place

    @staticmethod
    def _child(folder: Path, name: str) -> Path:
        if folder.is_dir():
            for entry in folder.iterdir():
                if entry.name.lower() == name.lower():
                    return entry
        return folder / name

    def put(self, path: str, data: bytes, sddl: str = ORDINARY) -> Path:
        place = self.local(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        self.sddl[path.lower()] = sddl
        return place

    def followed(self, path: str) -> str:
        return self.symbolic.get(path.lower(), path)

    def read(self, path: str) -> bytes:
        self.require(path)
        return self.local(path).read_bytes()

    def require(self, path: str) -> None:
        place = self.local(path)
        if not place.exists():
            raise WindowsError_(f"Could not find file '{path}'.", -2147024894)
        if path.lower() in self.denied:
            raise WindowsError_(f"Access to the path '{path}' is denied.", -2147024891)
        if self.busy.get(path.lower(), 0):
            self.busy[path.lower()] -= 1
            raise WindowsError_(
                f"The process cannot access the file '{path}' because it is being used by another process.", -2147024864
            )

    def sha256(self, path: str) -> str:
        return hashlib.sha256(self.read(path)).hexdigest()

    def protection(self, path: str) -> str:
        return self.sddl.get(path.lower(), ORDINARY)
