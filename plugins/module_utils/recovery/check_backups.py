# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines about the backups: there, on time, whole to the last byte, shipped, and how far they lead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from . import tsql
from .check_bytes import hashes, verified
from .check_facts import EARLY, Due, Facts, unknown
from .check_foreign import lies_in
from .check_line import CRITICAL, NOTHING, OK, WARNING, Line, Measure, graded
from .check_words import command, hour, named, span, typed, when
from .recoverable import Recoverable, recoverable


def backup_lines(facts: Facts, windows: Mapping[str, Recoverable]) -> list[Line]:
    """All of them; where the store did not answer nothing is known of any."""
    if not facts.store.ok:
        items = ("present", "on_time", "verified", "hash", "shipped")
        lines = [unknown(item, facts.store) for item in items]
        lines += [unknown("recoverable", facts.store, name) for name in facts.databases]
        return [*lines, settings(facts)]
    return [
        present(facts),
        *(on_time(facts, due) for due in facts.schedule if due.is_backup),
        verified(facts),
        hashes(facts),
        shipped(facts),
        settings(facts),
        *(recoverable_to(facts, windows[name]) for name in facts.databases),
    ]


def windows_of(facts: Facts) -> dict[str, Recoverable]:
    """What each database can be recovered to, by the bytes on the store."""
    if not facts.store.ok:
        return {}
    nothing = [name for name in facts.databases if not facts.history.named(name)]
    found = {name: recoverable(facts.history, name) for name in facts.databases if name not in nothing}
    return {**found, **{name: Recoverable(name, (), (), ()) for name in nothing}}


def present(facts: Facts) -> Line:
    """A full backup of each database to begin with."""
    without = [name for name in facts.databases if not facts.fulls(name)]
    if without:
        return Line(
            "present",
            "",
            CRITICAL,
            (f"tanpa backup full yang utuh: {named(without)}", f"no whole full backup of {named(without)}"),
            typed("full"),
        )
    count = len(facts.history.backups)
    return Line(
        "present",
        "",
        OK,
        (f"{len(facts.databases)} database, {count} backup", f"{len(facts.databases)} databases, {count} backups"),
        measures=(Measure("backups", count),),
    )


def on_time(facts: Facts, due: Due) -> Line:
    """Each database has a backup of the kind since it was due last."""
    last = due.at.last_before(facts.now - due.grace, facts.zone)
    late = [name for name in facts.databases if last is not None and not _since(facts, name, due.kind, last)]
    if last is None:
        fact = (f"{due.kind} belum waktunya", f"no {due.kind} was due yet")
        return Line("on_time", due.kind, OK, fact)
    moment = when(last, facts.now, facts.zone)
    if not late:
        fact = (f"{due.kind} sejak {moment[0]} lengkap", f"every {due.kind} since {moment[1]} is there")
        return Line("on_time", due.kind, OK, fact)
    return Line(
        "on_time",
        due.kind,
        CRITICAL,
        (
            f"tidak ada backup {due.kind} sejak jadwal {moment[0]}: {named(late)}",
            f"no {due.kind} backup since it was due at {moment[1]}: {named(late)}",
        ),
        typed(due.kind),
    )


def _since(facts: Facts, name: str, kind: str, last: datetime) -> bool:
    """A newer full is worth more than the differential that was due."""
    kinds = ("full", "differential") if kind == "differential" else (kind,)
    return any(one.started >= last - EARLY for word in kinds for one in facts.good(name, word)[-1:])


def shipped(facts: Facts) -> Line:
    """What the server's msdb calls its newest backups lies on the store."""
    if not facts.used.ok:
        return unknown("shipped", facts.used)
    there = {one.backup_set_guid.lower() for one in facts.sets}
    limit = facts.now - timedelta(minutes=facts.limits.shipped_minutes)
    late = []
    for row in facts.used.rows("last_backups"):
        finished = datetime.fromisoformat(str(row["backup_finish_date"] or row["backup_start_date"]))
        known = str(row["backup_set_guid"]).lower() in there
        if facts.is_site_database(row["database_name"]) and not known and finished <= limit and _is_own(facts, row):
            late.append(f"{row['database_name']} {row['backup_type']} {hour(finished, facts.zone)}")
    if late:
        return Line(
            "shipped",
            "",
            CRITICAL,
            (
                f"masih di {facts.used_name}, belum di penyimpanan: {named(late)}",
                f"still on {facts.used_name} and not on the store: {named(late)}",
            ),
            typed("log"),
        )
    return Line("shipped", "", OK, ("semua ada di penyimpanan", "all of them are on the store"))


def _is_own(facts: Facts, row: Mapping[str, Any]) -> bool:
    """Whether the backup went into our folder; without a folder to compare, all are ours."""
    folder = str(facts.places.get("backup_directory_used") or "")
    return not folder or all(lies_in(str(path), folder) for path in row.get("files") or [])


def settings(facts: Facts) -> Line:
    """What log backups and the finding of damage rely on."""
    if not facts.used.ok:
        return unknown("settings", facts.used)
    rows = {str(row["name"]).casefold(): row for row in facts.used.rows("databases")}
    gone = [name for name in facts.databases if name.casefold() not in rows]
    own = [rows[name.casefold()] for name in facts.databases if name.casefold() in rows]
    closed = [f"{row['name']} ({row['state']})" for row in own if row["state"] != "ONLINE"]
    simple = [row["name"] for row in own if row["state"] == "ONLINE" and row["recovery_model"] != "FULL"]
    weak = [row["name"] for row in own if row.get("page_verify_option_desc", "CHECKSUM") != "CHECKSUM"]
    if gone or closed:
        recovery = command("recovery", "-e target=failover")
        fix = (
            f"Buka database itu di {facts.used_name}; bila hilang atau rusak: {recovery}",
            f"Open them on {facts.used_name}; where they are lost: {recovery}",
        )
        what = named([*gone, *closed])
        return Line("settings", "", CRITICAL, (f"tidak terbuka: {what}", f"not open: {what}"), fix)
    if simple:
        sql = tsql.set_recovery_full(simple[0])
        fix = (f"{sql}, lalu: {command('full')}", f"{sql}, then: {command('full')}")
        fact = (f"bukan recovery model FULL: {named(simple)}", f"not in the FULL recovery model: {named(simple)}")
        return Line("settings", "", CRITICAL, fact, fix)
    if weak:
        sql = tsql.set_page_verify(weak[0])
        return Line(
            "settings",
            "",
            WARNING,
            (f"tanpa PAGE_VERIFY CHECKSUM: {named(weak)}", f"no PAGE_VERIFY CHECKSUM: {named(weak)}"),
            (sql, sql),
        )
    return Line("settings", "", OK, ("semua terbuka, FULL, CHECKSUM", "all open, FULL, CHECKSUM"))


def recoverable_to(facts: Facts, found: Recoverable) -> Line:
    """The clock of one database against the data that the hospital is ready to lose."""
    target = facts.limits.rpo_minutes * 60
    # A log backup needs its time to arrive: a target as short as its interval is missed for a moment every time.
    limit = target + max([due.grace.total_seconds() for due in facts.due("log")], default=0.0)
    if found.recoverable_to is None:
        fact = ("tidak bisa dipulihkan sama sekali", "it cannot be recovered at all")
        return Line("recoverable", found.database, CRITICAL, fact, typed("full"))
    lag = (facts.now - found.recoverable_to).total_seconds()
    level = graded(lag, target, limit)
    moment, late = when(found.recoverable_to, facts.now, facts.zone), span(lag)
    reason = found.holes[-1].reason if found.holes and found.holes[-1].end > found.recoverable_to else ""
    fact = (f"{moment[0]}, {late[0]} yang lalu", f"{moment[1]}, {late[1]} ago")
    if reason:
        fact = (f"{fact[0]}. {reason}", f"{fact[1]}. {reason}")
    fix = NOTHING if level == OK else typed("full" if reason else "log")
    measure = Measure(f"lag_{found.database}", round(lag), "s", target, limit)
    return Line("recoverable", found.database, level, fact, fix, (measure,))
