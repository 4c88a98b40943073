# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sessions, requests, connections, principals of the server, configuration and services."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from simulator.engine.instance_state import CONFIGURATION
from simulator.engine.logins import SERVER_ROLES, Login

if TYPE_CHECKING:
    from simulator.engine.instance import Instance
    from simulator.engine.session import EngineSession

Row = dict[str, Any]
_LEVELS = {"READ UNCOMMITTED": 1, "READ COMMITTED": 2, "REPEATABLE READ": 3, "SERIALIZABLE": 4, "SNAPSHOT": 5}
_NO_TIME = datetime(1900, 1, 1)


def _seen(session: EngineSession) -> list[EngineSession]:
    """Without VIEW SERVER STATE a login sees its own session only."""
    with session.instance.lock:
        everyone = sorted(session.instance.sessions.values(), key=lambda other: other.spid)
    return everyone if session.rights.may_server("VIEW SERVER STATE") else [s for s in everyone if s is session]


def sessions(session: EngineSession, _database: str) -> Iterator[Row]:
    for other in _seen(session):
        sid = bytes.fromhex(other.login.sid)
        yield {
            "session_id": other.spid, "login_time": other.login_time, "host_name": other.request.host,
            "program_name": other.request.program, "host_process_id": other.request.client_pid, "client_version": 7,
            "client_interface_name": other.request.client_interface[:32], "security_id": sid,
            "login_name": other.login.name, "nt_domain": "", "nt_user_name": "",
            "status": "running" if other.running else "sleeping", "context_info": b"", "cpu_time": 0, "memory_usage": 4,
            "total_scheduled_time": 0, "total_elapsed_time": 0, "endpoint_id": 4,
            "last_request_start_time": other.last_request_start, "last_request_end_time": other.last_request_end,
            "reads": 0, "writes": 0, "logical_reads": 0, "is_user_process": True, "text_size": 2147483647,
            "language": other.settings.language, "date_format": "mdy", "date_first": 7, "quoted_identifier": True,
            "arithabort": False, "ansi_null_dflt_on": True, "ansi_defaults": False, "ansi_warnings": True,
            "ansi_padding": True, "ansi_nulls": True, "concat_null_yields_null": True,
            "transaction_isolation_level": _LEVELS[other.settings.isolation],
            "lock_timeout": other.settings.lock_timeout,
            "deadlock_priority": 0, "row_count": other.rowcount, "prev_error": other.error_number,
            "original_security_id": sid, "original_login_name": other.login.name, "group_id": 2,
            "database_id": session.instance.database_id(other.database), "authenticating_database_id": 1,
            "open_transaction_count": other.transaction.count,
        }  # fmt: skip


def requests(session: EngineSession, _database: str) -> Iterator[Row]:
    session.rights.require_server("VIEW SERVER STATE")
    now = session.instance.local_now()
    for other in _seen(session):
        running = other.running
        if running is None:
            continue
        elapsed = int((now - running.started) / timedelta(milliseconds=1))
        done = running.percent
        waiting = session.instance.waits.get(other.spid)
        yield {
            "session_id": other.spid, "request_id": 0, "start_time": running.started,
            "status": "suspended" if waiting else "running", "command": running.command, "sql_handle": b"",
            "database_id": session.instance.database_id(other.database), "user_id": 1,
            "blocking_session_id": session.instance.blocker(other.spid), "wait_type": "LCK_M_X" if waiting else None,
            "wait_time": elapsed if waiting else 0, "last_wait_type": "LCK_M_X" if waiting else "MISCELLANEOUS",
            "percent_complete": done, "estimated_completion_time": int(elapsed * (100 - done) / done) if done else 0,
            "cpu_time": elapsed, "total_elapsed_time": elapsed, "reads": 0, "writes": 0, "logical_reads": 0,
            "row_count": 0, "prev_error": other.error_number,
        }  # fmt: skip


def connections(session: EngineSession, _database: str) -> Iterator[Row]:
    session.rights.require_server("VIEW SERVER STATE")
    for other in _seen(session):
        address, _, port = other.request.client_address.partition(":")
        yield {
            "session_id": other.spid, "most_recent_session_id": other.spid, "connect_time": other.login_time,
            "net_transport": "TCP", "protocol_type": "TSQL", "protocol_version": 0x74000004, "endpoint_id": 4,
            "encrypt_option": "TRUE" if other.request.encrypted else "FALSE", "auth_scheme": "SQL", "node_affinity": 0,
            "client_net_address": address, "client_tcp_port": int(port) if port.isdigit() else None,
            "connection_id": uuid.uuid5(uuid.NAMESPACE_OID, f"{other.spid} {other.login_time}"),
        }  # fmt: skip


# ------------------------------------------------------------------------------------------------ principals


def server_principals(session: EngineSession, _database: str) -> Iterator[Row]:
    for login in _visible_logins(session):
        yield _login(login)
    for number, name in SERVER_ROLES:
        yield {
            "name": name, "principal_id": number, "sid": number.to_bytes(1, "big"), "type": "R",
            "type_desc": "SERVER_ROLE",
            "is_disabled": False, "create_date": datetime(2009, 4, 13, 12, 59, 6), "owning_principal_id": 1,
            "modify_date": datetime(2009, 4, 13, 12, 59, 6), "is_fixed_role": number != 2,
        }  # fmt: skip


def sql_logins(session: EngineSession, _database: str) -> Iterator[Row]:
    hashes = session.rights.may_server("CONTROL SERVER") or session.rights.is_sysadmin
    for login in _visible_logins(session):
        if login.type == "S":
            yield {
                **_login(login), "is_policy_checked": login.check_policy,
                "is_expiration_checked": login.check_expiration,
                "password_hash": bytes.fromhex(login.password) if hashes else None,
            }  # fmt: skip


def _visible_logins(session: EngineSession) -> list[Login]:
    everything = session.rights.may_server("VIEW ANY DEFINITION")
    logins = sorted(session.instance.state.logins.values(), key=lambda login: login.principal_id)
    return [login for login in logins if everything or login.principal_id in (1, session.login.principal_id)]


def _login(login: Login) -> Row:
    return {
        "name": login.name, "principal_id": login.principal_id, "sid": bytes.fromhex(login.sid), "type": login.type,
        "type_desc": "SQL_LOGIN" if login.type == "S" else "WINDOWS_LOGIN", "is_disabled": login.disabled,
        "create_date": datetime.fromisoformat(login.created), "modify_date": datetime.fromisoformat(login.modified),
        "default_database_name": login.default_database, "default_language_name": "us_english", "is_fixed_role": False,
    }  # fmt: skip


def server_role_members(session: EngineSession, _database: str) -> Iterator[Row]:
    numbers = {name: number for number, name in SERVER_ROLES}
    for login in _visible_logins(session):
        for role in login.roles:
            yield {"role_principal_id": numbers[role], "member_principal_id": login.principal_id}


def server_permissions(session: EngineSession, _database: str) -> Iterator[Row]:
    for login in _visible_logins(session):
        granted = (("CONNECT SQL", "G"), *((p, "G") for p in login.permissions), *((p, "D") for p in login.denied))
        for permission, state in granted:
            yield {
                "class": 100, "class_desc": "SERVER", "major_id": 0, "minor_id": 0,
                "grantee_principal_id": login.principal_id, "grantor_principal_id": 1,
                "type": "".join(word[0] for word in permission.split())[:4], "permission_name": permission,
                "state": state,
                "state_desc": "GRANT" if state == "G" else "DENY",
            }  # fmt: skip


# ------------------------------------------------------------------------------------------------ the server


def configurations(session: EngineSession, _database: str) -> Iterator[Row]:
    state = session.instance.state
    for name, (number, default, low, high, dynamic, advanced, description) in sorted(CONFIGURATION.items()):
        yield {
            "configuration_id": number, "name": name, "value": state.configured.get(name, default), "minimum": low,
            "maximum": high, "value_in_use": state.running.get(name, default), "description": description,
            "is_dynamic": dynamic, "is_advanced": advanced,
        }  # fmt: skip


def services(session: EngineSession, _database: str) -> Iterator[Row]:
    session.rights.require_server("VIEW SERVER STATE")
    instance = session.instance
    named = instance.name.split("\\")[1] if "\\" in instance.name else "MSSQLSERVER"
    zone = timezone(instance.utc_offset)
    for service in ("SQL Server", "SQL Server Agent")[: 1 + instance.agent.exists]:
        yield _service(instance, f"{service} ({named})", zone)


def _service(instance: Instance, name: str, zone: timezone) -> Row:
    return {
        "servicename": name, "startup_type": 2, "startup_type_desc": "Automatic", "status": 4,
        "status_desc": "Running", "process_id": os.getpid(), "service_account": "mssql",
        "filename": "/opt/mssql/bin/sqlservr",
        "last_startup_time": instance.started_utc.astimezone(zone), "is_clustered": "N",
        "instant_file_initialization_enabled": "Y",
    }  # fmt: skip


def system_information(session: EngineSession, _database: str) -> Iterator[Row]:
    session.rights.require_server("VIEW SERVER STATE")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024
    yield {
        "cpu_count": os.cpu_count(), "sqlserver_start_time": session.instance.started, "physical_memory_kb": memory,
        "virtual_machine_type": 0, "virtual_machine_type_desc": "NONE", "container_type": 0,
        "container_type_desc": "NONE",
    }  # fmt: skip


def host_information(_session: EngineSession, _database: str) -> Iterator[Row]:
    yield {
        "host_platform": "Linux", "host_distribution": "Debian", "host_release": "12", "host_service_pack_level": "",
        "os_language_version": 0,
    }  # fmt: skip


def nothing(_session: EngineSession, _database: str) -> Iterator[Row]:
    """A view that is there, and empty."""
    yield from ()


def no_text(_session: EngineSession, _handle: Any) -> Iterator[Row]:
    yield {"encrypted": False, "text": None}


def certificates(session: EngineSession, database: str) -> Iterator[Row]:
    """Those of master; other databases have none here."""
    found = session.instance.state.certificates.values() if database.lower() == "master" else ()
    for one in found:
        parsed = one.parsed
        yield {
            "name": one.name, "certificate_id": one.certificate_id, "principal_id": 1,
            "pvt_key_encryption_type": "MK" if one.private else "NA",
            "pvt_key_encryption_type_desc": "ENCRYPTED_BY_MASTER_KEY" if one.private else "NO_PRIVATE_KEY",
            "is_active_for_begin_dialog": True, "issuer_name": one.subject,
            "cert_serial_number": f"{parsed.serial_number:x}", "subject": one.subject, "thumbprint": one.thumbprint,
            "start_date": parsed.not_valid_before_utc.replace(tzinfo=None), "key_length": 2048,
            "expiry_date": parsed.not_valid_after_utc.replace(tzinfo=None),
            "pvt_key_last_backup_date": datetime.fromisoformat(one.key_saved) if one.key_saved else None,
        }  # fmt: skip


def symmetric_keys(session: EngineSession, database: str) -> Iterator[Row]:
    """The master key of master is all there is."""
    if session.instance.state.master_key and database.lower() == "master":
        yield {
            "name": "##MS_DatabaseMasterKey##", "principal_id": 1, "symmetric_key_id": 101, "key_length": 256,
            "key_algorithm": "A3", "algorithm_desc": "AES_256",
        }  # fmt: skip


def backup_devices(session: EngineSession, _database: str) -> Iterator[Row]:
    for name, path in session.instance.state.devices.items():
        yield {"name": name, "type": 2, "type_desc": "DISK", "physical_name": path}
