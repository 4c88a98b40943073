# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CREATE, ALTER and DROP LOGIN, ALTER SERVER ROLE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulator.engine.events import Done, Event
from simulator.engine.logins import ROLE_NAMES, Login, hash_password, is_complex, new_sid, password_matches
from simulator.engine.messages import error
from simulator.engine.query.model import refuse
from simulator.engine.tsql import administration as admin
from simulator.engine.tsql import schema as ddl

if TYPE_CHECKING:
    from simulator.engine.execution import Execution


def _require_login_rights(execution: Execution) -> None:
    if not execution.session.rights.may_server("ALTER ANY LOGIN"):
        raise error(15247)


def create_login(execution: Execution, node: admin.Principal) -> None:
    _require_login_rights(execution)
    instance, options = execution.session.instance, node.options
    if instance.login_named(node.name) is not None or node.name.lower() in ROLE_NAMES:
        raise refuse(15025, node.name, line=node.line)
    sid = _sid(execution, options)
    if instance.login_of(sid) is not None:
        raise refuse(15433, line=node.line)
    if options.get("WINDOWS"):
        raise refuse(15401, node.name, line=node.line)
    policy = bool(options.get("CHECK_POLICY", True))
    hashed = _password(execution, node.name, options, policy)
    database = str(options.get("DEFAULT_DATABASE", "master"))
    if not instance.exists(database):
        raise refuse(15010, database, line=node.line)
    now = instance.timestamp()
    with instance.lock:
        number = instance.state.next_principal
        instance.state.next_principal += 1
        instance.state.logins[number] = Login(
            number, node.name, sid, hashed, now, now, default_database=database, check_policy=policy,
            check_expiration=bool(options.get("CHECK_EXPIRATION", False)),
        )  # fmt: skip
        instance.save()


def _sid(execution: Execution, options: dict[str, Any]) -> str:
    if "SID" not in options:
        return new_sid()
    value = execution.python(options["SID"])
    if not isinstance(value, bytes) or len(value) != 16:
        raise error(15419)
    return value.hex().upper()


def _password(execution: Execution, name: str, options: dict[str, Any], policy: bool) -> str:
    value = execution.python(options["PASSWORD"])
    if options.get("HASHED"):
        if not isinstance(value, bytes) or len(value) != 70:
            raise error(15021, "PASSWORD")
        return value.hex()
    if policy and not is_complex(str(value), name):
        raise error(15118)
    return hash_password(str(value))


def alter_login(execution: Execution, node: admin.Principal) -> None:
    instance, options = execution.session.instance, node.options
    login = instance.login_named(node.name)
    own = login is not None and login.principal_id == execution.session.login.principal_id and "OLD_PASSWORD" in options
    if login is None or not (own or execution.session.rights.may_server("ALTER ANY LOGIN")):
        raise refuse(15151, "alter", "login", node.name, line=node.line)
    if own and not password_matches(execution.text(options["OLD_PASSWORD"]), login.password):
        raise refuse(15151, "alter", "login", node.name, line=node.line)
    login = _with_options(execution, login, options, node.line)
    instance.change_login(login)


def _with_options(execution: Execution, login: Login, options: dict[str, Any], line: int) -> Login:
    instance = execution.session.instance
    policy = bool(options.get("CHECK_POLICY", login.check_policy))
    login = replace(login, check_policy=policy)
    if "CHECK_EXPIRATION" in options:
        login = replace(login, check_expiration=bool(options["CHECK_EXPIRATION"]))
    if "PASSWORD" in options:
        if options.get("HASHED") and policy:
            raise error(15021, "PASSWORD")  # documented: not while CHECK_POLICY is ON; the number is a guess
        login = replace(login, password=_password(execution, login.name, options, policy))
    if "DISABLE" in options:
        login = replace(login, disabled=options["DISABLE"])
    if "DEFAULT_DATABASE" in options:
        if not instance.exists(str(options["DEFAULT_DATABASE"])):
            raise refuse(15010, options["DEFAULT_DATABASE"], line=line)
        login = replace(login, default_database=str(options["DEFAULT_DATABASE"]))
    if "NAME" in options:
        if instance.login_named(str(options["NAME"])) is not None:
            raise refuse(15025, options["NAME"], line=line)
        login = replace(login, name=str(options["NAME"]))
    return login


def drop_logins(execution: Execution, node: ddl.Drop) -> Iterator[Event]:
    instance = execution.session.instance
    for name, *_ in node.names:
        login = instance.login_named(name)
        if login is None or login.principal_id == 1 or not execution.session.rights.may_server("ALTER ANY LOGIN"):
            raise refuse(15151, "drop", "login", name, line=node.line)
        if any(session.login.principal_id == login.principal_id for session in list(instance.sessions.values())):
            raise refuse(15434, name, line=node.line)
        if any(entry.owner_sid == login.sid for entry in instance.state.databases.values()):
            raise refuse(15174, name, line=node.line)
        with instance.lock:
            del instance.state.logins[login.principal_id]
            instance.save()
    yield Done(None)


def alter_server_role(execution: Execution, node: admin.Principal) -> None:
    instance, role = execution.session.instance, node.name.lower()
    if role not in ROLE_NAMES - {"public"}:
        raise refuse(15151, "alter", "server role", node.name, line=node.line)
    if not execution.session.rights.is_sysadmin and role not in execution.session.rights.roles:
        raise refuse(15151, "alter", "server role", node.name, line=node.line)
    member = str(node.options.get("ADD") or node.options.get("DROP") or "")
    login = instance.login_named(member)
    if login is None:
        raise refuse(15151, "add" if "ADD" in node.options else "drop", "principal", member, line=node.line)
    instance.change_login(login.with_role(role, "ADD" in node.options))
