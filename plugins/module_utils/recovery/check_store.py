# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines about the store itself: whether it answers, and for how many days it has room."""

from __future__ import annotations

from datetime import datetime, timedelta

from .check_facts import Facts, unknown
from .check_line import CRITICAL, NOTHING, OK, UNKNOWN, WARNING, Line, Measure
from .check_words import command
from .report_words import size_words

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


def store_lines(facts: Facts) -> list[Line]:
    return [store(facts), space(facts)]


def store(facts: Facts) -> Line:
    if not facts.store.ok:
        fix = (
            "Periksa layanan FTP, jaringan dan kata sandi store_read_user: systemctl status vsftpd",
            "Look at the FTP service, the network and the password of store_read_user: systemctl status vsftpd",
        )
        fact = (f"tidak menjawab: {facts.store.reason}", f"it told nothing: {facts.store.reason}")
        return Line("store", "", CRITICAL, fact, fix)
    files = int(facts.store.told.get("files") or 0)
    return Line("store", "", OK, (f"menjawab, {files} file", f"answers, {files} files"))


def space(facts: Facts) -> Line:
    """How many days the free disk lasts at the rate at which it was used lately."""
    free = free_bytes(facts)
    if free is None:
        host = facts.hosts.get("backup_storage")
        if not facts.store.ok and (host is None or not host.ok):
            return unknown("space", facts.store)
        fix = (
            "Isi store_disk_path di inventory: folder file backup seperti dilihat host backup_storage",
            "Set store_disk_path in the inventory: the folder of the backup files as the host backup_storage sees it",
        )
        return Line("space", "", UNKNOWN, ("ruang kosong tidak diketahui", "nothing tells the free space"), fix)
    rate = daily_growth(facts)
    days = free / rate if rate > 0 else None
    limits = facts.limits
    level = OK
    if days is not None and days < limits.store_days_left:
        level = CRITICAL if days < limits.store_days_left_critical else WARNING
    left = ("cukup selama tidak bertambah", "enough as long as it does not grow")
    if days is not None:
        left = (f"cukup untuk {min(days, 999):.0f} hari", f"enough for {min(days, 999):.0f} days")
    fix = NOTHING
    if level != OK:
        fix = (
            f"Hapus backup lama: {command('prune')}; lalu tambah disk di server penyimpanan",
            f"Delete old backups: {command('prune')}; then add disk to the store's host",
        )
    measures: tuple[Measure, ...] = (Measure("free_bytes", free, "B"),)
    if days is not None:
        measures += (
            Measure(
                "days_left", round(days, 1), "", limits.store_days_left, limits.store_days_left_critical, below=True
            ),
        )
    fact = (f"{size_words(free)} kosong, {left[0]}", f"{size_words(free)} free, {left[1]}")
    return Line("space", "", level, fact, fix, measures)


def free_bytes(facts: Facts) -> int | None:
    """As the store's host says, or the FTP server."""
    host = facts.hosts.get("backup_storage")
    for row in host.rows("paths") if host is not None and host.ok else ():
        if row.get("free_bytes") is not None:
            return int(row["free_bytes"])
    told = facts.store.told.get("free_bytes")
    return None if told is None else int(told)


def daily_growth(facts: Facts) -> float:
    """Bytes a day: what earlier checks saw the store grow by, else what a day's backups weigh."""
    recent = [(when, used) for when, used in facts.growth if when >= facts.now - 2 * _WEEK]
    if recent and facts.now - recent[0][0] >= _WEEK:
        first, now = recent[0], used_bytes(facts)
        return max(0.0, (now - first[1]) / ((facts.now - first[0]) / _DAY))
    young = [one for one in facts.sets if _age(facts, one.backup_start_date) <= _WEEK]
    if not young:
        return 0.0
    oldest = max(_age(facts, one.backup_start_date) for one in young)
    return sum(one.size for one in young) / max(1.0, oldest / _DAY)


def _age(facts: Facts, moment: datetime) -> timedelta:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=facts.zone)
    return facts.now - aware


def used_bytes(facts: Facts) -> int:
    """The files on the store, each once: a file may hold several sets."""
    return sum({one.path: one.size for one in facts.sets}.values())
