# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CREATE, ALTER and DROP DATABASE."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.engine.boot import MoreFile
from simulator.engine.database import Database
from simulator.engine.events import Done, Event, SqlError
from simulator.engine.handles import Cancelled
from simulator.engine.messages import error, message
from simulator.engine.product import RELEASES
from simulator.engine.query.model import refuse
from simulator.engine.spread import lost
from simulator.engine.tsql import administration as admin
from simulator.engine.tsql import schema as ddl

if TYPE_CHECKING:
    from simulator.engine.execution import Execution
    from simulator.engine.instance import Instance
    from simulator.engine.session import EngineSession

SYSTEM = frozenset({"master", "tempdb", "model", "msdb"})
_PATIENCE = 20.0  # seconds that ALTER DATABASE without a termination clause waits for others; SQL Server waits for ever


def create_database(execution: Execution, node: admin.CreateDatabase) -> Iterator[Event]:
    session, instance = execution.session, execution.session.instance
    _outside_transaction(session, "CREATE DATABASE")
    if not session.rights.may_server("CREATE ANY DATABASE"):
        raise error(262, "CREATE DATABASE", "master")
    if instance.exists(node.name):
        raise error(1801, node.name)
    if len(node.log) > 1:
        raise refuse(40510, "CREATE DATABASE with several log files", line=node.line)
    data = node.data[0] if node.data else admin.FileSpec()
    log = node.log[0] if node.log else admin.FileSpec()
    shown = (
        data.filename or str(instance.data_directory / f"{node.name}.mdf"),
        log.filename or str(instance.data_directory / f"{node.name}_log.ldf"),
    )
    _require_space(instance, Path(shown[0]))
    files = (instance.resolve(shown[0]), instance.resolve(shown[1]))
    logical = (data.name or node.name, log.name or f"{node.name}_log")
    more = _more_files(instance, node.data[1:], [(logical[0], files[0]), (logical[1], files[1])])
    model = instance.databases[3].info.recovery_model
    with instance.number_for(None) as number:
        try:
            database = instance.create_database_files(
                number,
                node.name,
                files,
                logical=logical,
                model=model,
                owner_sid=session.login.sid,
                shown=shown,
                more=more,
            )
        except SqlError as refusal:
            raise SqlError(*refusal.messages, message(1802)) from None
        instance.register(database, session.login.sid)
    yield Done(None)


def _more_files(
    instance: Instance, specs: Sequence[admin.FileSpec], present: Sequence[tuple[str, Path]], first_id: int = 3
) -> list[MoreFile]:
    """Data files besides the first: each needs a logical name and a path of its own."""
    names, paths = {name.lower() for name, _ in present}, {path for _, path in present}
    found = []
    for number, spec in enumerate(specs, first_id):
        if not spec.name or not spec.filename:
            raise error(1036, "NAME" if not spec.name else "FILENAME")
        path = instance.resolve(spec.filename)
        if spec.name.lower() in names:
            raise error(1828, spec.name)
        if path in paths:
            raise error(5170, spec.filename)
        names.add(spec.name.lower())
        paths.add(path)
        found.append(MoreFile(number, spec.name, spec.filename, str(path)))
    return found


def _add_files(instance: Instance, name: str, specs: Sequence[admin.FileSpec]) -> None:
    instance.require_usable(name)
    database = instance.databases[instance.database_id(name)]
    if name.lower() in SYSTEM:
        raise error(5058, "ADD FILE", name)
    present = [(file.logical_name, instance.resolve(file.physical_name)) for file in database.info.files]
    highest = max(file.file_id for file in database.info.files)
    for new in _more_files(instance, specs, present, highest + 1):
        path = Path(new.path)
        if path.exists():
            raise error(5170, new.physical_name)
        if not path.parent.is_dir():
            raise error(5133, new.physical_name, "2(The system cannot find the file specified.)")
        database.add_file(new)


def _require_space(instance: Instance, path: Path) -> None:
    free = instance.disk.free_for(instance.resolve(str(path)))
    if free is not None and free < 2**20:
        raise SqlError(message(1802), message(5123, "112(There is not enough space on the disk.)", str(path)))


def _outside_transaction(session: EngineSession, statement: str) -> None:
    if session.transaction.count:
        raise error(226, statement)


# ------------------------------------------------------------------------------------------------ ALTER


def alter_database(execution: Execution, node: admin.AlterDatabase) -> Iterator[Event]:
    session, instance = execution.session, execution.session.instance
    name = node.name or session.database
    _outside_transaction(session, "ALTER DATABASE")
    entry = instance.entry(name)
    if entry is None or not session.rights.owns(entry.name):
        raise SqlError(message(5011, name), message(5069))
    try:
        if node.new_name:
            yield from _rename(session, entry.name, node.new_name)
        if node.new_files:
            _add_files(instance, entry.name, node.new_files)
        for option, value in node.settings:
            yield from _set(execution, entry.name, option, value, node.termination)
    except SqlError as refusal:
        raise SqlError(*refusal.messages, message(5069)) from None
    yield Done(None)


def _rename(session: EngineSession, name: str, new_name: str) -> Iterator[Event]:
    instance = session.instance
    if name.lower() in SYSTEM:
        raise error(5058, "MODIFY NAME", name)
    if instance.exists(new_name) and new_name.lower() != name.lower():
        raise error(1801, new_name)
    if instance.sessions_in(name, besides=session.spid):
        raise error(5030)
    instance.require_usable(name)
    with instance.lock:
        session.drop_handle(name)
        instance.release(name)
        database = instance.databases[instance.database_id(name)]
        database.set_options(name=new_name)
        instance.register(database, "")
        if session.database.lower() == name.lower():
            session.database = new_name
    yield message(5701, new_name)


def _set(execution: Execution, name: str, option: str, value: Any, termination: str) -> Iterator[Event]:
    session, instance = execution.session, execution.session.instance
    database = instance.databases[instance.database_id(name)]
    if option == "USER_ACCESS":
        yield from _set_access(execution, name, database, value, termination)
    elif option == "STATE":
        yield from _set_state(execution, name, database, value, termination)
    elif option == "RECOVERY":
        if name.lower() == "tempdb":
            raise error(5058, "RECOVERY", name)
        instance.require_usable(name)
        database.set_recovery_model(value)
    elif option == "READ_ONLY":
        yield from _alone(execution, name, termination)
        instance.require_usable(name)
        database.set_options(is_read_only=value)
    elif option in {"PAGE_VERIFY", "COMPATIBILITY_LEVEL", "COLLATE"}:
        instance.require_usable(name)
        _set_simple(instance, database, option, value)
    else:
        instance.require_usable(name)
        session.settings.other[f"{name}.{option}"] = value


def _set_simple(instance: Instance, database: Database, option: str, value: Any) -> None:
    if option == "PAGE_VERIFY":
        database.set_options(page_verify=value)
    elif option == "COLLATE":
        database.set_options(collation=value)
    else:
        levels = range(100, RELEASES[instance.version[0]].compatibility + 1, 10)
        if value not in levels:
            raise error(15048, ", ".join(str(level) for level in levels))
        database.set_options(compatibility_level=value)


def _set_access(execution: Execution, name: str, database: Database, value: str, termination: str) -> Iterator[Event]:
    session, instance = execution.session, execution.session.instance
    if name.lower() in SYSTEM:
        raise error(5058, value, name)
    if database.info.state != "ONLINE":
        raise error(5052, "ALTER DATABASE", database.info.state)
    owner = instance.access_owner.get(name.lower())
    single = database.info.user_access == "SINGLE_USER"
    if single and owner not in (None, session.spid) and owner in instance.sessions and not termination:
        raise error(5064, name)
    if value == "SINGLE_USER":
        yield from _alone(execution, name, termination)
        instance.access_owner[name.lower()] = session.spid
    else:
        if value == "RESTRICTED_USER" or termination:
            yield from _alone(execution, name, termination, keep_owners=True)
        instance.access_owner.pop(name.lower(), None)
    database.set_options(user_access=value)


def _set_state(execution: Execution, name: str, database: Database, value: str, termination: str) -> Iterator[Event]:
    session, instance = execution.session, execution.session.instance
    if name.lower() in SYSTEM:
        raise error(5058, value, name)
    if value == "EMERGENCY":
        raise refuse(40510, "ALTER DATABASE ... SET EMERGENCY")
    if database.info.state == "RESTORING":
        raise error(5052, "ALTER DATABASE", "RESTORING")
    if value == "OFFLINE":
        yield from _alone(execution, name, termination)
        session.drop_handle(name)
        instance.release(name)
        if session.database.lower() == name.lower():
            session.database = "master"
        database.set_offline()
        return
    database.set_online()
    if database.info.state != "ONLINE":
        missing = lost(database.boot, database.data_file) or database.boot.data_file
        raise SqlError(message(5120, missing, 2, "The system cannot find the file specified."))


def _alone(execution: Execution, name: str, termination: str, keep_owners: bool = False) -> Iterator[Event]:
    """Waits for the other sessions, or throws them out."""
    session, instance = execution.session, execution.session.instance

    def others() -> list[EngineSession]:
        present = instance.sessions_in(name, besides=session.spid)
        return [s for s in present if not (keep_owners and s.rights.owns(name))]

    if termination == "NO_WAIT" and others():
        raise error(5070, name)
    patience = 0.0 if termination == "IMMEDIATE" else float(termination) if termination.isdigit() else _PATIENCE
    deadline = time.monotonic() + patience
    while others() and time.monotonic() < deadline:
        if session.stopped.wait(0.02):
            raise Cancelled
    remaining = others()
    if remaining and not termination:
        raise error(5061, name)
    if remaining:
        yield message(5060, 100)
        for other in remaining:
            other.kill()
    instance.release(name)


# ------------------------------------------------------------------------------------------------ DROP


def drop_databases(execution: Execution, node: ddl.Drop) -> Iterator[Event]:
    for name, *_ in node.names:
        _drop(execution.session, name, node)
    yield Done(None)


def _drop(session: EngineSession, name: str, node: ddl.Drop) -> None:
    instance = session.instance
    _outside_transaction(session, "DROP DATABASE")
    entry = instance.entry(name)
    if name.lower() in SYSTEM:
        raise refuse(3708, "drop", "database", name, "database", line=node.line)
    if entry is None:
        if node.if_exists:
            return
        raise refuse(3701, "drop", "database", name, line=node.line)
    if not session.rights.owns(entry.name):
        raise refuse(3701, "drop", "database", name, line=node.line)
    if session.database.lower() == name.lower() or instance.sessions_in(name, besides=session.spid):
        raise refuse(3702, entry.name, line=node.line)
    with instance.lock:
        session.drop_handle(name)
        instance.release(name)
        database = instance.databases[entry.database_id]
        instance.forget(entry.database_id)
        database.drop()
