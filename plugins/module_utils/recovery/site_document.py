# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The document of a site for whoever takes it over: what is where, under which address, account and time. No secrets.

It is a value, so that the page and the text say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .route_check import SERVICES, party
from .site_document_words import ACCOUNTS, ROLES, RUNS, TLS

Words = tuple[str, str]
Facts = Mapping[str, Any]
NONE: Words = ("–", "–")


@dataclass(frozen=True)
class Part:
    """A heading with a table below it, and a sentence where one is needed."""

    title: Words
    heads: tuple[Words, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: Words = ("", "")


def parts(facts: Facts) -> list[Part]:
    """In the order in which somebody new asks."""
    return [
        _promises(facts),
        _hosts(facts),
        _databases(facts),
        _modules(facts),
        _store(facts),
        _schedule(facts),
        _accounts(facts),
        _routes(facts),
        _deciders(facts),
        _versions(facts),
    ]


def _promises(facts: Facts) -> Part:
    rows = [
        (("Zona waktu", "Time zone"), str(facts["time_zone"])),
        (("RPO: data yang boleh hilang", "RPO: data that may be lost"), _minutes(facts.get("rpo_minutes"))),
        (("RTO: lama sampai dapat dipakai", "RTO: time until it can be used"), _minutes(facts.get("rto_minutes"))),
        (
            ("Bisa dipulihkan ke saat mana pun dalam", "Can be restored to any instant of the last"),
            (f"{facts.get('window_days')} hari terakhir", f"{facts.get('window_days')} days"),
        ),
    ]
    return Part(("Janji", "Promises"), (("Hal", "what"), ("Nilai", "value")), tuple(rows))


def _minutes(value: Any) -> Any:
    return (f"{value} menit", f"{value} minutes") if value not in (None, "") else NONE


def _hosts(facts: Facts) -> Part:
    heads = (
        ("Server", "host"),
        ("Peran", "role"),
        ("Alamat", "address"),
        ("Sistem", "system"),
        ("SQL Server", "SQL Server"),
        ("Folder", "folders"),
    )
    return Part(("Server", "Hosts"), heads, tuple(_host(one) for one in in_order(facts["hosts"])))


def in_order(hosts: Sequence[Facts]) -> list[Facts]:
    """By role, then by name: whatever the order they are told in, it is the same document."""
    roles = [*ROLES, ""]
    return sorted(hosts, key=lambda one: (roles.index(_group(one)), str(one["name"])))


def _group(one: Facts) -> str:
    """The group that says what a host is for; empty for the controller."""
    return next((group for group in ROLES if group in one.get("groups", [])), "")


def _host(one: Facts) -> tuple[Any, ...]:
    role = ROLES.get(_group(one), ("controller", "controller"))
    system = str(one.get("system") or "") or ("tidak menjawab", "did not answer")
    return (party(str(one["name"])), role, str(one.get("address") or "–"), system, _sql(one), _folders(one))


def _sql(one: Facts) -> Any:
    if not one.get("sql_address"):
        return NONE
    place = f"{one.get('sql_name')} {one['sql_address']}:{one.get('sql_port')}"
    version = str(one.get("sql_version") or "")
    return (f"{place}, {version or 'tidak menjawab'}", f"{place}, {version or 'did not answer'}")


def _folders(one: Facts) -> Any:
    named = [str(path) for path in one.get("folders", []) if path]
    return ", ".join(dict.fromkeys(named)) or NONE


def _databases(facts: Facts) -> Part:
    told = list(facts.get("databases", []))
    priorities = facts.get("priorities") or {}
    order = sorted(told, key=lambda name: (priorities.get(name, len(told) + 1), told.index(name)))
    users = {
        name: [one["name"] for one in facts.get("modules", []) if name in one.get("databases", [])] for name in told
    }
    canaries = {str(row.get("database")): f"{row.get('table')}.{row.get('time_column')}" for row in facts["canaries"]}
    rows = tuple(
        (str(number), name, ", ".join(users[name]) or NONE, canaries.get(name, NONE))
        for number, name in enumerate(order, 1)
    )
    heads = (
        ("Urutan pulih", "order of recovery"),
        ("Database", "database"),
        ("Modul", "modules"),
        ("Tabel penanda", "canary"),
    )
    return Part(("Database", "Databases"), heads, rows)


def _modules(facts: Facts) -> Part:
    rows = tuple(
        (
            str(one.get("name")),
            str(one.get("host")),
            ", ".join(one.get("databases") or []) or NONE,
            "; ".join(str(file.get("path")) for file in one.get("files") or []) or NONE,
            str(one.get("health") or "") or NONE,
        )
        for one in facts.get("modules", [])
    )
    heads = (
        ("Modul", "module"),
        ("Server", "host"),
        ("Database", "databases"),
        ("File konfigurasi", "configuration"),
        ("Pemeriksaan", "health check"),
    )
    return Part(("Modul aplikasi", "Application modules"), heads, rows)


def _store(facts: Facts) -> Part:
    heads = (("Penyimpanan", "store"), ("Alamat", "address"), ("Sambungan", "connection"), ("Folder", "folder"))
    rows: tuple[tuple[Any, ...], ...] = tuple(
        (
            str(one["name"]),
            f"{one['address']}:{one['port']}",
            TLS.get(str(one.get("tls")), NONE),
            str(one.get("directory") or "") or NONE,
        )
        for one in facts["stores"]
    )
    also = ("penyimpanan kedua", "second store")
    rows += tuple((also, str(address), NONE, NONE) for address in facts.get("other_stores", []))
    return Part(("Penyimpanan backup", "Backup store"), heads, rows)


def _schedule(facts: Facts) -> Part:
    note = (
        f"Menurut jam rumah sakit ({facts['time_zone']}).",
        f"By the hospital's clock ({facts['time_zone']}).",
    )
    rows = []
    for one in facts.get("schedule", []):
        following = [RUNS.get(kind, (kind, kind)) for kind in (facts.get("then") or {}).get(one["kind"], [])]
        then = (", ".join(kind[0] for kind in following), ", ".join(kind[1] for kind in following))
        rows.append((RUNS.get(one["kind"], (one["kind"],) * 2), _when(str(one["at"])), then if following else NONE))
    heads = (("Yang berjalan", "what runs"), ("Kapan", "when"), ("Lalu", "then"))
    return Part(("Jadwal", "Schedule"), heads, tuple(rows), note)


_DAYS = {
    "Mon": "Senin",
    "Tue": "Selasa",
    "Wed": "Rabu",
    "Thu": "Kamis",
    "Fri": "Jumat",
    "Sat": "Sabtu",
    "Sun": "Minggu",
}


def _when(at: str) -> Words:
    """ "Sun 02:00" as people say it. What is not understood stays as it is written."""
    if at.startswith("*:") and "/" in at:
        first, every = at[2:].split("/", 1)
        since = "" if int(first or 0) == 0 else f" (:{first})"
        return f"tiap {every} menit{since}", f"every {every} minutes{since}"
    days, _space, clock = at.rpartition(" ")
    if not days:
        return f"tiap hari {clock}", f"daily {clock}"
    indonesian = days
    for english, name in _DAYS.items():
        indonesian = indonesian.replace(english, name)
    return f"{indonesian.replace('..', '–')} {clock}", f"{days.replace('..', '–')} {clock}"


def _accounts(facts: Facts) -> Part:
    note = (
        "Kata sandi ada di vault inventory, dan hanya di sana.",
        "Passwords are in the inventory's vault, and nowhere else.",
    )
    rows = tuple(
        (str(one["name"]), str(one["where"]), ACCOUNTS[one["use"]])
        for one in facts.get("accounts", [])
        if one.get("name")
    )
    return Part(
        ("Akun", "Accounts"), (("Akun", "account"), ("Di mana", "where"), ("Untuk apa", "what for")), rows, note
    )


def _routes(facts: Facts) -> Part:
    """One row for what a target listens on, with everybody who needs it."""
    users: dict[tuple[str, str, str, int], dict[str, None]] = {}
    ends: dict[tuple[str, str, str, int], tuple[int, int]] = {}
    for one in facts.get("routes", []):
        port = int(one["port"])
        # Of a passive range some ports are tried, and all are needed.
        key = (str(one["target"]), str(one["address"]), str(one["service"]), 0 if one.get("idle") else port)
        users.setdefault(key, {})[party(str(one["origin"]))] = None
        first, end = ends.get(key, (port, port))
        ends[key] = (min(first, port), max(end, port))
    rows = tuple(
        (
            key[0],
            f"{key[1]}:{ends[key][0]}" + (f"–{ends[key][1]}" if ends[key][1] > ends[key][0] else ""),
            SERVICES.get(key[2], (key[2], key[2])),
            ", ".join(sorted(who, key=lambda name: (name != "controller", name))),
        )
        for key, who in sorted(users.items())
    )
    heads = (("Ke", "to"), ("Alamat", "address"), ("Layanan", "service"), ("Dari", "from"))
    note = ("Diuji dengan playbooks/connectivity.yml.", "Tried by playbooks/connectivity.yml.")
    return Part(("Jalur jaringan", "Routes"), heads, rows, note)


def _deciders(facts: Facts) -> Part:
    persons = facts.get("decision_persons", 1)
    alone = ("yang menjalankan pemulihan", "whoever runs the recovery")
    rows = [
        (
            ("1: server tujuan pemulihan", "1: the server to restore on"),
            ", ".join(facts.get("choosers") or []) if persons == 2 else alone,
        ),
        (
            ("2: instruksi resmi", "2: the official go"),
            ", ".join(facts.get("givers") or []) if persons == 2 else alone,
        ),
        (
            ("Yang diberi tahu", "Who is told"),
            ", ".join(facts.get("told") or []) or ("belum ada", "nobody yet"),
        ),
    ]
    return Part(("Keputusan", "Decisions"), (("Hal", "what"), ("Siapa", "who")), tuple(rows))


def _versions(facts: Facts) -> Part:
    rows = tuple((str(name), str(version)) for name, version in (facts.get("versions") or {}).items() if version)
    return Part(
        ("Versi di controller", "Versions on the controller"), (("Program", "program"), ("Versi", "version")), rows
    )


def lost_hosts(facts: Facts) -> Iterator[str]:
    """Those that did not answer when the document was made."""
    for one in facts["hosts"]:
        if not one.get("system") or (one.get("sql_address") and not one.get("sql_version")):
            yield str(one["name"])


def cell(value: Any, language: int) -> str:
    """A cell in one language: 0 Indonesian, 1 English."""
    return str(value[language]) if isinstance(value, tuple) else str(value)


def texts(values: Sequence[Any], language: int) -> list[str]:
    return [cell(one, language) for one in values]
