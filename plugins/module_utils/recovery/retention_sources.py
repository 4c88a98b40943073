# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which backups the servers that took them need not keep, once the stores were pruned.

What lies on such a server and not on a store is shipped there at the next backup: so what a store let go has to go
there too. But not what another store is still to receive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .leftovers import DIGEST, PART
from .retention_verdict import Retention


@dataclass(frozen=True)
class PrunedStore:
    """One store after its run. ``done`` is None where it could not be judged; ``since`` is where its window begins."""

    directory: str
    since: datetime | None = None
    done: Retention | None = None
    deleted: tuple[str, ...] = ()

    def below(self, path: str) -> str:
        """The path as all stores and servers share it."""
        return path[len(self.directory.rstrip("/")) :].lstrip("/")


def gone_everywhere(stores: Sequence[PrunedStore]) -> list[str]:
    """Paths below the stores' directories that were deleted somewhere and that no store waits for."""
    if any(one.done is None for one in stores):
        return []
    finished: dict[str, datetime | None] = {}
    listed: list[set[str]] = []
    for store in stores:
        verdicts = store.done.verdicts if store.done else ()
        listed.append({store.below(one.path) for one in verdicts})
        gone = set(store.deleted)
        finished.update({store.below(one.path): one.finished for one in verdicts if one.path in gone})
    backups = {path: when for path, when in finished.items() if not path.endswith((PART, DIGEST))}
    return sorted(
        path
        for path, when in backups.items()
        if not any(path not in has and _waits(store, when) for store, has in zip(stores, listed))
    )


def _waits(store: PrunedStore, finished: datetime | None) -> bool:
    """A store that does not have a backup of its window is still to receive it."""
    return finished is None or finished.tzinfo is None or store.since is None or finished > store.since
