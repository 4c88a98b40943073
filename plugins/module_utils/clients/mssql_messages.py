# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What SQL Server says while a statement runs, read out of ODBC's texts, and what to do about it.

ODBC hands over the number inside of the text, ``... (4305) (SQLExecDirectW)``; severity and state it keeps to itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..recovery.errors import StatementFailed


@dataclass(frozen=True)
class ServerMessage:
    number: int
    text: str

    def __str__(self) -> str:
        return f"Msg {self.number}: {self.text}" if self.number else self.text

    @property
    def percent(self) -> int | None:
        """Of 3211, ``N percent processed.``"""
        found = re.match(r"\s*(\d+)", self.text) if self.number == 3211 else None
        return int(found.group(1)) if found else None


# One diagnostic record: [state] [driver][server]text (number) (function); records are divided by "; ".
_RECORD = re.compile(r"\[\w{5}\]\s*(?:\[[^\]]*\])+(.*?)\s*\((-?\d+)\)(?:\s*\(SQL\w+\))?(?=; \[\w{5}\]|\s*$)", re.DOTALL)
_LOST = {"08S01", "08003", "08007", "HYT01"}
_LOST_TEXT = re.compile(r"\((2000[2-69]|20017|20047)\)|communication link failure|connection is broken", re.IGNORECASE)

_MAY_NOT = (
    "Give the login the right: BACKUP needs the role db_backupoperator in the database, RESTORE the server role "
    "dbcreator, management views VIEW SERVER STATE, and the history db_datareader in msdb."
)
_FILE = "The server itself opens that path: check that it exists on its host and that its service account may use it."
_CHAIN = "Plan again from the backups that are there: mssql_restore_plan names the missing one."
_HINTS: dict[int, str] = {
    229: _MAY_NOT,
    262: _MAY_NOT,
    297: _MAY_NOT,
    300: _MAY_NOT,
    3110: _MAY_NOT,
    911: "Check the name with mssql_info.",
    916: _MAY_NOT,
    1844: "This edition of SQL Server cannot do that: leave the option out.",
    3023: "Another backup or file operation of this database runs: wait for its end and run again.",
    3035: "Take a full backup first.",
    3101: "Other sessions hold the database. Stop the applications (fence the server) and run again.",
    3102: "A session of ours stands in the database; this is a mistake of the collection, report it.",
    3117: "The database is not in RESTORING state any more: begin again with the full backup.",
    3136: "The differential belongs to another full backup. " + _CHAIN,
    3154: "The target name is taken by another database: drop or rename that one, or restore under another name.",
    3159: "The tail of the log is not backed up: take it with a tail-log backup, or decide to lose it (replace: true).",
    3169: "The backup is of a newer SQL Server than this one: restore on a server of that version or newer.",
    3189: "The backup is damaged: verify the file on the store, fetch it again, or plan without it.",
    3201: _FILE,
    3202: "Writing failed, often for want of space: check the disk of the path and run again.",
    3203: "Reading failed: compare the file's hash with the store's, fetch it again and run again.",
    3241: "This is no SQL Server backup, or it is damaged: compare its hash with the store's and fetch it again.",
    3257: "Free space on that volume, or move the files to another one, and run again.",
    4208: "Set the recovery model to FULL and take a full backup; in SIMPLE there are no log backups.",
    4214: "Take a full backup first: the log chain begins with it.",
    4305: _CHAIN,
    4326: _CHAIN,
    4330: "The backups belong to another recovery fork. " + _CHAIN,
    4335: "The database is already past the target time: begin again with the full backup.",
    5069: "See the message before this one.",
    9002: "The log is full: take a log backup or give it room.",
}
_OTHERWISE = "Read the server's message; its error log (sp_readerrorlog) may say more. Then run again."


def notice(raw: Iterable[tuple[str, str]]) -> list[ServerMessage]:
    """``cursor.messages`` of pyodbc: ("[01000] (3211)", "[FreeTDS][SQL Server]10 percent processed.")."""
    return [_noticed(kind, text) for kind, text in raw or ()]


def _noticed(kind: str, text: str) -> ServerMessage:
    number = re.search(r"\((-?\d+)\)", kind)
    return ServerMessage(int(number.group(1)) if number else 0, re.sub(r"^(\[[^\]]*\])+", "", text).strip())


def messages_of(error: Exception) -> list[ServerMessage]:
    return messages_in(str(error.args[-1]) if error.args else str(error))


def messages_in(text: str) -> list[ServerMessage]:
    found = [ServerMessage(int(number), words.strip()) for words, number in _RECORD.findall(text)]
    return found or [ServerMessage(0, text.strip())]


def lost(error: Exception) -> bool:
    """True when the connection is gone, so that nobody knows how far the statement came."""
    state = str(error.args[0]) if len(error.args) > 1 else ""
    return state in _LOST or bool(_LOST_TEXT.search(str(error.args[-1] if error.args else error)))


def statement_failed(about: str, errors: list[ServerMessage]) -> StatementFailed:
    """The server's messages whole; the first is the cause, those after it say what ended because of it."""
    words = "; ".join(map(str, errors))
    return StatementFailed(f"{about}: {words}", hint=hint_for(errors), number=errors[0].number)


def hint_for(errors: Iterable[Any]) -> str:
    return next((_HINTS[error.number] for error in errors if error.number in _HINTS), _OTHERWISE)
