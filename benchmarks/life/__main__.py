# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A week of a simulated hospital, each playbook once or more: ``python -m benchmarks.life`` from the project's root.

Of each run: what it took of the controller's processors, and its largest process. Both hold for a busy machine, too;
seconds on the wall are told beside the load. ``--returns FILE`` keeps what every module returned.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DECIDED = ["-e", "recovery_confirmed=true"]
#: A playbook with its arguments; with ``simulator`` in front what happens to the hospital; with ``module`` one module.
WEEK = [
    ["simulator", "start"],
    ["backup.yml", "-e", "backup_type=full"],
    ["backup.yml", "-e", "backup_type=differential"],
    ["backup_in_use.yml", "-e", "backup_type=log"],
    ["standby.yml"],
    ["drill.yml"],
    ["prune.yml"],
    ["find_applications.yml"],
    ["module", "backup_file_info", "-a", "path=STATE/hosts/backup_storage/files verify=true"],
    ["fence.yml"],
    ["daily_check.yml"],
    ["fleet.yml", "-e", '{"fleet_states": ["STATE/reports/.check-*.json"]}', "-e", "fleet_page=STATE/fleet.html"],
    ["schedule.yml", "--check"],
    ["simulator", "kill", "production"],
    ["recovery.yml", "-e", "target=failover", *DECIDED],
    ["go.yml", "-e", "go_confirmed=true"],
    ["simulator", "start", "production"],
    ["fence.yml"],
    ["daily_check.yml"],
    ["backup_in_use.yml", "-e", "backup_type=log"],
    ["failback.yml", *DECIDED],
    ["backup_in_use.yml", "-e", "backup_type=full"],
    ["standby.yml"],
    ["switchover.yml", *DECIDED],
    ["report_verify.yml", "-e", "run=RUN"],
    ["simulator", "stop"],
]


@dataclass(frozen=True)
class Cost:
    """What one run took, and what it printed."""

    words: str
    code: int
    seconds: float
    processor: float
    megabytes: int
    text: str


def week(state: Path, returns: Path | None = None) -> Iterator[Cost]:
    """One run after the other, whatever the one before it came to."""
    environment = {**os.environ, "DEADPOOL_STATE": str(state), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    if returns:
        environment |= {"ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).with_name("callbacks"))}
        environment |= {"ANSIBLE_CALLBACKS_ENABLED": "returns", "DEADPOOL_RETURNS": str(returns)}
    for words in WEEK:
        yield _cost(_command(words, state), " ".join(words).replace(str(state), "STATE"), environment)


def _command(words: list[str], state: Path) -> list[str]:
    if words[0] == "simulator":
        return [sys.executable, "-m", *words]
    run = max(state.glob("reports/*-recovery"), default=state)
    filled = [word.replace("STATE", str(state)).replace("RUN", str(run)) for word in words[1:]]
    if words[0] == "module":
        return ["ansible", "-i", "inventory/demo", "localhost", "-m", f"ics.deadpool.{filled[0]}", *filled[1:]]
    return ["ansible-playbook", "-i", "inventory/demo", f"playbooks/{words[0]}", *filled]


def _cost(command: list[str], words: str, environment: dict[str, str]) -> Cost:
    begun = time.monotonic()
    # Its output goes to a file: processes that the simulator starts would hold a pipe open.
    with tempfile.TemporaryFile("w+") as printed:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT
        )
        _pid, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        text = printed.read()
    seconds = time.monotonic() - begun
    return Cost(words, child.returncode, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, text)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.life", description=__doc__)
    parser.add_argument("--returns", type=Path, metavar="FILE")
    options = parser.parse_args()
    sys.stdout.write("code  seconds  processor  MB of the largest process  load\n")
    with tempfile.TemporaryDirectory(prefix="deadpool-life-") as folder:
        for one in week(Path(folder), options.returns):
            figures = f"{one.code:4}  {one.seconds:7.1f}  {one.processor:9.1f}  {one.megabytes:4}"
            sys.stdout.write(f"{figures}  {os.getloadavg()[0]:5.1f}  {one.words}\n")
            if one.code:
                sys.stdout.write(one.text[-2000:])
            sys.stdout.flush()


if __name__ == "__main__":
    main()
