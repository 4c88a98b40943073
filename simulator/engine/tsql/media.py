# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The grammar of BACKUP and RESTORE, written from Microsoft's documentation, with its conflicts of options.

Unknown option: 155. Option of another statement: 3032. Two that exclude each other: 3031.
"""

from __future__ import annotations

from typing import Any

from simulator.engine.events import SqlError
from simulator.engine.messages import message
from simulator.engine.query.types import INT
from simulator.engine.tsql import administration as admin
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree
from simulator.engine.tsql.encryption import Encryption

# How each option is written: flag, value (= constant or variable), number, stats, and the odd ones by name.
_BACKUP_FORM = {
    "DIFFERENTIAL": "flag", "COPY_ONLY": "flag", "COMPRESSION": "compression", "NO_COMPRESSION": "flag",
    "DESCRIPTION": "value", "NAME": "value", "CREDENTIAL": "value", "ENCRYPTION": "encryption", "FILE_SNAPSHOT": "flag",
    "EXPIREDATE": "value", "RETAINDAYS": "value", "NOINIT": "flag", "INIT": "flag", "NOSKIP": "flag", "SKIP": "flag",
    "NOFORMAT": "flag", "FORMAT": "flag", "MEDIADESCRIPTION": "value", "MEDIANAME": "value", "BLOCKSIZE": "value",
    "BUFFERCOUNT": "value", "MAXTRANSFERSIZE": "value", "NO_CHECKSUM": "flag", "CHECKSUM": "flag",
    "STOP_ON_ERROR": "flag", "CONTINUE_AFTER_ERROR": "flag", "RESTART": "flag", "STATS": "stats", "REWIND": "flag",
    "NOREWIND": "flag", "UNLOAD": "flag", "NOUNLOAD": "flag", "NORECOVERY": "flag", "STANDBY": "value",
    "NO_TRUNCATE": "flag",
}  # fmt: skip
_RESTORE_FORM = {
    "MOVE": "move", "REPLACE": "flag", "RESTART": "flag", "RESTRICTED_USER": "flag", "RECOVERY": "flag",
    "NORECOVERY": "flag", "STANDBY": "value", "FILE": "value", "PASSWORD": "value", "MEDIANAME": "value",
    "MEDIAPASSWORD": "value", "BLOCKSIZE": "value", "BUFFERCOUNT": "value", "MAXTRANSFERSIZE": "value",
    "CHECKSUM": "flag", "NO_CHECKSUM": "flag", "STOP_ON_ERROR": "flag", "CONTINUE_AFTER_ERROR": "flag",
    "STATS": "stats",
    "REWIND": "flag", "NOREWIND": "flag", "UNLOAD": "flag", "NOUNLOAD": "flag", "KEEP_REPLICATION": "flag",
    "KEEP_CDC": "flag", "ENABLE_BROKER": "flag", "ERROR_BROKER_CONVERSATIONS": "flag", "NEW_BROKER": "flag",
    "STOPAT": "value", "STOPATMARK": "mark", "STOPBEFOREMARK": "mark", "PARTIAL": "flag", "CREDENTIAL": "value",
    "LOADHISTORY": "flag", "METADATA_ONLY": "flag",
}  # fmt: skip
_COMMON = (
    "PASSWORD MEDIANAME MEDIAPASSWORD BLOCKSIZE BUFFERCOUNT MAXTRANSFERSIZE CREDENTIAL STATS REWIND"
    " NOREWIND UNLOAD NOUNLOAD"
)
_ERRORS = "CHECKSUM NO_CHECKSUM STOP_ON_ERROR CONTINUE_AFTER_ERROR"
_SEQUENCE = (
    f"{_COMMON} {_ERRORS} FILE RECOVERY NORECOVERY STANDBY MOVE RESTART RESTRICTED_USER STOPAT"
    f" STOPATMARK STOPBEFOREMARK"
)
_BROKER = "KEEP_REPLICATION KEEP_CDC ENABLE_BROKER ERROR_BROKER_CONVERSATIONS NEW_BROKER"
_ALLOWED = {
    "BACKUP DATABASE": frozenset(_BACKUP_FORM) - {"NORECOVERY", "STANDBY", "NO_TRUNCATE"},
    "BACKUP LOG": frozenset(_BACKUP_FORM) - {"DIFFERENTIAL"},
    "RESTORE DATABASE": frozenset(f"{_SEQUENCE} {_BROKER} REPLACE PARTIAL".split()),
    "RESTORE LOG": frozenset(f"{_SEQUENCE} {_BROKER} REPLACE".split()),
    "RESTORE HEADERONLY": frozenset(f"{_COMMON} {_ERRORS} FILE METADATA_ONLY".split()),
    "RESTORE FILELISTONLY": frozenset(f"{_COMMON} {_ERRORS} FILE METADATA_ONLY".split()),
    "RESTORE LABELONLY": frozenset(f"{_COMMON} {_ERRORS} METADATA_ONLY".split()),
    "RESTORE VERIFYONLY": frozenset(f"{_COMMON} {_ERRORS} FILE MOVE LOADHISTORY METADATA_ONLY".split()),
}
# Pairs that the documentation declares mutually exclusive.
_CONFLICTS = (
    ("NOINIT", "INIT"), ("NOSKIP", "SKIP"), ("NOFORMAT", "FORMAT"), ("NO_CHECKSUM", "CHECKSUM"),
    ("STOP_ON_ERROR", "CONTINUE_AFTER_ERROR"), ("COMPRESSION", "NO_COMPRESSION"), ("REWIND", "NOREWIND"),
    ("UNLOAD", "NOUNLOAD"), ("EXPIREDATE", "RETAINDAYS"), ("FORMAT", "NOINIT"), ("FORMAT", "NOSKIP"),
    ("DIFFERENTIAL", "COPY_ONLY"), ("NORECOVERY", "RECOVERY"), ("STANDBY", "RECOVERY"), ("NORECOVERY", "STANDBY"),
    ("STOPAT", "STOPATMARK"), ("STOPAT", "STOPBEFOREMARK"), ("STOPATMARK", "STOPBEFOREMARK"),
    ("ENABLE_BROKER", "NEW_BROKER"), ("ENABLE_BROKER", "ERROR_BROKER_CONVERSATIONS"),
    ("NEW_BROKER", "ERROR_BROKER_CONVERSATIONS"), ("KEEP_REPLICATION", "NORECOVERY"), ("COPY_ONLY", "NORECOVERY"),
    ("COPY_ONLY", "STANDBY"), ("RESTRICTED_USER", "NORECOVERY"),
)  # fmt: skip
_DEVICES = ("DISK", "TAPE", "URL")
_INFORMATION = ("HEADERONLY", "FILELISTONLY", "LABELONLY", "VERIFYONLY", "REWINDONLY")


class Media(Encryption):
    def backup(self) -> admin.Backup:
        line = self.token.line
        self.expect("BACKUP")
        kind = self.choice("DATABASE", "LOG", "TRAN", "TRANSACTION")
        kind = "DATABASE" if kind == "DATABASE" else "LOG"
        database = self._name_or_variable()
        if self.at("FILE", "FILEGROUP", "READ_WRITE_FILEGROUPS"):
            raise SqlError(message(40510, f"BACKUP ... {self.token.key}", line=line))
        devices = tuple(self.listed(self._device)) if self.accept("TO") else ()
        if self.at("MIRROR"):
            raise SqlError(message(3218, line=line))
        options = self._options("BACKUP", kind, _BACKUP_FORM, line)
        return admin.Backup(line, kind, database, devices, options)

    def restore(self) -> admin.Restore:
        line = self.token.line
        self.expect("RESTORE")
        kind = self.choice("DATABASE", "LOG", "TRAN", "TRANSACTION", *_INFORMATION)
        kind = "LOG" if kind in {"TRAN", "TRANSACTION"} else kind
        database = self._name_or_variable() if kind in {"DATABASE", "LOG"} else None
        if self.at("FILE", "FILEGROUP", "PAGE", "READ_WRITE_FILEGROUPS"):
            raise SqlError(message(40510, f"RESTORE ... {self.token.key}", line=line))
        devices: tuple[admin.DeviceSpec, ...] = ()
        if kind in _INFORMATION or self.at("FROM"):
            self.expect("FROM")
            if self.at("DATABASE_SNAPSHOT"):
                raise SqlError(message(40510, "RESTORE ... FROM DATABASE_SNAPSHOT", line=line))
            devices = tuple(self.listed(self._device))
        options = self._options("RESTORE", kind, _RESTORE_FORM, line)
        return admin.Restore(line, kind, database, devices, options)

    def _name_or_variable(self) -> tree.Expression:
        if self.token.kind == "variable":
            return tree.Variable(self.variable())
        name = self.name()
        return tree.Literal(name, ast.SqlType("sysname", 128))

    def _device(self) -> admin.DeviceSpec:
        if self.at(*_DEVICES) and self.ahead().key == "=":
            kind = self.next().key
            self.expect("=")
            return admin.DeviceSpec(kind, self._text())
        return admin.DeviceSpec("LOGICAL", self._name_or_variable())

    def _text(self) -> tree.Expression:
        if self.token.kind == "variable":
            return tree.Variable(self.variable())
        if self.token.kind not in {"string", "nstring"}:
            raise self.refusal()
        return self.value()

    def _options(self, verb: str, kind: str, forms: dict[str, str], line: int) -> dict[str, Any]:
        options: dict[str, Any] = {}
        if self.accept("WITH"):
            self.listed(lambda: self._option(verb, forms, options))
        statement = f"{verb} {kind}"
        foreign = [option for option in options if option not in _ALLOWED[statement] | {"AFTER"}]
        if foreign:
            raise SqlError(message(3032, ", ".join(foreign), line=line), message(3013, statement, line=line))
        refuse_conflicts(options, statement, line)
        return options

    def _option(self, verb: str, forms: dict[str, str], options: dict[str, Any]) -> None:
        token = self.token
        if token.key not in forms:
            if token.kind == "word":
                raise SqlError(message(155, token.text, verb, line=token.line))
            raise self.refusal()
        self.next()
        form = forms[token.key]
        if form == "move":
            options.setdefault("MOVE", []).append(self._move())
        elif form == "flag":
            options[token.key] = True
        elif form == "stats":
            options["STATS"] = self._after_equals() if self.at("=") else tree.Literal(10, INT)
        elif form == "compression":
            options["COMPRESSION"] = self._bracketed()
        elif form == "encryption":
            options["ENCRYPTION"] = self.backup_encryption()
        else:
            options[token.key] = self._after_equals()
            if form == "mark" and self.accept("AFTER"):
                options["AFTER"] = self._text()

    def _after_equals(self) -> tree.Expression:
        self.expect("=")
        return self.value()

    def _move(self) -> tuple[tree.Expression, tree.Expression]:
        logical = self._text()
        self.expect("TO")
        return logical, self._text()

    def _bracketed(self) -> str:
        """( ALGORITHM = MS_XPRESS ) of SQL Server 2022: kept as text."""
        if not self.accept("("):
            return ""
        words = []
        while not self.accept(")"):
            if self.at_end:
                raise self.refusal()
            words.append(self.next().text)
        return " ".join(words)


def refuse_conflicts(options: dict[str, Any], statement: str, line: int) -> None:
    for first, second in _CONFLICTS:
        if first in options and second in options:
            # A tail of the log may be copied without touching anything, but not also take the database away.
            raise SqlError(message(3031, first, second, line=line), message(3013, statement, line=line))
