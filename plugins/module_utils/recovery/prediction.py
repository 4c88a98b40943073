# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a plan will take, by the steps of earlier restores: start-up and rate of each kind, and how sure it is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import InvalidInput
from .restore_step import RestorePlan


@dataclass(frozen=True)
class Rate:
    """A line through measured steps of one kind; ``spread`` is the standard deviation of a step around it."""

    start_up: float
    per_byte: float
    spread: float

    def seconds(self, size: int) -> float:
        """What one step of this size takes."""
        return self.start_up + self.per_byte * size


def rates(measured: Iterable[Mapping[str, Any]]) -> dict[str, Rate]:
    """Kind (full, differential, log, recover, fetch) -> rate. Each measurement has ``kind``, ``bytes``, ``seconds``."""
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in measured:
        try:
            groups[str(row["kind"])].append((float(row.get("bytes") or 0), float(row["seconds"])))
        except (KeyError, TypeError, ValueError):
            raise InvalidInput(
                f"rates: {', '.join(f'{key}={value}' for key, value in row.items())} is not a measured step.",
                hint="Give kind (full, differential, log, recover or fetch), bytes and seconds of each earlier step.",
            ) from None
    return {kind: _fitted(points) for kind, points in groups.items()}


def _fitted(points: list[tuple[float, float]]) -> Rate:
    """Least squares with neither start-up nor rate below zero. One measurement is trusted to half its value only."""
    count = len(points)
    mean_size = sum(size for size, _unused in points) / count
    mean_time = sum(time for _unused, time in points) / count
    variance = sum((size - mean_size) ** 2 for size, _unused in points)
    covariance = sum((size - mean_size) * (time - mean_time) for size, time in points)
    per_byte = max(0.0, covariance / variance) if variance else (mean_time / mean_size if mean_size else 0.0)
    start_up = mean_time - per_byte * mean_size
    if start_up < 0 and mean_size:
        start_up, per_byte = 0.0, mean_time / mean_size
    start_up = max(0.0, start_up)
    if count < 3:
        return Rate(start_up, per_byte, mean_time / 2)
    errors = sum((time - start_up - per_byte * size) ** 2 for size, time in points)
    return Rate(start_up, per_byte, math.sqrt(errors / (count - 2)))


def predicted(plan: RestorePlan, known: Mapping[str, Rate]) -> tuple[float, tuple[float, float]] | None:
    """Seconds, and the range in which 19 of 20 such restores should lie; None where a kind of step was never measured.

    Fetching runs beside restoring, so that the longer of the two counts.
    """
    restore = _total([(step.backup_type or step.action, step.size) for step in plan.steps], known)
    fetch = (
        _total([("fetch", step.size) for step in plan.steps if step.files], known) if "fetch" in known else (0.0, 0.0)
    )
    if restore is None or fetch is None:
        return None
    seconds, variance = max(restore, fetch)
    margin = 2 * math.sqrt(variance)
    return round(seconds, 1), (round(max(0.0, seconds - margin), 1), round(seconds + margin, 1))


def _total(steps: list[tuple[str, int]], known: Mapping[str, Rate]) -> tuple[float, float] | None:
    """Seconds and variance of a sequence. The rate itself may be off too: then the errors of a kind add up."""
    seconds, variance = 0.0, 0.0
    spread: dict[str, float] = defaultdict(float)
    for kind, size in steps:
        rate = known.get(kind) or (Rate(0.0, 0.0, 0.0) if kind == "recover" else None)
        if rate is None:
            return None
        seconds += rate.seconds(size)
        spread[kind] += rate.spread
        variance += rate.spread**2
    return seconds, variance + sum((0.1 * total) ** 2 for total in spread.values())
