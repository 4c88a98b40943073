# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One run at a time, and a dead one blocks nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.run_lock_file import identity, take
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.run_lock import Holder


@pytest.fixture
def another() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()


def holder(process: int, user: str = "edp") -> Holder:
    return Holder("recovery", "RS Contoh", user, "2026-11-24 03:12:09+07:00", "/reports/1", **identity(process))


def test_a_second_run_is_told_who_is_at_it_since_when(tmp_path: Path, another: subprocess.Popen[bytes]) -> None:
    path = str(tmp_path / "new" / "recovery.lock")
    first = holder(another.pid)
    assert take(path, first) is None
    with pytest.raises(InvalidInput) as refused:
        take(path, holder(1, "ics"))
    assert "recovery by edp since 2026-11-24 03:12:09+07:00" in refused.value.msg
    assert f"kill {another.pid}" in refused.value.hint
    assert take(path, first) is None, "a run does not stand in its own way"


def test_a_killed_run_is_taken_over_and_named(tmp_path: Path, another: subprocess.Popen[bytes]) -> None:
    path = str(tmp_path / "recovery.lock")
    first = holder(another.pid)
    take(path, first)
    another.kill()
    another.wait()
    assert take(path, holder(1)) == first


@pytest.mark.parametrize("change", [{"started": "1"}, {"boot": "an-earlier-boot"}])
def test_a_later_process_of_the_same_number_is_not_taken_for_it(
    tmp_path: Path, another: subprocess.Popen[bytes], change: dict[str, str]
) -> None:
    path = str(tmp_path / "recovery.lock")
    first = replace(holder(another.pid), **change)
    take(path, first)
    assert take(path, holder(1)) == first


def test_another_controller_cannot_be_asked(tmp_path: Path) -> None:
    path = str(tmp_path / "recovery.lock")
    first = replace(holder(1), host="controller2", started="0")
    take(path, first)
    with pytest.raises(InvalidInput, match="nobody can tell"):
        take(path, holder(1))
    assert take(path, holder(1), take_over=True) == first


def test_a_run_in_another_container_has_ended_where_its_report_is_written(tmp_path: Path) -> None:
    path, folder = str(tmp_path / "recovery.lock"), tmp_path / "run"
    folder.mkdir()
    report, began = folder / "report.json", 1_795_464_729  # 2026-11-24 03:12:09+07:00
    first = replace(holder(1), host="pod-1", started="0", run=str(folder))
    take(path, first)
    report.write_text("{}")
    os.utime(report, (began - 60, began - 60))
    with pytest.raises(InvalidInput, match="nobody can tell"):
        take(path, holder(1))  # the report of an earlier attempt, which this run goes on with
    os.utime(report, (began + 60, began + 60))
    assert take(path, holder(1)) == first


def test_a_lock_that_cannot_be_read_is_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "recovery.lock"
    for text in ("{", "[]", "{}", json.dumps({**holder(1).to_dict(), "process": "x"})):
        path.write_text(text)
        with pytest.raises(InvalidInput, match="cannot be read"):
            take(str(path), holder(1))
    path.write_text("")
    assert take(str(path), holder(1)) is None
