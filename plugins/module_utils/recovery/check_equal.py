# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines about what lies outside of the databases and must be the same on both servers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from . import tsql
from .check_facts import Facts, unknown
from .check_line import CRITICAL, OK, WARNING, Line, Measure
from .check_words import command, named
from .login_sync import aside_ending


def compared(facts: Facts) -> list[Line]:
    """What lies outside of the databases and must be the same on both servers."""
    if not facts.used.ok:
        return [unknown(item, facts.used) for item in ("logins", "jobs", "certificates")]
    return [logins(facts), jobs(facts), certificates(facts)]


def logins(facts: Facts) -> Line:
    """A user of a restored database is let in by its SID."""
    here = [
        row
        for row in facts.used.rows("logins")
        if not str(row["name"]).startswith(("##", "NT ")) and row["name"] != "sa" and not _put_aside(row)
    ]
    there = {str(row["name"]).casefold(): row for row in facts.spare.rows("logins")}
    gone = [row for row in here if str(row["name"]).casefold() not in there]
    other = [row for row in here if row not in gone and _differs(row, there[str(row["name"]).casefold()])]
    wrong = [str(row["name"]) for row in (*gone, *other)]
    if wrong:
        fact = (
            f"tidak ada atau SID-nya lain di {facts.spare_name}: {named(wrong)}",
            f"missing or of another SID on {facts.spare_name}: {named(wrong)}",
        )
        first = (*gone, *other)[0]
        login = f"[{first['name']}] WITH SID = {first['sid']}"
        sync = command("standby")
        fix = (
            f"{sync}; bila tetap begitu, di {facts.spare_name} buat login {login} dengan kata sandi yang sama",
            f"{sync}; where that leaves it, create on {facts.spare_name} the login {login} and the same password",
        )
        return Line("logins", "", CRITICAL, fact, fix, (Measure("logins_wrong", len(wrong)),))
    return Line(
        "logins",
        "",
        OK,
        (f"{len(here)} login sama", f"{len(here)} logins equal"),
        measures=(Measure("logins_wrong", 0),),
    )


def _put_aside(row: dict[str, Any]) -> bool:
    """What mssql_login_sync renamed and disabled on this server was never on the other one."""
    return bool(row.get("is_disabled")) and str(row["name"]).endswith(aside_ending(str(row["sid"])))


def _differs(one: dict[str, Any], other: dict[str, Any]) -> bool:
    disabled = bool(other.get("is_disabled")) and not one.get("is_disabled")
    return str(one["sid"]).casefold() != str(other["sid"]).casefold() or disabled


def jobs(facts: Facts) -> Line:
    """Jobs live in msdb, which is not restored; while both servers run one it does its work twice."""
    here = {str(row["name"]): bool(row.get("enabled")) for row in facts.used.rows("jobs")}
    there = {str(row["name"]): bool(row.get("enabled")) for row in facts.spare.rows("jobs")}
    gone = sorted(
        name for name, enabled in here.items() if enabled and name not in there and not _is_own_maintenance(name)
    )
    twice = sorted(
        name for name, enabled in there.items() if enabled and here.get(name) and not _is_own_maintenance(name)
    )
    if gone:
        fix = (
            f"SSMS: Script Job as CREATE di {facts.used_name}, jalankan di {facts.spare_name}, biarkan Disabled",
            f"SSMS: Script Job as CREATE on {facts.used_name}, run it on {facts.spare_name}, leave it disabled",
        )
        fact = (f"tidak ada di {facts.spare_name}: {named(gone)}", f"missing on {facts.spare_name}: {named(gone)}")
        return Line("jobs", "", WARNING, fact, fix)
    if twice:
        sql = tsql.disable_job(twice[0])
        fix = (f"Di {facts.spare_name}: {sql}", f"On {facts.spare_name}: {sql}")
        return Line(
            "jobs",
            "",
            WARNING,
            (f"aktif di kedua server: {named(twice)}", f"enabled on both servers: {named(twice)}"),
            fix,
        )
    return Line("jobs", "", OK, (f"{len(here)} job", f"{len(here)} jobs"))


def _is_own_maintenance(name: str) -> bool:
    """Every instance has these of its own."""
    return name.lower().startswith(("syspolicy_", "sysutility_"))


def certificates(facts: Facts) -> Line:
    """An encrypted backup is restored only where the certificate is, with its private key."""
    for server in (facts.used, facts.spare):
        if "certificates" not in server.told:
            return unknown("certificates", server)
    here, there = facts.used.rows("certificates"), facts.spare.rows("certificates")
    keys = {row["thumbprint"]: row for row in there if row.get("has_private_key")}
    gone = [str(row["name"]) for row in here if row["thumbprint"] not in keys]
    if gone:
        sql = f"BACKUP CERTIFICATE [{gone[0]}] TO FILE = '...' WITH PRIVATE KEY (...)"
        fix = (
            f"Di {facts.used_name}: {sql}; lalu CREATE CERTIFICATE ... FROM FILE di {facts.spare_name}",
            f"On {facts.used_name}: {sql}; then CREATE CERTIFICATE ... FROM FILE on {facts.spare_name}",
        )
        fact = (f"tidak ada di {facts.spare_name}: {named(gone)}", f"missing on {facts.spare_name}: {named(gone)}")
        return Line("certificates", "", CRITICAL, fact, fix)
    soon = facts.now + timedelta(days=facts.limits.certificate_days)
    old = sorted(
        str(row["name"])
        for row in here
        if row.get("expiry_date") and datetime.fromisoformat(row["expiry_date"]) <= soon
    )
    if old:
        fix = (
            "Buat sertifikat baru di kedua server, pakai untuk backup berikutnya, lalu " + command("full"),
            "Make a new certificate on both servers, use it for the next backups, then " + command("full"),
        )
        return Line(
            "certificates", "", WARNING, (f"segera kedaluwarsa: {named(old)}", f"expires soon: {named(old)}"), fix
        )
    return Line("certificates", "", OK, (f"{len(here)} sertifikat", f"{len(here)} certificates"))
