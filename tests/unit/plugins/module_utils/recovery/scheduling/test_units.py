# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The units of a site, as text and as systemd itself judges them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.schedule import timings
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.schedule_units import KINDS, Place, units

ROWS = [
    {"kind": "full", "at": "Sun 02:00"},
    {"kind": "differential", "at": "Mon..Sat 03:00"},
    {"kind": "log", "at": "*:00/15"},
    {"kind": "prune", "at": "Mon 06:00"},
    {"kind": "daily_check", "at": "07:00"},
    {"kind": "drill", "at": "Sun 05:00"},
]


def made(
    rows: list[dict[str, str]] | None = None, minutes: dict[str, int] | None = None, **place: Any
) -> dict[str, str]:
    values: dict[str, Any] = {
        "site": "RS Contoh",
        "project": "/opt/deadpool",
        "ansible_playbook": "/opt/deadpool/.venv/bin/ansible-playbook",
        "reports": "/var/lib/deadpool/reports",
        "left": "/var/lib/deadpool/reports/.left-0a1b-sql1.json",
        "user": "deadpool",
        "arguments": ("-i", "inventory/rs-contoh"),
        **place,
    }
    timed = timings(ROWS if rows is None else rows, "Asia/Jakarta", ZoneInfo("Asia/Jakarta"))
    return units(timed, {"log": ["standby"]}, minutes or {}, Place(**values))


def test_a_service_for_each_kind_and_a_timer_for_what_has_a_time() -> None:
    found = made()
    kinds = ("full", "differential", "log", "prune", "daily_check", "drill", "standby")
    services = {f"deadpool-rs-contoh-{kind}.service" for kind in kinds}
    assert {name for name in found if name.endswith(".service")} == services
    assert "deadpool-rs-contoh-standby.timer" not in found and len(found) == 13


def test_a_timer_says_the_zone_catches_up_and_is_to_the_second() -> None:
    text = made()["deadpool-rs-contoh-full.timer"]
    assert "OnCalendar=Sun *-*-* 02:00:00 Asia/Jakarta\n" in text
    assert "Persistent=true\n" in text and "AccuracySec=1s\n" in text and "WantedBy=timers.target\n" in text


def test_several_times_of_one_kind_are_one_timer() -> None:
    rows = [{"kind": "log", "at": "7..20:00/10"}, {"kind": "log", "at": "0..6,21..23:30"}]
    text = made(rows)["deadpool-rs-contoh-log.timer"]
    assert text.count("OnCalendar=") == 2


def test_the_standby_follows_a_log_that_ended_well_and_rests_while_the_failover_is_in_use() -> None:
    found = made()
    assert "OnSuccess=deadpool-rs-contoh-standby.service\n" in found["deadpool-rs-contoh-log.service"]
    for name, text in found.items():
        warm = name in ("deadpool-rs-contoh-standby.service", "deadpool-rs-contoh-drill.service")
        assert ("ConditionPathExists=!/var/lib/deadpool/reports/.left-0a1b-sql1.json" in text) == warm, name


def test_runs_that_disturb_each_other_wait_in_one_queue_and_others_do_not() -> None:
    found = made()
    queues = {
        name.split("-")[-1].partition(".")[0]: (re.findall(r"-(\w+)\.lock", text) or [""])[0]
        for name, text in found.items()
        if name.endswith(".service")
    }
    assert queues == {
        "full": "backup", "differential": "backup", "log": "backup", "standby": "site", "prune": "site",
        "drill": "site", "daily_check": "",
    }  # fmt: skip
    assert all("/usr/bin/flock --close " in text for name, text in found.items() if ".lock" in text), (
        "ssh keeps it open"
    )


def test_a_run_that_hangs_is_ended_and_one_that_waits_is_not_ended_before_its_turn() -> None:
    found = made(minutes={"log": 20})
    text = found["deadpool-rs-contoh-log.service"]
    assert "/usr/bin/timeout --kill-after=60 20m " in text
    (limit,) = re.findall(r"TimeoutStartSec=(\d+)min", text)
    assert int(limit) > KINDS["full"].minutes + KINDS["differential"].minutes + 20
    assert "Type=oneshot\n" in text and "Restart" not in text


def test_a_backup_goes_to_the_server_in_use() -> None:
    assert "playbooks/backup_in_use.yml -e backup_type=log" in made()["deadpool-rs-contoh-log.service"]


def test_words_of_a_command_are_one_word_each_and_no_specifier() -> None:
    text = made(arguments=("-i", 'a b%h$HOME"x\\', "-e", "@/x"), project="/opt/100%", site="RS 50% \n[Service]")
    service = text["deadpool-rs-50-service-full.service"]
    assert '-i "a b%%h$$HOME\\"x\\\\" -e @/x playbooks/' in service
    assert "WorkingDirectory=/opt/100%%\n" in service and service.count("\n[Service]\n") == 1
    with pytest.raises(InvalidInput):
        made(arguments=("a\nExecStart=/bin/sh",))


def test_a_name_without_a_latin_letter_is_still_one_of_its_own() -> None:
    names = {next(iter(made(site=site))).rpartition("-")[0] for site in ("مستشفى", "医院")}
    assert len(names) == 2 and all(re.fullmatch(r"deadpool-[0-9a-f]{12}", name) for name in names)


@pytest.mark.parametrize("rows", [[{"kind": "coffee", "at": "07:00"}], [{"kind": "log", "at": "*:00/15"}]])
def test_a_kind_that_nobody_knows_is_refused(rows: list[dict[str, str]]) -> None:
    with pytest.raises(InvalidInput, match="there is no run of the kind"):
        made(rows, minutes={"tea": 5})


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """With programs that are there: it looks whether they can be started."""
    program = tmp_path / "ansible playbook"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    arguments = ("-i", "in ventory%", "--vault-password-file", "/etc/x")
    found = made(ansible_playbook=str(program), user="root", arguments=arguments, environment={"LANG": "C.UTF-8"})
    for name, text in found.items():
        (tmp_path / name).write_text(text)
    paths = [str(tmp_path / name) for name in found]
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=one", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if "deadpool" in line]
    assert done.returncode == 0 and not told, done.stderr
