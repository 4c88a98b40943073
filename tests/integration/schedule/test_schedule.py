# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/schedule.yml writes the units once, shows them before, and takes away what is no longer due."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
RUNS = [{"kind": "full", "at": "Sun 02:00"}, {"kind": "log", "at": "*:00/15"}]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / "roles/schedule").is_dir(), reason="roles are not shipped here"),
]


def run(playbook: str, given: dict[str, Any], *arguments: str) -> tuple[int, str]:
    program = str(Path(sys.executable).parent / "ansible-playbook")
    done = subprocess.run(
        [program, "-i", "inventory/example", playbook, "-e", json.dumps(given), *arguments],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    return done.returncode, done.stdout + done.stderr


def play(tmp_path: Path, *arguments: str, **variables: Any) -> tuple[int, str]:
    given = {
        "schedule_runs": RUNS,
        "schedule_units_directory": str(tmp_path / "units"),
        "schedule_export": str(tmp_path / "rules.json"),
        "schedule_user": "root",
        "schedule_armed": False,
        "schedule_become": False,
        "preflight_reports_directory": str(tmp_path / "reports"),
    }
    return run("playbooks/schedule.yml", {**given, **variables}, *arguments)


def changed(text: str) -> int:
    return sum(int(number) for number in re.findall(r"\bchanged=(\d+)", text))


@pytest.mark.skipif(shutil.which("systemctl") is None, reason="systemctl is not here")
@pytest.mark.skipif(os.geteuid() != 0, reason="units belong to root")
def test_units_are_shown_written_once_and_taken_away(tmp_path: Path) -> None:
    units, another = tmp_path / "units", "deadpool-rs-contoh-sehat-log.timer"
    units.mkdir()
    (units / another).write_text("another site's, of a name that begins with the same words")
    code, text = play(tmp_path, "--check", "--diff")
    assert code == 0 and changed(text) > 0 and "+OnCalendar=Sun *-*-* 02:00:00 Asia/Jakarta" in text, text
    assert [path.name for path in tmp_path.iterdir()] == ["units"] and [path.name for path in units.iterdir()] == [
        another
    ]

    code, text = play(tmp_path)
    assert code == 0, text
    names = {path.name for path in units.iterdir()}
    full = {"deadpool-rs-contoh-full.timer", "deadpool-rs-contoh-full.service"}
    log = {f"deadpool-rs-contoh-{name}" for name in ("log.timer", "log.service", "standby.service")}
    assert names == full | log | {another}
    rules = {one["kind"]: one for one in json.loads((tmp_path / "rules.json").read_text())}
    assert rules["full"]["rrule"] == "DTSTART;TZID=Asia/Jakarta:20260104T020000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=SU"
    service = (units / "deadpool-rs-contoh-standby.service").read_text()
    assert re.search(rf"ConditionPathExists=!{tmp_path}/reports/\.left-[0-9a-f]{{12}}-sql1\.json\n", service)

    code, text = play(tmp_path)
    assert code == 0 and changed(text) == 0, text

    code, text = play(tmp_path, schedule_runs=RUNS[:1], schedule_then={})
    assert code == 0 and changed(text) > 0, text
    assert {path.name for path in units.iterdir()} == full | {another}


def test_what_could_never_begin_is_refused(tmp_path: Path) -> None:
    code, text = play(tmp_path, schedule_project=str(tmp_path))
    assert code != 0 and "has no backup_in_use.yml, standby.yml" in " ".join(text.split()), text
    assert not (tmp_path / "units").exists()


@pytest.mark.parametrize(("left", "server"), [(None, "sql1"), ({"group": "failover"}, "sql2")])
def test_a_scheduled_backup_is_of_the_server_in_use(tmp_path: Path, left: dict[str, str] | None, server: str) -> None:
    """It gets as far as asking that server, which is not there."""
    if left:
        site = hashlib.sha256(b"RS Contoh").hexdigest()[:12]
        (tmp_path / f".left-{site}-sql1.json").write_text(json.dumps(left))
    nowhere = {"mssql_host": "127.0.0.1", "mssql_port": 1, "ansible_connection": "local"}
    given = {**nowhere, "backup_type": "log", "preflight_reports_directory": str(tmp_path)}
    code, text = run("playbooks/backup_in_use.yml", given, "--check")
    asked = text.partition("Ask whether another program backed up")[2]
    assert code != 0 and "127.0.0.1:1" in asked and "Nothing" not in text, text
    assert set(re.findall(r"\[(sql\d)\b", asked)) == {server}, text
