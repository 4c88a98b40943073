# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ports behind a real firewall, in a network of their own: what drops, what rejects, and what has no way there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RULES = """
table inet filter {
  chain output {
    type filter hook output priority 0;
    tcp dport 1433 drop
    tcp dport 21 reject with icmpx type admin-prohibited
    tcp dport 22 reject with tcp reset
  }
}
"""
TRIED = """
import json, socket
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ports import try_ports
server = socket.create_server(("127.0.0.1", 445))
ports = [("127.0.0.1", port) for port in (1433, 21, 22, 445, 80)] + [("10.1.2.3", 80)]
print(json.dumps([row["result"] for row in try_ports([{"address": a, "port": p} for a, p in ports], 1.5)]))
"""


def test_a_firewall_that_drops_is_silent_and_one_that_rejects_is_not(tmp_path: Path) -> None:
    missing = [
        name for name in ("unshare", "nft", "ip") if not shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin")
    ]
    if os.geteuid() or missing:
        pytest.skip(f"needs root and {', '.join(missing) or 'no more'}")
    (tmp_path / "rules").write_text(RULES)
    (tmp_path / "tried.py").write_text(TRIED)
    script = f"ip link set lo up && nft -f {tmp_path}/rules && exec {sys.executable} {tmp_path}/tried.py"
    environment = {
        **os.environ,
        "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin",
        "PYTHONPATH": str(ROOT / "collections"),
    }
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    if "unshare failed" in done.stderr or "Operation not" in done.stderr:
        pytest.skip(f"no network of its own here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    told = dict(zip(("dropped", "prohibited", "reset", "open", "closed", "no way"), json.loads(done.stdout)))
    assert told == {
        "dropped": "timeout",
        "prohibited": "no_route",
        "reset": "refused",
        "open": "open",
        "closed": "refused",
        "no way": "no_route",
    }
