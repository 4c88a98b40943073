# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site as the daily check is told of it: a hospital in order, in which tests break things and mend them."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check import daily_check
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_backups import windows_of
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_facts import facts_of
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_line import Line

from ..planning.hospital_life import BEGINNING, Database, milliseconds

MINUTE = timedelta(minutes=1)
DATABASES = ("Registration", "Pharmacy")
FOLDER = "/var/opt/mssql/backup"
SCHEDULE = [
    {"kind": "full", "at": "Sun 02:00"},
    {"kind": "differential", "at": "Mon..Sat 03:00"},
    {"kind": "log", "at": "*:00/15"},
    {"kind": "standby", "at": "*:05/15"},
    {"kind": "prune", "at": "Mon 06:00"},
    {"kind": "drill", "at": "Sun 04:00"},
]
#: Monday, 07:46 at the hospital.
NOW = BEGINNING + timedelta(days=1, hours=5, minutes=46)


class Site:
    """The answers of everybody, and what an operator can do about them."""

    def __init__(self, until: datetime = NOW) -> None:
        self.now = BEGINNING
        self.lives = {name: Database(name, family=f"family-{name}") for name in DATABASES}
        self.runs: list[dict[str, Any]] = []
        self.audit: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()
        self.values = _values()
        self.live(until)
        self.follow()

    # ------------------------------------------------------------------------------------- what happens by itself

    def live(self, until: datetime, *, without: tuple[str, ...] = ()) -> None:
        """Time passes; what is due is done."""
        while self.now < until:
            local = self.now
            weekday, clock = local.weekday(), (local.hour, local.minute)
            if weekday == 6 and clock == (2, 0):
                self._due("full", without)
            if weekday != 6 and clock == (3, 0):
                self._due("differential", without)
            if weekday == 6 and clock == (4, 0) and "drill" not in without:
                self.drill()
            if weekday == 0 and clock == (6, 0) and "prune" not in without:
                self.prune()
            if local.minute % 15 == 0:
                self._due("log", without)
            if local.minute % 15 == 5 and "standby" not in without:
                self._run("standby")
            self.now += MINUTE
        self.follow(ran=False)

    def _due(self, kind: str, without: tuple[str, ...]) -> None:
        if kind not in without:
            self.back_up(kind)

    # ------------------------------------------------------------------------------------- what fix lines say to type

    def back_up(self, kind: str) -> None:
        """playbooks/backup.yml: takes, ships and remembers."""
        for life in self.lives.values():
            life.clock = max(life.clock, milliseconds(self.now))
            life.commit(2)
            getattr(life, kind)()
            for heavy in (life.line, life.events, life.truths, life.lines):
                heavy.clear()  # what planners are tested with
        self.hidden.clear()
        self._run("backup", kind)

    def standby(self) -> None:
        self.follow()

    def follow(self, ran: bool = True) -> None:
        """playbooks/standby.yml."""
        states = self.values["failover"]["database_states"]
        for name, life in self.lives.items():
            newest = [one for one in life.sets if one.path not in self.hidden][-1]
            states[name] = {
                "name": name, "state": "RESTORING", "redo_start_lsn": newest.last_lsn,
                "last_restored_set_guid": newest.backup_set_guid, "family_guid": life.family,
                "redo_start_fork_guid": newest.recovery_fork_id, "database_guid": None,
            }  # fmt: skip
        if ran:
            self._run("standby")

    def prune(self) -> None:
        self._run("prune", data={"deleted": []})

    def drill(self) -> None:
        self._run("drill", data={"seconds": 95.0})
        self.values["rates"] = [
            {"kind": kind, "bytes": size, "seconds": seconds}
            for kind in ("full", "differential", "log", "recover", "fetch")
            for size, seconds in ((1000, 1.0), (2000, 1.5), (3000, 2.0))
        ]

    def check(self) -> None:
        """playbooks/daily_check.yml: reads what nobody has read yet."""
        for life in self.lives.values():
            for one in life.sets:
                if one.path not in self.hidden:
                    self.audit.setdefault(one.path, _sound(one))

    def move_away(self, path: str) -> None:
        """On the store's host."""
        self.audit.pop(path, None)
        for life in self.lives.values():
            life.sets = [one for one in life.sets if one.path != path]
        self.values["store"]["unreadable"] = [row for row in self.values["store"]["unreadable"] if row["path"] != path]

    def _run(self, kind: str, backup_type: str = "", data: dict[str, Any] | None = None, **more: Any) -> None:
        row = {
            "kind": kind, "started": self.now.isoformat(), "finished": (self.now + MINUTE).isoformat(),
            "outcome": "success", "backup_type": backup_type, "failure": "", "data": data or {},
        }  # fmt: skip
        self.runs.append({**row, **more})

    def begin(self, kind: str) -> None:
        self._run(kind, outcome="unfinished", finished=None)

    def fail(self, kind: str, backup_type: str = "") -> None:
        self._run(kind, backup_type, outcome="failed", failure="the disk is full")

    # ------------------------------------------------------------------------------------- what the check makes of it

    def told(self) -> dict[str, Any]:
        """Everything, as the playbook hands it over."""
        values = deepcopy(self.values)
        sets = [one for life in self.lives.values() for one in life.sets if one.path not in self.hidden]
        store = values["store"]
        if not store.get("failed"):
            store |= {"history": [one.to_dict() for one in sets], "files": len(sets)}
            store["audit"] = [row for path, row in self.audit.items() if path in {one.path for one in sets}]
        server = values["production"]
        if server.get("reachable", True):
            server["last_backups"] = [*self._last_backups(), *server["foreign"]]
        for name in ("production", "failover"):
            for key in ("local_time", "asked_at"):
                values[name].get("server", {}).setdefault(key, self.now.isoformat())
        return {**values, "runs": self.runs}

    def _last_backups(self) -> list[dict[str, Any]]:
        rows = []
        for life in self.lives.values():
            for kind in ("full", "differential", "log"):
                newest = [one for one in life.sets if one.backup_type == kind][-1:]
                rows += [_msdb(one) for one in newest]
        return rows

    def lines(self) -> list[Line]:
        self.check()
        facts = facts_of(self.told(), self.now)
        return daily_check(facts, windows_of(facts))

    def line(self, item: str, subject: str = "") -> Line:
        (found,) = [one for one in self.lines() if one.item == item and one.subject == subject]
        return found


def _msdb(one: BackupSet) -> dict[str, Any]:
    finish = one.backup_finish_date or one.backup_start_date
    return {
        "database_name": one.database_name, "backup_type": one.backup_type, "backup_set_guid": one.backup_set_guid,
        "first_lsn": one.first_lsn, "last_lsn": one.last_lsn, "is_copy_only": False, "user_name": "deadpool_backup",
        "backup_name": None, "backup_description": None, "backup_start_date": one.backup_start_date.isoformat(),
        "backup_finish_date": finish.isoformat(), "files": [FOLDER + one.path],
    }  # fmt: skip


def _sound(one: BackupSet) -> dict[str, Any]:
    return {"path": one.path, "size": one.size, "verdict": "sound", "sha256": "ab12", "expected": "ab12"}


def _server(name: str) -> dict[str, Any]:
    return {
        "reachable": True,
        "server": {"server_name": name, "version": "16.0.4165.4"},
        "databases": [
            {"name": one, "state": "ONLINE", "recovery_model": "FULL", "page_verify_option_desc": "CHECKSUM"}
            for one in (DATABASES if name == "SQL1" else ())
        ],
        "database_states": {},
        "volumes": [{"volume_mount_point": "/", "total_bytes": 1 << 40, "available_bytes": 1 << 39}],
        "logins": [
            {"name": "sa", "sid": f"0x01{name}", "is_disabled": False},
            {"name": "pharmacy", "sid": "0xAA01", "is_disabled": False},
        ],
        "jobs": [{"name": "Month end", "enabled": name == "SQL1"}],
        "certificates": [
            {
                "name": "Backups",
                "thumbprint": "0xC1",
                "expiry_date": "2031-01-01T00:00:00+07:00",
                "has_private_key": True,
            }
        ],
        "last_backups": [],
        "foreign": [],
    }


def _host(*paths: str) -> dict[str, Any]:
    rows = [{"path": path, "account": "mssql", "free_bytes": 1 << 40, "problem": ""} for path in paths]
    return {"paths": rows, "clock": NOW.isoformat()}


def _values() -> dict[str, Any]:
    places = {
        "data_directory": "/var/opt/mssql/data", "log_directory": "/var/opt/mssql/log",
        "backup_directory": FOLDER, "restore_directory": "/var/opt/mssql/incoming",
    }  # fmt: skip
    return {
        "site": "RS Contoh",
        "time_zone": "Asia/Jakarta",
        "databases": list(DATABASES),
        "schedule": deepcopy(SCHEDULE),
        "limits": {},
        "production": _server("SQL1"),
        "failover": _server("SQL2"),
        "production_name": "SQL1",
        "failover_name": "SQL2",
        "production_places": dict(places),
        "failover_places": dict(places),
        "store": {"history": [], "audit": [], "unreadable": [], "free_bytes": None},
        "hosts": {
            "production": _host(FOLDER),
            "failover": _host("/var/opt/mssql/incoming", "/var/opt/mssql/data"),
            "backup_storage": _host("/srv/backups"),
        },
        "hosts_asked": None,
        "left": {},
        "rates": [],
        "growth": [],
    }
