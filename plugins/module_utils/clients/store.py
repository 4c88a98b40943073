# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store is to those who move files: a few verbs, whether FTP or a folder answers them; and how files are moved.

A file under its final name is complete, on both sides: bytes go to ``NAME.part``, are counted and hashed on the way,
and only then get their name; ``NAME.sha256`` stands beside it in the form that ``sha256sum -c`` reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Callable, Protocol

from . import ftp_login
from .folder_store import FolderStore
from .ftp import Ftp
from .shipped_record import ShippedRecord

#: Kept free on a disk that files are fetched to: a full system disk helps nobody.
RESERVE = 64 * 1024 * 1024

#: The options of a store, an FTP server or a folder, and which of them go together.
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **ftp_login.ARGUMENT_SPEC,
    "host": {"type": "str"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "folder": {"type": "path"},
}
ONE_STORE: dict[str, Any] = {
    "mutually_exclusive": [("host", "folder")],
    "required_one_of": [("host", "folder")],
    "required_by": {"host": ("username", "password")},
}


class Store(Protocol):
    where: str

    def sizes(self, paths: Iterable[str]) -> list[int | None]: ...

    def size(self, path: str) -> int | None: ...

    def free_space(self, directory: str) -> int | None: ...

    def make_directories(self, directory: str) -> None: ...

    def read(self, path: str, offset: int, length: int) -> bytes: ...

    def retrieve(self, path: str, write: Callable[[memoryview], Any], offset: int = 0) -> int: ...

    def store(self, path: str, read: Callable[[int], bytes], append: bool = False) -> int: ...

    def rename(self, old: str, new: str, then: Iterable[str] = ()) -> list[int | None]: ...

    def drop(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


def store_name(params: Mapping[str, Any]) -> str:
    """What messages and records call a store, whether it can be opened or not."""
    return f"store {params.get('folder') or '{host}:{port}'.format(**params)}"


def open_store(params: dict[str, Any]) -> Store:
    """The folder that was named, or the FTP server."""
    return FolderStore(params["folder"]) if params.get("folder") else Ftp(params)


@dataclass(frozen=True)
class Transfer:
    """What happened to one file. ``bytes`` is its length, ``changed`` False where it was there already.
    ``sha256_checked`` tells whether the digest on the store is known to be that of the bytes, in this run; ``verified``
    whether the bytes were read back from the store. ``resumed_at`` counts what an earlier attempt had moved already,
    ``retries`` says why there was an earlier attempt in this run."""

    source: str
    destination: str
    bytes: int
    sha256: str | None
    changed: bool
    seconds: float = 0.0
    sha256_checked: bool = False
    verified: bool = False
    resumed_at: int = 0
    retries: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "retries": list(self.retries)}


def moved(done: Iterable[Transfer]) -> int:
    """The bytes that travelled."""
    return sum(one.bytes for one in done if one.changed)


def not_compared(done: Iterable[Transfer]) -> list[str]:
    """Files that stood on the store under their name, with their length, and nobody knows whether they are the same."""
    return [one.source for one in done if not one.changed and one.sha256 is None]


@dataclass
class Begun:
    """A ``.part`` on the store that this run wrote: from which file, at most how much, and its digest once whole.
    ``spoiled`` where its bytes are not what was sent."""

    identity: tuple[int, int, int]
    sent: int = 0
    sha256: str | None = None
    spoiled: bool = False


def _nothing(*_unused: object) -> None:
    return None


@dataclass(frozen=True)
class Manner:
    """How files are moved. ``pace`` is told of every block before it travels and may wait; ``tell`` hears how many
    bytes of a file are there, ``ended`` that one is done with; ``record`` is what this host knows of stores."""

    check_mode: bool = False
    verify: bool = False
    pace: Callable[[int], None] = _nothing
    tell: Callable[[str, int], None] = _nothing
    ended: Callable[[], None] = _nothing
    begun: dict[str, Begun] = field(default_factory=dict)
    record: ShippedRecord = field(default_factory=ShippedRecord)
