# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which portions the files of a restore are fetched."""

from __future__ import annotations

from datetime import datetime, timezone

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.fetch_batches import fetch_batches
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.restore_step import RestorePlan, RestoreStep

MEBIBYTE = 1024 * 1024


def plan(database: str, *steps: tuple[str, int]) -> RestorePlan:
    """Each step is the names of its files, in one word, and its size in MiB."""
    made = [
        RestoreStep("restore_log", database, files=tuple(f"/{database}/{name}" for name in names), size=size * MEBIBYTE)
        for names, size in steps
    ]
    last = RestoreStep("recover", database)
    return RestorePlan(database, database, "SQL1", {}, (*made, last), datetime(2026, 11, 24, tzinfo=timezone.utc), 1)


def portions(*plans: RestorePlan) -> list[str]:
    return [" ".join(path.lstrip("/") for path in batch.files) for batch in fetch_batches(plans)]


def test_a_small_database_is_one_portion() -> None:
    assert portions(plan("a", ("f", 8), ("l", 1)), plan("b", ("f", 8))) == ["a/f a/l", "b/f"]


def test_a_large_full_backup_is_restored_while_its_logs_arrive() -> None:
    assert portions(plan("a", ("f", 900), ("d", 20), ("l", 1))) == ["a/f", "a/d a/l"]


def test_a_striped_set_counts_once() -> None:
    assert portions(plan("a", ("12", 200), ("l", 1))) == ["a/1 a/2", "a/l"]


def test_a_file_with_several_sets_is_fetched_once() -> None:
    assert portions(plan("a", ("f", 8), ("f", 8), ("l", 1)), plan("a", ("f", 8), ("m", 1))) == ["a/f a/l", "a/m"]


def test_many_small_logs_do_not_make_one_endless_portion() -> None:
    logs = [(chr(0x4E00 + number), 0) for number in range(300)]
    assert [len(batch.files) for batch in fetch_batches([plan("a", *logs)])] == [128, 128, 44]


def test_nothing_to_restore_is_nothing_to_fetch() -> None:
    assert fetch_batches([plan("a")]) == []
