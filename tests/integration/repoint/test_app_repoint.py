# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""app_repoint through ansible-playbook, on files of this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[3]
SECRET = "Rahasia#sekali"
APPSETTINGS = f"""{{
  // production
  "ConnectionStrings": {{ "H": "Server=127.0.0.1,14331;Database=h;User ID=a;Password={SECRET}" }}
}}
"""
INI = f"[Database]\r\nServer=127.0.0.1,14331\r\nPassword={SECRET}\r\n"


@dataclass
class Site:
    """The files of an application, a folder for copies, and the playbook's one task."""

    folder: Path
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def json_file(self) -> Path:
        return self.folder / "app" / "appsettings.json"

    @property
    def ini_file(self) -> Path:
        return self.folder / "app" / "lis.ini"

    def run(self, *arguments: str, **changed: Any) -> Run:
        play = [
            {
                "hosts": "localhost",
                "gather_facts": False,
                "tasks": [{"ics.deadpool.app_repoint": {**self.options, **changed}, "register": "done"}],
            }
        ]
        playbook = self.folder / "play.json"
        playbook.write_text(json.dumps(play))
        program = str(Path(sys.executable).parent / "ansible-playbook")
        python = f"ansible_python_interpreter={sys.executable}"
        command = [program, "-i", "localhost,", "-c", "local", str(playbook), "-e", python, *arguments]
        settings = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg")}
        environment = {**os.environ, **settings}
        done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
        return Run(done.returncode, done.stdout, done.stderr)


@dataclass
class Run:
    code: int
    output: str
    errors: str

    @property
    def result(self) -> dict[str, Any]:
        text = self.output[self.output.index("{") :]
        tasks = json.loads(text)["plays"][0]["tasks"]
        return tasks[0]["hosts"]["localhost"]

    def files(self) -> dict[str, dict[str, Any]]:
        return {Path(file["path"]).name: file for file in self.result["files"]}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    site.json_file.parent.mkdir()
    site.json_file.write_bytes(b"\xef\xbb\xbf" + APPSETTINGS.encode())
    site.ini_file.write_bytes(b"\xff\xfe" + INI.encode("utf-16-le"))
    site.json_file.chmod(0o640)
    site.options = {
        "files": [
            {"path": str(site.json_file)},
            {"path": str(site.ini_file), "keys": [{"section": "Database", "server": "Server"}]},
        ],
        "old": ["127.0.0.1,14331"],
        "new": {"host": "127.0.0.1", "port": 14332},
        "backup_directory": str(tmp_path / "copies"),
    }
    return site


def contents(site: Site) -> tuple[bytes, bytes]:
    return site.json_file.read_bytes(), site.ini_file.read_bytes()


def test_once_changes_twice_does_not_and_back_is_the_original(site: Site) -> None:
    before = contents(site)
    first = site.run()
    assert first.result["changed"], first.errors
    assert contents(site) == (
        before[0].replace(b"127.0.0.1,14331", b"127.0.0.1,14332"),
        before[1].replace("14331\r\nP".encode("utf-16-le"), "14332\r\nP".encode("utf-16-le")),
    )
    assert site.json_file.stat().st_mode & 0o777 == 0o640
    second = site.run()
    assert not second.result["changed"]
    assert {file["status"] for file in second.result["files"]} == {"already"}
    assert site.run(state="restored").result["changed"]
    assert contents(site) == before
    third = site.run(state="restored")
    assert not third.result["changed"]
    assert {file["status"] for file in third.result["files"]} == {"original"}


def test_check_mode_and_validation_touch_nothing(site: Site) -> None:
    before = contents(site)
    checked = site.run("--check")
    assert checked.result["changed"]
    validated = site.run(stage="validate")
    assert not validated.result["changed"]
    assert validated.files()["lis.ini"]["changed"]
    assert contents(site) == before
    assert not (site.folder / "copies").exists()
    assert not [path for path in site.json_file.parent.iterdir() if path.name.startswith(".")]


def test_no_password_in_result_diff_or_verbose_output(site: Site) -> None:
    run = site.run("--diff", "-vvvv")
    assert SECRET not in run.output + run.errors
    shown = run.result["diff"][0]
    assert shown["before"] == "line 3: server = 127.0.0.1,14331\n"
    assert shown["after"] == "line 3: server = 127.0.0.1,14332\n"
    for path in (site.folder / "copies").rglob("record-*"):
        assert SECRET not in path.read_text()


def test_neither_old_nor_new_is_an_error_that_says_what_was_found(site: Site) -> None:
    run = site.run(old=["10.0.0.9"], new={"host": "10.0.0.10"})
    assert run.code
    message = run.result["msg"]
    assert "names neither the old server (10.0.0.9) nor the new one (10.0.0.10); it names 127.0.0.1,14331" in message
    assert "HINT" in message
    assert SECRET not in run.output + run.errors


def test_an_undeclared_key_is_told_not_guessed(site: Site) -> None:
    files = [{"path": str(site.ini_file)}]
    run = site.run(files=files)
    assert "[Database] Server: holds the old server's name" in run.result["msg"]
    assert "declare it under keys" in run.result["msg"]


def test_one_missing_file_changes_none(site: Site) -> None:
    before = contents(site)
    run = site.run(files=[*site.options["files"], {"path": str(site.folder / "gone.json")}])
    assert "gone.json: cannot be read: No such file or directory" in run.result["msg"]
    assert contents(site) == before


def test_what_was_validated_must_still_be_there(site: Site) -> None:
    validated = site.run(stage="validate").result["files"]
    site.json_file.write_bytes(site.json_file.read_bytes() + b"\n")
    before = contents(site)
    run = site.run(validated=validated)
    assert "appsettings.json: is not the file that was validated" in run.result["msg"]
    assert contents(site) == before


def test_a_rollback_leaves_what_others_changed(site: Site) -> None:
    site.run()
    site.json_file.write_bytes(site.json_file.read_bytes() + b"// changed by hand\n")
    before = contents(site)
    run = site.run(state="restored")
    assert "was changed after it was repointed" in run.result["msg"]
    assert contents(site) == before


def test_a_rollback_without_record_is_no_success(site: Site) -> None:
    site.run()
    run = site.run(state="restored", backup_directory=str(site.folder / "elsewhere"))
    assert "has no record of it" in run.result["msg"]


def test_a_pipe_to_the_old_server_stops_the_host_unless_told(site: Site) -> None:
    text = APPSETTINGS.replace('" }', '", "B": "Server=np:\\\\\\\\127.0.0.1\\\\pipe\\\\sql\\\\query;Database=h" }')
    site.json_file.write_text(text)
    run = site.run(files=[{"path": str(site.json_file)}])
    assert "is a named pipe" in run.result["msg"]
    assert site.json_file.read_text() == text
    told = site.run(files=[{"path": str(site.json_file), "on_refused": "warn"}])
    assert told.result["changed"]
    assert "is a named pipe" in told.files()["appsettings.json"]["warnings"][0]


def test_a_path_of_another_system_is_refused_clearly(site: Site) -> None:
    run = site.run("-e", "ansible_shell_type=powershell")
    assert "not the whole path of a file on a Windows host" in " ".join(run.result["msg"].split())
    assert "HINT: Write it as C:\\folder\\file" in run.result["msg"]


def test_no_files_is_no_change(site: Site) -> None:
    assert not site.run(files=[]).result["changed"]
