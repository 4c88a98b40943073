# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the daily check of many sites costs one controller: python -m benchmarks.fleet [SITES ...]

Each site has four databases and fifteen days of backups (3 fulls, 13 differentials, 1487 logs of each database), as the
store's history holds them, and the journals of two days. Judged is in this process, one site after the other: what
Ansible adds is the start of its tasks, about 7 s of one core for each site. Every tenth site has something wrong.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "collections"))

from ansible_collections.ics.deadpool.plugins.module_utils.clients.site_checking import check
from ansible_collections.ics.deadpool.plugins.modules import fleet_page

from tests.unit.plugins.module_utils.recovery.checking.a_site import Site

_FORTNIGHT = timedelta(days=14, hours=5, minutes=46)
_CHANGED = ("history", "audit")


def answers() -> tuple[dict[str, Any], datetime]:
    """What everybody told about one site after two weeks."""
    begun = time.perf_counter()
    site = Site()
    site.live(site.now + _FORTNIGHT)
    site.check()
    told = site.told()
    two = {**told["store"], **{key: [*told["store"][key], *map(_renamed, told["store"][key])] for key in _CHANGED}}
    told |= {"store": two, "databases": [*told["databases"], *(f"{name}2" for name in told["databases"])]}
    for row in list(told["production"]["databases"]):
        told["production"]["databases"].append({**row, "name": f"{row['name']}2"})
    sets = len(two["history"])
    print(f"one site: {sets} backup sets, made in {time.perf_counter() - begun:.1f} s", file=sys.stderr)
    return told, site.now


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    """The same life again, as other databases."""
    made = {**row, "path": f"{row['path']}2"}
    for key in ("database_name", "backup_set_guid", "family_guid", "differential_base_guid", "recovery_fork_id",
                "current_differential_base_guid", "first_recovery_fork_id", "media_set_id"):  # fmt: skip
        if made.get(key):
            made[key] = f"{made[key]}2"
    if made.get("recovery_fork_stack"):
        made["recovery_fork_stack"] = [[lsn, f"{fork}2"] for lsn, fork in made["recovery_fork_stack"]]
    return made


def params(folder: Path, number: int, told: dict[str, Any]) -> dict[str, Any]:
    site = {**told, "site": f"RS {number:03d}", "reports_directory": str(folder / f"{number:03d}")}
    if number % 10 == 3:
        site["failover"] = {"reachable": False, "unreachable_reason": "SQL2:1433: no answer"}
    page = str(folder / f"{number:03d}" / "status.html")
    own = {
        "state_file": None,
        "page": page,
        "textfile": None,
        "language": "id",
        "valid_minutes": 1560,
        "repeat_hours": 24,
    }
    return {**site, **own}


def judged(folder: Path, sites: list[int], told: dict[str, Any], now: datetime) -> None:
    """All in one go; after each of the numbers what it had cost so far."""
    begun, cpu = time.perf_counter(), time.process_time()
    for number in range(1, max(sites) + 1):
        check(params(folder, number, told), now, check_mode=False)
        if number in sites:
            used, taken = time.process_time() - cpu, time.perf_counter() - begun
            row = {
                "sites": number,
                "cpu_seconds": round(used, 2),
                "cpu_ms_per_site": round(1000 * used / number, 1),
                "seconds": round(taken, 1),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
            print(json.dumps(row), flush=True)
    cpu = time.process_time()
    states = [str(folder / "*" / ".check-*.json")]
    fleet = fleet_page.run({"states": states, "page": str(folder / "fleet.html"), "time_zone": "Asia/Jakarta"}, False)
    levels = [one["level"] for one in fleet["sites"]]
    assert len(levels) == max(sites)
    assert levels == sorted(levels, key=("CRITICAL", "UNKNOWN", "WARNING", "OK").index), (
        "who needs somebody comes first"
    )
    print(json.dumps({"fleet_page_cpu_ms": round(1000 * (time.process_time() - cpu), 1), "of_sites": len(levels)}))


def main() -> None:
    told, now = answers()
    with tempfile.TemporaryDirectory() as folder:
        judged(Path(folder), [int(word) for word in sys.argv[1:]] or [25, 50, 100, 200], told, now)


if __name__ == "__main__":
    main()
