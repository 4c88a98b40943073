# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The judge's reasoning, without a server: a module's journal against the rows that were found.

A transaction is there when the rows it inserted are there. Of what was committed on a server that was lost, only a tail
may be gone, and nothing that was acknowledged before the last shipped backup began. What was committed on the server
that is judged must all be there. What was never acknowledged may be there or not, whole. Each row found must be
exactly what the transactions that are there made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

Rows = dict[int, dict[str, Any]]


@dataclass
class Transaction:
    number: int
    server: str
    changes: list[dict[str, Any]]
    attempted: datetime
    committed: datetime | None = None
    abandoned: bool = False

    @property
    def inserted(self) -> list[int]:
        return [change["sequence"] for change in self.changes if change["op"] == "insert"]


@dataclass(frozen=True)
class Lost:
    sequence: int
    transaction: int
    server: str
    committed: str


@dataclass
class Comparison:
    """Rows: ``written`` were committed before the rows were read; of these ``there`` were found, the rest is ``lost``.
    ``in_doubt``: attempted, never acknowledged."""

    written: int = 0
    there: int = 0
    lost: list[Lost] = field(default_factory=list)
    in_doubt_there: int = 0
    in_doubt_gone: int = 0
    findings: list[str] = field(default_factory=list)


def transactions(entries: Iterable[dict[str, Any]]) -> dict[int, Transaction]:
    """A journal's transactions by number."""
    found: dict[int, Transaction] = {}
    for entry in entries:
        time, number = datetime.fromisoformat(entry["time"]), entry["transaction"]
        if entry["event"] == "attempt":
            found[number] = Transaction(number, entry["server"], entry["changes"], time)
        elif entry["event"] == "committed":
            found[number].committed = time
        elif entry["event"] == "abandoned":
            found[number].abandoned = True
        else:
            raise ValueError(f"the journal has an event {entry['event']!r}, which this judge does not know")
    return found


class Judgement:
    """``certain``: numbers committed before the rows were read. ``bounds``: per lost server, the instant up to which
    the store must be able to bring everything back (None: nothing was shipped). ``target_time``: recovered to it."""

    def __init__(
        self,
        journal: Mapping[int, Transaction],
        rows: Rows,
        *,
        server: str,
        certain: set[int],
        bounds: Mapping[str, datetime | None],
        target_time: datetime | None = None,
    ) -> None:
        self._journal = [journal[number] for number in sorted(journal)]
        self._rows = rows
        self._server = server
        self._certain = certain
        self._bounds = bounds
        self._target_time = target_time
        self.result = Comparison()

    def compare(self) -> Comparison:
        epochs = [list(group) for _, group in groupby(self._journal, key=lambda one: one.server)]
        for epoch in epochs[:-1]:
            self._judge_lost_server(epoch)
        if epochs and epochs[-1][0].server == self._server:
            self._judge_present_server(epochs[-1])
        elif epochs:
            self._judge_lost_server(epochs[-1])
            self._judge_strays(epochs)
        self._judge_rows()
        return self.result

    def _judge_strays(self, epochs: list[list[Transaction]]) -> None:
        """The last word was with another server: bad, where the module had already worked on this one."""
        strays = [one for one in epochs[-1] if one.committed]
        if strays and any(epoch[0].server == self._server for epoch in epochs[:-1]):
            first = strays[0]
            self._find(
                f"{len(strays)} transactions were committed on {first.server} after the move to {self._server}, "
                f"the first at {first.committed}"
            )

    def _judge_present_server(self, epoch: list[Transaction]) -> None:
        for one in epoch:
            there = self._presence(one)
            if one.committed and one.number in self._certain and not there:
                self._find(f"rows {ranges(one.inserted)} were committed on {self._server} itself and are not there")

    def _judge_lost_server(self, epoch: list[Transaction]) -> None:
        bound = self._bounds.get(epoch[0].server)
        if self._target_time and bound:
            bound = min(bound, self._target_time)
        first_gone: Transaction | None = None
        for one in epoch:
            there = self._presence(one)
            if there and first_gone:
                gone = ranges(first_gone.inserted)
                self._find(f"rows {ranges(one.inserted)} are there, but {gone}, committed before, are not")
            if there and self._target_time and one.attempted > self._target_time:
                self._find(f"rows {ranges(one.inserted)} were written at {one.attempted}, after the target time")
            if one.committed and not there:
                first_gone = first_gone or one
                self._lose(one, bound)

    def _lose(self, one: Transaction, bound: datetime | None) -> None:
        assert one.committed
        when = one.committed.isoformat(timespec="milliseconds")
        self.result.lost += [Lost(sequence, one.number, one.server, when) for sequence in one.inserted]
        if bound and one.committed < bound:
            self._find(
                f"rows {ranges(one.inserted)}, committed at {one.committed}, are missing although the store received "
                f"a backup begun at {bound}"
            )

    def _presence(self, one: Transaction) -> bool:
        """Whether a transaction is there; notes what must not be."""
        found = [sequence for sequence in one.inserted if sequence in self._rows]
        there = bool(found)
        if there and len(found) < len(one.inserted):
            missing = sorted(set(one.inserted) - set(found))
            self._find(f"transaction {one.number} is torn: rows {ranges(found)} are there, {ranges(missing)} are not")
        if there and one.abandoned:
            self._find(f"rows {ranges(found)} are there, but their transaction was never asked to commit")
        self._count(one, found)
        return there

    def _count(self, one: Transaction, found: list[int]) -> None:
        if one.number in self._certain:
            self.result.written += len(one.inserted)
            self.result.there += len(found)
        elif not one.committed and not one.abandoned and one is not self._journal[-1]:
            # The last attempt may just be under way; an older one will never be answered.
            self.result.in_doubt_there += len(found)
            self.result.in_doubt_gone += len(one.inserted) - len(found)

    def _judge_rows(self) -> None:
        expected = self._replayed()
        extra = sorted(set(self._rows) - set(expected))
        if extra:
            self._find(f"rows {ranges(extra)} are there, and the module never wrote them")
        for sequence in sorted(set(self._rows) & set(expected)):
            found, written = self._rows[sequence], expected[sequence]
            wrong = [name for name in sorted({*found, *written}) if found.get(name) != written.get(name)]
            for name in wrong:
                self._find(
                    f"row {sequence} is altered: {name} is {found.get(name)!r}, was written {written.get(name)!r}"
                )

    def _replayed(self) -> Rows:
        """What the transactions that are there made of the table."""
        expected: Rows = {}
        for one in self._journal:
            if not any(sequence in self._rows for sequence in one.inserted):
                continue
            for change in one.changes:
                if change["op"] == "insert":
                    expected[change["sequence"]] = dict(change["values"])
                elif change["sequence"] in expected:
                    expected[change["sequence"]] |= change["values"]
        return expected

    def _find(self, text: str) -> None:
        self.result.findings.append(text)


def ranges(numbers: list[int]) -> str:
    """1, 2, 3, 7 as 1-3, 7."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
