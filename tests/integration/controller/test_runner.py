# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A recovery as AWX runs it: ansible-runner, the answers of the button as variables, decisions as signatures."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.hospital.conftest import Hospital, opened

from .playing import ROOT
from .test_templates import BUTTONS, QUESTIONS

pytestmark = pytest.mark.slow
for program in ("ssh-keygen", str(Path(sys.executable).with_name("ansible-runner"))):
    if not shutil.which(program):
        pytest.skip(f"{program} is not there", allow_module_level=True)

ANSWERS = {"target": "failover"}


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    with opened(tmp_path_factory) as made:
        made.backup("full")
        made.simulator("kill", "production")
        yield made


@pytest.fixture(scope="module")
def place(hospital: Hospital, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private data directory: the project, and an inventory that demands two persons."""
    folder = tmp_path_factory.mktemp("runner")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True, timeout=20)
    (folder / "signers").write_text(f"awx@rs-contoh {(folder / 'key.pub').read_text()}", encoding="utf-8")
    (folder / "project").symlink_to(ROOT)
    shutil.copytree(ROOT / "inventory/demo", folder / "inventory")
    policy = {
        "decision_persons": 2,
        "decision_signers": str(folder / "signers"),
        "decision_choosers": ["awx@rs-contoh"],
        "decision_givers": ["awx@rs-contoh"],
        "decision_wait_seconds": 600,
    }
    (folder / "inventory/group_vars/all/zz_decisions.yml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    return folder


def answers(name: str) -> dict[str, Any]:
    """What AWX passes on when the button's questions are answered, and whatever it adds of its own."""
    (button,) = [one for one in BUTTONS if one["name"] == name]
    said = {one: ANSWERS.get(one, QUESTIONS[one].get("default", "")) for one in button["asks"]}
    return {**said, "awx_user_name": "edp.budi", "awx_workflow_job_id": 7, "awx_job_id": 8}


@contextmanager
def pressed(hospital: Hospital, place: Path, name: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    """The button's run; it ends with the test, whatever the test finds."""
    (button,) = [one for one in BUTTONS if one["name"] == name]
    (place / "env").mkdir(exist_ok=True)
    (place / "env/extravars").write_text(json.dumps({**answers(name), **more}), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-runner")), "run", str(place), "-p", button["playbook"]]
    log = (place / f"{button['playbook'].rpartition('/')[2]}.log").open("w", encoding="utf-8")
    environment = {**hospital.environment(), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    run = subprocess.Popen(
        command, cwd=place, env=environment, stdout=log, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        yield run
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()


def laid_down(hospital: Hospital, number: int, run: subprocess.Popen[str], place: Path) -> Path:
    """The text that waits for a signature."""
    deadline = time.monotonic() + 500
    while time.monotonic() < deadline and run.poll() is None:
        found = list((hospital.state / "reports").rglob(f"decision-{number}-*.txt"))
        if found:
            return found[0]
        time.sleep(0.5)
    raise AssertionError(said(place))


def sign(place: Path, path: Path) -> None:
    command = ["ssh-keygen", "-Y", "sign", "-f", str(place / "key"), "-n", "deadpool-decision", str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=20)


def said(place: Path) -> str:
    """The end of what was printed, however it was wrapped."""
    return " ".join(" ".join(path.read_text(encoding="utf-8")[-6000:] for path in place.glob("*.log")).split())


def test_whoever_presses_the_button_cannot_decide_by_what_he_adds(hospital: Hospital, place: Path) -> None:
    before = hospital.configuration()
    added = {"recovery_confirmed": True, "decision_persons": 1, "decision_wait_seconds": 0}
    with pressed(hospital, place, "Pulihkan (recover)", **added) as run:
        assert run.wait(timeout=400) != 0
    assert "decision_persons" in said(place) and "cannot be given with -e" in said(place)
    assert hospital.databases("failover") == {} and hospital.configuration() == before


def test_with_both_decisions_as_records_a_recovery_is_driven_to_its_end(hospital: Hospital, place: Path) -> None:
    before = hospital.configuration()
    with pressed(hospital, place, "Pulihkan (recover)") as run:
        asked = laid_down(hospital, 1, run, place)
        # Nobody has signed: it waits, and nothing was changed.
        time.sleep(2)
        assert run.poll() is None and hospital.databases("failover") == {} and hospital.configuration() == before
        assert "-e target: failover" in asked.read_text(encoding="utf-8")
        sign(place, asked)
        assert run.wait(timeout=900) == 0, said(place)
    assert set(hospital.databases("failover").values()) == {"ONLINE"}
    assert hospital.report()["outcome"] == "success"

    with pressed(hospital, place, "Umumkan (official go)") as run:
        asked = laid_down(hospital, 2, run, place)
        assert not given(asked), "nothing is announced before it is signed"
        sign(place, asked)
        assert run.wait(timeout=400) == 0, said(place)
    (record,) = given(asked)
    assert record["who"] == "awx@rs-contoh" and "edp.budi" in record["starters"]


def given(asked: Path) -> list[dict[str, Any]]:
    """The official gos in the journal beside what was asked."""
    lines = (asked.parent / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return [entry["data"] for entry in map(json.loads, lines) if entry["event"] == "go"]
