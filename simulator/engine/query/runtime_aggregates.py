# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The aggregates that SQLite does not have."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any


class _ChecksumAgg:
    def __init__(self) -> None:
        self.total: int | None = None

    def step(self, value: int | None) -> None:
        if value is not None:
            self.total = (self.total or 0) ^ value

    def finalize(self) -> int | None:
        return self.total


class _Statistic:
    function: Callable[[list[float]], float]
    least = 1

    def __init__(self) -> None:
        self.seen: list[float] = []

    def step(self, value: float | None) -> None:
        if value is not None:
            self.seen.append(value)

    def finalize(self) -> float | None:
        return type(self).function(self.seen) if len(self.seen) >= self.least else None


def _statistic(function: Callable[..., float], least: int) -> type[_Statistic]:
    return type("Statistic", (_Statistic,), {"function": staticmethod(function), "least": least})


class _StringAgg:
    """STRING_AGG ... WITHIN GROUP (ORDER BY ...): value, separator, then key and direction for each ordering."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.separator = ""
        self.downward: list[int] = []

    def step(self, value: Any, separator: str, *order: Any) -> None:
        self.separator, self.downward = separator, list(order[1::2])
        if value is not None:
            self.rows.append((value, *order[0::2]))

    def finalize(self) -> str | None:
        for index in range(len(self.downward), 0, -1):
            reverse = bool(self.downward[index - 1])
            self.rows.sort(key=lambda row, at=index: (row[at] is not None, _folded(row[at])), reverse=reverse)  # type: ignore[misc]
        return (self.separator or "").join(str(row[0]) for row in self.rows) if self.rows else None


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value or 0


AGGREGATES: dict[str, type] = {
    "checksum_agg": _ChecksumAgg, "string_agg": _StringAgg, "stdev": _statistic(statistics.stdev, 2),
    "stdevp": _statistic(statistics.pstdev, 1), "var": _statistic(statistics.variance, 2),
    "varp": _statistic(statistics.pvariance, 1),
}  # fmt: skip
