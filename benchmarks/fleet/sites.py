# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many hospitals for one controller, made from one simulated hospital that was backed up and drilled.

They share its two SQL Servers and its FTP server. Each has an inventory, a name, a folder of reports with the journals
of its drill and prune, a history and a folder on the store of its own, whose files are hard links to the same backups.
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients import journal_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.incident import site_key
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.journal import next_entry

PROJECT = Path(__file__).resolve().parents[2]
DEMO = "RS Contoh Sehat"
#: What is wrong with every twentieth site from that number on.
FAULTS = {3: "failover down", 5: "store down", 7: "no backup since it was due", 9: "no inventory"}
LEVELS = {
    "well": "OK",
    "failover down": "CRITICAL",
    "store down": "CRITICAL",
    "no backup since it was due": "CRITICAL",
    "no inventory": "UNKNOWN",
}


def fault(number: int) -> str:
    return FAULTS.get(number % 20, "well")


def fleet(folder: Path, state: Path, faults: dict[str, str], **settings: Any) -> Path:
    """The inventory of the fleet, with one site for each name; ``state`` is the simulated hospital's."""
    for name, wrong in faults.items():
        if wrong != "no inventory":
            _site(folder / "sites" / name, state, name, wrong)
    place = folder / "sites/{{ inventory_hostname }}/inventory"
    group = {"hosts": dict.fromkeys(faults), "vars": {"fleet_inventory": str(place)}}
    told = {"fleet_directory": str(folder / "told"), "fleet_page": str(folder / "fleet.html"), **settings}
    path = folder / "fleet.json"
    path.write_text(json.dumps({"all": {"vars": told, "children": {"fleet": group}}}))
    return path


def _site(folder: Path, state: Path, name: str, wrong: str) -> None:
    shutil.copytree(PROJECT / "inventory/demo", folder / "inventory")
    own: dict[str, Any] = {
        "demo_state": str(state),
        "site_name": f"RS {name}",
        "preflight_reports_directory": str(folder / "reports"),
        "store_directory": f"/{name}",
        "site_rpo_minutes": 1440,
        "schedule_runs": [{"kind": "full", "at": "Sun 02:00"}, {"kind": "prune", "at": "Mon 06:00"}],
    }
    if wrong == "store down":
        own["store_port"] = 9
    if wrong == "no backup since it was due":
        own["schedule_runs"] = [{"kind": "log", "at": "*:00/15", "grace_minutes": 0}]
    # Read after simulated.yml and site.yml, whose values it replaces.
    (folder / "inventory/group_vars/all/this_site.yml").write_text(json.dumps(own))
    if wrong == "failover down":
        (folder / "inventory/host_vars").mkdir()
        (folder / "inventory/host_vars/rssql02.yml").write_text("mssql_port: 9\n")
    store = Path(json.loads((state / "site.json").read_text())["store"]["folder"])
    shutil.copytree(store / "rs-contoh-sehat", store / name, copy_function=os.link)
    _remember(state / "reports", folder / "reports", own["site_name"])


def _remember(there: Path, reports: Path, site: str) -> None:
    """The journals of the drill and of the prune, and what the drill measured, as this site's."""
    for journal in [*there.glob("*-drill/journal.jsonl"), *there.glob("*-prune/journal.jsonl")]:
        entry, text = None, ""
        for one in journal_file.read(str(journal)):
            data = {**one["data"], "site": site} if one["event"] == "opened" else one["data"]
            entry = next_entry(entry, datetime.fromisoformat(one["at"]), one["event"], data)
            text += json.dumps(entry, ensure_ascii=False) + "\n"
        target = reports / journal.parent.name / journal.name
        target.parent.mkdir(parents=True)
        target.write_text(text)
    shutil.copy(there / f".rates-{site_key(DEMO)}.json", reports / f".rates-{site_key(site)}.json")
