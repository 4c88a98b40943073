# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was done to a journal after it was written: every entry that was changed, is missing, was moved or was cut off.

A chain shows what was done inside it. That its end was cut off, or that somebody wrote all of it anew, shows only
against a seal: how many entries there were and the hash of the last, kept elsewhere: in the report, in the mail that
went out, in the signature under the official go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .journal import BROKEN, digest
from .report_outcome import last_run

Entry = dict[str, Any]
KINDS = (
    "unreadable",
    "changed",
    "missing",
    "moved",
    "repeated",
    "cut_off",
    "unfinished",
    "rewritten",
    "report",
    "signature",
)


@dataclass(frozen=True)
class Seal:
    """How a journal ended when somebody looked: the number of its entries, and the hash of the last one."""

    entries: int
    head: str
    #: Where the seal was kept, as people are told.
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {"entries": self.entries, "head": self.head}


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong. ``kind`` is one of :data:`KINDS`."""

    kind: str
    line: int
    fact: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def seal(entries: Sequence[Entry]) -> Seal:
    """The seal of a journal as it is now."""
    return Seal(len(entries), entries[-1]["hash"] if entries else "")


def flaws(entries: Sequence[Entry], seals: Sequence[Seal] = (), finished: bool = True) -> list[Flaw]:
    """Everything that is wrong, in the order of the lines. ``finished``: whether the run must have come to its end."""
    found = [flaw for number, entry in enumerate(entries, 1) for flaw in _of_entry(entries, number, entry)]
    for one in seals:
        found += _against(entries, one)
    run = last_run(entries)
    if finished and not any(entry["event"] in ("closed", "failed") for entry in run):
        found.append(
            Flaw("unfinished", len(entries), "no entry says that the run ended: it was interrupted, or cut off")
        )
    return found


def _of_entry(entries: Sequence[Entry], number: int, entry: Entry) -> list[Flaw]:
    if entry["event"] == BROKEN:
        return [Flaw("unreadable", number, f"line {number} {entry['data']['reason']}")]
    found = []
    if entry["hash"] != digest(entry):
        found.append(Flaw("changed", number, f"line {number} ({entry['event']}) was changed after it was written"))
    return found + _place(entries, number, entry)


def _place(entries: Sequence[Entry], number: int, entry: Entry) -> list[Flaw]:
    """Whether it follows the entry before it, by its number and by the hash that it names."""
    before = entries[number - 2] if number > 1 else None
    if before is not None and before["event"] == BROKEN:
        return []
    expected = before["sequence"] + 1 if before else 1
    mine, told = entry["sequence"], f"line {number} ({entry['event']}) bears the number {entry['sequence']}"
    if mine > expected:
        hidden = f"{expected}" if mine == expected + 1 else f"{expected} to {mine - 1}"
        elsewhere = {one["sequence"] for one in entries} >= set(range(expected, mine))
        return [Flaw("moved" if elsewhere else "missing", number, f"{told}: {hidden} should stand before it")]
    if mine < expected:
        again = any(one["sequence"] == mine for one in entries[: number - 1])
        return [Flaw("repeated" if again else "moved", number, f"{told}, and {expected} should stand here")]
    if entry["previous"] != (before["hash"] if before else ""):
        return [Flaw("changed", number, f"line {number} ({entry['event']}) does not follow the entry before it")]
    return []


def _against(entries: Sequence[Entry], kept: Seal) -> list[Flaw]:
    """The journal may have grown since the seal was taken; what the seal knows must still stand."""
    where = f" (by {kept.source})" if kept.source else ""
    if len(entries) < kept.entries:
        fact = f"the journal has {len(entries)} entries and had {kept.entries}{where}: its end was cut off"
        return [Flaw("cut_off", len(entries), fact)]
    # A seal of no entry has no hash: whatever else is given as one was never taken of this journal.
    if (entries[kept.entries - 1]["hash"] if kept.entries > 0 else "") != kept.head:
        fact = f"entry {kept.entries} is not the one that was sealed{where}: the journal was written anew"
        return [Flaw("rewritten", kept.entries, fact)]
    return []
