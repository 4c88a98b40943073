# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each possible server would cost, side by side, before one of them is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .disk_room import mebibytes
from .plan_table import duration


@dataclass(frozen=True)
class Bill:
    """One possible server. Where it cannot be restored on, ``refusal`` says why and the numbers are empty."""

    target: str
    server: str
    refusal: str = ""
    data_loss_seconds: float | None = None
    bytes_to_fetch: int | None = None
    files: int | None = None
    predicted_seconds: float | None = None
    #: Databases that are there already, or that the restore would replace.
    databases: int = 0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def bill(target: str, server: str, answer: Mapping[str, Any]) -> Bill:
    """From what mssql_restore_plan, or the server that was asked before it, returned."""
    plans = answer.get("plans")
    if plans is None:
        reason = answer.get("unreachable_reason") or answer.get("msg") or "it does not answer"
        return Bill(target, server, refusal=str(reason).split("\n", maxsplit=1)[0])
    predictions = [plan.get("predicted_seconds") for plan in plans]
    known = [float(one) for one in predictions if one is not None]
    return Bill(
        target,
        server,
        data_loss_seconds=max((float(plan["data_loss_seconds"]) for plan in plans), default=0.0),
        bytes_to_fetch=int(answer.get("bytes_to_fetch") or 0),
        files=len(answer.get("files") or []),
        predicted_seconds=sum(known) if plans and len(known) == len(predictions) else None,
        databases=len(plans),
    )


def bill_table(bills: Sequence[Bill], chosen: str) -> list[str]:
    """Lines to read: the one that was asked for first."""
    rows = sorted(bills, key=lambda one: one.target != chosen)
    return [f"{'=>' if one.target == chosen else '  '} {one.target:<11} {one.server:<16} {_cost(one)}" for one in rows]


def _cost(one: Bill) -> str:
    if one.refusal:
        return f"tidak dapat dipakai / cannot be used: {one.refusal}"
    lost = f"data hilang / lost {duration(one.data_loss_seconds or 0)}"
    fetched = f"diambil / to fetch {mebibytes(one.bytes_to_fetch or 0)}, {one.files} files"
    if one.predicted_seconds is None:
        return f"{lost}; {fetched}; lamanya belum diketahui / how long is not known yet"
    return f"{lost}; {fetched}; sekitar / about {duration(one.predicted_seconds)}"
