# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each choice of server costs, as whoever decides reads it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.bill import Bill, bill, bill_table


def answer(*predictions: float | None, losses: tuple[float, ...] = (60.0,)) -> dict[str, Any]:
    """What mssql_restore_plan returned: one plan for each prediction, losing these seconds in turn."""
    plans = [
        {"predicted_seconds": seconds, "data_loss_seconds": losses[number % len(losses)]}
        for number, seconds in enumerate(predictions)
    ]
    return {"plans": plans, "bytes_to_fetch": 3 * 2**20, "files": ["/a.bak", "/b.trn"]}


def test_the_worst_loss_counts_and_times_add_up() -> None:
    made = bill("failover", "SQL2", answer(40.0, 50.5, losses=(60.0, 900.0)))
    assert made == Bill("failover", "SQL2", "", 900.0, 3 * 2**20, 2, 90.5, 2)


def test_one_unknown_time_makes_the_sum_unknown() -> None:
    """Half a sum would be taken for the whole."""
    assert bill("failover", "SQL2", answer(40.0, None)).predicted_seconds is None


def test_nothing_to_restore_is_no_time_known() -> None:
    made = bill("failover", "SQL2", {"plans": []})
    assert (made.databases, made.predicted_seconds, made.data_loss_seconds, made.bytes_to_fetch) == (0, None, 0.0, 0)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"msg": "Sales: no room.\nHINT: make some."}, "Sales: no room."),
        ({"unreachable_reason": "nothing listens", "msg": "x"}, "nothing listens"),
        ({}, "it does not answer"),
        ({"plans": None}, "it does not answer"),
    ],
)
def test_a_server_that_cannot_be_had_says_why_and_has_no_numbers(told: dict[str, Any], reason: str) -> None:
    made = bill("production", "SQL1", told)
    assert made == Bill("production", "SQL1", refusal=reason)


def test_the_one_that_was_asked_for_stands_first_and_is_marked() -> None:
    bills = [bill("failover", "SQL2", answer(90.0)), bill("production", "SQL1", {"unreachable_reason": "no answer"})]
    first, second = bill_table(bills, "production")
    assert first.startswith("=> production") and "tidak dapat dipakai / cannot be used: no answer" in first
    assert second.startswith("   failover") and "SQL2" in second


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(90.0, "sekitar / about 1 min 30 s"), (None, "lamanya belum diketahui / how long is not known yet")],
)
def test_a_choice_says_loss_size_and_time(seconds: float | None, words: str) -> None:
    (line,) = bill_table([bill("failover", "SQL2", answer(seconds, losses=(61.0,)))], "failover")
    for told in ("data hilang / lost 1 min 01 s", "3.0 MiB, 2 files", words):
        assert told in line


def test_no_loss_is_said_and_not_left_out() -> None:
    (line,) = bill_table([bill("failover", "SQL2", answer(1.0, losses=(0.0,)))], "failover")
    assert "data hilang / lost 0 s" in line
