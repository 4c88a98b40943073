# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each kind of backup and of history by its name, in the smallest story that has it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_history import BackupHistory
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.recoverable import recoverable

from .hospital_life import Database, moment, numbers
from .stories import MINUTE, at, found, names, plan_of


def test_a_mirror_stands_in_for_a_lost_media_family() -> None:
    """MIRROR TO: a family of one mirror may be replaced by the same family of the other."""
    life = Database()
    life.full(stripes=2)
    mirrored = [replace(one, mirror_count=2) for one in life.sets]
    other = [replace(one, path=f"/mirror{one.path}") for one in mirrored]
    plan = plan_of(life, sets=[mirrored[0], other[1]])
    assert plan.steps[0].files == (mirrored[0].path, other[1].path)
    with pytest.raises(RecoveryError, match="media family 2 of 2 is missing"):
        plan_of(life, sets=[mirrored[0], other[0]])


def test_the_same_set_in_two_places_is_restored_once(week: Database) -> None:
    copies = [replace(one, path=f"/offsite{one.path}") for one in week.sets]
    plan = plan_of(week, sets=[*copies, *week.sets])
    assert names(plan) == names(plan_of(week))
    broken = {one.path: "its checksum is wrong" for one in week.sets}
    plan = plan_of(week, sets=[*copies, *week.sets], unusable=broken)
    assert names(plan) == names(plan_of(week))
    assert all(path.startswith("/offsite") for step in plan.steps for path in step.files)


def test_a_copy_only_full_is_a_base_for_logs_and_never_for_differentials() -> None:
    life = Database()
    life.full()
    life.commit(2)
    life.full(copy_only=True)
    life.commit(2)
    life.differential()
    life.commit(2)
    life.log()
    plan = plan_of(life)
    assert names(plan) == ["full-1-2", "log-1-4"]
    assert found(plan, life) == numbers(life.line)
    without_log = [one for one in life.sets if one.backup_type != "log"]
    assert names(plan_of(life, sets=without_log)) == ["full-1-1", "diff-1-3"]
    copy_and_differential = [one for one in without_log if one.backup_set_guid != "full-1-1"]
    assert names(plan_of(life, sets=copy_and_differential)) == ["full-1-2"]


def test_a_log_that_was_taken_during_the_full_is_skipped_only_where_it_ends_before_it() -> None:
    life = Database()
    life.full()
    life.commit(2)
    life.full(during=3, log_meanwhile=True)
    life.commit(2)
    life.log()
    plan = plan_of(life)
    assert len(names(plan)) == 2
    assert found(plan, life) == numbers(life.line)


def test_a_chain_that_began_again_after_simple_needs_the_new_base() -> None:
    """The differential begins the new chain; logs of before and after do not join."""
    life = Database()
    life.full()
    life.commit(2)
    life.log()
    life.switch(simple=True)
    life.commit(2)
    life.switch(simple=False)
    life.differential()
    life.commit(2)
    life.log()
    plan = plan_of(life)
    assert names(plan) == ["full-1-1", "diff-1-3", "log-1-4"]
    assert found(plan, life) == numbers(life.line)
    without = [one for one in life.sets if one.backup_type != "differential"]
    plan = plan_of(life, sets=without)
    assert names(plan) == ["full-1-1", "log-1-2"]
    assert plan.data_loss_seconds > 0
    assert "log" in plan.data_loss_reason


def test_simple_recovery_gives_the_instants_of_its_backups_only() -> None:
    life = Database(simple=True)
    life.commit(2)
    life.full()
    life.wait(15 * MINUTE)
    life.commit(2)
    life.differential()
    life.wait(15 * MINUTE)
    assert found(plan_of(life), life) == numbers(life.line)
    plan = plan_of(life, at(life.clock - 20 * MINUTE))
    assert names(plan) == ["full-1-1"]
    assert plan.reaches <= moment(life.clock - 20 * MINUTE)


def test_a_log_with_bulk_logged_changes_is_whole_or_not_at_all() -> None:
    life = Database()
    life.full()
    life.wait(MINUTE)
    life.commit(2, every=MINUTE, bulk=True)
    life.commit(2, every=MINUTE)
    life.log()
    assert found(plan_of(life), life) == numbers(life.line)
    with pytest.raises(RecoveryError, match="bulk-logged"):
        plan_of(life, at(life.clock - 2 * MINUTE))
    (hole,) = recoverable(BackupHistory(life.sets), life.name).holes
    assert "bulk-logged" in hole.reason


def test_a_read_only_database_is_restored_and_said_to_be_one(week: Database) -> None:
    sets = [replace(one, is_read_only=True) for one in week.sets]
    plan = plan_of(week, sets=sets)
    assert found(plan, week) == numbers(week.line)
    assert any("read-only" in warning for warning in plan.warnings)


def test_the_same_name_on_two_servers_is_two_databases(week: Database) -> None:
    other = Database(server="SQL2", family="family-2")
    other.commit(9)
    other.full()
    with pytest.raises(RecoveryError, match="SQL1 and SQL2 took backups"):
        plan_of(week, sets=[*week.sets, *other.sets])
    plan = plan_of(week, sets=[*week.sets, *other.sets], source_server="SQL1")
    assert names(plan) == names(plan_of(week))


def test_a_database_that_was_renamed_keeps_its_chain(week: Database) -> None:
    """ALTER DATABASE ... MODIFY NAME between two logs: the FamilyGUID says that it is the same."""
    week.name = "Sales2026"
    week.wait(15 * MINUTE)
    week.commit(2)
    week.log()
    plan = plan_of(week)
    assert names(plan) == ["full-1-1", "diff-1-3", "log-1-4", "log-1-5", "log-1-6"]
    assert found(plan, week) == numbers(week.line)


def test_a_database_that_was_dropped_and_made_again_is_another(week: Database) -> None:
    again = Database(clock=week.clock + 60 * MINUTE, family="family-2", number=1000)
    again.commit(2)
    again.full()
    sets = [*week.sets, *again.sets]
    assert names(plan_of(again, sets=sets)) == ["full-2-1"]
    assert names(plan_of(week, at(week.clock - MINUTE), sets=sets))[0] == "full-1-1"


def test_overlapping_logs_are_both_useful_or_one_is_left_out(week: Database) -> None:
    """A copy-only log holds what the next log holds again: it is not in the way."""
    week.commit(2)
    week.log(copy_only=True)
    week.commit(2)
    week.log()
    plan = plan_of(week)
    assert found(plan, week) == numbers(week.line)
    assert "log-1-7" in names(plan)
