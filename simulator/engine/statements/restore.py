# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""RESTORE DATABASE, LOG, HEADERONLY, FILELISTONLY, LABELONLY and VERIFYONLY."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.engine import msdb, restore, views
from simulator.engine.database import Database
from simulator.engine.events import Column, Columns, Done, Event, Row, SqlError
from simulator.engine.facts import Device, Progress, RestoreOptions, RestoreResult
from simulator.engine.messages import error, message
from simulator.engine.query import values
from simulator.engine.query.model import refuse
from simulator.engine.statements.backup import closing_messages, device, moment, stats, terminated
from simulator.engine.statements.progress import LongWork
from simulator.engine.tsql import administration as admin

if TYPE_CHECKING:
    from simulator.engine.execution import Execution
    from simulator.engine.instance import Instance

_NOT_LEARNT = (
    "PARTIAL",
    "KEEP_REPLICATION",
    "KEEP_CDC",
    "CREDENTIAL",
    "LOADHISTORY",
    "METADATA_ONLY",
    "PASSWORD",
    "MEDIAPASSWORD",
)


@dataclass(frozen=True)
class _Job:
    execution: Execution
    node: admin.Restore
    existing: Database | None
    name: str
    devices: tuple[Device, ...]
    options: RestoreOptions


def run_restore(execution: Execution, node: admin.Restore) -> Iterator[Event]:
    words = f"RESTORE {node.kind}"
    try:
        for option in _NOT_LEARNT:
            if option in node.options:
                raise refuse(40510, f"RESTORE ... WITH {option}", line=node.line)
        if node.kind in {"DATABASE", "LOG"}:
            yield from _restore(execution, node, words)
        else:
            yield from _information(execution, node)
    except SqlError as refusal:
        raise terminated(refusal, words, node.line) from None


# ------------------------------------------------------------------------------------------------ DATABASE and LOG


def _restore(execution: Execution, node: admin.Restore, words: str) -> Iterator[Event]:
    session, instance = execution.session, execution.session.instance
    assert node.database is not None
    name = execution.text(node.database)
    if session.transaction.count:
        raise error(3021)
    existing = _existing(execution, name)
    devices = tuple(device(execution, spec) for spec in node.devices)
    step = stats(execution, node.options)
    job = _Job(execution, node, existing, name, devices, _options(execution, node))
    if existing is not None and session.database.lower() == existing.name.lower():
        raise error(3102, "RESTORE", existing.name)
    with instance.alone_in(name, session) as alone:
        if not alone:
            raise error(3101)
        work = LongWork(session, words, name, step)
        yield from _from_media(job, work) if devices else _recover(job, work)


def _from_media(job: _Job, work: LongWork) -> Iterator[Event]:
    result = yield from work.run(lambda told: _labour(job, told))
    yield from closing_messages(result, result.info.name, f"RESTORE {job.node.kind}")
    _after(job, result)
    _note(job, result)


def _labour(job: _Job, told: Progress) -> RestoreResult:
    session, instance = job.execution.session, job.execution.session.instance
    facts = instance.facts(session.login.name)
    if job.node.kind == "LOG":
        besides = job.existing.database_id if job.existing else 0
        return restore.restore_log(
            job.existing, job.name, job.devices, job.options, facts, resolve=instance.resolve,
            used_by=lambda path: _user_of(instance, path, besides), on_progress=told,
        )  # fmt: skip
    with instance.number_for(job.existing) as number:
        return restore.restore_database(
            job.name, job.existing, job.devices, job.options, facts, database_id=number,
            register=lambda database: instance.register(database, session.login.sid), resolve=instance.resolve,
            used_by=lambda path: _user_of(instance, path, number), on_progress=told,
        )  # fmt: skip


def _recover(job: _Job, work: LongWork) -> Iterator[Event]:
    """Without a device: only RECOVERY or STANDBY can be meant."""
    if not job.options.recovery and job.options.standby is None:
        raise refuse(3207, line=job.node.line)
    result = yield from work.run(lambda _told: restore.recover(job.existing, job.name, job.options.standby))
    yield from closing_messages(result, result.info.name, f"RESTORE {job.node.kind}")
    _after(job, result)


def _existing(execution: Execution, name: str) -> Database | None:
    session, instance = execution.session, execution.session.instance
    if not name:
        raise error(3025)
    if name.lower() == "tempdb":
        raise error(3147)
    if name.lower() == "master":
        raise error(3108)
    existing = instance.database(name)
    if not session.rights.may_restore(existing.name if existing else ""):
        raise error(3110, name) if existing else error(262, "CREATE DATABASE", "master")
    return existing


def _options(execution: Execution, node: admin.Restore) -> RestoreOptions:
    given, instance = node.options, execution.session.instance
    standby = execution.text(given["STANDBY"]) if "STANDBY" in given else ""
    marks = {key: execution.text(given[key]) if key in given else None for key in ("STOPATMARK", "STOPBEFOREMARK")}
    return RestoreOptions(
        position=_position(execution, given),
        move=tuple((execution.text(logical), execution.text(physical)) for logical, physical in given.get("MOVE", ())),
        replace="REPLACE" in given, recovery="NORECOVERY" not in given and not standby,
        standby=instance.resolve(standby, instance.backup_directory) if standby else None,
        stop_at=moment(execution, given["STOPAT"], "STOPAT") if "STOPAT" in given else None,
        stop_at_mark=marks["STOPATMARK"], stop_before_mark=marks["STOPBEFOREMARK"],
        mark_after=moment(execution, given["AFTER"], "AFTER") if "AFTER" in given else None,
        checksum="CHECKSUM" in given, continue_after_error="CONTINUE_AFTER_ERROR" in given,
    )  # fmt: skip


def _position(execution: Execution, given: dict[str, Any]) -> int:
    value = execution.python(given["FILE"]) if "FILE" in given else 1
    if not isinstance(value, int) or value < 1:
        raise error(3217, "FILE")
    return value


def _user_of(instance: Instance, path: Path, besides: int) -> str | None:
    for entry in instance.state.databases.values():
        if entry.database_id != besides and path in instance.databases[entry.database_id].paths:
            return entry.name
    return None


def _after(job: _Job, result: RestoreResult) -> None:
    """A restored database is open to all; with RESTRICTED_USER to its owners only."""
    instance, name = job.execution.session.instance, result.info.name
    database = instance.database(name)
    if database is None or database.info.state != "ONLINE":
        return
    instance.access_owner.pop(name.lower(), None)
    if not database.info.is_in_standby:
        restricted = "RESTRICTED_USER" in job.node.options
        database.set_options(user_access="RESTRICTED_USER" if restricted else "MULTI_USER")


def _note(job: _Job, result: RestoreResult) -> None:
    session, instance, options = job.execution.session, job.execution.session.instance, job.options
    header = result.header
    if header is None:
        return
    kind = {5: "I", 2: "L"}.get(int(str(header["BackupType"])), "D")
    restored = msdb.Restored(
        destination=result.info.name, user=session.login.name, when=instance.local_now(), kind=kind,
        replace=options.replace,
        recovery=options.recovery, stop_at=options.stop_at, mark=options.stop_at_mark or options.stop_before_mark,
        stop_before=options.stop_before_mark is not None, files=tuple(file.physical_name for file in result.info.files),
    )  # fmt: skip
    label = restore.label_row(job.devices)
    files = restore.file_list_rows(job.devices, options.position)
    msdb.History(instance).write(header, label, files, job.devices, restored)
    instance.error_log.restored(session.spid, header, [one.name for one in job.devices])


# ------------------------------------------------------------------------------------------------ media


def _information(execution: Execution, node: admin.Restore) -> Iterator[Event]:
    session = execution.session
    if node.kind != "VERIFYONLY" and not session.rights.may_restore(""):
        raise error(262, "CREATE DATABASE", "master")
    devices = [device(execution, spec) for spec in node.devices]
    position = _position(execution, node.options)
    if node.kind == "VERIFYONLY":
        yield from _verify(execution, node, devices, position)
    elif node.kind == "HEADERONLY":
        yield from _result(
            "RESTORE HEADERONLY", restore.header_rows(devices, position if "FILE" in node.options else None), execution
        )
    elif node.kind == "FILELISTONLY":
        yield from _result("RESTORE FILELISTONLY", restore.file_list_rows(devices, position), execution)
    elif node.kind == "LABELONLY":
        yield from _result("RESTORE LABELONLY", (restore.label_row(devices),), execution)
    else:
        raise refuse(40510, f"RESTORE {node.kind}", line=node.line)


def _verify(execution: Execution, node: admin.Restore, devices: list[Device], position: int) -> Iterator[Event]:
    checksum = True if "CHECKSUM" in node.options else False if "NO_CHECKSUM" in node.options else None
    work = LongWork(execution.session, "RESTORE VERIFYONLY", "", stats(execution, node.options))
    facts = execution.session.instance.facts(execution.session.login.name)
    yield from work.run(lambda told: restore.verify(devices, position, facts, checksum=checksum, on_progress=told))
    yield message(3262, position)
    yield Done(None)


def _result(name: str, rows: Iterable[Mapping[str, object]], execution: Execution) -> Iterator[Event]:
    """The columns of the server's version: 2022 knows more than 2019."""
    fields = views.fields(name)
    if execution.session.instance.version[0] < 16:
        fields = tuple(field for field in fields if field.name not in _SINCE_2022)
    yield Columns(tuple(Column(field.name, field.type, field.nullable) for field in fields))
    count = 0
    for row in rows:
        stored = (values.store(_folded(row).get(field.name.lower()), field.type) for field in fields)
        yield Row(tuple(values.present(value, field.type) for value, field in zip(stored, fields, strict=True)))
        count += 1
    execution.session.rowcount = count
    yield Done(count, is_select=True)


_SINCE_2022 = frozenset({"LastValidRestoreTime", "TimeZone", "CompressionAlgorithm"})


def _folded(row: Mapping[str, object]) -> dict[str, object]:
    return {name.lower(): value for name, value in row.items()}
