# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the daily check says times, spans and sizes, in Indonesian and English; names of its lines; commands to type."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from .check_line import CRITICAL, OK, UNKNOWN, WARNING, Words

#: item -> what people call it.
ITEMS: dict[str, Words] = {
    "production": ("Server produksi", "Production server"),
    "store": ("Penyimpanan backup", "Backup store"),
    "settings": ("Setelan database", "Database settings"),
    "present": ("Backup tersedia", "Backups present"),
    "on_time": ("Backup tepat waktu", "Backups on time"),
    "verified": ("Isi backup diperiksa", "Backups verified by their bytes"),
    "shipped": ("Backup terkirim", "Backups shipped"),
    "hash": ("Hash file sama", "Hashes equal"),
    "foreign": ("Backup oleh program lain", "Backups by other programs"),
    "recoverable": ("Bisa dipulihkan sampai", "Recoverable to"),
    "missed": ("Jadwal yang terlewat", "Missed runs"),
    "failed": ("Jadwal yang gagal", "Failed runs"),
    "space": ("Ruang penyimpanan", "Space on the store"),
    "prune": ("Penghapusan backup lama", "Pruning"),
    "failover": ("Server cadangan", "Failover server"),
    "version": ("Versi SQL Server", "SQL Server version"),
    "plan": ("Rencana pemulihan", "Restore plan"),
    "disk": ("Ruang di server cadangan", "Disk of the failover"),
    "logins": ("Login dan SID", "Logins and SIDs"),
    "jobs": ("Job SQL Server Agent", "SQL Server Agent jobs"),
    "certificates": ("Sertifikat", "Certificates"),
    "rights": ("Hak akses folder", "Rights on the folders"),
    "standby": ("Server siaga", "Warm standby"),
    "drill": ("Latihan pemulihan", "Restore drill"),
    "rto": ("Lama pemulihan", "Time to recover"),
    "fence": ("Server yang ditinggalkan", "Server that was left"),
    "clock": ("Jam server", "Clocks"),
}

LEVELS: dict[str, Words] = {
    OK: ("Baik", "OK"),
    WARNING: ("Perhatian", "Warning"),
    CRITICAL: ("Gawat", "Critical"),
    UNKNOWN: ("Tidak diketahui", "Unknown"),
}

KINDS: dict[str, Words] = {
    "full": ("full", "full"),
    "differential": ("differential", "differential"),
    "ship": ("pengiriman backup", "shipping"),
    "log": ("log", "log"),
    "backup": ("backup", "backup"),
    "prune": ("penghapusan backup lama", "prune"),
    "standby": ("server siaga", "warm standby"),
    "drill": ("latihan pemulihan", "drill"),
    "daily_check": ("pemeriksaan harian", "daily check"),
    "recovery": ("pemulihan", "recovery"),
}

_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def hour(moment: datetime, zone: tzinfo) -> str:
    """07:45 WIB."""
    return f"{moment.astimezone(zone):%H:%M %Z}"


def when(moment: datetime, now: datetime, zone: tzinfo) -> Words:
    """The time alone where it is of today, else with its day."""
    local = moment.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return hour(moment, zone), hour(moment, zone)
    text = f"{local:%d-%m-%Y %H:%M %Z}"
    return f"{_DAYS[local.weekday()]} {text}", f"{_ENGLISH_DAYS[local.weekday()]} {text}"


def span(seconds: float) -> Words:
    """A span as people say it, in its two largest units."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} detik", f"{whole} s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes < 60:
        return f"{minutes} menit", f"{minutes} min"
    if hours < 48:
        rest = minutes % 60
        return (f"{hours} jam {rest} menit", f"{hours} h {rest} min") if rest else (f"{hours} jam", f"{hours} h")
    rest = hours % 24
    return (f"{days} hari {rest} jam", f"{days} d {rest} h") if rest else (f"{days} hari", f"{days} d")


def named(names: Sequence[str], most: int = 4) -> str:
    """The first few, and how many more."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" +{rest}" if rest > 0 else "")


def command(kind: str, more: str = "") -> str:
    """What to type for a run of a kind: the same in every language."""
    names = {"full": "backup", "differential": "backup", "log": "backup", "ship": "backup"}
    extra = f" -e backup_type={kind}" if kind in names else ""
    return f"ansible-playbook playbooks/{names.get(kind, kind)}.yml{extra}{' ' + more if more else ''}"


def at_site(words: Words, inventory: Sequence[str]) -> Words:
    """A fix line whose commands name the site's inventory: without it they would act on another site."""
    named_site = "".join(f" -i {source}" for source in inventory)
    first, second = (
        text.replace("ansible-playbook playbooks/", f"ansible-playbook{named_site} playbooks/") for text in words
    )
    return first, second


def typed(kind: str, more: str = "") -> Words:
    """The same as a fix line."""
    text = command(kind, more)
    return text, text
