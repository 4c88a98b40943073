# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""app_repoint with a file and a record in DNS, by a real ansible-playbook: both or neither."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.dns_repointing import RecordWish, Sides
from ansible_collections.ics.deadpool.plugins.module_utils.clients.dns_server import DnsKey, DnsServer
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.endpoint import parse_endpoint
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError
from ansible_collections.ics.deadpool.plugins.plugin_utils import dns_action

from .name_servers import KEY, OTHER_SECRET, PROGRAMS, SECRET, NameServer, program

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
RECORD = "dns:hisdb.hospital.lan"


@dataclass
class Site:
    server: NameServer
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "app" / "a.env"

    def task(self, **options: Any) -> dict[str, Any]:
        record = {"path": RECORD, "dns": {"server": "127.0.0.1", "port": self.server.port, "key": KEY}}
        wanted = {
            "files": [record, {"path": str(self.file)}],
            "old": ["10.0.0.5"],
            "new": {"host": "10.0.0.6"},
            "dns_keys": {KEY: {"secret": SECRET}},
            "backup_directory": str(self.folder / "copies"),
        }
        return {"ics.deadpool.app_repoint": {**wanted, **options}}

    def run(self, *tasks: dict[str, Any], options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        play = [{"hosts": "localhost", "gather_facts": False, "connection": "local", "tasks": list(tasks)}]
        (self.folder / "play.json").write_text(json.dumps(play))
        settings = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-vvv", *options]
        done = subprocess.run(
            [*command, "-e", f"ansible_python_interpreter={sys.executable}", str(self.folder / "play.json")],
            cwd=ROOT,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert SECRET not in done.stdout + done.stderr, "the key is shown nowhere"
        found = json.loads(done.stdout[done.stdout.index("{") :])
        return [task["hosts"]["localhost"] for play in found["plays"] for task in play["tasks"]]

    def where(self) -> list[str]:
        (address,) = self.server.values("hisdb.hospital.lan")
        return ["10.0.0.6" if "10.0.0.6" in self.file.read_text() else "10.0.0.5", address]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    kind = next(filter(program, PROGRAMS), None)
    if kind is None:
        pytest.skip("neither named nor knotd is installed (Debian: apt-get install bind9)")
    (tmp_path / "dns").mkdir()
    site = Site(NameServer(kind, tmp_path / "dns"), tmp_path)
    site.file.parent.mkdir()
    site.file.write_text("DB_CONNECTION=sqlsrv\nDB_HOST=10.0.0.5\n")
    site.server.start()
    yield site
    site.server.stop()


def test_a_file_and_a_record_move_and_go_back(site: Site) -> None:
    seen, moved, again, back = site.run(
        {**site.task(stage="validate"), "register": "seen"},
        {**site.task(validated="{{ seen.files }}"), "register": "moved"},
        site.task(),
        site.task(state="restored", validated="{{ moved.files }}"),
        options=("--diff",),
    )
    assert not seen["changed"] and [one["changed"] for one in seen["files"]] == [True, True]
    assert moved["changed"] and [one["path"] for one in moved["files"]] == [RECORD, str(site.file)]
    told = next(one for one in moved["diff"] if one["before_header"] == RECORD)
    assert (told["before"], told["after"]) == ("line 0: A = 10.0.0.5\n", "line 0: A = 10.0.0.6\n")
    assert not again["changed"] and {one["status"] for one in again["files"]} == {"already"}
    assert [one["status"] for one in back["files"]] == ["restored", "restored"]
    assert site.where() == ["10.0.0.5", "10.0.0.5"]


def test_where_the_key_is_wrong_no_file_is_written(site: Site) -> None:
    wrong = {KEY: {"secret": OTHER_SECRET}}
    looked, written, unknown = site.run(
        *({**site.task(dns_keys=keys, **more), "ignore_errors": True}
          for keys, more in ((wrong, {"stage": "validate"}), (wrong, {}), ({}, {})))
    )  # fmt: skip
    for found in (looked, written):
        assert found["failed"] and "does not accept the key deadpool" in found["msg"] and "HINT:" in found["msg"]
    assert "dns_keys has no key deadpool" in unknown["msg"]
    assert site.where() == ["10.0.0.5", "10.0.0.5"]


def test_what_check_mode_would_do_it_does_not(site: Site) -> None:
    (found,) = site.run(site.task(), options=("--check",))
    assert found["changed"] and site.where() == ["10.0.0.5", "10.0.0.5"]


def test_a_server_that_dies_in_between_takes_the_files_back(site: Site) -> None:
    """The record comes last: when its server vanishes after the files were written, they go back."""
    there = DnsServer("127.0.0.1", site.server.port, DnsKey(KEY, "hmac-sha256", SECRET))
    wish = RecordWish(RECORD, "hisdb.hospital.lan", "", there, there)
    sides = Sides([parse_endpoint("10.0.0.5")], parse_endpoint("10.0.0.6"), [])
    asked: list[Any] = []

    def others(more: Any) -> dict[str, Any]:
        asked.append(more)
        site.server.stop()
        return {"changed": True, "files": [{"path": "/a.env", "changed": True}, {"path": "/b", "changed": False}]}

    with pytest.raises(RecoveryError, match=r"does not answer(.|\n)*/a\.env: put back"):
        dns_action._repointed([wish], sides, {}, others, True)
    assert asked == [{}, {"files": [{"path": "/a.env"}], "state": "restored"}]
