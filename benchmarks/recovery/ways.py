# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three ways from the same store to the same databases: ours, the plain floor, and one task for each file."""

from __future__ import annotations

import ftplib
import json
import ssl
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from .hospital import Hospital, run

_TOP = "rs-contoh-sehat"


def ours(hospital: Hospital) -> dict[str, Any]:
    """playbooks/recovery.yml from the command to its report: plan, decision, restore, proof, repointing, proof."""
    begun = datetime.now().astimezone()
    seconds = hospital.play("playbooks/recovery.yml", "-e", "target=failover", "-e", "recovery_confirmed=true")
    folder = max((hospital.state / "reports").glob("*-recovery"))
    entries = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    at = {entry["event"]: (datetime.fromisoformat(entry["at"]) - begun).total_seconds() for entry in entries}
    restored = next(entry["data"]["databases"] for entry in entries if entry["event"] == "restored")
    back = {row["database"]: (datetime.fromisoformat(row["ended"]) - begun).total_seconds() for row in restored}
    return {
        "command to report": seconds,
        "command to decision": at["decided"],
        "fetch and restore": at["restored"] - at.get("fenced", at["decided"]),
        "CHECKDB and other proof of the databases": at["verified"] - at["restored"],
        "databases back after": {name: round(value, 1) for name, value in back.items()},
    }


def files(hospital: Hospital) -> dict[str, list[Path]]:
    """Of each database the paths on the store, in the order of their restore."""
    top = Path(hospital.site["store"]["folder"])
    found: dict[str, list[Path]] = {}
    for name in hospital.databases:
        chain = [path for kind in ("FULL", "DIFF", "LOG") for path in sorted(top.glob(f"{_TOP}/*/{name}/{kind}/*.bak"))]
        found[name] = [path.relative_to(top) for path in chain]
    return found


def statements(hospital: Hospital, name: str, chain: list[Path]) -> list[str]:
    """What has to be executed, and nothing more. With STATS, as anybody writes it: the simulated server waits 0.12 s at
    the end of what tells its percentage, for clients that do not listen to the end."""
    failover = hospital.site["servers"]["failover"]
    incoming, data = Path(failover["incoming"]), Path(failover["data"])
    moves = f", MOVE N'{name}' TO N'{data}/{name}.mdf', MOVE N'{name}_log' TO N'{data}/{name}_log.ldf'"
    made = [
        f"RESTORE {'LOG' if path.parent.name == 'LOG' else 'DATABASE'} [{name}] FROM DISK = N'{incoming / path}'"
        f" WITH NORECOVERY{moves if path.parent.name == 'FULL' else ''}, STATS = 5"
        for path in chain
    ]
    return [*made, f"RESTORE DATABASE [{name}] WITH RECOVERY"]


def floor(hospital: Hospital) -> dict[str, float]:
    """The bytes moved over one connection, and the statements executed on one session: nothing is looked at before,
    nothing compared, nothing proved after."""
    site, begun = hospital.site, time.perf_counter()
    incoming = Path(site["servers"]["failover"]["incoming"])
    reader = hospital.secrets["store"]["reader"]
    client = ftplib.FTP_TLS(context=ssl.create_default_context(cafile=site["ca"]), timeout=60)
    client.connect(site["store"]["address"], site["store"]["port"])
    client.login(reader["login"], reader["password"])
    client.prot_p()
    chains = files(hospital)
    for path in [path for chain in chains.values() for path in chain]:
        (incoming / path).parent.mkdir(parents=True, exist_ok=True)
        with (incoming / path).open("wb") as file:
            client.retrbinary(f"RETR /{path}", file.write)
    client.quit()
    moved = time.perf_counter() - begun
    connection = hospital.connect("failover")
    for name, chain in chains.items():
        for statement in statements(hospital, name, chain):
            run(connection, statement)
    connection.close()
    both = time.perf_counter() - begun
    return {"move the bytes": moved, "execute the statements": both - moved, "both": both}


def one_task_each(hospital: Hospital, databases: int) -> dict[str, float]:
    """A runbook as one would write it today; of some databases only, because it takes minutes."""
    site, secrets = hospital.site, hospital.secrets
    failover, reader = site["servers"]["failover"], secrets["store"]["reader"]
    chains = dict(list(files(hospital).items())[:databases])
    paths = [str(path) for chain in chains.values() for path in chain]
    url = f"ftp://{site['store']['address']}:{site['store']['port']}"
    curl = [
        "curl", "--silent", "--show-error", "--fail", "--ssl-reqd", "--cacert", site["ca"], "--create-dirs",
        "--user", f"{reader['login']}:{reader['password']}", "--output", failover["incoming"] + "/{{ item }}",
        url + "/{{ item }}",
    ]  # fmt: skip
    login = {
        "login_host": failover["address"], "login_port": failover["port"], "login_user": "sa",
        "login_password": secrets["sa"]["failover"],
    }  # fmt: skip
    restore = [text for name, chain in chains.items() for text in statements(hospital, name, chain)]
    tasks = [
        {"name": "Fetch", "ansible.builtin.command": {"argv": curl}, "loop": paths},
        {
            "name": "Restore",
            "community.general.mssql_script": {**login, "script": "{{ item }}"},
            "loop": restore,
        },
    ]
    playbook = hospital.state / "one_task_each.yml"
    play = {"name": "Recover", "hosts": "failover", "gather_facts": False, "tasks": tasks}
    playbook.write_text(json.dumps([play]))
    seconds = hospital.play(str(playbook))
    return {"databases": databases, "seconds": seconds, "for all": seconds * len(hospital.databases) / databases}
