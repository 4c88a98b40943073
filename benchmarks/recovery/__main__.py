# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a cold recovery takes: ``python -m benchmarks.recovery`` from the project's root.

Five databases, each with a full, a differential and 96 log backups on the store, three times from the same files in one
run: playbooks/recovery.yml, knowing the files from before as it does where playbooks/backup.yml took them; the plain
floor; and a playbook with one task for each file. Servers, store and controller
share this machine's processors, so figures mean little where it is busy: its load is told with them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable

from .hospital import Hospital
from .ways import files, floor, one_task_each, ours

_PLAN = ("-e", "target=failover", "--tags", "plan")


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return round(value, 1) if isinstance(value, float) else value


def processor_seconds(hospital: Hospital) -> float:
    """Of this process, of what it has started and waited for, and of the servers: other programs do not count."""
    own = sum(os.times()[:4])
    ticks = 0
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if (
                str(hospital.state) in (place / "cmdline").read_text()
                and "simulator" in (place / "cmdline").read_text()
            ):
                ticks += sum(map(int, (place / "stat").read_text().rpartition(")")[2].split()[11:13]))
        except OSError:
            continue  # it has ended in between
    return own + ticks / os.sysconf("SC_CLK_TCK")


def timed(hospital: Hospital, way: Callable[[Hospital], dict[str, Any]]) -> dict[str, Any]:
    """A way, the load of the machine as it began, and what it took of the processors; told as soon as it is done."""
    load, before = os.getloadavg()[0], processor_seconds(hospital)
    found = way(hospital)
    told = rounded({**found, "processor seconds": processor_seconds(hospital) - before, "load": load})
    print(json.dumps(told), file=sys.stderr, flush=True)
    return told


def measure(hospital: Hospital, one_each: int) -> dict[str, Any]:
    chains = files(hospital)
    top = Path(hospital.site["store"]["folder"])
    paths = [top / path for chain in chains.values() for path in chain]
    told: dict[str, Any] = {"files": len(paths), "MiB": sum(path.stat().st_size for path in paths) / 2**20}
    told["plan only, no file read before"] = hospital.play(
        "playbooks/recovery.yml", "-e", "target=failover", "-t", "plan"
    )
    told["ours"] = timed(hospital, ours)
    expected = hospital.rows()
    hospital.cold()
    told["floor"] = timed(hospital, floor)
    if hospital.rows() != expected:
        raise SystemExit("the floor restored something else")
    lower = told["floor"]["both"]
    told["ours / floor"] = told["ours"]["command to report"] / lower
    told["its fetch and restore / floor"] = told["ours"]["fetch and restore"] / lower
    if one_each:
        hospital.cold()
        told["one task for each file"] = one_task_each(hospital, one_each)
        told["one task for each file / ours"] = (
            told["one task for each file"]["for all"] / told["ours"]["command to report"]
        )
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", type=int, default=96, help="log backups of each database")
    parser.add_argument("--mebibytes", type=int, default=16, help="about the size of each database")
    parser.add_argument("--one-each", type=int, default=1, help="databases for the playbook with a task for each file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        hospital = Hospital(Path(name) / "state", options.logs, options.mebibytes)
        try:
            hospital.make()
            print(json.dumps(rounded(measure(hospital, options.one_each)), indent=2))
        finally:
            hospital.simulator("stop")


if __name__ == "__main__":
    main()
