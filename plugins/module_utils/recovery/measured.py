# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps of restores that were carried out, as the predictions of later ones want them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from .prediction import rates

#: Of each kind: old servers and old disks are forgotten.
MOST = 200

Step = dict[str, Any]


def measured_steps(databases: Iterable[Mapping[str, Any]], transfers: Iterable[Mapping[str, Any]]) -> list[Step]:
    """From what mssql_restore and ftp_transfer returned: kind, bytes and seconds of each step that was done."""
    steps = [
        _step(step.get("backup_type") or step["action"], step.get("size"), step["seconds"])
        for database in databases
        for step in database.get("steps") or ()
        if not step.get("passed_over")
    ]
    return steps + [_step("fetch", row.get("bytes"), row["seconds"]) for row in transfers if row.get("changed")]


def _step(kind: str, size: Any, seconds: Any) -> Step:
    return {"kind": str(kind), "bytes": int(size or 0), "seconds": float(seconds)}


def with_measured(known: Any, new: Iterable[Step]) -> list[Step]:
    """The newest of each kind, the old ones first. What was kept and cannot be read is measured anew."""
    try:
        kept = [_step(row["kind"], row["bytes"], row["seconds"]) for row in known or ()]
    except (KeyError, TypeError, ValueError):
        kept = []
    by_kind: dict[str, list[Step]] = defaultdict(list)
    for step in (*kept, *new):
        by_kind[step["kind"]].append(step)
    result = [step for steps in by_kind.values() for step in steps[-MOST:]]
    rates(result)  # whoever reads this file must be able to
    return result
