# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long it takes to repoint the files of a site: ``python -m benchmarks.repoint`` from the project's root.

The same files three times in one run: one task for all files of a host; one task for each file; and what is done by
hand otherwise, ``ansible.builtin.replace`` for each file, which looks at nothing first and takes nothing back. The
hosts are folders of this machine: a network makes each task dearer, and the ratio larger.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from simulator.apps.installed_files import WRITERS, Endpoint

PROJECT = Path(__file__).resolve().parents[2]
OLD, NEW = ("10.0.0.5", 1433), ("10.0.0.6", 1433)
SERVERS = {"old": ["10.0.0.5,1433"], "new": {"host": NEW[0], "port": NEW[1]}, "backup_directory": "{{ copies }}"}
WAYS: dict[str, dict[str, Any]] = {
    "one task for all files": {"ics.deadpool.app_repoint": {"files": "{{ files }}", **SERVERS}},
    "one task for each file": {
        "ics.deadpool.app_repoint": {"files": ["{{ item }}"], **SERVERS},
        "loop": "{{ files }}",
    },
    "replace for each file": {
        "ansible.builtin.replace": {"path": "{{ item.path }}", "regexp": r"10\.0\.0\.5", "replace": "10.0.0.6"},
        "loop": "{{ files }}",
    },
}


def lay_out(folder: Path, hosts: int, files: int) -> dict[str, list[str]]:
    """The files of each host. The .ini is left out: in UTF-16, which ``replace`` cannot read."""
    kinds = [kind for kind in WRITERS if kind != "laboratory"]
    found: dict[str, list[str]] = {f"app{number}": [] for number in range(1, hosts + 1)}
    for number in range(files):
        kind = kinds[number % len(kinds)]
        host = f"app{number % hosts + 1}"
        path = folder / host / f"module{number}" / WRITERS[kind][0]
        path.parent.mkdir(parents=True)
        path.write_bytes(WRITERS[kind][1](Endpoint(*OLD, "Db", "login", "secret", "MyHospital")))
        found[host].append(str(path))
    return found


@dataclass(frozen=True)
class Cost:
    """The whole playbook as an operator waits for it, and the processors' time, which other work does not lengthen."""

    seconds: float
    processor_seconds: float


def cost(folder: Path, layout: dict[str, list[str]], task: dict[str, Any]) -> Cost:
    """Fails unless every file names the new server."""
    playbook, inventory = folder / "play.json", folder / "hosts.json"
    playbook.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": [task]}]))
    variables = {
        host: {"files": [{"path": path} for path in paths], "copies": str(folder / "copies" / host)}
        for host, paths in layout.items()
    }
    everywhere = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory.write_text(json.dumps({"all": {"hosts": variables, "vars": everywhere}}))
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(inventory), str(playbook)]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg"), "ANSIBLE_FORKS": "20"}
    begun, used = time.perf_counter(), _processor_seconds()
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    took = Cost(round(time.perf_counter() - begun, 1), round(_processor_seconds() - used, 1))
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    left = [path for paths in layout.values() for path in paths if OLD[0].encode() in Path(path).read_bytes()]
    if left:
        raise SystemExit(f"{len(left)} files still name the old server, {left[0]} among them")
    return took


def _processor_seconds() -> float:
    """Of all processes that have ended since this one began: on local hosts, of everything that Ansible started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=40, help="500 for the figures of the documentation")
    parser.add_argument("--hosts", type=int, default=4, help="20 for the figures of the documentation")
    options = parser.parse_args()
    print(json.dumps({"files": options.files, "hosts": options.hosts, "processors": os.cpu_count()}), flush=True)
    first: Cost | None = None
    for way, task in WAYS.items():
        load = os.getloadavg()[0]
        with tempfile.TemporaryDirectory() as name:
            took = cost(Path(name), lay_out(Path(name), options.hosts, options.files), task)
        first = first or took
        ratio = round(took.processor_seconds / first.processor_seconds, 1)
        told = {"way": way, **asdict(took), "times the first's processor seconds": ratio, "load before": round(load, 1)}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
