# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a backup goes and what it is called: the layout and names of Ola Hallengren's scripts."""

from __future__ import annotations

import re
from datetime import datetime

from .errors import InvalidInput

_TYPES = {"full": "FULL", "differential": "DIFF", "log": "LOG"}
#: What Windows forbids in file names; the scripts leave it out, on Linux too, so that files can travel.
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
#: SQL Server's limit for the name of a backup device.
_LONGEST = 259


def backup_path(
    directory: str, server: str, database: str, backup_type: str, at: datetime, *, copy_only: bool = False
) -> str:
    """``<directory>/<SERVER>/<Database>/<TYPE>/<SERVER>_<Database>_<TYPE>_<YYYYMMDD>_<HHMMSS>.bak``.

    ``server`` is @@SERVERNAME (``SRV\\INSTANCE`` becomes ``SRV$INSTANCE``); ``at`` is the server's local time.
    """
    slash, name, kind, extension = file_words(directory, database, backup_type)
    kind += "_COPY_ONLY" if copy_only else ""
    host, stamp = _safe(server.replace("\\", "$"), database), at.strftime("%Y%m%d_%H%M%S")
    parts = [directory.rstrip("/\\"), host, name, kind, f"{host}_{name}_{kind}_{stamp}.{extension}"]
    path = slash.join(parts)
    if len(path) > _LONGEST:
        raise InvalidInput(
            f"{database}: the backup's path would have {len(path)} characters; SQL Server takes {_LONGEST}.",
            hint="Choose a shorter directory.",
        )
    return path


def file_words(directory: str, database: str, backup_type: str) -> tuple[str, str, str, str]:
    """What such a path is made of, for who makes it on the server: slash, name of the database, type, extension."""
    slash = "\\" if "\\" in directory or directory[1:2] == ":" else "/"
    return slash, _safe(database, database), _TYPES[backup_type], "trn" if backup_type == "log" else "bak"


def undo_path(directory: str, database: str) -> str:
    """The file that RESTORE WITH STANDBY needs: what it takes back to let people read, the next RESTORE puts again."""
    slash = "\\" if "\\" in directory or directory[1:2] == ":" else "/"
    return f"{directory.rstrip('/' + slash)}{slash}{_safe(database, database)}_undo.tuf"


def folder(path: str) -> str:
    """The folder of a path of either system."""
    return re.split(r"[\\/](?=[^\\/]*$)", path)[0]


def _safe(name: str, database: str) -> str:
    kept = _FORBIDDEN.sub("", name).strip(" .")
    if not kept:
        raise InvalidInput(f"{database}: nothing of the name {name!r} can stand in a file name.", hint="Rename it.")
    return kept


def refuse_same_folders(databases: list[str]) -> None:
    """Two databases whose names differ only in forbidden characters or case would share a folder, and then a file."""
    seen: dict[str, str] = {}
    for database in databases:
        name = _safe(database, database).casefold()
        other = seen.setdefault(name, database)
        if other != database:
            raise InvalidInput(
                f"{other} and {database}: their backups would get the same folder {name!r}.",
                hint="Back them up in two calls with different directories, or rename one.",
            )
