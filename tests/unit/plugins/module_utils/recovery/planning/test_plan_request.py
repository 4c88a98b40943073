# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whole recoveries as the module asks for them: several databases, zones, predictions, the table, the clock."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision import plan_digest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import DatabaseInUse, InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan_request import answer, in_order
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan_table import duration
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.prediction import rates

from .hospital_life import Database, moment
from .stories import MINUTE


def another(life: Database, name: str = "Laboratory") -> Database:
    """A second database of the same server."""
    other = Database(name=name, family="family-7", clock=0)
    other.fork = replace(other.fork, guid="fork-7")
    other.commit()
    other.full()
    other.wait(30 * MINUTE)
    other.commit(2)
    other.log()
    return other


def asked(*lives: Database, **options: Any) -> dict[str, Any]:
    """The answer, through JSON as Ansible carries it."""
    history = [one.to_dict() for life in lives for one in life.sets]
    now = moment(max(life.clock for life in lives)) + timedelta(minutes=30)
    given = json.loads(json.dumps({"history": history, "time_zone": "Asia/Jakarta", **options}))
    return json.loads(json.dumps(answer(given, now)))


def test_every_database_of_the_history_is_planned(week: Database) -> None:
    result = asked(week, another(week), data_directory="/data")
    assert [plan["database"] for plan in result["plans"]] == ["Laboratory", "Sales"]
    assert result["files"] == [path for plan in result["plans"] for path in plan["files"]]
    assert result["bytes_to_fetch"] == sum(plan["bytes_to_fetch"] for plan in result["plans"])
    assert result["digest"] == ",".join(plan_digest(plan) for plan in result["plans"])
    assert not result["already_there"]
    assert result["data_loss_seconds"] == max(plan["data_loss_seconds"] for plan in result["plans"])


def test_databases_come_in_the_order_asked_for_and_once(week: Database) -> None:
    result = asked(week, another(week), databases=["Sales", "Laboratory", "Sales"], data_directory="/data")
    assert [plan["database"] for plan in result["plans"]] == ["Sales", "Laboratory"]


def test_a_name_is_found_however_it_is_spelt(week: Database) -> None:
    assert asked(week, databases=["SALES"])["plans"][0]["database"] == "Sales"


def test_the_sites_time_is_echoed_in_both_zones(week: Database) -> None:
    plan = asked(week, target_time="2026-11-22 02:20")["plans"][0]
    assert plan["target"] == {
        "kind": "time",
        "time": "2026-11-22T02:20:00+07:00",
        "time_utc": "2026-11-21T19:20:00+00:00",
    }
    assert plan["reaches"] == "2026-11-22T02:20:00+07:00"
    elsewhere = asked(week, target_time="2026-11-22 03:20", time_zone="Asia/Makassar")["plans"][0]
    assert elsewhere["reaches"] == "2026-11-22T03:20:00+08:00"
    assert [step["stop_at"] for step in elsewhere["steps"]] == [step["stop_at"] for step in plan["steps"]]


def test_backups_without_a_zone_are_the_sites_and_it_is_said(week: Database) -> None:
    naive = {"backup_start_date", "backup_finish_date"}
    history = [{**one.to_dict(), **{key: one.to_dict()[key][:19] for key in naive}} for one in week.sets]
    result = asked(week, history=history, target_time="2026-11-22 02:20")
    assert result["plans"][0]["reaches"] == "2026-11-22T02:20:00+07:00"
    assert any("time zone" in warning for warning in result["plans"][0]["warnings"])


def test_a_renamed_database_is_looked_for_under_its_new_name(week: Database) -> None:
    there = {"Sales": {"state": "ONLINE"}}
    result = asked(week, rename={"Sales": "Training"}, states=there, data_directory="/data")
    plan = result["plans"][0]
    assert (plan["database"], plan["source_database"]) == ("Training", "Sales")
    assert {step["database"] for step in plan["steps"]} == {"Training"}
    assert plan["steps"][0]["moves"][0] == ["Sales", "/data/Training.mdf"]


@pytest.mark.parametrize("lsn", ["1080", 1080, "00000000:00000000:0438"])
def test_an_lsn_may_be_spelt_both_ways(week: Database, lsn: Any) -> None:
    plan = asked(week, target_lsn=lsn)["plans"][0]
    assert plan["steps"][-2]["stop_at_mark"] == "lsn:1080"
    assert plan["reaches_lsn"] >= 1080
    assert plan["target"] == {"kind": "lsn", "lsn": 1080}


@pytest.mark.parametrize("place", [{"target_lsn": "1125"}, {"target_time": "2026-11-22 02:50:00"}], ids=["lsn", "time"])
def test_a_mark_is_stopped_at_by_its_name(week: Database, place: dict[str, str]) -> None:
    plan = asked(week, target_mark="before_upgrade", stop_before=True, **place)["plans"][0]
    logs = [step for step in plan["steps"] if step["action"] == "restore_log"]
    assert {step["stop_before_mark"] for step in logs} == {"before_upgrade"}
    assert {step["stop_mark_after"] for step in logs} == (
        {"2026-11-22T02:50:00.000"} if "target_time" in place else {None}
    )
    assert datetime.fromisoformat(plan["reaches"]) <= moment(50 * MINUTE)
    assert logs[-1]["backup_set_guid"] in ("log-1-4", "log-1-5")


def test_the_nearest_earlier_instant_is_taken_only_where_that_was_asked_for(week: Database) -> None:
    asked_for = {"target_time": "2026-11-22 03:10:00", "or_earlier": True}
    plan = asked(week, **asked_for)["plans"][0]
    assert plan["reaches"] == "2026-11-22T03:00:03+07:00"
    assert "cannot be reached" in plan["warnings"][0]


def test_the_table_says_all_that_a_decision_needs(week: Database) -> None:
    result = asked(week, another(week), unusable={"/SQL1/Sales/log-1-5.1": "hash differs"}, data_directory="/data")
    text = "\n".join(result["table"])
    for words in (
        "Sales, from backups of SQL1",
        "reaches     2026-11-22 02:45",
        "data lost",
        "hash differs",
        "RECOVER",
    ):
        assert words in text
    assert text.count("RESTORE DATABASE") == 3
    assert all(plan["files"][0] in text for plan in result["plans"])
    assert max(len(line) for line in result["table"]) < 200


def test_the_clock_tells_windows_and_holes_without_planning(week: Database) -> None:
    result = asked(week, unusable={"/SQL1/Sales/log-1-2.1": "gone"}, windows_only=True)
    clock = result["recoverable_to"]["Sales"]
    assert result["plans"] == [] and result["digest"] == ""
    assert clock["recoverable_to"] == "2026-11-22T03:00:03+07:00"
    assert [window["start"] for window in clock["windows"]] == ["2026-11-22T02:30:03+07:00"]
    assert result["table"][0] == "Sales: recoverable to 2026-11-22 03:00:03+07:00"
    assert [(hole["start"], hole["end"]) for hole in clock["holes"]] == [
        ("2026-11-22T02:00:00+07:00", "2026-11-22T02:30:02+07:00"),
        ("2026-11-22T02:30:02+07:00", "2026-11-22T02:30:03+07:00"),
    ]
    assert "/SQL1/Sales/log-1-2.1" in clock["holes"][0]["reason"]
    assert clock["holes"][1]["reason"].startswith("A backup was being taken")
    assert "cannot be used: gone" in "\n".join(result["table"])


def test_the_clock_stops_where_the_next_log_is_missing(week: Database) -> None:
    result = asked(
        week, history=[one.to_dict() for one in week.sets if one.backup_set_guid != "log-1-4"], windows_only=True
    )
    clock = result["recoverable_to"]["Sales"]
    assert clock["recoverable_to"] == "2026-11-22T02:30:02+07:00"
    assert clock["holes"][-1]["end"] == "2026-11-22T03:00:03+07:00"
    assert "is missing" in clock["holes"][-1]["reason"]


def measured(kind: str, start_up: float, rate: float, *sizes: int, noise: float = 0.0) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "bytes": size, "seconds": start_up + size / rate + noise * (-1) ** number}
        for number, size in enumerate(sizes)
    ]


def test_time_is_predicted_from_earlier_steps_with_its_uncertainty(week: Database) -> None:
    sizes = (10_000, 20_000, 40_000, 80_000)
    exact = [row for kind in ("full", "differential", "log") for row in measured(kind, 2, 1000, *sizes)]
    plan = asked(week, rates=exact)["plans"][0]
    expected = sum(2 + step["size"] / 1000 for step in plan["steps"][:-1])
    assert plan["predicted_seconds"] == pytest.approx(expected, abs=0.1)
    assert plan["predicted_range"] == pytest.approx([expected, expected], abs=0.2)
    noisy = [row for kind in ("full", "differential", "log") for row in measured(kind, 2, 1000, *sizes, noise=1)]
    low, high = asked(week, rates=noisy)["plans"][0]["predicted_range"]
    assert high - low > 2
    assert low < expected < high


def test_nothing_is_predicted_from_nothing(week: Database) -> None:
    assert asked(week)["plans"][0]["predicted_seconds"] is None
    assert asked(week, rates=measured("full", 1, 10, 100))["plans"][0]["predicted_seconds"] is None
    assert "not known yet" in "\n".join(asked(week)["table"])


def test_fetching_beside_restoring_costs_only_where_it_is_slower(week: Database) -> None:
    quick = [row for kind in ("full", "differential", "log") for row in measured(kind, 0, 1000, 1000, 2000, 3000)]
    slow = measured("fetch", 0, 10, 1000, 2000, 3000)
    alone = asked(week, rates=quick)["plans"][0]["predicted_seconds"]
    both = asked(week, rates=[*quick, *slow])["plans"][0]["predicted_seconds"]
    assert both == pytest.approx(alone * 100, rel=0.05)


def test_no_rate_is_below_nothing() -> None:
    fitted = rates([*measured("log", 0, 10, 100), {"kind": "log", "bytes": 0, "seconds": 30}])["log"]
    assert fitted.per_byte >= 0 and fitted.start_up >= 0


@pytest.mark.parametrize(
    ("seconds", "text"), [(4, "4 s"), (750, "12 min 30 s"), (3900, "1 h 05 min"), (183_600, "2 d 03 h"), (0.4, "0 s")]
)
def test_durations_read_well(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_now_counts_whatever_zone_it_comes_in(week: Database) -> None:
    options = {"history": [one.to_dict() for one in week.sets], "time_zone": "Asia/Jakarta"}
    now = moment(week.clock) + timedelta(minutes=5)
    assert (
        answer(options, now)["data_loss_seconds"] == answer(options, now.astimezone(timezone.utc))["data_loss_seconds"]
    )


def test_a_standby_with_a_delay_sees_no_younger_backup(week: Database) -> None:
    third = next(one for one in week.sets if one.backup_set_guid == "diff-1-3")
    plan = asked(week, backups_until=third.backup_finish_date.isoformat())["plans"][0]  # type: ignore[union-attr]
    assert [step["backup_set_guid"] for step in plan["steps"][:-1]] == ["full-1-1", "diff-1-3"]
    with pytest.raises(InvalidInput, match="Sales: no backup had ended by 2026-11-21"):
        asked(week, backups_until="2026-11-21 00:00")


def test_a_standby_that_no_backup_leads_on_from_is_begun_anew_and_an_online_database_never(week: Database) -> None:
    broken = {"state": "RESTORING", "redo_start_lsn": 5, "redo_start_fork_guid": "fork-1"}
    assert asked(week, states={"Sales": broken}, reseed=True)["plans"][0]["steps"][0]["backup_type"] == "full"
    for state, reseed in ((broken, False), ({**broken, "state": "ONLINE"}, True)):
        with pytest.raises(DatabaseInUse):
            asked(week, states={"Sales": state}, reseed=reseed)


def test_the_registration_comes_back_before_the_archive() -> None:
    named = ["Archive", "Billing", "Registration", "Pharmacy"]
    assert in_order(named, {"registration": 1, "Pharmacy": "2"}) == ["Registration", "Pharmacy", "Archive", "Billing"]
    assert in_order(named, {}) == named
