# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Server settings, linked servers and certificates of two servers side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from . import tsql
from .in_step import Change, Remark, same_name

Row = dict[str, Any]
#: sp_configure options that change what applications and backups get, and not how a machine is used.
FOLLOWED = (
    "Ad Hoc Distributed Queries",
    "Database Mail XPs",
    "Ole Automation Procedures",
    "backup checksum default",
    "backup compression default",
    "clr enabled",
    "clr strict security",
    "contained database authentication",
    "cost threshold for parallelism",
    "cross db ownership chaining",
    "max text repl size (B)",
    "nested triggers",
    "optimize for ad hoc workloads",
    "query governor cost limit",
    "remote admin connections",
    "remote login timeout (s)",
    "remote query timeout (s)",
    "server trigger recursion",
    "two digit year cutoff",
    "xp_cmdshell",
)
#: Told and not changed: right for one machine, or only after a restart.
TOLD = (
    "fill factor (%)",
    "filestream access level",
    "max degree of parallelism",
    "max server memory (MB)",
    "remote access",
    "scan for startup procs",
)
_ADVANCED = "show advanced options"


def setting_changes(source: Iterable[Row], target: Sequence[Row], name: str) -> tuple[list[Change], list[Remark]]:
    """``sp_configure`` shows advanced options only on request; that request is taken back."""
    there = {row["name"]: row for row in target}
    differing = [row for row in source if row["name"] in there and row["value"] != there[row["name"]]["value"]]
    remarks = [_differs(row, there[row["name"]], name) for row in differing if row["name"] in TOLD]
    wanted = [row for row in differing if row["name"] in FOLLOWED]
    if not wanted:
        return [], remarks
    changes = [_set(row["name"], int(row["value"]), int(there[row["name"]]["value"])) for row in wanted]
    hidden = any(row["is_advanced"] for row in wanted) and not there.get(_ADVANCED, {}).get("value", 1)
    if hidden:
        show = Change("settings", _ADVANCED, "1 for a moment", _configure(_ADVANCED, 1))
        hide = Change("settings", _ADVANCED, "0 again", _configure(_ADVANCED, 0))
        changes = [show, *changes, hide]
    return changes, remarks


def _set(name: str, value: int, before: int) -> Change:
    return Change("settings", name, f"{before} becomes {value}", _configure(name, value))


def _configure(name: str, value: int) -> str:
    return f"{tsql.call('sys.sp_configure', configname=name, configvalue=value)};\n{tsql.reconfigure()}"


def _differs(row: Row, there: Row, name: str) -> Remark:
    hint = f"If {name} is to have it too: EXECUTE sp_configure '{row['name']}', {row['value']}; RECONFIGURE."
    return Remark("settings", row["name"], f"{there['value']} on {name}, {row['value']} on the other server.", hint)


def linked_remarks(source: Iterable[Row], target: Sequence[Row], name: str) -> list[Remark]:
    """The passwords that a linked server logs in with cannot be read, so nobody but a person can make it whole."""
    remarks = []
    for row in source:
        there = next((one for one in target if same_name(one["name"], row["name"])), None)
        where = f"{row['provider']}, {row['data_source'] or row['product']}"
        if there is None:
            hint = f"Make it on {name}: sp_addlinkedserver, then sp_addlinkedsrvlogin with its password."
            msg = f"the linked server ({where}) is not on {name}; its password cannot be read from the other one."
            remarks.append(Remark("linked_servers", row["name"], msg, hint))
        elif (row["provider"], row["data_source"]) != (there["provider"], there["data_source"]):
            msg = f"on {name} it leads to {there['data_source']}, on the other server to {row['data_source']}."
            hint = "Right where each server has a partner of its own; else make it anew with sp_addlinkedserver."
            remarks.append(Remark("linked_servers", row["name"], msg, hint))
    return remarks


def certificate_remarks(source: Iterable[Row], target: Sequence[Row], name: str) -> list[Remark]:
    """Without the certificate and its private key an encrypted backup cannot be restored."""
    remarks = []
    for row in source:
        there = next((one for one in target if one["thumbprint"] == row["thumbprint"]), None)
        if there is not None and (_has_key(there) or not _has_key(row)):
            continue
        lacks = "is not there" if there is None else "has no private key there"
        msg = f"the certificate {row['thumbprint']} {lacks}: what is encrypted with it cannot be restored on {name}."
        hint = (
            "BACKUP CERTIFICATE ... WITH PRIVATE KEY (FILE, ENCRYPTION BY PASSWORD) on the other server, and on "
            f"{name} CREATE CERTIFICATE ... FROM FILE with the same; nobody can copy the key without that password."
        )
        remarks.append(Remark("certificates", row["name"], msg, hint))
    return remarks


def _has_key(row: Row) -> bool:
    return row["pvt_key_encryption_type_desc"] != "NO_PRIVATE_KEY"
