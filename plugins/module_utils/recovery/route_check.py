# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of every route that was tried, with what to do where one fails; as verdicts and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .route import CONTROLLER, Route
from .verdict import Verdict

Words = tuple[str, str]
_LANGUAGES = ("id", "en")
OPEN, REFUSED, TIMEOUT, NO_NAME, NO_ROUTE, NOT_ASKED = "open", "refused", "timeout", "no_name", "no_route", "not_asked"

#: What an attempt showed -> Indonesian, English. Three ways to fail are three facts: each has another cause.
RESULTS: dict[str, Words] = {
    OPEN: ("terbuka", "open"),
    REFUSED: ("ditolak", "refused"),
    TIMEOUT: ("tidak dijawab", "no answer"),
    NO_NAME: ("nama tidak dikenal", "unknown name"),
    NO_ROUTE: ("tidak ada jalur", "no route"),
    NOT_ASKED: ("tidak dapat dicoba", "could not be tried"),
}
#: A firewall that rejects answers as a host does on which nothing listens: an attempt cannot tell them apart.
IDLE: Words = ("host menjawab, belum ada yang mendengarkan", "the host answers, nobody listens")

SERVICES: dict[str, Words] = {
    "ssh": ("SSH", "SSH"),
    "winrm": ("WinRM", "WinRM"),
    "sql": ("SQL Server", "SQL Server"),
    "ftp": ("FTP", "FTP"),
    "ftp_passive": ("FTP pasif", "FTP passive"),
    "smb": ("SMB", "SMB"),
    "http": ("HTTP", "HTTP"),
    "smtp": ("email (SMTP)", "mail (SMTP)"),
}

#: What listens there, and what to do where the host itself refuses.
_STARTED: dict[str, Words] = {
    "ssh": ("Hidupkan sshd di {target}", "Start sshd on {target}"),
    "winrm": ("Aktifkan WinRM di {target} (Enable-PSRemoting)", "Switch WinRM on at {target} (Enable-PSRemoting)"),
    "sql": (
        "Hidupkan SQL Server di {target}, aktifkan TCP/IP dan tetapkan port {port} (SQL Server Configuration Manager, "
        "atau mssql-conf set network.tcpport)",
        "Start SQL Server on {target}, switch TCP/IP on and set port {port} (SQL Server Configuration Manager, or "
        "mssql-conf set network.tcpport)",
    ),
    "ftp": ("Hidupkan server FTP di {target}", "Start the FTP server on {target}"),
    "smb": ("Aktifkan file sharing di {target}", "Start file sharing on {target}"),
    "http": ("Hidupkan layanan web di {target}", "Start the web service on {target}"),
    "smtp": (
        "Hidupkan server email {target}, atau perbaiki notify_mail",
        "Start the mail server {target}, or mend notify_mail",
    ),
}
_FIXES: dict[str, Words] = {
    REFUSED: (
        "{started}. Bila sudah hidup, periksa alamat {address}:{port} di inventory, dan firewall yang menolak.",
        "{started}. If it runs, look at the address {address}:{port} in the inventory, and at a firewall that rejects.",
    ),
    TIMEOUT: (
        "Buka {address}:{port}/tcp dari {origin} di firewall {target} dan di jalurnya; pastikan juga {target} hidup.",
        "Open {address}:{port}/tcp from {origin} in the firewall of {target} and on the way; see also that {target} "
        "is up.",
    ),
    NO_NAME: (
        "Tambahkan {address} ke DNS atau /etc/hosts di {origin}, atau tulis alamat IP di inventory.",
        "Add {address} to DNS or to /etc/hosts on {origin}, or write an IP address into the inventory.",
    ),
    NO_ROUTE: (
        "Periksa alamat, netmask dan gateway di {origin}: {address} tidak terjangkau dari sana.",
        "Look at address, netmask and gateway of {origin}: {address} cannot be reached from there.",
    ),
    NOT_ASKED: (
        "Buat {origin} dapat dijangkau Ansible dulu (ansible {origin} -m ping), lalu jalankan lagi.",
        "Make Ansible reach {origin} first (ansible {origin} -m ping), then run again.",
    ),
}


@dataclass(frozen=True)
class Tried:
    """One route with what became of it. ``detail`` is the system's own word, where it has one."""

    route: Route
    result: str
    seconds: float = 0.0
    detail: str = ""

    @property
    def passes(self) -> bool:
        return self.result == OPEN or (self.route.idle and self.result == REFUSED)

    @property
    def idle(self) -> bool:
        """Passed without having been open."""
        return self.passes and self.result != OPEN

    def told(self, language: str) -> str:
        words = IDLE if self.idle else RESULTS[self.result]
        return words[_LANGUAGES.index(language)]

    def fix(self, language: str) -> str:
        """What to do; empty where nothing is."""
        if self.passes:
            return ""
        at = _LANGUAGES.index(language)
        facts = {"origin": party(self.route.origin), "target": self.route.target}
        facts.update(address=self.route.address, port=str(self.route.port))
        started = _STARTED.get(self.route.service, ("", ""))[at].format(**facts)
        return _FIXES[self.result][at].format(started=started, **facts)


def party(name: str) -> str:
    return "controller" if name == CONTROLLER else name


def judged(wanted: Iterable[Route], answers: Mapping[str, Sequence[Mapping[str, Any]] | None]) -> list[Tried]:
    """Every route with its answer. A host that answered nothing has tried nothing: its routes are no success."""
    found: dict[Route, Mapping[str, Any]] = {}
    for rows in answers.values():
        found.update({Route.from_dict(row): row for row in rows or ()})
    result = []
    for route in wanted:
        row = found.get(route, {"result": NOT_ASKED})
        told = str(row["result"]) if row["result"] in RESULTS else NOT_ASKED
        result.append(Tried(route, told, float(row.get("seconds") or 0), str(row.get("detail") or "")))
    return result


def verdicts(tried: Iterable[Tried], language: str) -> list[Verdict]:
    """For the journal and the report."""
    return [
        Verdict(
            "route",
            f"{party(one.route.origin)} → {one.route.target} {one.route.address}:{one.route.port} "
            f"{SERVICES[one.route.service][_LANGUAGES.index(language)]}",
            one.passes,
            f"{one.told(language)}{f' ({one.detail})' if one.detail else ''}",
            one.fix(language),
        )
        for one in tried
    ]


def table(tried: Sequence[Tried], language: str) -> list[str]:
    """Lines to read, aligned, a failure followed by what to do; the count at the end."""
    at = _LANGUAGES.index(language)
    heads = [("Dari", "From"), ("Ke", "To"), ("Alamat", "Address"), ("Layanan", "Service"), ("Hasil", "Result")]
    rows = [[words[at] for words in heads]]
    rows += [
        [
            party(one.route.origin),
            one.route.target,
            f"{one.route.address}:{one.route.port}",
            SERVICES[one.route.service][at],
            one.told(language),
        ]
        for one in tried
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    lines = []
    for row, one in zip(rows, [None, *tried]):
        sign = "  " if one is None else "✔ " if one.passes else "✘ "
        lines.append((sign + "  ".join(cell.ljust(width) for cell, width in zip(row, widths))).rstrip())
        if one is not None and not one.passes:
            lines.append(f"    {('Lakukan', 'Do')[at]}: {one.fix(language)}")
    bad = sum(not one.passes for one in tried)
    total = len(tried)
    idle = sum(one.idle for one in tried)
    count = total - bad - idle
    told = (f"{count} dari {total} jalur terbuka", f"{count} of {total} routes are open")[at]
    return [*lines, told + (_IDLE_TOLD[at].format(idle=idle) if idle else "")]


_IDLE_TOLD: Words = (
    "; di {idle} lagi host menjawab tetapi belum ada yang mendengarkan: baru backup dan restore yang membuktikannya",
    "; at {idle} more the host answers and nobody listens: only a backup and a restore prove these",
)
