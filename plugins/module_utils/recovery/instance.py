# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a recovery relies on in the settings of a SQL Server: what is to change, and what a person has to see to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import tsql
from .in_step import Change, Remark, same_name

Row = Mapping[str, Any]
Found = tuple[list[Change], list[Remark]]

#: sp_configure's names. Whoever forgets an option of BACKUP still gets checksums; the admin connection is for the day
#: on which nothing else gets in.
SETTINGS: Mapping[str, int] = {
    "backup checksum default": 1,
    "backup compression default": 1,
    "remote admin connections": 1,
}
#: These editions cannot compress a backup (1844).
_CANNOT_COMPRESS = ("express", "web")
_COMPRESSION = "backup compression default"
_SINCE = {"backup checksum default": "SQL Server 2014", _COMPRESSION: "SQL Server 2008"}


def setting_changes(wanted: Mapping[str, int], rows: Iterable[Row], server: Row) -> Found:
    """``server``: the row of its properties. A name that the server does not know is told, and stops nothing."""
    changes: list[Change] = []
    remarks: list[Remark] = []
    known = {row["name"]: row for row in rows}
    for name, value in wanted.items():
        row = known.get(name)
        if row is None:
            remarks.append(_unknown(name, server))
        elif name == _COMPRESSION and value and _edition(server).startswith(_CANNOT_COMPRESS):
            msg = f"{server['Edition']} cannot compress backups; it was left as it is."
            remarks.append(Remark("settings", name, msg, "Leave it out of instance_settings for this server."))
        elif int(row["value"]) != value:
            changes.append(Change("settings", name, f"{row['value']} becomes {value}", _configured(name, value)))
            remarks += _waits(row, value) if not row["is_dynamic"] else []
        elif int(row["value_in_use"]) != value:
            if row["is_dynamic"]:
                changes.append(Change("settings", name, f"{value} comes into use", tsql.reconfigure()))
            else:
                remarks += _waits(row, value)
    return changes, remarks


def _configured(name: str, value: int) -> str:
    return f"{tsql.call('sys.sp_configure', configname=name, configvalue=value)};\n{tsql.reconfigure()}"


def _waits(row: Row, value: int) -> list[Remark]:
    msg = f"it is set to {value}, and {row['value_in_use']} is in use until SQL Server is restarted."
    return [Remark("settings", row["name"], msg, "Restart SQL Server when the hospital can do without it.")]


def _unknown(name: str, server: Row) -> Remark:
    since = f"; it came with {_SINCE[name]}" if name in _SINCE else ""
    msg = f"this server ({server['ProductVersion']}) knows no setting of that name{since}. It was left out."
    hint = "Nothing has to be done: the backups of this collection ask for checksums themselves."
    if name not in SETTINGS:
        hint = "Check its spelling: SELECT name FROM sys.configurations."
    return Remark("settings", name, msg, hint)


def _edition(server: Row) -> str:
    return str(server["Edition"] or "").lower()


def database_changes(wanted: Sequence[str], rows: Sequence[Row]) -> Found:
    """Page verification and recovery model; of a database that is not open both come with its restore."""
    changes: list[Change] = []
    remarks: list[Remark] = []
    for name in wanted:
        row = next((one for one in rows if same_name(one["name"], name)), None)
        if row is None:
            hint = "Right on a failover before its first standby run; on production check site_databases."
            remarks.append(Remark("absent", name, "there is no such database here yet.", hint))
        elif row["state_desc"] != "ONLINE" or row["is_in_standby"]:
            continue
        elif row["is_read_only"]:
            changes_wanted = _of_database(row)[0]
            if changes_wanted:
                what = " and ".join(one.what for one in changes_wanted)
                hint = f"Let it be written to for a moment, then run again: it is to {what}."
                remarks.append(Remark("databases", row["name"], "it is read-only, and was left as it is.", hint))
        else:
            found, told = _of_database(row)
            changes += found
            remarks += told
    return changes, remarks


def _of_database(row: Row) -> Found:
    name, changes, remarks = str(row["name"]), [], []
    if row["page_verify_option_desc"] != "CHECKSUM":
        what = f"verify its pages by checksum instead of {row['page_verify_option_desc']}"
        changes.append(Change("databases", name, what, tsql.set_page_verify(name)))
        msg = "its pages have a checksum from the next time on that each is written."
        hint = "Rebuild its indexes when there is time, which writes most of them."
        remarks.append(Remark("databases", name, msg, hint))
    model = row["recovery_model_desc"]
    if model != "FULL":
        changes.append(
            Change("databases", name, f"use the recovery model FULL instead of {model}", tsql.set_recovery_full(name))
        )
    if model == "SIMPLE" or row["last_log_backup_lsn"] is None:
        remarks.append(_needs_full(name, model))
    elif model == "BULK_LOGGED":
        msg = "its log since the last log backup may hold bulk operations, which no point in time can be chosen of."
        remarks.append(Remark("databases", name, msg, f"Take a log backup now: {_BACKUP}log"))
    return changes, remarks


_BACKUP = "ansible-playbook playbooks/backup.yml -e backup_type="


def _needs_full(name: str, model: str) -> Remark:
    """Until then SQL Server truncates its log as if the model were SIMPLE, and BACKUP LOG is refused (4214)."""
    was = "its recovery model was SIMPLE: " if model == "SIMPLE" else "it has no full backup that a log could follow: "
    msg = f"{was}log backups begin only after a full backup. Until then nothing but the last full one is recoverable."
    return Remark("databases", name, msg, f"Take a full backup now: {_BACKUP}full")


_PLACES = (("data", "defaultdatadir"), ("log", "defaultlogdir"), ("backup", "defaultbackupdir"))


def path_remarks(wanted: Mapping[str, str], server: Row) -> list[Remark]:
    """Default folders are told and never changed: SQL Server takes them over when it is restarted."""
    remarks = []
    for kind, key in _PLACES:
        expected, found = wanted.get(kind) or "", str(server[f"InstanceDefault{kind.capitalize()}Path"] or "")
        if not expected or not found or _plain(found) == _plain(expected):
            continue
        msg = f"new files go to {found} by default, and the inventory says {expected}."
        hint = "Nothing of this collection relies on it. To change it, with a restart of SQL Server: "
        if _linux(server):
            hint += f"/opt/mssql/bin/mssql-conf set filelocation.{key} {expected}, then systemctl restart mssql-server"
        else:
            hint += "SQL Server Management Studio, Server Properties, Database Settings."
        remarks.append(Remark("paths", kind, msg, hint))
    return remarks


def _plain(path: str) -> str:
    return re.sub(r"[\\/]+", "/", path).rstrip("/").casefold()


def _linux(server: Row) -> bool:
    return "linux" in str(server["Version"]).lower()


def agent_remarks(rows: Iterable[Row], server: Row) -> list[Remark]:
    """Jobs of the hospital run by it; without it they are missing on the day of a recovery, too."""
    agent = next((row for row in rows if "agent" in str(row["servicename"]).lower()), None)
    name = "SQL Server Agent"
    if agent is None and _edition(server).startswith("express"):
        msg = f"{server['Edition']} has none: jobs do not run on this server."
        return [Remark("agent", name, msg, "Right where production has no jobs; else use another edition.")]
    if agent is None:
        msg, hint = "it is not there.", _start(server, "SQLSERVERAGENT")
        return [Remark("agent", name, msg, hint)]
    if agent["status_desc"] != "Running":
        msg = f"it is {str(agent['status_desc']).lower()}: jobs do not run."
        return [Remark("agent", name, msg, _start(server, _service(str(agent["servicename"]))))]
    if agent["startup_type_desc"] != "Automatic":
        msg = f"it starts {str(agent['startup_type_desc']).lower()}: after the next start of the host jobs do not run."
        return [Remark("agent", name, msg, _start(server, _service(str(agent["servicename"]))))]
    return []


def _service(shown: str) -> str:
    """``SQL Server Agent (NAME)`` -> the name of the service."""
    found = re.search(r"\((\w+)\)", shown)
    instance = found[1] if found else "MSSQLSERVER"
    return "SQLSERVERAGENT" if instance == "MSSQLSERVER" else f"SQLAgent${instance}"


def _start(server: Row, service: str) -> str:
    if _linux(server):
        return "/opt/mssql/bin/mssql-conf set sqlagent.enabled true, then systemctl restart mssql-server"
    return f"sc.exe config {service} start= auto, then net start {service}"
