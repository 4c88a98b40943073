# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role over real sockets: what people are told, in which words, and that nobody's silence stops a run."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .listeners import Heard, mail_server, webhook

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
PASSWORD, TOKEN = "kata-sandi-surel", "token-dari-alamat"
MOMENTS = ["restored", "proven", "failed"]


@dataclass
class Told:
    """What a run printed, and what its journal has about messages."""

    code: int
    text: str
    journal: list[dict[str, Any]]


@pytest.fixture
def mail() -> Iterator[Heard]:
    with mail_server() as heard:
        yield heard


@pytest.fixture
def hook() -> Iterator[Heard]:
    with webhook() as heard:
        yield heard


def mail_settings(port: int) -> dict[str, Any]:
    person = {"username": "deadpool", "password": PASSWORD, "from": "deadpool@rs.example", "to": ["edp@rs.example"]}
    return {"host": "127.0.0.1", "port": port, "secure": "never", **person}


def hook_settings(port: int) -> dict[str, Any]:
    return {"url": f"http://127.0.0.1:{port}/{TOKEN}", "headers": {"Authorization": f"Bearer {TOKEN}"}}


def tell(folder: Path, moments: list[str], **variables: Any) -> Told:
    """The role for each of the moments, then a task that must be reached."""
    run = folder / "20261124-031500-k3x9"
    run.mkdir()
    roles = [
        {
            "ansible.builtin.include_role": {"name": "ics.deadpool.notify"},
            "vars": {"notify_moment": moment, "notify_facts": [f"fakta {moment}"]},
        }
        for moment in moments
    ]
    end = {"ansible.builtin.debug": {"msg": "the run went on"}}
    site = {"site_name": "RS Contoh", "notify_folder": str(run), "notify_timeout": 1}
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    play = {"hosts": "localhost", "gather_facts": False, "vars": {**site, **local, **variables}, "tasks": [*roles, end]}
    (folder / "play.json").write_text(json.dumps([play]))
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "-vvv", "-i", "localhost,", folder / "play.json"],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    lines = (run / "journal.jsonl").read_text().splitlines() if (run / "journal.jsonl").exists() else []
    entries = [json.loads(line) for line in lines]
    told = Told(
        done.returncode, done.stdout + done.stderr, [one["data"] for one in entries if one["event"] == "notified"]
    )
    assert told.code == 0 and "the run went on" in told.text, told.text
    assert PASSWORD not in told.text + str(lines) and TOKEN not in told.text + str(lines)
    return told


def test_people_and_programs_hear_the_same(tmp_path: Path, mail: Heard, hook: Heard) -> None:
    """What has no proof yet says so in its first line; a success is told by one moment alone."""
    told = tell(tmp_path, MOMENTS, notify_mail=mail_settings(mail.port), notify_webhooks=[hook_settings(hook.port)])
    assert hook.moments == MOMENTS and len(mail.mails) == len(MOMENTS)
    assert [one["ok"] for one in told.journal] == [True] * 2 * len(MOMENTS)
    subjects = dict(zip(MOMENTS, (str(one["Subject"]) for one in mail.mails), strict=True))
    assert (
        subjects["restored"] == "[RS Contoh] Database dipulihkan, BELUM terbukti / Databases restored, NOT proven yet"
    )
    assert [name for name, subject in subjects.items() if "Proven" in subject or "Terbukti" in subject] == ["proven"]
    assert [one["To"] for one in mail.mails] == ["edp@rs.example"] * len(MOMENTS)
    proven = mail.mails[MOMENTS.index("proven")].get_body()
    assert proven is not None and "fakta proven" in proven.get_content()
    assert {post["incident"] for post in hook.posts} == {"20261124-031500-k3x9"}
    assert {post["authorization"] for post in hook.posts} == {f"Bearer {TOKEN}"}
    assert len(mail.logins) == len(MOMENTS)


def test_whoever_cannot_be_told_stops_nothing(tmp_path: Path, hook: Heard) -> None:
    """Nothing listens where the mail goes; of the programs one hears it, one refuses it, and one never says a word."""
    with webhook() as refusing, socket.create_server(("127.0.0.1", 0)) as silent:
        refusing.answer = 500
        with socket.create_server(("127.0.0.1", 0)) as closed:
            dead = closed.getsockname()[1]
        told = tell(
            tmp_path,
            ["failed"],
            notify_mail=mail_settings(dead),
            notify_webhooks=[hook_settings(port) for port in (hook.port, refusing.port, silent.getsockname()[1])],
        )
    assert hook.moments == ["failed"]
    assert [(one["way"], one["ok"], one["answer"]) for one in told.journal] == [
        ("mail", False, "no answer"),
        ("webhook", True, "HTTP 200"),
        ("webhook", False, "HTTP 500"),
        ("webhook", False, "no answer"),
    ]


def test_where_nobody_is_to_be_told_nothing_is_said(tmp_path: Path) -> None:
    told = tell(tmp_path, ["failed"])
    assert told.journal == [] and told.text.count("skipping: [localhost]") == 1
