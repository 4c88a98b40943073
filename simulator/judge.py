# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The independent proof of a recovery: ``python -m simulator judge --state DIR [--server failover] [--json]``.

Witnesses are the modules' own journals, the store's record of what arrived, the rows read over TDS, the modules'
/health and the servers' lists of sessions. Nothing that the recovery tool says is asked. Exit code 0 or 1.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import groupby
from pathlib import Path
from typing import Any

import pyodbc

from simulator.apps.journal import read_journal
from simulator.apps.modules import as_json
from simulator.apps.more_modules import ALL_MODULES
from simulator.judge_rows import Comparison, Judgement, Lost, Rows, Transaction, ranges, transactions
from simulator.judge_shipped import Shipped, shipped
from simulator.judge_whereabouts import whereabouts
from simulator.site import Site
from simulator.site_databases import connect

WIB = timezone(timedelta(hours=7))
#: Seconds that a module may take until its first row on the server that is judged.
FIRST_ROW_WITHIN = 8


@dataclass
class Verdict:
    module: str
    comparison: Comparison = field(default_factory=Comparison)
    last_shipped: Shipped | None = None
    findings: list[str] = field(default_factory=list)

    @property
    def all_findings(self) -> list[str]:
        return self.comparison.findings + self.findings


def judge(site: Site, role: str, target_time: datetime | None = None) -> list[Verdict]:
    server = site.facts["servers"][role]["name"]
    verdicts = {name: Verdict(name) for name in site.modules}
    for name, found in whereabouts(site, role).items():
        verdicts[name].findings += found
    uploads = list(_json_lines(Path(site.facts["store"]["journal"])))
    for name, verdict in verdicts.items():
        _judge_module(site, role, verdict, uploads, target_time)
        if not verdict.findings and not _writes_on(Path(site.facts["modules"][name]["journal"]), server):
            verdict.findings.append(f"has committed nothing on {server} within {FIRST_ROW_WITHIN} s")
    return list(verdicts.values())


def _judge_module(
    site: Site, role: str, verdict: Verdict, uploads: list[dict[str, Any]], target_time: datetime | None
) -> None:
    facts = site.facts["modules"][verdict.module]
    journal_file = Path(facts["journal"])
    # Modules go on writing: what was committed before the rows are read must be among them, what comes later may be.
    certain = {number for number, one in _journal(journal_file).items() if one.committed}
    try:
        rows = _rows(site, role, verdict.module)
    except pyodbc.Error as error:
        verdict.findings.append(f"{facts['database']} cannot be read: {error.args[-1]}")
        return
    journal = _journal(journal_file)
    servers = {one.server for one in journal.values()}
    witnessed = {name: shipped(uploads, facts["database"], name) for name in servers}
    here = site.facts["servers"][role]["name"]
    others = [one for name, one in witnessed.items() if one and name != here]
    verdict.last_shipped = max(others, key=lambda one: one.start, default=witnessed.get(here))
    lost_servers = {one.server for one in journal.values() if one.committed} - {here}
    verdict.findings += [
        f"the store never received a restorable backup of {facts['database']} from {name}"
        for name in sorted(lost_servers)
        if witnessed[name] is None
    ]
    bounds = {name: one.start if one else None for name, one in witnessed.items()}
    verdict.comparison = Judgement(
        journal, rows, server=here, certain=certain, bounds=bounds, target_time=target_time
    ).compare()


def _journal(path: Path) -> dict[int, Transaction]:
    return transactions(read_journal(path))


def _json_lines(path: Path) -> Iterable[dict[str, Any]]:
    if path.exists():
        yield from (json.loads(line) for line in path.read_text("utf-8").splitlines())


def _rows(site: Site, role: str, name: str) -> Rows:
    module = ALL_MODULES[name]
    connection = connect(site.facts["servers"][role], "sa", site.passwords["sa"][role], module.database)
    try:
        columns = [column for column, _ in module.definition()]
        found = connection.execute(module.everything()).fetchall()
    finally:
        connection.close()
    rows = (dict(zip(columns, map(as_json, row), strict=True)) for row in found)
    return {row["SequenceNumber"]: row for row in rows}


def _writes_on(journal_file: Path, server: str) -> bool:
    deadline = time.monotonic() + FIRST_ROW_WITHIN
    while True:
        last = next((one for one in reversed(_journal(journal_file).values()) if one.committed), None)
        if last and last.server == server:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)


def judge_command(options: argparse.Namespace) -> int:
    site = Site(options.state)
    target_time = datetime.fromisoformat(options.target_time) if options.target_time else None
    if target_time and target_time.tzinfo is None:
        target_time = target_time.replace(tzinfo=WIB)
    verdicts = judge(site, options.server, target_time)
    proven = not any(verdict.all_findings for verdict in verdicts)
    server = site.facts["servers"][options.server]["name"]
    if options.json:
        answer = {"server": server, "proven": proven, "modules": [asdict(verdict) for verdict in verdicts]}
        print(json.dumps(answer, indent=2, default=str))
    else:
        print("\n".join(_report(verdicts, server, proven, target_time)))
    return 0 if proven else 1


def _report(verdicts: list[Verdict], server: str, proven: bool, target_time: datetime | None) -> Iterable[str]:
    yield f"What the modules wrote, against what {server} has (times WIB):"
    yield f"  {'module':<14}{'committed':>10}{'there':>8}{'lost':>6}{'in doubt':>10}   last shipped backup"
    for one in verdicts:
        result, last = one.comparison, one.last_shipped
        doubt = f"{result.in_doubt_there}+{result.in_doubt_gone}"
        when = f"{last.type}, begun {_clock(last.start)[:8]}" if last else "none"
        yield f"  {one.module:<14}{result.written:>10}{result.there:>8}{len(result.lost):>6}{doubt:>10}   {when}"
    yield "  (in doubt: never acknowledged because of the kill; there + not there)"
    for one in verdicts:
        yield from _losses(one.module, one.comparison.lost)
    for one in verdicts:
        yield from (f"  WRONG  {one.module}: {finding}" for finding in one.all_findings)
    lost = sum(len(one.comparison.lost) for one in verdicts)
    if proven:
        yield f"PROVEN: {server} has every row that {_due(lost, target_time)}, unaltered and none extra;"
        yield f"        {lost} later rows are lost; all modules work on {server} and nowhere else."
    else:
        yield f"NOT PROVEN: {sum(len(one.all_findings) for one in verdicts)} findings."


def _due(lost: int, target_time: datetime | None) -> str:
    if not lost:
        return "was acknowledged"
    until = f"the target time {_clock(target_time)} or " if target_time else ""
    return f"was acknowledged before {until}the last shipped backup began"


def _losses(module: str, lost: list[Lost]) -> Iterable[str]:
    """Row numbers by the transaction that wrote them, four transactions a line."""
    if not lost:
        return
    yield f"  lost by {module}: {len(lost)} rows, committed at:"
    groups = [list(group) for _, group in groupby(lost, key=lambda one: (one.server, one.transaction))]
    told = [f"{ranges([one.sequence for one in group])} at {_clock(_when(group[0]))}" for group in groups]
    for start in range(0, len(told), 4):
        yield "    " + "".join(f"{one:<26}" for one in told[start : start + 4]).rstrip()


def _when(lost: Lost) -> datetime:
    return datetime.fromisoformat(lost.committed)


def _clock(when: datetime) -> str:
    return when.astimezone(WIB).strftime("%H:%M:%S.%f")[:12]
