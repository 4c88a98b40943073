# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the restored files find room on the target's volumes. RESTORE makes every file at its full size at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from .database_state import DatabaseState
from .errors import NoSpace
from .restore_step import RestorePlan


def refuse_without_room(
    plans: Iterable[RestorePlan], states: Mapping[str, DatabaseState], volumes: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Raises NoSpace where a volume is too small for all plans together; returns warnings about volumes not known."""
    free = {str(row["volume_mount_point"]): int(row["available_bytes"]) for row in volumes}
    needed: dict[str, int] = defaultdict(int)
    names: dict[str, list[str]] = defaultdict(list)
    unknown: list[str] = []
    for plan in plans:
        for path, size in plan.database_files:
            volume = _volume_of(path, free)
            if volume is None:
                unknown.append(f"{plan.database}: nothing is known of the free disk under {path}.")
                continue
            needed[volume] += size
            names[volume].append(plan.database)
        if plan.database_files and plan.steps and plan.steps[0].replace:
            for path, size in states.get(plan.database, DatabaseState()).files:
                needed[_volume_of(path, free) or ""] -= size  # RESTORE ... REPLACE takes the old files away
    for volume, bytes_needed in sorted(needed.items()):
        if volume in free and bytes_needed > free[volume]:
            databases = ", ".join(dict.fromkeys(names[volume]))
            raise NoSpace(
                f"{databases}: the restored files need {mebibytes(bytes_needed)} on {volume}, which has "
                f"{mebibytes(free[volume])} free.",
                hint="Free or add disk there, or put files elsewhere with data_directory, log_directory or file_map.",
            )
    return unknown if free else []


def _volume_of(path: str, free: Mapping[str, int]) -> str | None:
    """The mount point with the longest name that the path lies under."""
    folded = path.replace("\\", "/").casefold()
    best = None
    for volume in free:
        root = volume.replace("\\", "/").casefold().rstrip("/")
        if (folded.startswith(f"{root}/") or folded == root) and (best is None or len(volume) > len(best)):
            best = volume
    return best


def mebibytes(size: int) -> str:
    """A size as people read it."""
    if abs(size) >= 10 * 2**30:
        return f"{size / 2**30:,.1f} GiB"
    return f"{size / 2**20:,.1f} MiB" if abs(size) >= 2**20 else f"{size / 2**10:,.1f} KiB"
