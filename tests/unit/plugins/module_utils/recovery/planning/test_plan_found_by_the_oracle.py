# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mistakes that the oracle found, shrunk, and named for what they are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import TargetOutOfReach
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import Target

from .hospital_life import Database, moment, numbers
from .stories import MINUTE, at, found, names, plan_of


def restored(life: Database, index: int, spanning: bool = False) -> None:
    """The database is restored to an earlier point, and some time passes around it."""
    life.wait(MINUTE)
    life.restore_to(index, spanning)
    life.wait(MINUTE)


def test_a_fork_that_was_never_backed_up_does_not_cut_the_path() -> None:
    """Restored twice without a backup in between: the differential's base says where it comes from."""
    life = Database()
    life.commit()
    life.full()
    restored(life, 0)
    restored(life, 0)
    life.commit()
    life.differential()
    assert names(plan_of(life)) == ["full-1-1", "diff-1-4"]
    assert found(plan_of(life), life) == [1, 2]


def test_the_first_log_of_a_later_fork_holds_the_end_of_the_earlier_one() -> None:
    """The last transactions before a restore were never backed up on their own fork, but by the log that spans it."""
    life = Database()
    life.commit()
    life.full()
    life.commit(2)
    asked = life.clock
    life.wait(MINUTE)
    life.full()  # proves that the database was still on its first fork then
    restored(life, 2, spanning=True)
    life.commit()
    life.log()
    plan = plan_of(life, at(asked + 1000))
    assert [step.first_lsn for step in plan.steps if step.action == "restore_log"] == [1010]
    assert found(plan, life) == numbers(life.at(asked + 1000))


def test_a_target_lsn_before_the_fork_stops_there_and_not_at_the_fork() -> None:
    """The path leaves the first log at the fork; an LSN that lies before that is asked for, and no more is given."""
    life = Database()
    life.commit()
    life.full()
    life.commit(3)
    life.log()
    restored(life, 2)
    life.full()
    plan = plan_of(life, Target(kind="lsn", lsn=1010))
    assert [(step.stop_at_mark, step.stop_before_mark) for step in plan.steps] == [
        (None, None),
        ("lsn:1010", None),
        (None, None),
    ]
    assert found(plan, life) == [1, 2]
    assert not any("another recovery fork" in warning for warning in plan.warnings)


def test_the_surest_way_to_an_earlier_fork_counts() -> None:
    """A log names its differential base, an old full; by way of the fork between, more of that fork is known."""
    life = Database()
    life.full()
    life.commit()
    life.log()
    life.full(copy_only=True)
    restored(life, 0)
    life.full(copy_only=True)
    life.sets[-1] = replace(life.sets[-1], current_differential_base_guid="full-1-1")
    restored(life, 0)
    life.commit()
    life.log()
    life.sets[-1] = replace(life.sets[-1], current_differential_base_guid="full-1-1")
    assert found(plan_of(life), life) == [1, 2]


def test_equal_histories_give_equal_plans_whatever_their_order() -> None:
    """Two logs of one extent, one copy-only; the same set in two places and at two positions."""
    life = Database()
    life.full()
    life.commit()
    life.log(copy_only=True)
    life.log()
    copies = [replace(one, path=f"/copy{one.path}", position=position) for position, one in enumerate(life.sets, 2)]
    sets = [*life.sets, *copies]
    assert plan_of(life, sets=sets) == plan_of(life, sets=reversed(sets))


def test_an_instant_is_the_old_forks_until_the_new_one_is_known_to_live() -> None:
    """Between the last backup before a restore and the first after it, nothing says which of both the database was."""
    life = Database()
    life.commit()
    life.full()
    life.wait(MINUTE)
    life.commit(3)
    life.log()
    restored(life, 1)
    between = life.clock
    life.wait(MINUTE)
    life.commit()
    life.log()
    assert found(plan_of(life), life) == [1, 2, 5]
    with pytest.raises(TargetOutOfReach):
        plan_of(life, at(between))


def test_the_undone_past_can_be_had_by_its_instant() -> None:
    """What a restore undid is gone from the latest plan, but not from the instant at which it was there."""
    life = Database()
    life.commit()
    life.full()
    life.wait(MINUTE)
    life.commit(3)
    undone = life.clock
    life.wait(MINUTE)
    life.log()
    restored(life, 0)
    life.commit()
    life.log()
    assert found(plan_of(life, at(undone)), life) == [1, 2, 3, 4]
    assert found(plan_of(life), life) == [1, 5]


def test_a_log_is_left_where_the_database_was_once_restored_to() -> None:
    """No full since the restore: the old fork's log is stopped at the fork point, and the new fork's log follows."""
    life = Database()
    life.commit()
    life.full()
    life.commit(4)
    life.log()
    restored(life, 2)
    life.commit(2)
    life.log()
    plan = plan_of(life)
    assert [step.stop_before_mark for step in plan.steps[:-1]] == [None, "lsn:1030", None]
    assert any("LSN 1030" in warning for warning in plan.warnings)
    assert found(plan, life) == [1, 2, 3, 6, 7]


def test_a_test_restore_elsewhere_is_not_evidence_about_production() -> None:
    """An idle original goes on being backed up while its copy, on another server, has moved on."""
    life = Database()
    life.commit()
    life.full()
    life.wait(MINUTE)
    life.log()
    original = list(life.sets)
    life.restore_to(0, False, server="SQL2")
    life.wait(MINUTE)
    life.commit(2)
    life.log()
    idle = replace(
        original[-1], path="/SQL1/idle", backup_set_guid="idle", backup_start_date=moment(life.clock + 30 * MINUTE)
    )
    life.truths["idle"] = life.truths[original[-1].backup_set_guid]
    life.wait(60 * MINUTE)
    plan = plan_of(life, sets=[*life.sets, idle], source_server="SQL2")
    assert found(plan, life) == [1, 2, 3]
    assert plan.reaches <= moment(life.clock - 60 * MINUTE)
