# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every refusal of the planner: the fact, and the next thing to do. None is left out: the code is searched for them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery import errors
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import at_time, restore_plan
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan_request import answer
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.restore_step import given_plan

from .hospital_life import Database, moment
from .stories import MINUTE

ROOM = Path(errors.__file__).resolve().parent
PLANNING = [
    *("backup_history", "chain", "choice", "database_state", "disk_room", "goal", "lineage", "loss", "passed_over"),
    *("plan", "plan_request", "plan_table", "plan_warnings", "prediction", "presence", "recoverable"),
    *("recovery_path", "refusal", "relocation", "restore_step", "steps", "target"),
]
KINDS = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, RecoveryError)}


def a_week() -> Database:
    life = Database()
    life.commit(2)
    life.full()
    for kind in ("log", "differential", "log"):
        life.wait(15 * MINUTE)
        life.commit(2)
        getattr(life, kind)()
    return life


def asked(life: Database | None = None, **options: Any) -> dict[str, Any]:
    """The options of the module for a life."""
    life = life or a_week()
    history = options.pop("history", None) or [one.to_dict() for one in life.sets]
    given = {"history": history, "databases": ["Sales"], "time_zone": "Asia/Jakarta", **options}
    return {**given, "clock": moment(life.clock) + timedelta(hours=1)}


def without(kind: str, **options: Any) -> dict[str, Any]:
    return asked(history=[one.to_dict() for one in a_week().sets if one.backup_type != kind], **options)


def changed(guid: str, **values: Any) -> list[dict[str, Any]]:
    return [(replace(one, **values) if one.backup_set_guid == guid else one).to_dict() for one in a_week().sets]


def bulk_logged() -> dict[str, Any]:
    life = Database()
    life.full()
    life.commit(3, every=MINUTE, bulk=True)
    life.log()
    return asked(life, target_time="2026-11-22 02:01:30")


def two_servers() -> dict[str, Any]:
    first, second = a_week(), Database(server="SQL2", family="family-2")
    second.fork = replace(second.fork, guid="fork-2")
    second.full()
    second.wait(20 * MINUTE)
    second.commit()
    second.log()
    return asked(history=[one.to_dict() for one in (*first.sets, *second.sets)])


def a_copy() -> dict[str, Any]:
    life = a_week()
    life.restore_to(len(life.line) - 1, False)
    life.wait(MINUTE)
    life.name = "Training"
    life.commit()
    life.full()
    return asked(life, databases=["Training"], unusable={life.sets[-1].path: "the store says it is damaged"})


def summer_time() -> dict[str, Any]:
    """The clock was put forward between the last two logs."""
    life = a_week()
    moved = life.sets[-1].backup_start_date.astimezone(timezone(timedelta(hours=8)))
    history = [one.to_dict() for one in [*life.sets[:-1], replace(life.sets[-1], backup_start_date=moved)]]
    return asked(life, history=history, target_time="2026-11-22 02:40:00")


ONLINE = {"Sales": {"state": "ONLINE", "create_date": "2026-11-01T08:00:00"}}
ELSEWHERE = {"Sales": {"state": "RESTORING", "redo_start_lsn": 5, "redo_start_fork_guid": "f" * 8}}
THIRD = {"HR": {"state": "ONLINE", "name": "HR", "files": [["/data/Sales.mdf", 1]]}}

REFUSALS: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "no backups at all": ("history is empty", lambda: asked(databases=None) | {"history": []}),
    "a row that is none": ("row 1 is not a backup set", lambda: asked(history=[{"path": "/x"}])),
    "unknown database": ("no database of that name", lambda: asked(databases=["Salse"])),
    "unknown server": ("no backups of it from the server SQL9", lambda: asked(source_server="SQL9")),
    "inside bulk-logged changes": ("bulk-logged changes", bulk_logged),
    "all too young": ("younger than the delay", lambda: asked(backups_until="2026-11-21 00:00")),
    "two servers": ("at the same time", two_servers),
    "a copy": ("none of its own backups", a_copy),
    "no full": ("no full backup of it", lambda: without("full")),
    "broken full": ("cannot be used", lambda: asked(unusable={"/SQL1/Sales/full-1-1.1": "hash differs"})),
    "before the first full": ("no full backup had ended", lambda: asked(target_lsn="1005")),
    "in the future": ("in the future", lambda: asked(target_time="2099-01-01 00:00:00")),
    "before the oldest": ("before the oldest backup", lambda: asked(target_time="2020-01-01 00:00:00")),
    "after the newest": ("cannot be reached: the backups lead", lambda: asked(target_time="2026-11-22 03:00:00")),
    "a hole": (
        "is missing",
        lambda: asked(
            history=[row for row in asked()["history"] if "log-1-2" not in row["path"] and "diff" not in row["path"]],
            target_time="2026-11-22 02:40:00",
        ),
    ),
    "a broken log": (
        "cannot be used: cut off",
        lambda: asked(unusable={"/SQL1/Sales/log-1-4.1": "cut off"}, target_time="2026-11-22 02:40:00"),
    ),
    "an LSN beyond": ("LSN 99999 cannot be reached", lambda: asked(target_lsn="99999")),
    "a mark beyond": ("the mark m cannot be reached", lambda: asked(target_mark="m", target_lsn="99999")),
    "a mark nowhere": ("do not say where the mark", lambda: asked(target_mark="m")),
    "before an unknown log": ("is not a log backup", lambda: asked(before_log="/nowhere.trn")),
    "before a log behind a hole": (
        "the point before",
        lambda: without("differential", before_log="/SQL1/Sales/log-1-4.1", unusable={"/SQL1/Sales/log-1-2.1": "gone"}),
    ),
    "another offset": ("another offset", summer_time),
    "not a time": ("not a date and time", lambda: asked(target_time="yesterday")),
    "not an LSN": ("is not an LSN", lambda: asked(target_lsn="LSN 12")),
    "not a number": ("one that is no number", lambda: asked(priorities={"Sales": "first"})),
    "two targets": ("exclude each other", lambda: asked(target_lsn="12", before_log="/x")),
    "unknown zone": ("is not a time zone", lambda: asked(time_zone="Asia/Bandung")),
    "online": ("state ONLINE", lambda: asked(states=ONLINE)),
    "restoring elsewhere": ("RESTORING at LSN 5", lambda: asked(states=ELSEWHERE)),
    "a third's file": ("which is HR's", lambda: asked(states=THIRD, data_directory="/data")),
    "no room": ("free", lambda: asked(volumes=[{"volume_mount_point": "D:\\", "available_bytes": 5}])),
    "no file list": (
        "which files",
        lambda: asked(history=changed("full-1-1", files=()), data_directory="/data"),
    ),
    "a wrong file map": ("which the backup does not hold", lambda: asked(file_map={"Sales": {"Salse": "/x"}})),
    "one place twice": ("two files at", lambda: asked(file_map={"Sales": {"Sales": "/x", "Sales_log": "/X"}})),
    "rates that are none": ("is not a measured step", lambda: asked(rates=[{"kind": "full"}])),
}


@pytest.mark.parametrize("case", list(REFUSALS))
def test_a_refusal_says_the_fact_and_the_next_thing_to_do(case: str) -> None:
    words, options = REFUSALS[case]
    with pytest.raises(RecoveryError) as refusal:
        _answer(options())
    assert words in refusal.value.msg
    fact, hint = refusal.value.msg, refusal.value.hint
    assert fact.endswith(".") and hint.endswith(".") and len(hint) > 20
    assert str(refusal.value) == f"{fact}\nHINT: {hint}"
    assert fact[0] != " " and "None" not in fact + hint and "{" not in fact + hint


def _answer(options: dict[str, Any]) -> dict[str, Any]:
    return answer(options, options.pop("clock"))


def test_no_refusal_of_the_planner_is_left_out() -> None:
    """Every place in the planner's files that makes an error is one that the cases above lead to."""
    reached: set[tuple[str, int]] = set()
    made = RecoveryError.__init__

    def noting(self: RecoveryError, *facts: Any, **more: Any) -> None:
        caller = sys._getframe(1)
        reached.add((Path(caller.f_code.co_filename).stem, caller.f_lineno))
        made(self, *facts, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RecoveryError, "__init__", noting)
        for _unused, options in REFUSALS.values():
            with pytest.raises(RecoveryError):
                _answer(options())
        _programs_mistakes()
    missed = [
        f"{name}.py:{first}"
        for name, first, last in _places()
        if not any(file == name and first <= line <= last for file, line in reached)
    ]
    assert not missed, f"no case leads to the refusals at {missed}"


def _programs_mistakes() -> None:
    """Refusals that no options of the planner lead to: its module always gives a zone, and reads no plans."""
    for mistake in (
        lambda: given_plan({"database": "Sales"}),
        lambda: at_time("2026-11-22 03:00:00", None),
        lambda: restore_plan(a_week().sets, "Sales", now=datetime(2026, 1, 1)),
        lambda: restore_plan(
            [replace(one, backup_start_date=one.backup_start_date.replace(tzinfo=None)) for one in a_week().sets],
            "Sales",
            now=moment(0),
        ),
    ):
        with pytest.raises(RecoveryError):
            mistake()


def _places() -> Iterator[tuple[str, int, int]]:
    for name in PLANNING:
        for node in ast.walk(ast.parse((ROOM / f"{name}.py").read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                yield name, node.lineno, node.end_lineno or node.lineno
