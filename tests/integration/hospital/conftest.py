# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A whole simulated hospital, and ansible-playbook run on it as an operator would."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyodbc
import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
# A pooled connection would hold a database open behind our back.
pyodbc.pooling = False


@dataclass
class Run:
    """What a command printed, and its exit code."""

    code: int
    text: str

    @property
    def changed(self) -> int:
        """The number of changed tasks of all hosts, from the recap."""
        return sum(int(number) for number in re.findall(r"\bchanged=(\d+)", self.text))

    def says(self, *words: str) -> bool:
        """Whether the words stand in the output, however it was wrapped."""
        flat = re.sub(r"\s+", " ", self.text)
        return all(re.sub(r"\s+", " ", word) in flat for word in words)


@dataclass
class Hospital:
    state: Path

    @property
    def site(self) -> dict[str, Any]:
        return json.loads((self.state / "site.json").read_text())

    @property
    def secrets(self) -> dict[str, Any]:
        return json.loads((self.state / "secrets.json").read_text())

    @property
    def store(self) -> Path:
        """The folder of the backup store, as its host sees it."""
        return Path(self.site["store"]["folder"])

    def environment(self) -> dict[str, str]:
        return {**os.environ, "DEADPOOL_STATE": str(self.state), "ANSIBLE_NOCOLOR": "1", "COLUMNS": "200"}

    def simulator(self, *arguments: str, check: bool = True) -> Run:
        command = [sys.executable, "-m", "simulator", *arguments, "--state", str(self.state)]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False, timeout=120
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return Run(done.returncode, done.stdout + done.stderr)

    def play(self, playbook: str, *arguments: str, inventory: str = "inventory/demo", **more: Any) -> Run:
        """Without a terminal, as cron or CI would run it."""
        command = [str(BIN / "ansible-playbook"), "-i", inventory, playbook, *arguments]
        done = subprocess.run(
            command,
            cwd=more.get("cwd", ROOT),
            env={**self.environment(), **more.get("env", {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        return Run(done.returncode, done.stdout)

    def type_word(self, word: str, playbook: str, *arguments: str) -> Run:
        """At a terminal, answering the question with a word and Enter."""
        command = [str(BIN / "ansible-playbook"), "-i", "inventory/demo", playbook, *arguments]
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(ROOT)
            os.execve(command[0], command, self.environment())
        printed, answered, deadline = b"", False, time.monotonic() + 180
        while time.monotonic() < deadline:
            # pause throws away what was typed before it asks: answer a moment after it fell silent.
            if not select.select([terminal], [], [], 0.7)[0]:
                if not answered and b"anything else cancels" in printed:
                    os.write(terminal, word.encode() + b"\r")
                    answered = True
                continue
            try:
                printed += os.read(terminal, 65536)
            except OSError:  # the terminal is closed: the command has ended
                break
        else:
            os.kill(child, signal.SIGKILL)
        return Run(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), printed.decode(errors="replace"))

    def backup(self, kind: str) -> Run:
        run = self.play("playbooks/backup.yml", "-e", f"backup_type={kind}")
        assert run.code == 0, run.text
        return run

    def recover(self, *arguments: str, confirmed: bool = True) -> Run:
        decided = ["-e", "recovery_confirmed=true"] if confirmed else []
        return self.play("playbooks/recovery.yml", "-e", "target=failover", *decided, *arguments)

    def judge(self, *arguments: str) -> Run:
        return self.simulator("judge", *arguments, check=False)

    def run_folder(self, kind: str = "recovery") -> Path:
        """Of the newest run of that kind."""
        return max((self.state / "reports").glob(f"*-{kind}"), key=lambda path: path.stat().st_mtime_ns)

    def report(self, kind: str = "recovery") -> dict[str, Any]:
        """Of the newest run of that kind."""
        folder = self.run_folder(kind)
        assert (folder / "report.html").exists()
        return json.loads((folder / "report.json").read_text())

    def connect(self, role: str, database: str = "master", login: str = "sa") -> pyodbc.Connection:
        """Over TDS, with the login's own password."""
        server, secrets = self.site["servers"][role], self.secrets
        password = secrets["sa"][role] if login == "sa" else secrets["logins"][login]
        return pyodbc.connect(
            f"DRIVER=FreeTDS;SERVER={server['address']};PORT={server['port']};DATABASE={database};UID={login};"
            f"PWD={{{password}}};TDS_Version=7.4;Encryption=require;",
            autocommit=True,
            timeout=5,
        )

    def sql(self, role: str, statement: str, database: str = "master") -> list[Any]:
        """As administrator."""
        connection = self.connect(role, database)
        try:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def databases(self, role: str) -> dict[str, str]:
        rows = self.sql(role, "SELECT name, state_desc FROM sys.databases WHERE database_id > 4")
        return {row.name: row.state_desc for row in rows}

    def configuration(self) -> dict[str, str]:
        """A digest of each module's configuration file."""
        files = [Path(module["config"]) for module in self.site["modules"].values()]
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@contextmanager
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    made = Hospital(tmp_path_factory.mktemp("hospital") / "state")
    made.simulator("start")
    try:
        yield made
    finally:
        made.simulator("stop", check=False)
        shutil.rmtree(made.state, ignore_errors=True)


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    with opened(tmp_path_factory) as made:
        yield made
