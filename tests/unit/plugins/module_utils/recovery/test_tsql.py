# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Quoting cannot be broken out of, and every statement is in the catalogue that the parser test reads."""

from __future__ import annotations

import inspect
import re
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery import tsql


@pytest.mark.parametrize(
    ("name", "quoted"),
    [("Sales", "[Sales]"), ("a]b", "[a]]b]"), ("]", "[]]]"), ("x]; DROP DATABASE y--", "[x]]; DROP DATABASE y--]")],
)
def test_names_are_quoted(name: str, quoted: str) -> None:
    assert tsql.quote_name(name) == quoted


@pytest.mark.parametrize(("text", "quoted"), [("a", "N'a'"), ("O'Neill", "N'O''Neill'"), ("\u2603", "N'\u2603'")])
def test_text_is_quoted(text: str, quoted: str) -> None:
    assert tsql.quote_text(text) == quoted


def test_times_are_iso_with_milliseconds_and_without_offset() -> None:
    moment = datetime(2026, 10, 4, 3, 5, 0, 999500, tzinfo=timezone(timedelta(hours=7)))
    assert tsql.quote_time(moment) == "N'2026-10-04T03:05:00.999'"
    assert tsql.quote_time("2026-10-04T03:05:00") == "N'2026-10-04T03:05:00.000'"


def test_every_restore_of_a_backup_leaves_the_database_restoring() -> None:
    texts = [text for name, text in tsql.examples() if name in ("restore_database", "restore_log")]
    assert texts and all("NORECOVERY" in text for text in texts)


def test_every_backup_has_checksums_and_overwrites_nothing() -> None:
    texts = [text for name, text in tsql.examples() if name in ("backup_database", "backup_log")]
    assert len(texts) == 6
    assert all(
        "CHECKSUM" in text and "NOINIT" in text and not re.search(r"\bINIT\b|\bFORMAT\b", text) for text in texts
    )


def test_a_stop_time_is_given_in_the_form_that_no_language_reads_differently() -> None:
    text = tsql.restore_log("Sales", ["/b/1.trn"], stop_at="2026-10-04T12:30:15.997")
    assert "STOPAT = N'2026-10-04T12:30:15.997'" in text


def test_taking_over_is_one_batch() -> None:
    text = tsql.take_over("Sales", tsql.restore_database("Sales", ["/b/1.bak"], replace=True))
    first, guard, second = text.split("\n")
    assert first == "ALTER DATABASE [Sales] SET OFFLINE WITH ROLLBACK IMMEDIATE;"
    assert guard == "IF @@ERROR = 0"
    assert second.startswith("RESTORE DATABASE [Sales] FROM ") and "REPLACE" in second


def test_every_statement_is_in_the_catalogue() -> None:
    not_statements = {"statement", "examples", "quote_name", "quote_text", "quote_time"}
    public = {
        name
        for name, _function in inspect.getmembers(tsql, inspect.isfunction)
        if not name.startswith("_") and name not in not_statements
    }
    assert public == {name for name, _text in tsql.examples()}
