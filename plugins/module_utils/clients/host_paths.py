# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Folders of this host: the room on their disks, and whether an account may work in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import PurePosixPath
from typing import Any


@dataclass(frozen=True)
class Account:
    """Who is asked about. Without a name it is the one that asks."""

    name: str
    uid: int
    gids: frozenset[int]

    def may(self, status: os.stat_result, bits: int) -> bool:
        """By owner, group and others, as the kernel does; access control lists are not looked at."""
        if self.uid == 0:
            return True
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid in self.gids else 0
        return (status.st_mode >> shift) & bits == bits


def account(name: str) -> Account | None:
    """The account of this host; None where it has none of that name."""
    if not name:
        return Account("", os.geteuid(), frozenset({os.getegid(), *os.getgroups()}))
    import grp
    import pwd

    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    groups = {group.gr_gid for group in grp.getgrall() if name in group.gr_mem}
    return Account(name, found.pw_uid, frozenset({found.pw_gid, *groups}))


def look(paths: list[str], name: str) -> dict[str, Any]:
    """The host's clock, and a row for each folder; ``problem`` is empty where all is well."""
    return {
        "clock": datetime.now(timezone.utc).isoformat(),
        "paths": [_row(path, name) for path in paths],
    }


def _row(path: str, name: str) -> dict[str, Any]:
    row: dict[str, Any] = {"path": path, "account": name, "problem": "", "free_bytes": None, "total_bytes": None}
    who = account(name)
    if who is None:
        return {**row, "problem": f"this host has no account {name}"}
    try:
        for folder in _above(path):
            if not who.may(os.stat(folder), stat.S_IXOTH):
                return {**row, "problem": f"{name or 'this account'} may not pass {folder}"}
        status = os.stat(path)
        disk = os.statvfs(path)
    except OSError as error:
        return {**row, "problem": error.strerror or str(error)}
    row = {**row, "free_bytes": disk.f_bavail * disk.f_frsize, "total_bytes": disk.f_blocks * disk.f_frsize}
    if not stat.S_ISDIR(status.st_mode):
        return {**row, "problem": "it is no folder"}
    if not who.may(status, stat.S_IROTH | stat.S_IWOTH | stat.S_IXOTH):
        return {**row, "problem": f"{name or 'this account'} may not read and write there"}
    return row


def _above(path: str) -> Iterator[str]:
    yield from (str(parent) for parent in reversed(PurePosixPath(path).parents))
