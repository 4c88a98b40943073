# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store's passwords, while a playbook runs: in no process list, no output at any verbosity, no file of others."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from .conftest import ROOT, Store

PLAY = """
- hosts: localhost
  gather_facts: false
  connection: local
  tasks:
    - name: Ship
      ics.deadpool.ftp_transfer:
        direction: store
        host: 127.0.0.1
        port: "{{ port }}"
        username: writer
        password: "{{ writer_password }}"
        ca_path: "{{ ca }}"
        bandwidth_limit: 0.25
        other_stores:
          - host: 127.0.0.1
            port: "{{ port }}"
            username: writer
            password: "{{ other_password }}"
            ca_path: "{{ ca }}"
        files:
          - source: "{{ backup }}"
            destination: /a.bak
      failed_when: false
      register: shipped
    - name: Say it
      ansible.builtin.debug:
        var: shipped
"""
OTHER = "other-words-of-a-store-0815"


class _Spy(threading.Thread):
    """Reads every command line, and every environment that others may read, again and again."""

    def __init__(self, secrets: list[bytes]) -> None:
        super().__init__(daemon=True)
        self.secrets, self.seen, self.looked, self.over = secrets, set[str](), 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.01):
            self.looked += 1
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    words = (process / "cmdline").read_bytes()
                except OSError:
                    continue
                self.seen |= {f"{process.name}: {words!r}" for secret in self.secrets if secret in words}


def readable_by_others(folder: Path, secrets: list[bytes]) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    open_ones = [path for path in files if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)]
    return [str(path) for path in open_ones if any(secret in path.read_bytes() for secret in secrets)]


@pytest.mark.slow
def test_passwords_stay_with_ansible_and_the_server(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.bak").write_bytes(os.urandom(1_000_000))
    (tmp_path / "play.yml").write_text(PLAY)
    secret = store.passwords["writer"]
    values = {
        "ansible_python_interpreter": sys.executable,
        "port": store.port,
        "writer_password": secret,
        "other_password": OTHER,
    }
    variables = tmp_path / "vault.json"
    variables.touch(mode=0o600)
    variables.write_text(json.dumps({**values, "ca": str(store.ca), "backup": str(tmp_path / "a.bak")}))
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        **os.environ, "HOME": str(home), "ANSIBLE_HOME": str(home / ".ansible"),
        "ANSIBLE_REMOTE_TMP": str(home / "far"), "ANSIBLE_LOG_PATH": str(tmp_path / "ansible.log"),
        "ANSIBLE_DEBUG": "0", "ANSIBLE_KEEP_REMOTE_FILES": "0",
    }  # fmt: skip
    secrets = [secret.encode(), OTHER.encode(), json.dumps(secret).strip('"').encode()]
    spy = _Spy(secrets)
    spy.start()
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-vvvv", "-i", "localhost,"]
    ran = subprocess.run(
        [*command, "-e", f"@{variables}", str(tmp_path / "play.yml")],
        cwd=ROOT, env=environment, capture_output=True, timeout=90, check=False,
    )  # fmt: skip
    spy.over.set()
    spy.join()
    said = ran.stdout + ran.stderr + (tmp_path / "ansible.log").read_bytes()
    assert ran.returncode == 0, said.decode()
    assert (store.folder / "a.bak").exists()
    assert b"0 of 2 files, 0.00 GB" in said, "how far it is"
    assert b"login as writer was refused" in said
    assert spy.looked > 20 and not spy.seen
    assert not [each for each in secrets if each in said]
    (tmp_path / "accounts.json").chmod(0o600)  # the server's own
    assert not readable_by_others(tmp_path, secrets)
