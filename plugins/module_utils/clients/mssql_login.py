# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Getting into a SQL Server: the options, the connection string, and what a refusal means."""

from __future__ import annotations

import re
import socket
from typing import Any

from ..recovery.errors import InvalidInput, NoAnswer, ServerUnreachable
from .mssql_messages import messages_in

MSSQL_LOGIN: dict[str, dict[str, Any]] = {
    "login_host": {"type": "str", "required": True},
    "login_port": {"type": "int", "default": 1433},
    "login_user": {"type": "str", "required": True},
    "login_password": {"type": "str", "required": True, "no_log": True},
    "encrypt": {"type": "bool", "default": True},
    "odbc_driver": {"type": "str", "default": "FreeTDS"},
    "connect_timeout": {"type": "int", "default": 15},
}

#: How our own sessions are known among the others of a server.
PROGRAM = "ics.deadpool"

# PRELOGIN with the two options VERSION and ENCRYPTION = on, as a client sends it before TLS.
_PRELOGIN_BODY = bytes.fromhex("00000b00060100110001ff00000000000001")
_PRELOGIN = b"\x12\x01" + (8 + len(_PRELOGIN_BODY)).to_bytes(2, "big") + b"\x00\x00\x01\x00" + _PRELOGIN_BODY

_LOGIN_HINTS = {
    4060: "Check the name with mssql_info; the login may also lack a user in that database.",
    18456: "Check login_user and login_password; the server's error log names the exact reason (its State).",
    18470: "The login is disabled: ALTER LOGIN ... ENABLE, or use another one.",
    18486: "The account is locked out: an administrator of the server unlocks it.",
    18487: "The password has expired: change it on the server, then in the vault.",
    18488: "The password must be changed at the first login: do so on the server, then change it in the vault.",
}


def connection_string(params: dict[str, Any], database: str) -> str:
    """For FreeTDS or one of Microsoft's drivers; values may hold ``;``, ``{`` and ``}``."""
    freetds = "freetds" in params["odbc_driver"].lower()
    quote = _quote_freetds if freetds else _quote_microsoft
    host, port = params["login_host"], params["login_port"]
    parts = [f"DRIVER={_quote_driver(params['odbc_driver'])}"]
    if freetds:
        encryption = "require" if params["encrypt"] else "request"
        server = quote("login_host", host)
        parts += [f"SERVER={server}", f"PORT={port}", "TDS_Version=7.4", f"Encryption={encryption}"]
    else:
        encryption = "yes" if params["encrypt"] else "no"
        server = quote("login_host", f"{host},{port}")
        parts += [f"SERVER={server}", f"Encrypt={encryption}", "TrustServerCertificate=yes"]
    parts += [
        f"UID={quote('login_user', params['login_user'])}",
        f"PWD={quote('login_password', params['login_password'])}",
        f"DATABASE={quote('database', database)}",
        f"APP={PROGRAM}",
    ]
    return ";".join(parts) + ";"


def _quote_freetds(option: str, value: str) -> str:
    """FreeTDS (1.3.17, measured) reads a braced value up to the first ``};`` and does not know ``}}``."""
    if "};" in value or "\0" in value:
        raise InvalidInput(
            f"{option}: FreeTDS cannot be given a value that holds '}};'",
            hint="Choose another value without a closing brace before a semicolon, or use Microsoft's driver "
            "(odbc_driver: ODBC Driver 18 for SQL Server).",
        )
    return "{" + value + "}"


def _quote_microsoft(option: str, value: str) -> str:
    if "\0" in value:
        raise InvalidInput(f"{option}: no driver takes a value with a NUL in it", hint="Choose another value.")
    return "{" + value.replace("}", "}}") + "}"


def _quote_driver(driver: str) -> str:
    if re.search(r"[;{}\0]", driver):
        raise InvalidInput(f"odbc_driver: {driver!r} is not a driver's name", hint="List them with: odbcinst -q -d")
    return "{" + driver + "}"


def refused(params: dict[str, Any], database: str, text: str) -> ServerUnreachable:
    """What ``pyodbc.connect`` said (its text), as a fact and what to do next."""
    where, driver = f"{params['login_host']}:{params['login_port']}", params["odbc_driver"]
    if "unixODBC" in text or "Can't open lib" in text or "IM002" in text:
        hint = "Install it where Ansible runs (Debian: unixodbc and tdsodbc), or name another one in odbc_driver."
        return ServerUnreachable(f"{where}: the ODBC driver {driver!r} is not there: {plain(text)}", hint=hint)
    for number, hint in _LOGIN_HINTS.items():
        if f"({number})" in text:
            subject = f"database {database!r}" if number == 4060 else f"login {params['login_user']!r}"
            fact = f"{where}: the server refused {subject}: Msg {number}: {plain(text)}"
            return ServerUnreachable(fact, hint=hint)
    kind, fact, hint = _probe(params)
    return kind(f"{where}: {fact}", hint=hint)


def plain(text: str) -> str:
    """The server's or driver's own words, out of what ODBC wraps around them."""
    return "; ".join(message.text for message in messages_in(text))


def _probe(params: dict[str, Any]) -> tuple[type[ServerUnreachable], str, str]:
    """ODBC says the same of a closed port and of a failed TLS handshake; one look at the wire tells them apart."""
    host, port, taken = params["login_host"], params["login_port"], False
    try:
        with socket.create_connection((host, port), timeout=params["connect_timeout"]) as connection:
            taken = True
            connection.settimeout(params["connect_timeout"])
            connection.sendall(_PRELOGIN)
            reply = connection.recv(4096)
    except socket.gaierror as error:
        hint = "Check login_host, or the DNS of this host."
        return NoAnswer, f"the name cannot be resolved: {error.strerror}", hint
    except ConnectionRefusedError:
        hint = "Check login_port, that SQL Server runs and that TCP/IP is enabled in its configuration."
        return NoAnswer, f"nothing listens on port {port} (connection refused)", hint
    except (socket.timeout, TimeoutError):
        return _silent(params["connect_timeout"], taken)
    except ConnectionResetError:
        return ServerUnreachable, "something answers and hangs up at once", "Check login_port, and the server's log."
    except OSError as error:
        hint = "Check the address, the network and the firewall."
        return NoAnswer, f"it cannot be reached: {error.strerror or error}", hint
    return (ServerUnreachable, *_read_prelogin(reply, params["encrypt"]))


def _silent(seconds: float, taken: bool) -> tuple[type[ServerUnreachable], str, str]:
    """Whoever takes connections holds its databases, and may go on at any moment: it is not dead."""
    if taken:
        hint = "It hangs: stop that SQL Server or its host before anything goes on without it."
        return ServerUnreachable, f"it takes connections and has no answer within {seconds} s", hint
    hint = "Check the address, that the server is up, and that no firewall stands between."
    return NoAnswer, f"no answer within {seconds} s", hint


def _read_prelogin(reply: bytes, encrypt: bool) -> tuple[str, str]:
    if not reply.startswith(b"\x04"):
        return "something answers, but it is no SQL Server", "Check login_port; 1433 is SQL Server's own."
    encryption = _prelogin_option(reply[8:], 1)
    if encrypt and encryption == 2:
        hint = "Give the server a certificate, or set encrypt to false in a network that is trusted."
        return "SQL Server answers, and it does not support encryption", hint
    if encryption in (1, 3):
        return "SQL Server answers, but the TLS handshake or the login after it failed", (
            "Check the server's certificate and its TLS versions (the driver speaks TLS 1.2), and its error log."
        )
    return "SQL Server answers, but it ended the conversation before the login was done", "See the server's error log."


def _prelogin_option(body: bytes, wanted: int) -> int | None:
    at = 0
    while at + 5 <= len(body) and body[at] != 0xFF:
        start = int.from_bytes(body[at + 1 : at + 3], "big")
        if body[at] == wanted and start < len(body):
            return body[start]
        at += 5
    return None
