# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who comes in: the login, its password, the database it enters; the client learns little, the error log says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.engine.events import LoginRequest, SqlError
from simulator.engine.logins import Login, password_matches
from simulator.engine.messages import message
from simulator.engine.session import EngineSession

if TYPE_CHECKING:
    from simulator.engine.instance import Instance

_FIRST_SESSION = 51


def admit(instance: Instance, request: LoginRequest) -> EngineSession:
    login = instance.login_named(request.login)
    if login is None:
        raise _refused(instance, request, 18456, "Reason: Could not find a login matching the name provided.")
    if login.type != "S" or not password_matches(request.password, login.password):
        raise _refused(instance, request, 18456, "Reason: Password did not match.")
    if login.disabled:
        raise _refused(instance, request, 18470)
    try:
        return session_of(instance, login, request, request.database or login.default_database)
    except SqlError as refusal:
        cause = message(4060, request.database) if request.database else message(4064)
        wrong = _refused(instance, request, 18456, f"Reason: {refusal.messages[0].text}")
        raise SqlError(cause, *wrong.messages) from refusal


def session_of(instance: Instance, login: Login, request: LoginRequest, database: str) -> EngineSession:
    """For a login that is believed: its password was right, or the Agent runs a step for it."""
    with instance.lock:
        spid = next(number for number in range(_FIRST_SESSION, 32768) if number not in instance.sessions)
        session = EngineSession(instance, spid, login, request)
        instance.sessions[spid] = session
    try:
        session.enter_first(database)
    except SqlError:
        session.close()
        raise
    return session


def _refused(instance: Instance, request: LoginRequest, number: int, reason: str = "") -> SqlError:
    refusal = message(number, request.login, "")
    instance.error_log.write("Logon", f"{refusal.text} {reason} [CLIENT: {request.client_address}]")
    return SqlError(refusal)
