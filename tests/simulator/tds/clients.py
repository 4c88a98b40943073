# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The unmodified clients, each opened in its own way."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymssql
import pyodbc
import pytds

from tests.simulator.tds.scripted import LOGIN, PASSWORD


def odbc_string(port: int, **overrides: object) -> str:
    """FreeTDS's ODBC driver takes the password as it stands between the braces."""
    parts = {
        "DRIVER": "FreeTDS",
        "SERVER": "127.0.0.1",
        "PORT": port,
        "UID": LOGIN,
        "PWD": "{" + PASSWORD + "}",
        "TDS_Version": "7.4",
        "Encryption": "require",
        "ClientCharset": "UTF-8",
        **overrides,
    }
    return "".join(f"{name}={value};" for name, value in parts.items())


def open_pyodbc(port: int, *, autocommit: bool = True, **overrides: object) -> pyodbc.Connection:
    return pyodbc.connect(odbc_string(port, **overrides), autocommit=autocommit, timeout=10)


def open_pymssql(port: int, **overrides: Any) -> pymssql.Connection:
    options = {"encryption": "require", "autocommit": True, "tds_version": "7.4", "login_timeout": 10}
    return pymssql.connect(
        server="127.0.0.1", port=str(port), **{"user": LOGIN, "password": PASSWORD, **options, **overrides}
    )


def open_pytds(port: int, **overrides: Any) -> pytds.Connection:
    options = {"autocommit": True, "login_timeout": 10, "timeout": 10}
    return pytds.connect("127.0.0.1", port=port, **{"user": LOGIN, "password": PASSWORD, **options, **overrides})


OPENERS: dict[str, Callable[..., Any]] = {"pyodbc": open_pyodbc, "pymssql": open_pymssql, "pytds": open_pytds}


def error_numbers(error: Exception) -> set[int]:
    """All numbers of SQL Server that a client's exception shows, each client in its own place."""
    found = {int(number) for number in re.findall(r"\((\d{2,5})[,)]", str(error))}
    found |= {argument for argument in error.args if isinstance(argument, int)}
    return found | {getattr(error, "number", 0)}


def eventually(condition: Callable[[], object], seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return bool(condition())


def program_from(variable: str) -> Path | None:
    """Where a client lives that the project does not install."""
    return Path(os.environ[variable]) if os.environ.get(variable) else None
