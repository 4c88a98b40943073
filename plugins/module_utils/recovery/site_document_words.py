# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The words of the site's document in Indonesian and English."""

from __future__ import annotations

Words = tuple[str, str]

ROLES: dict[str, Words] = {
    "production": ("produksi", "production"),
    "failover": ("cadangan (failover)", "failover"),
    "backup_storage": ("penyimpanan backup", "backup store"),
    "offsite_storage": ("penyimpanan kedua", "second store"),
    "application": ("aplikasi", "application"),
}

RUNS: dict[str, Words] = {
    "full": ("Backup full", "full backup"),
    "differential": ("Backup differential", "differential backup"),
    "log": ("Backup log", "log backup"),
    "standby": ("Server cadangan mengikuti", "the failover follows"),
    "prune": ("Hapus backup lama", "old backups are pruned"),
    "daily_check": ("Pemeriksaan harian", "daily check"),
    "drill": ("Latihan pemulihan", "recovery drill"),
    "fence": ("Jaga server yang ditinggalkan", "watch over a server that was left"),
}

TLS: dict[str, Words] = {
    "explicit": ("FTP dengan TLS (AUTH TLS)", "FTP with TLS (AUTH TLS)"),
    "implicit": ("FTP dengan TLS sejak awal", "FTP with implicit TLS"),
    "none": ("FTP TANPA enkripsi", "FTP WITHOUT encryption"),
}

ACCOUNTS: dict[str, Words] = {
    "backup": ("membuat backup", "takes backups"),
    "restore": ("memulihkan, dan memeriksa setiap hari", "restores, and asks every day"),
    "admin": ("menyelaraskan login, job dan setelan", "keeps logins, jobs and settings in step"),
    "write": ("menambah file di penyimpanan, tidak lebih", "adds files to the store, and nothing else"),
    "read": ("membaca penyimpanan, tidak lebih", "reads the store, and nothing else"),
    "prune": ("menghapus backup lama di penyimpanan", "deletes old backups on the store"),
    "service": ("akun layanan SQL Server", "account of SQL Server's service"),
    "manage": ("dipakai Ansible di server", "used by Ansible on the hosts"),
    "schedule": ("menjalankan jadwal di controller", "runs the schedule on the controller"),
}
