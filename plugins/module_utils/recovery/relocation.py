# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the files of a restored database go: the MOVE list, for another drive layout, system or name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from .backup_set import DatabaseFile
from .errors import InvalidInput
from .restore_step import known_values

_NOT_IN_FILE_NAMES = frozenset('\\/:*?"<>|')


@dataclass(frozen=True)
class Relocation:
    """What is to be different on the target.

    ``data_directory`` and ``log_directory`` are folders as the target server sees them (``/var/opt/mssql/data``,
    ``D:\\Data``); None leaves the files of that kind where they were. FILESTREAM and full-text containers are folders
    and go under ``filestream_directory``, or under the data directory. ``files`` maps a logical name to a full physical
    name and wins over the directories. ``database`` restores under another name.
    """

    data_directory: str | None = None
    log_directory: str | None = None
    filestream_directory: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    database: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """What JSON and Ansible carry."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Relocation:
        """The reverse of :meth:`to_dict`; unknown keys are left out, None is "nothing said"."""
        return cls(**{key: value for key, value in known_values(cls, values).items() if value is not None})

    def directory_for(self, file: DatabaseFile) -> str | None:
        """The folder for a file of this kind."""
        if file.type == "L":
            return self.log_directory or self.data_directory
        if file.type in ("S", "F"):
            return self.filestream_directory or self.data_directory
        return self.data_directory


def moves(
    files: Iterable[DatabaseFile], relocation: Relocation | None, source_database: str, database: str
) -> tuple[tuple[str, str], ...]:
    """The MOVE list: (logical name, physical name on the target) for every file, in the order of the file list."""
    files = tuple(files)
    if relocation is None:
        return ()
    taken = {place.casefold() for place in relocation.files.values()}
    result = []
    for file in files:
        physical = relocation.files.get(file.logical_name)
        if physical is None:
            physical = _new_place(file, relocation, source_database, database)
            physical = _without_collision(physical, file, taken)
            taken.add(physical.casefold())
        result.append((file.logical_name, physical))
    return tuple(result)


def refuse_wrong_map(relocation: Relocation, files: Iterable[str], database: str) -> None:
    """The file map may name only files of the database, and no place twice."""
    files = list(files)
    unknown = sorted(set(relocation.files) - set(files))
    if unknown:
        raise InvalidInput(
            f"{database}: the file map names {', '.join(unknown)}, which the backup does not hold.",
            hint=f"The logical names in the backup are {', '.join(files)}.",
        )
    places = [place.casefold() for place in relocation.files.values()]
    twice = sorted({place for place in relocation.files.values() if places.count(place.casefold()) > 1})
    if twice:
        raise InvalidInput(
            f"{database}: the file map puts two files at {twice[0]}.", hint="Give every file a place of its own."
        )


def _new_place(file: DatabaseFile, relocation: Relocation, source_database: str, database: str) -> str:
    directory = relocation.directory_for(file)
    name = _base_name(file.physical_name) or file.logical_name
    if database != source_database:
        name = _renamed(name, source_database, database)
    if directory is None:
        return file.physical_name if database == source_database else _beside(file.physical_name, name)
    return join(directory, name)


def _renamed(name: str, old: str, new: str) -> str:
    """``Old_log.ldf`` becomes ``New_log.ldf``; a name without the database's in it gets it in front."""
    new = "".join("_" if letter in _NOT_IN_FILE_NAMES else letter for letter in new)
    if name.lower().startswith(old.lower()):
        return new + name[len(old) :]
    return f"{new}_{name}"


def _beside(path: str, name: str) -> str:
    return path[: len(path) - len(_base_name(path))] + name


def _base_name(path: str) -> str:
    """The last part of a Windows or Linux path: never the whole ``D:\\…`` that a Linux server would swallow."""
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def join(directory: str, name: str) -> str:
    """``name`` in ``directory``, in the directory's own style."""
    separator = "/" if directory.startswith("/") else "\\"
    return directory.rstrip("/\\") + separator + name


def _without_collision(physical: str, file: DatabaseFile, taken: set[str]) -> str:
    if physical.casefold() not in taken:
        return physical
    stem, dot, extension = physical.rpartition(".")
    if not dot or "/" in extension or "\\" in extension:
        stem, dot, extension = physical, "", ""
    number = file.file_id or len(taken) + 1
    while f"{stem}_{number}{dot}{extension}".casefold() in taken:
        number += 1
    return f"{stem}_{number}{dot}{extension}"
