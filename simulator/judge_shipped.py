# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the store witnessed: up to which instant do the backups that arrived there reach, for one database?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Shipped:
    """The last backup of a chain without a gap. Whatever was acknowledged before ``start`` is in the chain."""

    path: str
    type: str
    start: datetime
    last_lsn: int


def shipped(uploads: Iterable[dict[str, Any]], database: str, server: str) -> Shipped | None:
    """The furthest backup taken on ``server`` that can be reached from a full backup by what arrived on the store.

    Backups of all servers count as links, because a database keeps its log chain when it moves to another server.
    """
    arrived = [(upload["path"], one) for upload in uploads for one in upload.get("backup_sets", ())]
    arrived = [(path, one) for path, one in arrived if one["database"] == database and one["complete"]]
    reached = [link for base in arrived if base[1]["type"] == "full" for link in _chain(base, arrived)]
    own = [Shipped(*_facts(link)) for link in reached if link[1]["server"] == server]
    return max(reversed(own), key=lambda link: (link.last_lsn, link.start), default=None)


def _chain(base: tuple[str, Any], arrived: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    links = [base]
    links += [
        (path, one)
        for path, one in arrived
        if one["type"] == "differential" and one["database_backup_lsn"] == base[1]["checkpoint_lsn"]
    ]
    reached = max(int(one["last_lsn"]) for _, one in links)
    logs = [(path, one) for path, one in arrived if one["type"] == "log"]
    for path, one in sorted(logs, key=lambda link: int(link[1]["last_lsn"])):
        if int(one["first_lsn"]) <= reached <= int(one["last_lsn"]):
            reached = int(one["last_lsn"])
            links.append((path, one))
    return links


def _facts(link: tuple[str, Any]) -> tuple[str, str, datetime, int]:
    path, one = link
    return path, one["type"], datetime.fromisoformat(one["start"]), int(one["last_lsn"])
