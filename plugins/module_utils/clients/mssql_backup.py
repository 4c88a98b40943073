# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups, one database after the other; each counts only when the server's msdb has it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from ..recovery import tsql
from ..recovery.backup_location import backup_path, folder, refuse_same_folders
from ..recovery.errors import InvalidInput, NotProven, RecoveryError, ServerUnreachable, StatementFailed
from . import tail_log
from .mssql import Row, Server
from .mssql_state import backup_sets, named


@dataclass(frozen=True)
class BackupRequest:
    backup_type: str
    directory: str
    copy_only: bool = False
    compression: bool | None = None
    name: str | None = None
    description: str | None = None
    tail: bool = False


def back_up(server: Server, databases: list[str], request: BackupRequest) -> dict[str, Any]:
    """Goes on with the others when one fails; the result is failed, with each reason, unless all succeeded."""
    refuse_same_folders(databases)
    if request.copy_only and request.backup_type == "differential":
        raise InvalidInput(
            "copy_only: a differential backup cannot be copy-only; SQL Server would ignore the option.",
            hint="Take a full or log backup as copy_only, or leave the option out.",
        )
    if request.tail and (request.backup_type != "log" or request.copy_only):
        raise InvalidInput(
            f"tail: a {request.backup_type} backup{' with copy_only' if request.copy_only else ''} has no tail.",
            hint="Set backup_type: log and leave copy_only out.",
        )
    rows = server.query(tsql.databases())
    closed = tail_log.closed(rows, databases) if request.tail else []
    databases = [one for one in databases if one not in closed]
    name = server.query(tsql.server_properties())[0]["ServerName"]
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for database in databases:
        try:
            done.append(_one(server, name, rows, database, request))
        except RecoveryError as error:
            failed.append({"database": database, "msg": error.msg, "hint": error.hint})
            if isinstance(error, ServerUnreachable):
                break  # the session is gone
    return {**_result(server, databases, done, failed), "closed_before": closed}


def _result(
    server: Server, databases: list[str], done: list[dict[str, Any]], failed: list[dict[str, Any]]
) -> dict[str, Any]:
    result: dict[str, Any] = {"changed": bool(done), "backups": done, "not_backed_up": failed}
    result["statements"] = server.statements
    if failed or len(done) < len(databases):
        hints = dict.fromkeys(one["hint"] for one in failed)
        reasons = "\n".join(one["msg"] for one in failed)
        fact = f"{len(databases) - len(done)} of {len(databases)} databases have no new backup:\n{reasons}"
        result.update(failed=True, msg=f"{fact}\nHINT: {' '.join(hints)}", hint=" ".join(hints))
    return result


def _one(server: Server, server_name: str, rows: list[Row], database: str, request: BackupRequest) -> dict[str, Any]:
    row = named(rows, database)
    if row is None:
        there = ", ".join(one["name"] for one in rows if one["database_id"] > 4) or "none"
        raise InvalidInput(f"{database}: {server.where} has no such database.", hint=f"There are: {there}.")
    _refuse_what_cannot_be(row, request)
    path, zone = _unused_path(server, server_name, row["name"], request)
    baseline = server.query(tsql.newest_backup_set_id())[0]["backup_set_id"]
    begun = time.monotonic()
    _run(server, row, path, request)
    if server.dry:
        return {"database_name": row["name"], "backup_type": request.backup_type, "files": [path]}
    confirmed = _confirmed(server, row["name"], path, baseline, zone)
    if request.tail:
        tail_log.must_be_closed(server, row["name"])
    return {**confirmed, "seconds": round(time.monotonic() - begun, 3)}


def _refuse_what_cannot_be(row: Row, request: BackupRequest) -> None:
    if request.backup_type == "log" and row["recovery_model_desc"] == "SIMPLE":
        raise InvalidInput(
            f"{row['name']}: it is in the SIMPLE recovery model, which keeps no log to back up.",
            hint="Set it to FULL and take a full backup, or back it up with full and differential backups only.",
        )
    if request.tail and row["state_desc"] in tail_log.DAMAGED:
        return
    if row["state_desc"] != "ONLINE" or row["is_in_standby"]:
        state = "a warm standby" if row["is_in_standby"] else row["state_desc"]
        raise InvalidInput(
            f"{row['name']}: it is {state}; only an online database is backed up here.",
            hint="Recover it first, or leave it out.",
        )


def _unused_path(server: Server, server_name: str, database: str, request: BackupRequest) -> tuple[str, tzinfo]:
    """Two backups within one second would share a file, and the first may be shipped already: wait for the next."""
    while True:
        now, zone = server.clock()
        path = backup_path(
            request.directory, server_name, database, request.backup_type, now, copy_only=request.copy_only
        )
        if server.dry or not server.query(tsql.files_of_that_name(), path)[0]["files"]:
            return path, zone
        time.sleep(0.3)


def _run(server: Server, row: Row, path: str, request: BackupRequest) -> None:
    database, refused = row["name"], ""
    try:
        server.execute(tsql.create_directory(folder(path)), about=database)
    except StatementFailed as error:
        refused = error.msg  # no right to, or it cannot: the folder may be there nevertheless, BACKUP will tell
    try:
        if request.tail:
            tail_log.take(server, row, path, _options(request))
        else:
            server.execute(_statement(database, path, request), about=database)
    except StatementFailed as error:
        if refused and error.number == 3201:
            raise StatementFailed(f"{error.msg}; {refused}", hint=error.hint, number=error.number) from None
        raise


def _statement(database: str, path: str, request: BackupRequest) -> str:
    options = _options(request)
    if request.backup_type == "log":
        return tsql.backup_log(database, [path], **options)
    return tsql.backup_database(database, [path], differential=request.backup_type == "differential", **options)


def _options(request: BackupRequest) -> dict[str, Any]:
    return {
        "copy_only": request.copy_only,
        "compression": request.compression,
        "name": request.name,
        "description": request.description,
    }


def _confirmed(server: Server, database: str, path: str, baseline: int, zone: tzinfo) -> dict[str, Any]:
    """The server's own record of the backup; without one there is no backup, whatever the client heard."""
    sets = backup_sets(server.query(tsql.backup_sets_since(), database, baseline), zone)
    found = next((one for one in sets if path in one["files"]), None)
    if found is None:
        raise NotProven(
            f"{database}: BACKUP ended without an error, but msdb.dbo.backupset has no row for {path}.",
            hint="Do not count on this backup. Read the server's error log, then take it again.",
        )
    if found["is_damaged"] or not found["has_backup_checksums"]:
        raise NotProven(
            f"{database}: msdb.dbo.backupset says of {path}: is_damaged={found['is_damaged']}, "
            f"has_backup_checksums={found['has_backup_checksums']}.",
            hint="Run DBCC CHECKDB on the source at once, and keep the older backups.",
        )
    return found
