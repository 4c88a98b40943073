# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines about what should have run: missed, failed, pruned, drilled; and about the clocks that say when."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta

from .check_facts import EARLY, Due, Facts, Run, unknown
from .check_line import CRITICAL, NOTHING, OK, WARNING, Line, Measure, Words, graded, worst
from .check_words import KINDS, named, span, typed, when

_LOOK_BACK = timedelta(hours=24)
_BY_THE_CLOCK = ("backup", "standby", "prune", "fence")
_TIMERS = "systemctl list-timers 'deadpool*'; journalctl -u 'deadpool*'"


def run_lines(facts: Facts) -> list[Line]:
    return [missed(facts), failed(facts), prune(facts), drill(facts), clock(facts)]


def missed(facts: Facts) -> Line:
    """A timer that did not fire leaves no failure anywhere: what was due is counted, not what went wrong."""
    found = [(due, gone) for due in facts.schedule if (gone := _missed(facts, due))]
    if not found:
        return Line("missed", "", OK, ("tidak ada", "none"), measures=(Measure("missed_runs", 0),))
    texts: list[Words] = []
    for due, gone in found:
        moment, kind = when(gone[-1], facts.now, facts.zone), KINDS.get(due.kind, (due.kind, due.kind))
        texts.append((f"{kind[0]} {len(gone)}x, terakhir {moment[0]}", f"{kind[1]} {len(gone)}x, last at {moment[1]}"))
    still = [due.kind for due, gone in found if not _done_since(facts, due, gone[-1])]
    fix = (f"Yang berikutnya sudah berjalan. Cari sebabnya: {_TIMERS}", f"Later ones ran. Look why: {_TIMERS}")
    if still:
        fix = typed(still[0])
    count = sum(len(gone) for _due, gone in found)
    fact = (", ".join(one[0] for one in texts), ", ".join(one[1] for one in texts))
    return Line("missed", "", WARNING, fact, fix, (Measure("missed_runs", count, "", 1),))


def _missed(facts: Facts, due: Due) -> list[datetime]:
    """The instants of the last day, of anything but backups the newest, at which nothing happened in time."""
    until, known = facts.now - due.grace, _known_since(facts)
    begins = sorted(_begins(facts, due.kind))
    if due.is_backup:
        wanted = due.at.between(max(facts.now - _LOOK_BACK, known), until, facts.zone)
        return [one for one in wanted if not _any_between(begins, one - EARLY, one + due.grace)]
    newest = due.at.last_before(until, facts.zone)
    if newest is None or newest < known or any(begun >= newest - EARLY for begun in begins):
        return []
    return [newest]


def _any_between(begins: list[datetime], first: datetime, last: datetime) -> bool:
    index = bisect_left(begins, first)
    return index < len(begins) and begins[index] <= last


def _known_since(facts: Facts) -> datetime:
    """Nothing was due before the site began."""
    begun = [run.started for run in facts.runs]
    begun += [one.started for one in facts.history.backups] if facts.store.ok else []
    return min(begun, default=facts.now - _LOOK_BACK)


def _begins(facts: Facts, kind: str) -> Iterator[datetime]:
    """When runs of a kind began: by the journals, and for backups by the files too, whoever took them."""
    for run in facts.runs:
        if run.kind == kind or (run.kind == "backup" and run.backup_type == kind):
            yield run.started
    for name in facts.databases[:1] if facts.store.ok else ():
        yield from (one.started for one in facts.good(name, kind))


def _done_since(facts: Facts, due: Due, instant: datetime) -> bool:
    return any(begun > instant for begun in _begins(facts, due.kind))


def failed(facts: Facts) -> Line:
    """The newest run of each kind must be good; one that failed and was followed by a good one is still told."""
    bad, healed = [], []
    for kind, backup_type in sorted({(run.kind, run.backup_type) for run in facts.runs}):
        if kind in ("daily_check", "drill", "connectivity", "uat"):
            continue  # its own lines, or its own report, say so
        over = facts.over(kind, backup_type)
        if kind not in _BY_THE_CLOCK:  # a recovery that failed is not tried again for the sake of a green line
            over = [run for run in over if run.started >= facts.now - _LOOK_BACK]
        if not over or over[-1].outcome == "planned":
            continue
        if not over[-1].good:
            bad.append(over[-1])
        healed += [run for run in over[:-1] if run.outcome == "failed" and run.started >= facts.now - _LOOK_BACK]
    if bad:
        newest = max(bad, key=_begun)
        texts, moment = [_called(run) for run in bad], when(newest.started, facts.now, facts.zone)
        what = (named([one[0] for one in texts]), named([one[1] for one in texts]))
        fact = (f"{what[0]}, {moment[0]}: {newest.failure}", f"{what[1]}, {moment[1]}: {newest.failure}")
        return Line("failed", "", CRITICAL, fact, typed(newest.backup_type or newest.kind))
    if healed:
        newest = max(healed, key=_begun)
        moment = when(newest.started, facts.now, facts.zone)
        fact = (
            f"{len(healed)}x dalam 24 jam, sesudahnya berhasil; terakhir {moment[0]}: {newest.failure}",
            f"{len(healed)}x in 24 h, good again since; last at {moment[1]}: {newest.failure}",
        )
        fix = (
            "Baca laporannya; baris ini hijau sehari sesudah kegagalan terakhir.",
            "Read its report; this line is green a day after the last failure.",
        )
        return Line("failed", "", WARNING, fact, fix)
    return Line("failed", "", OK, ("tidak ada", "none"))


def _begun(run: Run) -> datetime:
    return run.started


def _called(run: Run) -> Words:
    kind = KINDS.get(run.kind, (run.kind, run.kind))
    return (f"{kind[0]} {run.backup_type}".strip(), f"{kind[1]} {run.backup_type}".strip())


def prune(facts: Facts) -> Line:
    """Whether old backups went, so that the disk does not fill."""
    run = facts.newest_run("prune")
    if run is None:
        fact = ("belum pernah dijalankan", "it never ran")
        return Line("prune", "", WARNING if facts.due("prune") else OK, fact, typed("prune"))
    age, moment = (facts.now - run.started).total_seconds(), when(run.started, facts.now, facts.zone)
    if not run.good:
        fact = (f"{moment[0]} gagal: {run.failure}", f"failed at {moment[1]}: {run.failure}")
        return Line("prune", "", CRITICAL, fact, typed("prune"))
    deleted = len(run.data.get("deleted") or [])
    fact = (f"{moment[0]}, {deleted} file dihapus", f"{moment[1]}, {deleted} files deleted")
    late = age > facts.limits.prune_days * 86400 and bool(facts.due("prune"))
    return Line("prune", "", WARNING if late else OK, fact, typed("prune") if late else NOTHING)


def drill(facts: Facts) -> Line:
    """A backup that was never restored is a hope. The proof has an age."""
    run = facts.newest_run("drill")
    fix = typed("drill")
    if run is None:
        return Line("drill", "", WARNING, ("belum pernah dilakukan", "never done"), fix)
    age, moment = (facts.now - run.started).total_seconds(), when(run.started, facts.now, facts.zone)
    days = facts.limits.drill_days
    measure = (Measure("drill_age", round(age), "s", days * 86400),)
    if not run.good:
        fact = (f"{moment[0]} TIDAK berhasil: {run.failure}", f"{moment[1]} did NOT succeed: {run.failure}")
        return Line("drill", "", CRITICAL, fact, fix, measure)
    took = span(float(run.data.get("seconds") or 0))
    fact = (f"{moment[0]} berhasil dalam {took[0]}", f"{moment[1]} succeeded in {took[1]}")
    level = WARNING if age > days * 86400 else OK
    return Line("drill", "", level, fact, fix if level != OK else NOTHING, measure)


def clock(facts: Facts) -> Line:
    """Schedules, STOPAT and retention go by clocks: those of the servers against the controller's."""
    skews = dict(_skews(facts))
    silent = [server for server in (facts.used, facts.spare) if not server.ok]
    limits = facts.limits
    if not skews:
        return unknown("clock", facts.used)
    levels = {
        name: graded(abs(skew), limits.clock_seconds, limits.clock_seconds_critical) for name, skew in skews.items()
    }
    level = worst(levels.values())
    measures = tuple(
        Measure(f"skew_{name}", round(skew, 1), "s", limits.clock_seconds, limits.clock_seconds_critical)
        for name, skew in skews.items()
    )
    if level == OK:
        if silent:
            return unknown("clock", silent[0])
        largest = f"{max(abs(skew) for skew in skews.values()):.1f}"
        fact = (f"selisih paling besar {largest.replace('.', ',')} detik", f"at most {largest} s apart")
        return Line("clock", "", OK, fact, measures=measures)
    wrong = [f"{name} {skews[name]:+.0f} s" for name in skews if levels[name] != OK]
    fix = (
        "Samakan jam: chronyc makestep (Windows: w32tm /resync); bila semua meleset, jam controller yang salah",
        "Set the clock: chronyc makestep (Windows: w32tm /resync); where all are off, it is the controller's",
    )
    return Line(
        "clock",
        "",
        level,
        (f"meleset dari jam controller: {named(wrong)}", f"off the controller's clock: {named(wrong)}"),
        fix,
        measures,
    )


def _skews(facts: Facts) -> Iterator[tuple[str, float]]:
    """Seconds that a clock is ahead; of hosts it is known only between two looks at our own clock."""
    for name, answer in ((facts.used_name, facts.used), (facts.spare_name, facts.spare)):
        server = answer.told.get("server") or {}
        if server.get("local_time") and server.get("asked_at"):
            told, asked = datetime.fromisoformat(server["local_time"]), datetime.fromisoformat(server["asked_at"])
            yield name, (told - asked).total_seconds()
    for name, answer in facts.hosts.items():
        if answer.ok and answer.told.get("clock") and facts.hosts_asked:
            told, (first, last) = datetime.fromisoformat(answer.told["clock"]), facts.hosts_asked
            outside = min(0.0, (told - first).total_seconds()) + max(0.0, (told - last).total_seconds())
            yield f"host {name}", outside
