# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The daily check of many sites with the ordinary forks: python -m benchmarks.fleet.checked [SITES ...]

It is playbooks/fleet_check.yml. One simulated hospital is made, backed up (a full of each of its four databases),
drilled and pruned; sites.py says what the sites share of it. Each asks two SQL Servers over TDS and its folder of the
store over FTP with TLS, and reads its backups to their last byte, as every first check does. Four of every twenty sites
have something wrong. Measured is ansible-playbook with all that it starts, without the simulated servers.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "collections"))

from benchmarks.fleet.sites import LEVELS, PROJECT, fault, fleet

_MIB = 1 << 20


def environment(state: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**os.environ, "DEADPOOL_STATE": str(state), "ANSIBLE_NOCOLOR": "1", "PATH": path}


def must(state: Path, *command: str) -> None:
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=environment(state),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-4000:]}{done.stderr[-1000:]}")


def prepare(state: Path) -> None:
    """A hospital of which the daily check finds nothing wrong."""
    must(state, sys.executable, "-m", "simulator", "start", "--speed", "0.2", "--state", str(state))
    for playbook, *words in (
        ("backup.yml", "-e", "backup_type=full"),
        ("drill.yml",),
        ("standby.yml",),
        ("prune.yml",),
    ):
        must(state, "ansible-playbook", "-i", "inventory/demo", f"playbooks/{playbook}", *words)


def family(root: int) -> list[Path]:
    """The places in /proc of a process and of all that came of it."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(place.name))
    found, ahead = [], [root]
    while ahead:
        one = ahead.pop()
        found.append(Path(f"/proc/{one}"))
        ahead += children.get(one, [])
    return found


def memory(root: int) -> tuple[int, int]:
    """RSS of all, in which shared pages count once for each process, and PSS, in which they count once."""
    sums = {"Rss:": 0, "Pss:": 0}
    for place in family(root):
        try:
            lines = (place / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.split()[0] in sums:
                sums[line.split()[0]] += int(line.split()[1]) << 10
    return sums["Rss:"], sums["Pss:"]


def processors() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(folder: Path, state: Path, number: int) -> dict[str, Any]:
    faults = {f"rs{one:03d}n{number}": fault(one) for one in range(1, number + 1)}
    inventory = fleet(folder, state, faults)
    load, begun, began, cpu = os.getloadavg()[0], time.perf_counter(), time.time(), processors()
    command = ["ansible-playbook", "-i", str(inventory), "playbooks/fleet_check.yml"]
    peak = 0, 0
    with (folder / "log").open("w") as log:
        run = subprocess.Popen(
            command, cwd=PROJECT, env=environment(state), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        while run.poll() is None:
            now = memory(run.pid)
            peak = max(peak[0], now[0]), max(peak[1], now[1])
            time.sleep(1)
    taken, used = time.perf_counter() - begun, processors() - cpu
    ends = sorted(path.stat().st_mtime - began for path in (folder / "told").iterdir())
    right(folder, faults, run.returncode)
    return {
        "sites": number,
        "seconds": round(taken, 1),
        "seconds_per_site": round(taken / number, 2),
        "cpu_seconds_per_site": round(used / number, 2),
        "peak_rss_mb": peak[0] // _MIB,
        "peak_pss_mb": peak[1] // _MIB,
        # Seconds after which a tenth of the sites was done, two tenths, …
        "done_after": [round(ends[number * tenth // 10 - 1]) for tenth in range(1, 11)],
        "load_before": load,
    }


def right(folder: Path, faults: dict[str, str], code: int) -> None:
    """Every site is on the page, at its level, and those that need somebody come first."""
    if not (folder / "fleet.html").exists():
        raise SystemExit((folder / "log").read_text()[-4000:])
    text = (folder / "fleet.html").read_text()
    # The site whose check could not run is shown by its name in the list; the others by their own.
    at = {name: text.find(f"{'' if wrong == 'no inventory' else 'RS '}{name}<") for name, wrong in faults.items()}
    assert min(at.values()) >= 0, [name for name, place in at.items() if place < 0]
    shown = [LEVELS[faults[name]] for name in sorted(at, key=lambda name: at[name])]
    assert shown == sorted(shown, key=("CRITICAL", "UNKNOWN", "WARNING", "OK").index), shown
    for name, wrong in faults.items():
        if wrong != "no inventory":
            told = json.loads((folder / "told" / f"{name}.json").read_text())
            assert told["level"] == LEVELS[wrong], (name, wrong, told["level"])
    assert bool(code) == ("no inventory" in faults.values()), code


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [10, 50, 200]
    with tempfile.TemporaryDirectory() as name:
        state = Path(name) / "state"
        try:
            prepare(state)
            for number in sizes:
                folder = Path(name) / str(number)
                folder.mkdir()
                print(json.dumps(measured(folder, state, number)), flush=True)
                if kept := os.environ.get("DEADPOOL_FLEET_PAGE"):
                    Path(kept).write_text((folder / "fleet.html").read_text())
        finally:
            must(state, sys.executable, "-m", "simulator", "stop", "--state", str(state))


if __name__ == "__main__":
    main()
