# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When schedules of SQL Server Agent are due."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from simulator.engine.agent.calendar import Schedule


def schedule(**changed: int) -> Schedule:
    plain = {
        "freq_type": 4, "freq_interval": 1, "freq_subday_type": 1, "freq_subday_interval": 0,
        "freq_relative_interval": 0, "freq_recurrence_factor": 1, "active_start_date": 20240101,
        "active_end_date": 99991231, "active_start_time": 13000, "active_end_time": 235959,
    }  # fmt: skip
    return Schedule(**{**plain, **changed})


@pytest.mark.parametrize(
    ("rule", "after", "expected"),
    [
        ({}, "2024-02-28T01:30:00", "2024-02-29T01:30:00"),
        ({"freq_interval": 3}, "2024-01-02T00:00:00", "2024-01-04T01:30:00"),
        ({"freq_type": 1}, "2023-05-05T00:00:00", "2024-01-01T01:30:00"),
        ({"freq_type": 1}, "2024-01-01T01:30:00", None),
        ({"freq_type": 8, "freq_interval": 1 | 64}, "2024-03-01T02:00:00", "2024-03-02T01:30:00"),
        ({"freq_type": 8, "freq_interval": 2, "freq_recurrence_factor": 2}, "2024-01-01T02:00:00",
         "2024-01-15T01:30:00"),
        ({"freq_type": 16, "freq_interval": 31}, "2024-03-31T02:00:00", "2024-05-31T01:30:00"),
        ({"freq_type": 16, "freq_interval": 29, "active_start_date": 20240201, "freq_recurrence_factor": 12},
         "2024-03-01T00:00:00", "2028-02-29T01:30:00"),
        ({"freq_type": 32, "freq_interval": 1, "freq_relative_interval": 16}, "2024-02-01T00:00:00",
         "2024-02-25T01:30:00"),
        ({"freq_type": 32, "freq_interval": 9, "freq_relative_interval": 1}, "2024-06-01T00:00:00",
         "2024-06-03T01:30:00"),
        ({"freq_subday_type": 4, "freq_subday_interval": 15, "active_start_time": 0}, "2024-02-29T23:50:00",
         "2024-03-01T00:00:00"),
        ({"freq_subday_type": 4, "freq_subday_interval": 15, "active_start_time": 80000, "active_end_time": 90000},
         "2024-02-29T08:59:00", "2024-02-29T09:00:00"),
        ({"freq_subday_type": 8, "freq_subday_interval": 2, "active_start_time": 220000, "active_end_time": 30000},
         "2024-02-29T00:30:00", "2024-02-29T02:00:00"),
        ({"active_end_date": 20240201}, "2024-02-01T02:00:00", None),
        ({"freq_type": 64}, "2024-02-01T02:00:00", None),
    ],
)  # fmt: skip
def test_when_a_schedule_is_due(rule: dict[str, int], after: str, expected: str | None) -> None:
    found = schedule(**rule).next_run(datetime.fromisoformat(after))
    assert (found.isoformat() if found else None) == expected


def test_no_moment_is_skipped_or_run_twice() -> None:
    rule = schedule(freq_subday_type=4, freq_subday_interval=7, active_start_time=0)
    moment, seen = datetime(2024, 1, 1) - timedelta(seconds=1), []
    while (following := rule.next_run(moment)) is not None and len(seen) < 500:
        assert following > moment
        seen.append(following)
        moment = following
    assert len({(one.date(), one.hour, one.minute) for one in seen}) == 500
