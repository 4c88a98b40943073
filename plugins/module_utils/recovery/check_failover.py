# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines about the server that would take over: whether it would be ready at this moment, and in what time."""

from __future__ import annotations

import re
from typing import Any

from . import tsql
from .check_equal import compared
from .check_facts import Answer, Facts, unknown
from .check_line import CRITICAL, NOTHING, OK, WARNING, Line, Measure, Words, graded
from .check_plan import planned
from .check_rights import rights
from .check_words import command, named, span, typed, when

_RESTORABLE = ("RESTORING", "STANDBY")
_START = "systemctl start mssql-server (Windows: net start MSSQLSERVER)"


def failover_lines(facts: Facts) -> list[Line]:
    """All of them; of a server that is silent nothing is known but that."""
    first = [production(facts), failover(facts), fence(facts)]
    if not facts.spare.ok:
        items = ("version", "plan", "disk", "rto", "logins", "jobs", "certificates", "standby")
        return [*first, *(unknown(item, facts.spare) for item in items), rights(facts)]
    return [*first, version(facts), *planned(facts), *compared(facts), standby(facts), rights(facts)]


def production(facts: Facts) -> Line:
    recovery = command("recovery", f"-e target={_spare_group(facts)}")
    fix = (
        f"Hidupkan {facts.used_name}; bila gagal, minta keputusan IT Manager: {recovery}",
        f"Start {facts.used_name}; where that fails, ask the IT Manager: {recovery}",
    )
    return _answers("production", facts.used, fix)


def failover(facts: Facts) -> Line:
    fix = (
        f"Hidupkan {facts.spare_name} dan SQL Server di sana: {_START}",
        f"Start {facts.spare_name} and its SQL Server: {_START}",
    )
    return _answers("failover", facts.spare, fix)


def _answers(item: str, server: Answer, fix: Words) -> Line:
    name, reason = server.who[0], server.reason
    if server.ok:
        return Line(item, "", OK, (f"{name} menjawab", f"{name} answers"))
    return Line(item, "", CRITICAL, (f"{name} tidak menjawab: {reason}", f"{name} told nothing: {reason}"), fix)


def fence(facts: Facts) -> Line:
    """After a recovery the server that was left must stay closed, and the way back is still to be gone."""
    if not facts.left:
        return Line("fence", "", OK, ("tidak ada", "none"))
    rows = {str(row["name"]).casefold(): row["state"] for row in facts.spare.rows("databases")}
    opened = [name for name in facts.databases if rows.get(name.casefold()) == "ONLINE"]
    since = str(facts.left.get("since") or "")
    group = _spare_group(facts)
    if opened:
        close = command("log", f"-e backup_server={group}")
        fix = (
            f"Jangan biarkan siapa pun bekerja di sana. Tutup: {close}",
            f"Let nobody work there. Close it: {close}",
        )
        fact = (
            f"{facts.spare_name} ditinggalkan {since}, tetapi TERBUKA: {named(opened)}",
            f"{facts.spare_name} was left at {since} and is OPEN: {named(opened)}",
        )
        return Line("fence", "", CRITICAL, fact, fix)
    back = command("recovery", f"-e target={group}")
    fix = (
        f"Untuk kembali, setelah {facts.spare_name} diperbaiki: {back}",
        f"The way back, once {facts.spare_name} is mended: {back}",
    )
    fact = (
        f"rumah sakit bekerja di {facts.used_name} sejak {since}",
        f"the hospital works on {facts.used_name} since {since}",
    )
    return Line("fence", "", WARNING, fact, fix)


def _spare_group(facts: Facts) -> str:
    """The inventory's group of the server that the hospital does not work on."""
    return "failover" if str(facts.left.get("group") or "production") == "production" else "production"


def version(facts: Facts) -> Line:
    """A backup is never restored on an older SQL Server; what production is, its backups know too."""
    there = _version((facts.spare.told.get("server") or {}).get("version"))
    here = _version((facts.used.told.get("server") or {}).get("version")) or _of_backups(facts)
    if not there or not here:
        return unknown("version", facts.used if there else facts.spare)
    texts = ".".join(map(str, there)), ".".join(map(str, here))
    if there[:2] < here[:2] or there < here:
        # Within one version databases are restorable, yet a fix that production needs is missing.
        level = CRITICAL if there[:2] < here[:2] else WARNING
        fix = (
            f"Perbarui SQL Server di {facts.spare_name} ke {texts[1]}",
            f"Update SQL Server on {facts.spare_name} to {texts[1]}",
        )
        fact = (
            f"{facts.spare_name} {texts[0]}, lebih tua dari {texts[1]}",
            f"{facts.spare_name} has {texts[0]}, older than {texts[1]}",
        )
        return Line("version", "", level, fact, fix)
    return Line("version", "", OK, (f"{texts[0]}, produksi {texts[1]}", f"{texts[0]}, production {texts[1]}"))


def _version(text: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", str(text or ""))[:4])


def _of_backups(facts: Facts) -> tuple[int, ...]:
    newest = max(facts.history.backups, key=lambda one: one.started, default=None) if facts.store.ok else None
    if newest is None:
        return ()
    return newest.head.software_version_major, newest.head.software_version_minor, newest.head.software_version_build


def standby(facts: Facts) -> Line:
    """How far the failover was rolled forward: what is left to restore on the day."""
    states = {str(name).casefold(): row for name, row in (facts.spare.told.get("database_states") or {}).items()}
    own = {name: states.get(name.casefold()) or {"state": "absent"} for name in facts.databases}
    opened = [name for name, row in own.items() if row["state"] not in ("absent", *_RESTORABLE)]
    if opened and not facts.left:
        drop = tsql.drop_database(opened[0]).splitlines()[-1]
        fix = (
            f"Pastikan tidak ada yang bekerja di sana, lalu {drop} di {facts.spare_name}; lalu {command('standby')}",
            f"See that nobody works there, then {drop} on {facts.spare_name}; then {command('standby')}",
        )
        fact = (f"TERBUKA di {facts.spare_name}: {named(opened)}", f"OPEN on {facts.spare_name}: {named(opened)}")
        return Line("standby", "", CRITICAL, fact, fix)
    kept = any(row["state"] in _RESTORABLE for row in own.values())
    if facts.left or not (kept or facts.due("standby")):
        return Line("standby", "", OK, ("tidak dijadwalkan", "none is scheduled"))
    gone = [name for name, row in own.items() if row["state"] == "absent"]
    if gone:
        fact = (f"belum ada di {facts.spare_name}: {named(gone)}", f"not on {facts.spare_name} yet: {named(gone)}")
        return Line("standby", "", WARNING, fact, typed("standby"))
    return _lag(facts, own)


def _lag(facts: Facts, own: dict[str, dict[str, Any]]) -> Line:
    if not facts.store.ok:
        return unknown("standby", facts.store)
    by_guid = {one.guid.lower(): one for one in facts.history.backups}
    ends = {name: by_guid.get(str(row.get("last_restored_set_guid")).lower()) for name, row in own.items()}
    lost = [name for name, found in ends.items() if found is None]
    if lost:
        fact = (f"backup terakhirnya tidak dikenal: {named(lost)}", f"its last backup is not known: {named(lost)}")
        return Line("standby", "", WARNING, fact, typed("standby"))
    oldest = min(found.started for found in ends.values() if found is not None)
    lag, limit = (facts.now - oldest).total_seconds(), facts.limits.standby_lag_minutes * 60
    level = graded(lag, limit, 24 * limit)
    words, moment = span(lag), when(oldest, facts.now, facts.zone)
    fact = (f"mengikuti sampai {moment[0]}, tertinggal {words[0]}", f"rolled forward to {moment[1]}, {words[1]} behind")
    fix = typed("standby") if level != OK else NOTHING
    return Line("standby", "", level, fact, fix, (Measure("standby_lag", round(lag), "s", limit, 24 * limit),))
