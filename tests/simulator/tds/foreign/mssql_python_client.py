# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs under a Python that has mssql-python; prints what it saw as one line of JSON."""

from __future__ import annotations

import datetime as dt
import json
import sys
import uuid
from decimal import Decimal
from typing import Any

import mssql_python  # type: ignore[import-not-found, unused-ignore]

VALUES: list[Any] = [
    1, 2**40, True, 1.5, "日本 😀", "ж" * 5000, b"xyz", b"x" * 9000, None, Decimal("-0.01"), "",
    dt.datetime(2024, 2, 29, 12, 34, 56, 123456), dt.date(2024, 2, 29), dt.time(12, 34, 56), uuid.UUID(int=7),
]  # fmt: skip


def main(connection_string: str) -> None:
    seen: dict[str, Any] = {}
    connection = mssql_python.connect(connection_string, autocommit=True)
    cursor = connection.cursor()
    seen["changed"] = [repr(value)[:40] for value in VALUES if cursor.execute("SELECT ?", value).fetchone()[0] != value]
    try:
        cursor.execute("RESTORE LOG")
    except mssql_python.Error as error:
        seen["error"] = str(error)
    seen["rows"] = len(cursor.execute("SELECT all").fetchall())
    cursor.execute("BACKUP DATABASE")
    messages = list(cursor.messages)
    while cursor.nextset():
        messages += cursor.messages
    seen["messages"] = [text for _state, text in messages]
    connection.close()
    connection = mssql_python.connect(connection_string, autocommit=False)
    connection.cursor().execute("INSERT t")
    connection.commit()
    connection.cursor().execute("INSERT t")
    connection.rollback()
    connection.close()
    print(json.dumps(seen))


main(sys.argv[1])
