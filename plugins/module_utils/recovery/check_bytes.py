# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines about the bytes on the store: read to the last one, and the same that were sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .check_facts import Facts
from .check_line import CRITICAL, OK, WARNING, Line, Measure
from .check_words import command

_MOVE_AWAY = (
    "Di server penyimpanan pindahkan {path} ke luar folder backup, lalu: {command}",
    "On the store's host move {path} out of the backup folder, then: {command}",
)


def verified(facts: Facts) -> Line:
    """Whether every byte was read. Damage counts until a sound full after it begins the chain anew."""
    told = {row["path"]: row for row in facts.store.rows("audit")}
    damaged = [path for path, row in told.items() if row.get("verdict") == "damaged" and not _superseded(facts, path)]
    broken = [row for row in facts.store.rows("unreadable") if "being written" not in str(row.get("reason"))]
    broken = [row for row in broken if row["path"] not in damaged]
    if damaged or broken:
        path = damaged[0] if damaged else str(broken[0]["path"])
        reason = str((told[path] if damaged else broken[0]).get("reason") or "")
        count = len(damaged) + len(broken)
        fix = [words.format(path=path, command=command("full")) for words in _MOVE_AWAY]
        return Line(
            "verified",
            "",
            CRITICAL if damaged else WARNING,
            (
                f"{count} berkas rusak atau tidak utuh: {path}: {reason}",
                f"{count} files are damaged or not whole: {path}: {reason}",
            ),
            (fix[0], fix[1]),
        )
    return _all_read(facts, told)


def _all_read(facts: Facts, told: Mapping[str, Any]) -> Line:
    missing = sorted({one.path for one in facts.sets} - set(told))
    doubtful = sorted(path for path, row in told.items() if row.get("verdict") not in ("sound", "damaged"))
    if missing:
        fact = (f"{len(missing)} berkas belum dibaca utuh", f"{len(missing)} files were not read to their end yet")
        longer = f"{command('daily_check')} -e daily_check_verify_minutes=600"
        return Line("verified", "", WARNING, fact, (longer, longer))
    if doubtful:
        fix = (
            "Nyalakan CHECKSUM untuk backup (BACKUP ... WITH CHECKSUM), lalu: " + command("full"),
            "Take backups WITH CHECKSUM, then: " + command("full"),
        )
        newest = {one.files[0] for name in facts.databases for one in facts.fulls(name)[-1:]}
        if newest & set(doubtful):
            fact = (
                f"{len(doubtful)} berkas tanpa checksum: {doubtful[-1]}",
                f"{len(doubtful)} files bear no checksum: {doubtful[-1]}",
            )
            return Line("verified", "", WARNING, fact, fix)
    sound = sum(row.get("verdict") == "sound" for row in told.values())
    return Line(
        "verified",
        "",
        OK,
        (f"{sound} berkas dibaca sampai byte terakhir", f"{sound} files read to the last byte"),
        measures=(Measure("sound_files", sound),),
    )


def _superseded(facts: Facts, path: str) -> bool:
    """A sound full that began after the damaged backup: it is only a hole in the past."""
    sound = {row["path"] for row in facts.store.rows("audit") if row.get("verdict") == "sound"}
    for backup in facts.history.backups:
        if path in backup.files:
            later = (one for one in facts.fulls(backup.head.database_name) if one.started > backup.started)
            return any(set(one.files) <= sound for one in later)
    return False


def hashes(facts: Facts) -> Line:
    """The digest of the bytes on the store is the one that was taken when they were sent."""
    rows = facts.store.rows("audit")
    wrong = [row for row in rows if row.get("expected") and row.get("sha256") and row["expected"] != row["sha256"]]
    without = [row for row in rows if row.get("sha256") and not row.get("expected")]
    compared = sum(bool(row.get("expected") and row.get("sha256")) for row in rows)
    if wrong:
        path = wrong[0]["path"]
        fix = [words.format(path=path, command=command("log")) for words in _MOVE_AWAY]
        return Line(
            "hash",
            "",
            CRITICAL,
            (
                f"{len(wrong)} berkas berubah setelah dikirim: {path}",
                f"{len(wrong)} files changed after they were sent: {path}",
            ),
            (fix[0], fix[1]),
        )
    if without:
        path = without[0]["path"]
        fix = [words.format(path=path, command=command("log")) for words in _MOVE_AWAY]
        return Line(
            "hash",
            "",
            WARNING,
            (
                f"{len(without)} berkas tanpa sidik (.sha256): {path}",
                f"{len(without)} files have no digest (.sha256): {path}",
            ),
            (fix[0], fix[1]),
        )
    return Line("hash", "", OK, (f"{compared} sidik sama", f"{compared} digests equal"))
