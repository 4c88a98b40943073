# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The words of the report page in Indonesian and English, and how it says spans of time and sizes."""

from __future__ import annotations

from typing import Any

TITLES = {
    "recovery": ("Laporan pemulihan", "Recovery report"),
    "backup": ("Laporan backup", "Backup report"),
    "failback": ("Laporan kembali ke server produksi", "Failback report"),
    "switchover": ("Laporan perpindahan terencana", "Planned switchover report"),
    "drill": ("Laporan latihan", "Drill report"),
    "daily_check": ("Laporan pemeriksaan harian", "Daily check report"),
    "fence": ("Laporan penutupan server lama", "Report of an old server closed"),
    "prune": ("Laporan penghapusan backup lama", "Retention report"),
    "standby": ("Laporan server siaga", "Warm standby report"),
    "connectivity": ("Laporan jalur jaringan", "Connectivity report"),
    "uat": ("Berita acara uji terima", "Acceptance test report"),
    "run": ("Laporan", "Report"),
}

#: outcome -> Indonesian, English, colour of the banner
OUTCOMES = {
    "success": ("Berhasil dan terbukti", "Succeeded, and proven", "good"),
    "already_there": ("Sudah pulih: tidak ada yang diubah", "Recovered already: nothing was changed", "good"),
    "planned": ("Hanya rencana: tidak ada yang diubah", "Plan only: nothing was changed", "wait"),
    "unfinished": ("BELUM SELESAI: jangan dianggap berhasil", "Not finished: this is no success", "bad"),
    "failed": ("GAGAL", "Failed", "bad"),
}

STAGES = {
    "opened": ("Mulai", "opened"),
    "assessed": ("Memeriksa server", "servers looked at"),
    "tested": ("Diuji", "tested"),
    "accepted": ("Diterima", "accepted"),
    "history": ("Membaca file backup", "backup files read"),
    "planned": ("Menyusun rencana", "planned"),
    "decision_wanted": ("Menunggu keputusan 1", "decision 1 wanted"),
    "decided": ("Keputusan 1", "decision 1"),
    "backed_up": ("Membuat backup", "backed up"),
    "shipped": ("Mengirim ke penyimpanan", "shipped to the store"),
    "fetched": ("Mengambil file", "files fetched"),
    "database_restored": ("Satu database dipulihkan", "one database restored"),
    "restored": ("Memulihkan database", "databases restored"),
    "verified": ("Memeriksa database", "databases verified"),
    "repointed": ("Mengalihkan modul", "modules repointed"),
    "proven": ("Membuktikan modul", "modules proven"),
    "kept_in_step": ("Menyelaraskan login dan job", "logins and jobs kept in step"),
    "fenced": ("Menutup server lama", "old server closed"),
    "handed_over": ("Menyerahkan login dan job", "logins and jobs handed over"),
    "pruned": ("Backup lama dihapus", "Old backups deleted"),
    "failed": ("Gagal", "failed"),
    "closed": ("Selesai", "closed"),
    "go_wanted": ("Menunggu keputusan 2", "decision 2 wanted"),
    "go": ("Instruksi resmi", "official go"),
    "notified": ("Memberi tahu", "people told"),
    "deviation": ("Penyimpangan dicatat", "deviation noted"),
    "corrective_action": ("Tindakan perbaikan dicatat", "corrective action noted"),
}

#: item of mssql_verify -> Indonesian, English
ITEMS = {
    "online": ("online", "online"),
    "multi_user": ("terbuka untuk semua", "open to everybody"),
    "read_write": ("dapat ditulis", "writable"),
    "reached": ("pulih sesuai rencana", "restored as planned"),
    "orphaned_users": ("semua pengguna punya login", "users have their logins"),
    "checkdb": ("CHECKDB", "CHECKDB"),
    "last_transaction": ("transaksi terakhir", "last transaction"),
    "program": ("modul terlihat", "module seen"),
    "route": ("terbuka", "open"),
    "acceptance": ("lulus", "passed"),
    "no_program": ("modul tidak di server lama", "module gone from the old server"),
}

#: The clocks of an incident -> Indonesian, English; short enough for the picture
CLOCKS = {
    "T0": ("Gangguan", "disruption"),
    "T1": ("Insiden dibuka", "declared"),
    "T2": ("Keputusan 1", "decision 1"),
    "T3": ("Server lama ditutup", "old server closed"),
    "T4": ("Database pulih", "restored"),
    "T5": ("Database terbukti", "verified"),
    "T6": ("Modul terbukti", "modules proven"),
    "T7": ("Instruksi resmi", "official go"),
}

TARGETS: dict[str, tuple[str, ...]] = {
    "rpo": ("RPO: data yang boleh hilang", "data that may be lost"),
    "rto": ("RTO: lama sampai dapat dipakai", "time until it can be used"),
    "kinds": ("recovery", "failback", "switchover", "drill"),
}

BILL = [
    ("Pilihan server", "possible server"),
    ("Data hilang", "data lost"),
    ("Diambil", "to fetch"),
    ("Perkiraan lama", "about"),
    ("Tidak dapat dipakai karena", "cannot be used because"),
]

#: By which means somebody decided
HOW = {
    "typed at the terminal": ("diketik di terminal", "typed at the terminal"),
    "recovery_confirmed=true": ("diputuskan sebelumnya (latihan)", "decided beforehand (drill)"),
    "go_confirmed=true": ("diputuskan sebelumnya (latihan)", "decided beforehand (drill)"),
    "signed": ("tanda tangan digital", "signed"),
    "named beforehand": ("ditulis saat dijalankan", "named beforehand"),
}

#: What people are told, as the role notify names it
MOMENTS = {
    "incident_opened": ("insiden dibuka", "incident opened"),
    "decision_wanted": ("keputusan ditunggu", "decision wanted"),
    "restored": ("database dipulihkan, belum terbukti", "restored, not proven yet"),
    "proven": ("terbukti", "proven"),
    "failed": ("gagal", "failed"),
    "alert": ("perlu perhatian", "needs somebody"),
    "go": ("instruksi resmi", "official go"),
}

DEVIATIONS = {
    "attempts": ("Dijalankan {count} kali sampai selesai.", "It took {count} runs."),
    "rpo_missed": ("Data yang hilang melebihi RPO ({seconds}).", "More was lost than the RPO allows ({seconds})."),
    "rto_missed": ("Pemulihan lebih lama dari RTO ({seconds}).", "It took longer than the RTO allows ({seconds})."),
    "torn": ("Jurnal sebelumnya rusak: {folder}", "The journal before was torn: {folder}"),
    "taken_over": ("Melanjutkan yang terputus: {run}", "Took over from an interrupted run: {run}"),
    "drill": ("Keputusan 1 tanpa orang di terminal.", "Decision 1 was taken with nobody at a terminal."),
    "not_told": ("Pemberitahuan tidak sampai ke {to}: {answer}", "{to} could not be told: {answer}"),
    "slower": (
        "{database}: lebih lama dari perkiraan ({seconds}, paling lama {promised}).",
        "{database}: took longer than promised ({seconds}, at most {promised}).",
    ),
    "left_behind": ("Modul {module} tidak terbukti.", "The module {module} is not proven."),
    "noted": ("{text}", "{text}"),
}


def span_words(seconds: Any) -> str:
    """A span of time as people say it: 8,4 detik; 3 menit 20 detik; 2 jam 5 menit; 4 hari 3 jam."""
    if seconds is None:
        return "–"
    value = float(seconds)
    if value < 60:
        return f"{value:.1f} detik".replace(".", ",")
    whole = round(value)
    days, hours, minutes = whole // 86400, whole % 86400 // 3600, whole % 3600 // 60
    if days:
        return f"{days} hari {hours} jam"
    if hours:
        return f"{hours} jam {minutes} menit"
    return f"{minutes} menit {whole % 60} detik"


def span_english(seconds: float) -> str:
    """8.4 s; 3 min 20 s; 2 h 5 min; 4 d 3 h."""
    words = span_words(seconds).replace(",", ".")
    for indonesian, english in (("detik", "s"), ("menit", "min"), ("jam", "h"), ("hari", "d")):
        words = words.replace(indonesian, english)
    return words


def size_words(size: Any) -> str:
    """Bytes in the unit that gives one to four digits."""
    if size is None:
        return "–"
    value, unit = float(size), "B"
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if value < 1024 or unit == "TB":
            break
        value /= 1024
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
