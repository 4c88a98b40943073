# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes a certificate on a server, saves it to files there, or takes it over from them."""

from __future__ import annotations

from typing import Any

from ..recovery import tsql
from ..recovery.certificate import (
    PART,
    Certificate,
    certificate_named,
    certificate_with,
    files_of,
    made,
    saved,
    taken_over,
)
from ..recovery.errors import InvalidInput, RecoveryError, StatementFailed
from ..recovery.in_step import Remark
from .mssql import Server
from .mssql_accounts import must_control
from .mssql_changing import Work


def kept(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """The module's work."""
    must_control(server, sysadmin=False)
    work = Work(server)
    present = _taken_over(work, params) if params["state"] == "taken_over" else _made(work, params)
    thumbprint = present.thumbprint if present else params["thumbprint"] or ""
    files = files_of(params["directory"], params["name"], thumbprint) if thumbprint else ("", "")
    if present is not None and params["save"]:
        work.carry_out([saved(present.name, files, _needed(params, "key_password"))])
        present = certificate_named(server.query(tsql.certificate_keys()), params["name"]) or present
    if present is not None and not present.saved and params["state"] == "present" and not server.dry:
        msg = "its private key was never saved: were this server lost, what it encrypted could not be restored."
        work.remarks.append(Remark(PART, present.name, msg, "Run the role instance, or save=true."))
    return {
        **work.told(),
        "thumbprint": thumbprint,
        "files": {"certificate": files[0], "private_key": files[1]},
    }


def _needed(params: dict[str, Any], option: str) -> str:
    if not params[option]:
        raise InvalidInput(f"{params['name']}: {option} is needed for that.", hint="Give it from the vault.")
    return str(params[option])


def _made(work: Work, params: dict[str, Any]) -> Certificate | None:
    name = params["name"]
    present = certificate_named(work.server.query(tsql.certificate_keys()), name)
    if present is None:
        keyed = bool(work.server.query(tsql.master_key()))
        password = "" if keyed else _needed(params, "master_key_password")
        subject = params["subject"] or f"Backups of {name}"
        work.carry_out(made(name, subject, params["expiry_date"], password, has_master_key=keyed))
        present = certificate_named(work.server.query(tsql.certificate_keys()), name)
    if present is not None and not present.has_private_key:
        raise _keyless(work.server, present)
    return present


def _taken_over(work: Work, params: dict[str, Any]) -> Certificate | None:
    server, name, wanted = work.server, params["name"], _needed(params, "thumbprint")
    rows = server.query(tsql.certificate_keys())
    present, namesake = certificate_with(rows, wanted), certificate_named(rows, name)
    if present is not None and not present.has_private_key:
        raise _keyless(server, present)
    if present is not None:
        return present
    if namesake is not None:
        raise StatementFailed(
            f"{server.where}: {name} is another certificate there ({namesake.thumbprint}, not {wanted}).",
            hint="If nothing needs that one: BACKUP CERTIFICATE, then DROP CERTIFICATE. Or choose a new name.",
        )
    files = files_of(params["directory"], name, wanted)
    keyed = bool(server.query(tsql.master_key()))
    password, master = _needed(params, "key_password"), "" if keyed else _needed(params, "master_key_password")
    work.carry_out(taken_over(name, files, password, master, has_master_key=keyed))
    present = certificate_with(server.query(tsql.certificate_keys()), wanted)
    if present is None and not server.dry and not work.failures:
        work.failures.append(_other_files(server, name, wanted, files[0]))
    return present


def _keyless(server: Server, present: Certificate) -> RecoveryError:
    return StatementFailed(
        f"{server.where}: the certificate {present.name} is there without its private key: it decrypts nothing.",
        hint="DROP CERTIFICATE, then run again where its files are.",
    )


def _other_files(server: Server, name: str, wanted: str, path: str) -> RecoveryError:
    return StatementFailed(
        f"{server.where}: {path} was taken over as {name}, and it is not the certificate {wanted}.",
        hint="DROP CERTIFICATE there, and bring the files that were saved on the other server.",
    )
