# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines about the bytes on the store: read to the last one, and the same that were sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .check_facts import Facts
from .check_line import CRITICAL, OK, WARNING, Line, Measure, Words
from .check_words import command, typed


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
        return Line(
            "verified",
            "",
            CRITICAL if damaged else WARNING,
            (
                f"{count} file rusak atau tidak utuh: {path}: {reason}",
                f"{count} files are damaged or not whole: {path}: {reason}",
            ),
            _move_away(path, "full"),
        )
    return _all_read(facts, told)


def _all_read(facts: Facts, told: Mapping[str, Any]) -> Line:
    missing = sorted({one.path for one in facts.sets} - set(told))
    doubtful = sorted(path for path, row in told.items() if row.get("verdict") not in ("sound", "damaged"))
    if missing:
        fact = (
            f"{len(missing)} file belum dibaca sampai habis",
            f"{len(missing)} files were not read to their end yet",
        )
        return Line("verified", "", WARNING, fact, typed("daily_check", "-e daily_check_verify_minutes=600"))
    if doubtful:
        fix = (
            "Aktifkan CHECKSUM untuk backup (BACKUP ... WITH CHECKSUM), lalu: " + command("full"),
            "Take backups WITH CHECKSUM, then: " + command("full"),
        )
        newest = {one.files[0] for name in facts.databases for one in facts.fulls(name)[-1:]}
        if newest & set(doubtful):
            fact = (
                f"{len(doubtful)} file tanpa checksum: {doubtful[-1]}",
                f"{len(doubtful)} files bear no checksum: {doubtful[-1]}",
            )
            return Line("verified", "", WARNING, fact, fix)
    sound = sum(row.get("verdict") == "sound" for row in told.values())
    return Line(
        "verified",
        "",
        OK,
        (f"{sound} file dibaca sampai byte terakhir", f"{sound} files read to the last byte"),
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
    rows = [row for row in facts.store.rows("audit") if row.get("sha256")]
    without = [row["path"] for row in rows if not row.get("expected")]
    wrong = [row["path"] for row in rows if row.get("expected") and row["expected"] != row["sha256"]]
    if wrong:
        fact = (
            f"{len(wrong)} file berubah setelah dikirim: {wrong[0]}",
            f"{len(wrong)} files changed after they were sent: {wrong[0]}",
        )
        return Line("hash", "", CRITICAL, fact, _move_away(wrong[0], "log"))
    if without:
        fact = (
            f"{len(without)} file tanpa hash (.sha256): {without[0]}",
            f"{len(without)} files have no digest (.sha256): {without[0]}",
        )
        return Line("hash", "", WARNING, fact, _move_away(without[0], "log"))
    return Line("hash", "", OK, (f"{len(rows)} hash sama", f"{len(rows)} digests equal"))


def _move_away(path: str, kind: str) -> Words:
    return (
        f"Di server penyimpanan pindahkan {path} ke luar folder backup, lalu: {command(kind)}",
        f"On the store's host move {path} out of the backup folder, then: {command(kind)}",
    )
