# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Words and looks of the report page, and how it says spans of time and sizes."""

from __future__ import annotations

from typing import Any

TITLES = {
    "recovery": ("Laporan pemulihan", "Recovery report"),
    "backup": ("Laporan backup", "Backup report"),
    "prune": ("Laporan penghapusan backup lama", "Retention report"),
    "standby": ("Laporan server siaga", "Warm standby report"),
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
    "history": ("Membaca berkas backup", "backup files read"),
    "planned": ("Menyusun rencana", "planned"),
    "decision_wanted": ("Menunggu keputusan 1", "decision 1 wanted"),
    "decided": ("Keputusan 1", "decision 1"),
    "backed_up": ("Membuat backup", "backed up"),
    "shipped": ("Mengirim ke penyimpanan", "shipped to the store"),
    "fetched": ("Mengambil berkas", "files fetched"),
    "database_restored": ("Satu database dipulihkan", "one database restored"),
    "restored": ("Memulihkan database", "databases restored"),
    "verified": ("Memeriksa database", "databases verified"),
    "repointed": ("Mengalihkan modul", "modules repointed"),
    "proven": ("Membuktikan modul", "modules proven"),
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
    "online": ("daring", "online"),
    "multi_user": ("terbuka untuk semua", "open to everybody"),
    "read_write": ("dapat ditulis", "writable"),
    "reached": ("pulih sesuai rencana", "restored as planned"),
    "orphaned_users": ("pengguna punya login", "users have their logins"),
    "checkdb": ("CHECKDB", "CHECKDB"),
    "last_transaction": ("transaksi terakhir", "last transaction"),
    "program": ("modul terlihat", "module seen"),
    "no_program": ("modul tidak di server lama", "module gone from the old server"),
}

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--line:#d0d7de;--card:#f6f8fa;
--good:#116329;--wait:#7d4e00;--bad:#a40e26}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b1;--paper:#0d1117;--line:#30363d;--card:#161b22}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:70rem;margin:0 auto;padding:1rem}
header{color:#fff;border-radius:.6rem;padding:1rem 1.4rem}header p{margin:0}header .en,header p{color:#fff;opacity:.92}
header.good{background:var(--good)}header.wait{background:var(--wait)}header.bad{background:var(--bad)}
h1{margin:.1rem 0;font-size:2rem;line-height:1.2}h2{font-size:1.15rem;margin:2rem 0 .5rem}
.en{color:var(--soft);font-size:.85em;font-weight:400}small{color:var(--soft)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.8rem;margin:1rem 0}
dl div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.5rem .8rem}
dt{color:var(--soft);font-size:.9rem}dd{margin:0;font-weight:600;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:.93rem}
th{text-align:left;border-bottom:2px solid var(--line);padding:.35rem .5rem;vertical-align:bottom}
td{border-bottom:1px solid var(--line);padding:.35rem .5rem;vertical-align:top;overflow-wrap:break-word}
code{font-size:.85em;overflow-wrap:anywhere}.hash{word-break:break-all}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.2rem 0}
.ok{color:var(--good)}.no{color:var(--bad)}
@media(prefers-color-scheme:dark){.ok{color:#56d364}.no{color:#ff7b72}}
ul.bad{border-left:.4rem solid var(--bad);padding:.3rem 1rem;list-style:none}
svg{width:100%;min-width:6rem;height:.7rem;display:block;background:var(--card)}svg rect{fill:#2f81f7}
footer{color:var(--soft);margin-top:2rem;font-size:.85rem;overflow-wrap:anywhere}
@media(max-width:44rem){thead{display:none}
tr{display:block;border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0}
td{display:block;border:0}td::before{content:attr(data-head);display:block;color:var(--soft);font-size:.8rem}}
@media print{body{font-size:11px}header{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
"""


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
