# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a run shows what a line of the acceptance test asks, with the evidence; judged from its journal alone.

The run's exit code can only spoil a line, never pass it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from .acceptance_lines import LINES
from .bill import bill
from .check_words import ITEMS
from .journal import first_flaw
from .report_outcome import ENDED_WELL, all_of, data_of, last_run, outcome
from .report_words import size_words, span_words
from .verdict import Verdict

Entry = dict[str, Any]
_LANGUAGES = ("id", "en")


@dataclass(frozen=True)
class Wanted:
    """What the site promises."""

    databases: tuple[str, ...]
    rpo_minutes: float
    rto_minutes: float
    language: str = "id"

    def words(self, indonesian: str, english: str) -> str:
        return (indonesian, english)[_LANGUAGES.index(self.language)]


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, the entries of its journal, and the file with what it printed."""

    code: int
    entries: Sequence[Entry]
    output: str = ""


#: Either why the line is not passed, or what was seen.
Finding = tuple[bool, str]


def verdicts(line: str, ended: Ended, wanted: Wanted) -> list[Verdict]:
    """Of a line; that of the daily check is two."""
    return [_verdict(one, ended, wanted) for one in (("equal", line) if line == "daily_check" else (line,))]


def _verdict(line: str, ended: Ended, wanted: Wanted) -> Verdict:
    (indonesian, english), kind = LINES[line]
    good, fact = _ended(ended, kind, wanted)
    if good:
        good, fact = _SHOWN[line](ended.entries, wanted)
    hint = (
        ""
        if good
        else wanted.words(f"Baca {ended.output}, perbaiki, lalu ulangi.", f"Read {ended.output}, mend, repeat.")
    )
    return Verdict("acceptance", wanted.words(indonesian, english), good, fact, hint)


def _ended(ended: Ended, kind: str, wanted: Wanted) -> Finding:
    """Whether there is a run that could show anything."""
    if not ended.entries:
        return False, wanted.words(
            f"tidak ada jurnal (kode keluar {ended.code})", f"it left no journal (exit code {ended.code})"
        )
    run = last_run(ended.entries)
    failure = str(data_of(run, "failed").get("msg") or "").strip().splitlines()
    if ended.code or failure:
        told = failure[0] if failure else wanted.words("lihat keluarannya", "see what it printed")
        return False, wanted.words(
            f"gagal (kode keluar {ended.code}): {told}", f"failed (exit code {ended.code}): {told}"
        )
    flaw = first_flaw(ended.entries)
    found = outcome(ended.entries, flaw)
    good = (*ENDED_WELL, "planned") if kind == "recovery" else ENDED_WELL
    if data_of(run, "opened").get("kind") != kind or found not in good:
        return False, wanted.words(f"hasilnya {found}", f"it came to {found}") + (f" ({flaw})" if flaw else "")
    return True, ""


def _routes(entries: Sequence[Entry], wanted: Wanted) -> Finding:
    count = len(all_of(last_run(entries), "tested", "verdicts"))
    return count > 0, wanted.words(f"{count} jalur terbuka", f"{count} routes are open")


def _backups(entries: Sequence[Entry], wanted: Wanted) -> Finding:
    """Each database has its backup, and each file of it arrived with a hash."""
    run = last_run(entries)
    rows = all_of(run, "backed_up", "backups")
    missing = sorted(set(wanted.databases) - {str(row.get("database_name")) for row in rows})
    if missing:
        return False, wanted.words(f"tanpa backup: {', '.join(missing)}", f"no backup of {', '.join(missing)}")
    files = {path for row in rows for path in row.get("files", [])}
    shipped = [row for row in all_of(run, "shipped", "transfers") if row.get("source") in files]
    hashed = {row["source"] for row in shipped if row.get("sha256")}
    if files - hashed:
        names = ", ".join(sorted(files - hashed))
        return False, wanted.words(f"tanpa hash SHA-256: {names}", f"no SHA-256 of {names}")
    size = size_words(sum(int(row.get("bytes") or 0) for row in shipped))
    count = len(wanted.databases)
    return True, wanted.words(
        f"{count} database, {len(files)} file, {size}, dengan SHA-256",
        f"{count} databases, {len(files)} files, {size}, with SHA-256",
    )


def _standby(entries: Sequence[Entry], wanted: Wanted) -> Finding:
    there = {str(plan["database"]) for plan in all_of(last_run(entries), "planned", "plans")}
    return _every(there, wanted, f"{len(there)} database mengikuti", f"{len(there)} databases follow")


def _drill(entries: Sequence[Entry], wanted: Wanted) -> Finding:
    run = last_run(entries)
    proven = all_of(run, "verified", "verdicts")
    there = {str(plan["source_database"]) for plan in all_of(run, "planned", "plans")}
    seconds = sum(float(row.get("seconds") or 0) for row in all_of(run, "restored", "databases"))
    return _every(
        there,
        wanted,
        f"{len(there)} database dipulihkan dalam {span_words(seconds)}, {len(proven)} bukti",
        f"{len(there)} databases restored in {span_words(seconds)}, {len(proven)} proofs",
    )


def _every(there: set[str], wanted: Wanted, indonesian: str, english: str) -> Finding:
    missing = sorted(set(wanted.databases) - there)
    if missing:
        return False, wanted.words(f"tidak termasuk: {', '.join(missing)}", f"left out: {', '.join(missing)}")
    return True, wanted.words(indonesian, english)


def _pruned(entries: Sequence[Entry], wanted: Wanted) -> Finding:
    return True, wanted.words("selesai", "done")


def _checked(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    return list(data_of(last_run(entries), "assessed").get("lines", []))


def _told(rows: Sequence[dict[str, Any]], wanted: Wanted) -> str:
    told = []
    for row in rows:
        title = wanted.words(*ITEMS.get(row["item"], (row["item"], row["item"])))
        about = f" {row['subject']}" if row["subject"] else ""
        told.append(f"{title}{about}: {row['fact'][wanted.language]}")
    return "; ".join(told)


def _equal(entries: Sequence[Entry], wanted: Wanted) -> Finding:
    """The store's files were read to their last byte, and their digests are those that were shipped."""
    rows = [row for row in _checked(entries) if row["item"] in ("verified", "hash")]
    bad = [row for row in rows if row["level"] != "OK"]
    if {row["item"] for row in rows} != {"verified", "hash"}:
        return False, wanted.words("isi file tidak diperiksa", "what the files hold was not checked")
    return not bad, _told(bad or rows, wanted)


def _green(entries: Sequence[Entry], wanted: Wanted) -> Finding:
    rows = _checked(entries)
    # Of runs that failed within a day and succeeded since, a warning stays for a day: that is told, and spoils nothing.
    healed = [row for row in rows if (row["item"], row["level"]) == ("failed", "WARNING")]
    bad = [row for row in rows if row["level"] != "OK" and row not in healed]
    if bad or not rows:
        return False, _told(bad, wanted) or wanted.words("tidak ada baris", "there are no lines")
    good = len(rows) - len(healed)
    told = wanted.words(f"{good} baris baik", f"{good} lines are good")
    return True, f"{told}; {_told(healed, wanted)}" if healed else told


def _plan(entries: Sequence[Entry], wanted: Wanted) -> Finding:
    """The bill of a recovery on the failover, against what the site promises."""
    planned = data_of(last_run(entries), "planned")
    plans = planned.get("plans", [])
    there = {str(plan["database"]) for plan in plans}
    if set(wanted.databases) - there:
        return _every(there, wanted, "", "")
    fetch = sum(int(plan.get("bytes_to_fetch") or 0) for plan in plans)
    cost = bill("failover", str(planned.get("server", "")), {"plans": plans, "bytes_to_fetch": fetch})
    lost, takes = cost.data_loss_seconds or 0.0, cost.predicted_seconds
    if takes is None:
        return False, wanted.words("lama pemulihan belum diketahui", "how long it takes is not known yet")
    good = lost <= wanted.rpo_minutes * 60 and takes <= wanted.rto_minutes * 60
    return good, wanted.words(
        f"{cost.server}: data hilang {span_words(lost)} (RPO {wanted.rpo_minutes:g} menit), "
        f"lama {span_words(takes)} (RTO {wanted.rto_minutes:g} menit), diambil {size_words(fetch)}",
        f"{cost.server}: lost {span_words(lost)} (RPO {wanted.rpo_minutes:g} min), "
        f"takes {span_words(takes)} (RTO {wanted.rto_minutes:g} min), to fetch {size_words(fetch)}",
    )


_SHOWN: dict[str, Callable[[Sequence[Entry], Wanted], Finding]] = {
    "connectivity": _routes,
    "full": _backups,
    "log": _backups,
    "last_log": _backups,
    "standby": _standby,
    "prune": _pruned,
    "drill": _drill,
    "equal": _equal,
    "daily_check": _green,
    "plan": _plan,
}


def lacking(entries: Sequence[Entry]) -> Iterator[str]:
    """The lines that a journal does not show as passed."""
    passed = {
        name
        for entry in last_run(entries)
        if entry["event"] == "tested"
        and all(one.get("verdict") == "proven" for one in entry["data"].get("verdicts", []))
        for name in entry["data"].get("lines", [])
    }
    yield from (name for name in LINES if name not in passed)
