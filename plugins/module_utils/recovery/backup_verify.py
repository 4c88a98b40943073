# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Verifying a backup file without a SQL Server: every checksum that its bytes carry, and that nothing is missing.

The file is read once, from the first byte to the last, in constant memory. After damage the walk goes on at the next
block that is whole, so that the verdict says which database files are hit.
"""

from __future__ import annotations

from .compressed_tape import MAGIC, Unreadable
from .foreign_file import encrypted, refuse_foreign
from .tape_walk import TapeWalk
from .verification import CANNOT_BE_TOLD, DAMAGED, SOUND, SetVerdict, Verification
from .window import HEAD, Read


def verify_backup_file(read: Read, size: int, path: str, *, deep: bool = False) -> Verification:
    """The verdict on the file ``path`` of ``size`` bytes; ``read(offset, length)`` gives its bytes.

    ``deep`` unpacks compressed backups too and looks at each page: that takes a hundred times as long and finds damage
    that was in the database before the backup. Raises NotABackup where the file is something else, or is encrypted.
    """
    head = bytes(read(0, min(size, HEAD))) if size else b""
    refuse_foreign(head, size, path)
    walk = TapeWalk(read, size, compressed=head.startswith(MAGIC), deep=deep)
    try:
        walk.run()
    except Unreadable as unreadable:
        raise encrypted(path) from unreadable
    sets = tuple(tally.verdict() for tally in walk.sets)
    verdict, reason, at = _overall(walk, sets)
    return Verification(
        path=path,
        size=size,
        verdict=verdict,
        reason=reason,
        damaged_at=at,
        damages=tuple(sorted(walk.damages)),
        damage_count=walk.damage_count,
        notes=tuple(walk.notes),
        sets=sets,
        counts=walk.counts,
    )


def _overall(walk: TapeWalk, sets: tuple[SetVerdict, ...]) -> tuple[str, str | None, int | None]:
    if walk.damages:
        at, reason = min(walk.damages)
        return DAMAGED, reason, at
    if not sets:
        return CANNOT_BE_TOLD, "the medium has no backup set", None
    for each in sets:
        if each.verdict != SOUND:
            prefix = f"backup set {each.position}, " if len(sets) > 1 else ""
            return each.verdict, f"{prefix}{each.reason}", each.damaged_at
    return SOUND, None, None
