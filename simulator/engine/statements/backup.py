# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""BACKUP: rights, options, the work in a thread of its own, messages as it goes, and the row in msdb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.engine import msdb
from simulator.engine.database import Database
from simulator.engine.events import Done, Event, SqlError
from simulator.engine.facts import BackupOptions, BackupResult, Device, RestoreResult
from simulator.engine.messages import error, message
from simulator.engine.query.model import refuse
from simulator.engine.statements.encryption import opener, sealing_for
from simulator.engine.statements.progress import LongWork
from simulator.engine.tsql import administration as admin
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

_NOT_LEARNT = {
    "CREDENTIAL": "CREDENTIAL",
    "FILE_SNAPSHOT": "FILE_SNAPSHOT",
}


def backup(execution: Execution, node: admin.Backup) -> Iterator[Event]:
    words = f"BACKUP {node.kind}"
    try:
        yield from _backup(execution, node, words)
    except SqlError as refusal:
        raise terminated(refusal, words, node.line) from None


def terminated(refusal: SqlError, words: str, line: int) -> SqlError:
    """Every refusal of BACKUP and RESTORE closes with 3013."""
    found = tuple(replace(m, line=line) for m in refusal.messages)
    if found[-1].number in {3013, 102, 911, 137} or found[0].number in {3021}:
        return SqlError(*found) if found[-1].number == 3013 else SqlError(*found, message(3013, words, line=line))
    return SqlError(*found, message(3013, words, line=line))


def _backup(execution: Execution, node: admin.Backup, words: str) -> Iterator[Event]:
    session, instance = execution.session, execution.session.instance
    name = execution.text(node.database)
    if session.transaction.count:
        raise error(3021)
    database = _database(execution, node, name, words)
    devices = [device(execution, spec) for spec in node.devices]
    if not devices:
        raise error(3207)
    options = _options(execution, node)
    step = stats(execution, node.options)
    kind = "log" if node.kind == "LOG" else "differential" if "DIFFERENTIAL" in node.options else "full"
    tail = options.norecovery or options.standby is not None
    if tail and session.database.lower() == database.name.lower():
        raise error(3102, "BACKUP", database.name)
    work = LongWork(session, words, database.name, step)
    facts = instance.facts(session.login.name)
    with instance.alone_in(database.name, session) if tail else nullcontext(True) as alone:
        if not alone:  # a tail-log backup takes the database away: nobody else may be in it
            raise error(3101)
        result = yield from work.run(lambda told: database.backup(kind, devices, options, facts, on_progress=told))
    yield from closing_messages(result, database.name, words)
    header = {**result.header, "_time_zone": msdb.time_zone(instance.utc_offset)}
    msdb.History(instance).write(header, result.label, result.file_list, devices)
    instance.error_log.backed_up(session.spid, result.header, result.pages, [one.name for one in devices])


def _database(execution: Execution, node: admin.Backup, name: str, words: str) -> Database:
    session, instance = execution.session, execution.session.instance
    if not name:
        raise error(3025)
    if name.lower() == "tempdb":
        raise error(3147)
    database = instance.database(name)
    if database is None:
        raise error(911, name)
    if not session.rights.may(words, database.name):
        raise error(262, words, database.name)
    if name.lower() == "master":
        if node.kind == "LOG":
            raise error(4212)
        if "DIFFERENTIAL" in node.options:
            raise error(3024)
    return database


def device(execution: Execution, spec: admin.DeviceSpec) -> Device:
    """DISK = a path; a bare file name lies in the backup directory."""
    text = execution.text(spec.value)
    if spec.kind == "LOGICAL":
        known = {name.lower(): path for name, path in execution.session.instance.state.devices.items()}
        if text.lower() not in known:
            raise error(3206, text)
        text = known[text.lower()]
    if spec.kind == "URL":
        raise error(3289)
    if spec.kind == "TAPE":
        raise refuse(40510, "TO TAPE")
    if not text:
        raise error(3044)
    if len(text) > 259:
        raise error(3057, 259)
    if text.upper() in {"NUL", "NUL:"}:
        return Device("NUL", None)
    instance = execution.session.instance
    path = instance.resolve(text, instance.backup_directory)
    shown = text if Path(text).is_absolute() or ":" in text or "\\" in text else str(path)
    return Device(shown, path, instance.misfortune.disk, opener(instance))


def stats(execution: Execution, options: dict[str, Any]) -> int | None:
    """Every so many percent a message; None: none at all."""
    if "STATS" not in options:
        return None
    value = execution.python(options["STATS"])
    if not isinstance(value, int) or not 1 <= value <= 100:
        raise error(3217, "STATS")
    return value


def _options(execution: Execution, node: admin.Backup) -> BackupOptions:
    given = node.options
    instance = execution.session.instance
    for option, what in _NOT_LEARNT.items():
        if option in given:
            raise refuse(40510, f"BACKUP ... WITH {what}", line=node.line)
    compression = True if "COMPRESSION" in given else False if "NO_COMPRESSION" in given else None
    compression_default = bool(instance.state.value("backup compression default"))
    sealing = None
    if "ENCRYPTION" in given:
        packed = compression_default if compression is None else compression
        sealing = sealing_for(execution, given["ENCRYPTION"], compressed=packed)
    checksum = "CHECKSUM" in given or (
        bool(instance.state.value("backup checksum default")) and "NO_CHECKSUM" not in given
    )
    standby = execution.text(given["STANDBY"]) if "STANDBY" in given else ""
    return BackupOptions(
        copy_only="COPY_ONLY" in given, checksum=checksum,
        compression=compression, compression_default=compression_default, encryption=sealing,
        init="INIT" in given or "FORMAT" in given, format="FORMAT" in given,
        name=_text(execution, given, "NAME"), description=_text(execution, given, "DESCRIPTION"),
        media_name=_text(execution, given, "MEDIANAME"), media_description=_text(execution, given, "MEDIADESCRIPTION"),
        no_truncate="NO_TRUNCATE" in given, norecovery="NORECOVERY" in given,
        standby=instance.resolve(standby, instance.backup_directory) if standby else None,
        continue_after_error="CONTINUE_AFTER_ERROR" in given, block_size=_block_size(execution, given),
        expires=_expiry(execution, given),
    )  # fmt: skip


def _text(execution: Execution, given: dict[str, Any], option: str) -> str:
    return execution.text(given[option]) if option in given else ""


def _block_size(execution: Execution, given: dict[str, Any]) -> int | None:
    if "BLOCKSIZE" not in given:
        return None
    value = execution.python(given["BLOCKSIZE"])
    if not isinstance(value, int) or value & (value - 1) or value <= 0:
        raise error(3253)
    if not 512 <= value <= 65536:
        raise error(3250, value, "BLOCKSIZE")
    return value


def _expiry(execution: Execution, given: dict[str, Any]) -> datetime | None:
    if "RETAINDAYS" in given:
        days = execution.python(given["RETAINDAYS"])
        if not isinstance(days, int) or days < 0:
            raise error(3217, "RETAINDAYS")
        return execution.session.instance.local_now() + timedelta(days=days)
    return moment(execution, given["EXPIREDATE"], "EXPIREDATE") if "EXPIREDATE" in given else None


def moment(execution: Execution, node: tree.Expression, option: str) -> datetime:
    """STOPAT and EXPIREDATE take text or a datetime."""
    from simulator.engine.query.dates import parse_moment

    value = execution.python(node)
    found = value if isinstance(value, datetime) else parse_moment(str(value))
    if found is None:
        raise error(3217, option)
    return found.replace(tzinfo=None)


def closing_messages(result: BackupResult | RestoreResult, name: str, words: str) -> Iterator[Event]:
    """4035 for each file, then what else there is to say, then 3014; a DONE after each."""
    for file in result.files:
        yield message(4035, file.pages, name, file.logical_name, file.file_id)
        yield Done(None)
    for other in result.messages:
        yield other
        yield Done(None)
    elapsed = max(result.seconds, 0.001)
    speed = result.pages * 8192 / 2**20 / elapsed
    seconds, rate = (f"{number:.3f}".split(".") for number in (elapsed, speed))
    yield message(3014, words, result.pages, *seconds, *rate)
    yield Done(None)
