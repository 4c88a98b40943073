# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The units on a real systemd: a user manager that sees a /run of its own, and so believes in a booted system."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.schedule import timings
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.schedule_units import Place, units

MANAGER = "/lib/systemd/systemd"
#: The manager refuses to run where /run/systemd/system is missing.
_MAKE = "mount -t tmpfs own /run && mkdir -p /run/systemd/system /run/own"
OWN_RUN = f"{_MAKE} && exec {MANAGER} --user --unit=basic.target"
ROWS = [
    {"kind": "full", "at": "Sun 02:00"},
    {"kind": "prune", "at": "Mon 06:00"},
    {"kind": "log", "at": "*:00/15"},
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="a mount namespace needs root"),
    pytest.mark.skipif(
        not (Path(MANAGER).exists() and all(shutil.which(name) for name in ("unshare", "nsenter", "systemctl"))),
        reason="systemd is not here",
    ),
]
Systemctl = Callable[..., str]


@contextmanager
def manager(home: Path) -> Iterator[Systemctl]:
    environment = {"HOME": str(home), "XDG_RUNTIME_DIR": "/run/own", "PATH": "/usr/bin:/bin:/usr/sbin", "TZ": "UTC"}
    log = (home / "manager.log").open("wb")
    process = subprocess.Popen(["unshare", "-m", "sh", "-c", OWN_RUN], env=environment, stdout=log, stderr=log)

    def systemctl(*words: str, check: bool = True) -> str:
        command = ["nsenter", "-m", "-t", str(process.pid), "systemctl", "--user", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip()

    try:
        deadline = time.monotonic() + 20
        while systemctl("is-system-running", check=False) not in ("running", "degraded"):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.skip(f"no user manager can be started here: {(home / 'manager.log').read_text()[-300:]}")
            time.sleep(0.1)
        yield systemctl
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


@pytest.fixture(params=["Asia/Jakarta"])
def zone(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def home(tmp_path: Path, zone: str) -> Path:
    """The units of a site whose playbooks only tell that they run; a log backup takes two seconds."""
    folder = tmp_path / ".config/systemd/user"
    folder.mkdir(parents=True)
    program = tmp_path / "ansible-playbook"
    program.write_text(
        f'#!/bin/sh\necho "begin $*" >> {tmp_path}/told\ncase "$*" in *=log) sleep 2;; esac\n'
        f'echo "end $*" >> {tmp_path}/told\n'
    )
    program.chmod(0o755)
    place = Place("RS Contoh", str(tmp_path), str(program), str(tmp_path), str(tmp_path / "left"))
    found = units(timings(ROWS, zone, ZoneInfo(zone)), {"log": ["standby"]}, {}, place)
    for name, text in found.items():
        # A log backup is due every second here, so that none of them could begin in time.
        (folder / name).write_text(re.sub(r"OnCalendar=\*-.*", "OnCalendar=*:*:*", text))
    return tmp_path


def told(home: Path) -> list[str]:
    """begin or end, and of what."""
    path = home / "told"
    lines = path.read_text().splitlines() if path.exists() else []
    return [f"{line.split()[0]} {line.rpartition('=')[2] if '=' in line else line.split('/')[-1]}" for line in lines]


def wait_for(what: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "America/New_York"], indirect=True)
def test_timers_are_armed_for_the_right_instant_and_catch_up(home: Path, zone: str) -> None:
    """The controller was off on Sunday: the full is taken when it is back. What was never missed waits for its time."""
    stamps = home / ".local/share/systemd/timers"
    stamps.mkdir(parents=True)
    stamp = stamps / "stamp-deadpool-rs-contoh-full.timer"
    stamp.touch()
    before = (datetime.now(timezone.utc) - timedelta(days=8)).timestamp()
    os.utime(stamp, (before, before))
    with manager(home) as systemctl:
        names = [f"deadpool-rs-contoh-{kind}.timer" for kind in ("full", "prune")]
        systemctl("start", *names)
        wait_for(lambda: "end full" in told(home))
        # A timer is armed anew once what it started is known to have ended.
        wait_for(lambda: systemctl("show", names[0], "--property=NextElapseUSecRealtime", "--value") != "")
        now = datetime.now(timezone.utc)
        for name, timing in zip(names, timings(ROWS, zone, ZoneInfo(zone))):
            shown = systemctl("show", name, "--property=NextElapseUSecRealtime", "--value")
            armed = datetime.strptime(shown, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=timezone.utc)
            assert armed == timing.between(now, now + timedelta(days=8))[0], shown
    assert told(home) == ["begin full", "end full"]


def test_runs_never_overlap_and_the_standby_follows_until_the_failover_is_in_use(home: Path) -> None:
    with manager(home) as systemctl:
        systemctl("start", "deadpool-rs-contoh-log.timer")
        wait_for(lambda: told(home).count("end standby.yml") >= 2)
        (home / "left").touch()
        wait_for(lambda: told(home).count("begin log") >= 5)
        systemctl("stop", "deadpool-rs-contoh-log.timer")
    lines = told(home)
    logs = [line for line in lines if line.endswith("log")]
    assert all(line == ("end log" if number % 2 else "begin log") for number, line in enumerate(logs)), lines
    followed = [number for number, line in enumerate(lines) if line == "begin standby.yml"]
    assert 2 <= len(followed) <= 3 and all("end log" in lines[:number] for number in followed), lines
    assert len([line for line in lines if line == "begin log"]) > len(followed), "it rests while the failover is in use"
