# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What users of other tools have suffered from files, one test for each (the threads are named in the docstrings).

dbt = dataplat/dbatools, frk = BrentOzarULTD/SQL-Server-First-Responder-Kit, ola = olahallengren's maintenance solution
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    BrokenLogChain,
    NoFullBackup,
    TargetOutOfReach,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import (
    Relocation,
)

from .hospital_life import Database, moment, numbers
from .stories import MINUTE, at, found, names, plan_of


def test_pain_10_striped_sets_are_read_whole() -> None:
    """dbt #2871, #3661; frk #1672: all families in one statement, in family order, with one MOVE list."""
    life = Database()
    life.full(stripes=12)
    life.commit()
    life.log(stripes=3)
    plan = plan_of(life, sets=reversed(life.sets), relocation=Relocation(data_directory="/data"))
    full, log, _unused = plan.steps
    assert full.files == tuple(f"/SQL1/Sales/full-1-1.{number}" for number in range(1, 13))
    assert log.files == tuple(f"/SQL1/Sales/log-1-2.{number}" for number in range(1, 4))
    assert full.moves == (("Sales", "/data/Sales.mdf"), ("Sales_log", "/data/Sales_log.ldf"))
    assert log.moves == ()


def test_pain_10_a_missing_media_family_is_named() -> None:
    """dbt #4835: a stripe that is missing makes its set unusable, and the plan says which one."""
    life = Database()
    life.full()
    life.commit()
    life.full(stripes=3)
    kept = [one for one in life.sets if not one.path.endswith("full-1-2.2")]
    plan = plan_of(life, sets=kept)
    assert names(plan) == ["full-1-1"]
    assert [row.reason for row in plan.passed_over] == ["media family 2 of 3 is missing"]


def test_pain_11_log_between_differential_and_next_log_skipped(week: Database) -> None:
    """dbt #2167, #7515, #2674: the log that was begun before the differential and ends after it is needed."""
    differential = next(one for one in week.sets if one.backup_set_guid == "diff-1-3")
    following = next(one for one in week.sets if one.backup_set_guid == "log-1-4")
    assert following.first_lsn < differential.first_lsn <= differential.last_lsn < following.last_lsn
    plan = plan_of(week)
    assert names(plan) == ["full-1-1", "diff-1-3", "log-1-4", "log-1-5"]
    assert found(plan, week) == numbers(week.line)


def test_pain_12_differential_silently_not_restored_in_ola_layout(week: Database) -> None:
    """dbt #8498: FULL, DIFF and LOG in folders of their own are one history."""
    folders = {"full": "FULL", "differential": "DIFF", "log": "LOG"}
    moved = [
        replace(one, path=f"/SQL1/Sales/{folders[one.backup_type]}/SQL1_Sales_{number}.bak")
        for number, one in enumerate(week.sets)
    ]
    assert names(plan_of(week, sets=moved)) == ["full-1-1", "diff-1-3", "log-1-4", "log-1-5"]


def test_pain_13_third_party_breaks_the_chain(week: Database) -> None:
    """ola #520: another tool took the log to NUL; the hole is named by LSN and time, and what is lost is said."""
    week.commit(4)
    stolen = week.log()
    week.commit()
    week.wait(15 * MINUTE)
    week.log()
    assert stolen is not None
    kept = [one for one in week.sets if one is not stolen and one.backup_set_guid != stolen.backup_set_guid]
    plan = plan_of(week, sets=kept)
    assert names(plan)[-1] == "log-1-5"
    assert f"The log from LSN {stolen.first_lsn} to {stolen.last_lsn} is missing" in plan.data_loss_reason
    with pytest.raises(BrokenLogChain, match=f"from LSN {stolen.first_lsn} to {stolen.last_lsn} is missing"):
        plan_of(week, at(week.clock - 1000), sets=kept)


def test_pain_13_a_full_of_another_tool_moves_the_differential_base(week: Database) -> None:
    """ola #290, #407: the differential's base is in another tool's hands; logs lead on without it."""
    foreign = week.full()
    week.commit()
    week.differential()
    week.commit()
    week.log()
    plan = plan_of(week, sets=[one for one in week.sets if one.backup_set_guid != foreign.backup_set_guid])
    assert names(plan)[:2] == ["full-1-1", "diff-1-3"]
    assert found(plan, week) == numbers(week.line)
    reasons = {row.path: row.reason for row in plan.passed_over}
    assert reasons["/SQL1/Sales/diff-1-7.1"] == f"its full ({foreign.backup_set_guid}) is not in the history"


def test_pain_14_retention_deleted_the_full_and_kept_its_differentials(week: Database) -> None:
    """ola #179, #263, #264, #369, #697: what is left without its full is useless, and the plan says so."""
    kept = [one for one in week.sets if one.backup_type != "full"]
    with pytest.raises(NoFullBackup, match=r"no full backup of it\. The 4 other backups") as refusal:
        plan_of(week, sets=kept)
    assert "full" in refusal.value.hint


def test_pain_15_type_switch_deleted_the_newer_fulls(week: Database) -> None:
    """ola #666: with the newer fulls gone an older full and all logs since lead to the same instant."""
    newer = [week.full().backup_set_guid, week.full().backup_set_guid]
    week.commit()
    week.log()
    plan = plan_of(week, sets=[one for one in week.sets if one.backup_set_guid not in newer])
    assert names(plan)[0] == "full-1-1"
    assert plan.reaches_lsn == plan_of(week).reaches_lsn
    assert found(plan, week) == numbers(week.line)


def test_pain_25_windows_backup_on_linux(week: Database) -> None:
    """dbt #9131; frk #1750, #4049: D:\\Data\\Sales.mdf must not become /var/opt/mssql/data/D:\\Data\\Sales.mdf."""
    plan = plan_of(week, relocation=Relocation(data_directory="/var/opt/mssql/data/"))
    assert plan.steps[0].moves == (
        ("Sales", "/var/opt/mssql/data/Sales.mdf"),
        ("Sales_log", "/var/opt/mssql/data/Sales_log.ldf"),
    )
    assert not any("\\" in path or "//" in path for _unused, path in plan.steps[0].moves)


def test_pain_39_log_names_are_their_start_and_stopat_lands_in_the_wrong_file(week: Database) -> None:
    """wal-g #1059: the log named 02:45 was begun then; an instant after 02:45 is in the next one."""
    plan = plan_of(week, at(47 * MINUTE))
    last = next(one for one in week.sets if one.backup_set_guid == names(plan)[-1])
    assert last.backup_start_date >= moment(47 * MINUTE)
    assert found(plan, week) == numbers(week.at(47 * MINUTE))


def test_pain_39_an_instant_after_the_last_log_is_not_promised(week: Database) -> None:
    """wal-g #1859: nothing proves what was committed after the last log was begun."""
    with pytest.raises(TargetOutOfReach) as refusal:
        plan_of(week, at(week.clock + 1000))
    assert "tail-log" in refusal.value.hint
    assert datetime.fromisoformat(plan_of(week).to_dict()["reaches"]) <= moment(week.clock)
