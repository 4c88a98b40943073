# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A role's task file by itself, in a play on hosts that a test makes up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}


def included(
    folder: Path, tasks: str, hosts: dict[str, dict[str, Any]], on: str, variables: dict[str, str] | None = None
) -> tuple[int, str]:
    """The exit code of a play on the hosts ``on`` that includes the file ``tasks``, and what it printed on one line."""
    play = {
        "hosts": on,
        "gather_facts": False,
        "vars": variables or {},
        "tasks": [{"ansible.builtin.include_tasks": str(ROOT / tasks)}],
    }
    (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    (folder / "play.json").write_text(json.dumps([play]))
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", folder / "hosts.json", folder / "play.json"],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, " ".join(done.stdout.split())
