# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The line about the folders in which SQL Server's service account must be able to work."""

from __future__ import annotations

from datetime import timedelta

from .check_facts import NOT_ASKED, Facts, answer_of_host, unknown
from .check_line import CRITICAL, OK, UNKNOWN, Line
from .check_words import named, typed


def rights(facts: Facts) -> Line:
    """Where the hosts can be looked at by their modes; where not, by what SQL Server proved there lately."""
    hosts = {name: told for name, told in facts.hosts.items() if name != "backup_storage"}
    rows = [(name, row) for name, told in hosts.items() if told.ok for row in told.rows("paths")]
    bad = [(name, row) for name, row in rows if row.get("problem")]
    if bad:
        name, row = bad[0]
        account = row.get("account") or "mssql"
        make = f"{name}: install -d -o {account} -g {account} -m 0770 {row['path']}"
        what = named([f"{name}:{row['path']} ({row['problem']})" for name, row in bad])
        return Line("rights", "", CRITICAL, (f"hak akses kurang: {what}", f"rights are missing: {what}"), (make, make))
    for name, told in hosts.items():
        if told.reason == NOT_ASKED:
            if not _proven(facts, name):
                kind = "log" if name == "production" else "drill"
                fact = (f"host {name} tidak diperiksa (Windows)", f"the host {name} was not looked at (Windows)")
                return Line("rights", "", UNKNOWN, fact, typed(kind))
        elif not told.ok:
            return unknown("rights", told, reason=True)
    if not hosts:
        return unknown("rights", answer_of_host(facts.spare_name, None), reason=True)
    count = len(rows)
    fact = (f"{count} folder bisa dibaca dan ditulis", f"{count} folders can be read and written")
    return Line("rights", "", OK, fact)


def _proven(facts: Facts, name: str) -> bool:
    """Who wrote a backup within the last day may write there; who restored one in a drill may read."""
    if name == "production":
        newest = [one.started for database in facts.databases if facts.store.ok for one in facts.good(database, "log")]
        return bool(newest) and facts.now - max(newest) < timedelta(days=1)
    run = facts.newest_run("drill")
    return run is not None and run.good and facts.now - run.started < timedelta(days=facts.limits.drill_days)
