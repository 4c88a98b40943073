# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a new site must do before somebody accepts it, in the order in which it is tried."""

from __future__ import annotations

Words = tuple[str, str]

#: line -> what it shows, in Indonesian and English, and the kind of run that shows it.
LINES: dict[str, tuple[Words, str]] = {
    "connectivity": (("Semua jalur jaringan terbuka", "every route of the network is open"), "connectivity"),
    "full": (("Backup full dibuat dan terkirim", "full backups are taken and shipped"), "backup"),
    "log": (("Backup log dibuat dan terkirim", "log backups are taken and shipped"), "backup"),
    "standby": (("Server cadangan mengikuti produksi", "the failover follows production"), "standby"),
    "prune": (("Penghapusan backup lama berjalan", "old backups are pruned"), "prune"),
    "drill": (("Latihan di server cadangan terbukti", "the drill on the failover is proven"), "drill"),
    "last_log": (("Log terakhir dibuat dan terkirim", "the last log is taken and shipped"), "backup"),
    "equal": (("File di penyimpanan sama dengan aslinya", "files on the store equal their originals"), "daily_check"),
    "daily_check": (("Pemeriksaan harian hijau semua", "the daily check is green"), "daily_check"),
    "plan": (("Rencana pemulihan memenuhi RPO dan RTO", "the recovery plan meets RPO and RTO"), "recovery"),
}
