# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The grammar of CREATE, ALTER and DROP DATABASE, DBCC, KILL and WAITFOR."""

from __future__ import annotations

from typing import Any

from simulator.engine.events import SqlError
from simulator.engine.messages import message
from simulator.engine.tsql import administration as admin
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree
from simulator.engine.tsql.data import DataStatements

_UNITS = {"KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}
_ACCESS = ("SINGLE_USER", "RESTRICTED_USER", "MULTI_USER")
_STATES = ("ONLINE", "OFFLINE", "EMERGENCY")
_UPDATABILITY = ("READ_ONLY", "READ_WRITE")
# Options of ALTER DATABASE SET that take ON or OFF.
_SWITCHES = frozenset(
    """
    AUTO_CLOSE AUTO_CREATE_STATISTICS AUTO_SHRINK AUTO_UPDATE_STATISTICS AUTO_UPDATE_STATISTICS_ASYNC
    ALLOW_SNAPSHOT_ISOLATION READ_COMMITTED_SNAPSHOT ANSI_NULL_DEFAULT ANSI_NULLS ANSI_PADDING ANSI_WARNINGS
    ARITHABORT CONCAT_NULL_YIELDS_NULL NUMERIC_ROUNDABORT QUOTED_IDENTIFIER RECURSIVE_TRIGGERS
    CURSOR_CLOSE_ON_COMMIT TRUSTWORTHY DB_CHAINING TORN_PAGE_DETECTION
    """.split()  # noqa: SIM905
)
_DBCC = frozenset({"CHECKDB", "CHECKTABLE", "CHECKALLOC", "CHECKCATALOG", "OPENTRAN", "TRACEON", "TRACEOFF", "SQLPERF"})


class Databases(DataStatements):
    def create_database(self, line: int) -> admin.CreateDatabase:
        name = self.name()
        data: tuple[admin.FileSpec, ...] = ()
        log: tuple[admin.FileSpec, ...] = ()
        if self.accept("CONTAINMENT"):
            self.expect("=", "NONE")
        if self.at("ON"):
            self.expect("ON")
            self.accept("PRIMARY")
            data = tuple(self.listed(self._file))
        if self.accept("LOG", "ON"):
            log = tuple(self.listed(self._file))
        collation = self.name() if self.accept("COLLATE") else ""
        if self.at("FOR", "AS", "WITH"):
            raise SqlError(message(40510, f"CREATE DATABASE ... {self.token.key}", line=line))
        return admin.CreateDatabase(line, name, data, log, collation)

    def _file(self) -> admin.FileSpec:
        values: dict[str, Any] = {}
        self.expect("(")
        while True:
            key = self.choice("NAME", "FILENAME", "SIZE", "MAXSIZE", "FILEGROWTH")
            self.expect("=")
            values[key] = self._file_value(key)
            if not self.accept(","):
                break
        self.expect(")")
        return admin.FileSpec(values.get("NAME", ""), values.get("FILENAME", ""), values.get("SIZE", 0))

    def _file_value(self, key: str) -> Any:
        if key == "NAME":
            return self.name() if self.at_name() else self.string()
        if key == "FILENAME":
            return self.string()
        if self.accept("UNLIMITED"):
            return -1
        amount = self.integer()
        if self.accept("%"):
            return amount
        return amount * _UNITS[self.next().key] if self.at(*_UNITS) else amount * _UNITS["MB"]

    def alter_database(self, line: int) -> admin.AlterDatabase:
        name = "" if self.accept("CURRENT") else self.name()
        if self.accept("MODIFY", "NAME"):
            self.expect("=")
            return admin.AlterDatabase(line, name, new_name=self.name())
        if self.accept("COLLATE"):
            return admin.AlterDatabase(line, name, (("COLLATE", self.name()),))
        if self.accept("ADD", "FILE"):
            return admin.AlterDatabase(line, name, new_files=tuple(self.listed(self._file)))
        if not self.at("SET"):
            if self.at("ADD", "REMOVE", "MODIFY"):
                raise SqlError(message(40510, f"ALTER DATABASE ... {self.token.key}", line=line))
            raise self.refusal()
        self.expect("SET")
        settings = tuple(self.listed(self._setting))
        return admin.AlterDatabase(line, name, settings, self._termination())

    def _setting(self) -> tuple[str, Any]:
        if self.at(*_ACCESS):
            return "USER_ACCESS", self.next().key
        if self.at(*_STATES):
            return "STATE", self.next().key
        if self.at(*_UPDATABILITY):
            return "READ_ONLY", self.next().key == "READ_ONLY"
        return self._storage_setting()

    def _storage_setting(self) -> tuple[str, Any]:
        if self.accept("RECOVERY"):
            return "RECOVERY", self.choice("FULL", "SIMPLE", "BULK_LOGGED")
        if self.accept("PAGE_VERIFY"):
            return "PAGE_VERIFY", self.choice("CHECKSUM", "TORN_PAGE_DETECTION", "NONE")
        if self.accept("COMPATIBILITY_LEVEL"):
            self.expect("=")
            return "COMPATIBILITY_LEVEL", self.integer()
        return self._other_setting()

    def _other_setting(self) -> tuple[str, Any]:
        token = self.token
        if token.key in _SWITCHES:
            self.next()
            return token.key, self.choice("ON", "OFF") == "ON"
        if self.at("ENABLE_BROKER", "DISABLE_BROKER"):
            return "BROKER", self.next().key == "ENABLE_BROKER"
        if self.accept("TARGET_RECOVERY_TIME"):
            self.expect("=")
            amount = self.integer()
            return "TARGET_RECOVERY_TIME", amount * (60 if self.choice("SECONDS", "MINUTES") == "MINUTES" else 1)
        raise self.refusal()

    def _termination(self) -> str:
        if not self.accept("WITH"):
            return ""
        if self.accept("NO_WAIT"):
            return "NO_WAIT"
        self.expect("ROLLBACK")
        if self.accept("IMMEDIATE"):
            return "IMMEDIATE"
        self.expect("AFTER")
        seconds = self.integer()
        self.accept("SECONDS")
        return str(seconds)

    def dbcc(self) -> ast.Dbcc:
        line = self.token.line
        self.expect("DBCC")
        token = self.next()
        if token.key not in _DBCC:
            raise SqlError(message(2526, line=token.line))
        arguments: tuple[Any, ...] = ()
        if self.accept("(", ")"):
            pass
        elif self.at("("):
            arguments = self.parenthesised(self._dbcc_argument)
        options = tuple(self.listed(self._dbcc_option)) if self.accept("WITH") else ()
        return ast.Dbcc(line, token.key, arguments, options)

    def _dbcc_argument(self) -> Any:
        if self.token.kind in {"integer", "variable"} or self.at("-"):
            return self.value()
        return self.string() if self.token.kind in {"string", "nstring"} else self.name()

    def _dbcc_option(self) -> str:
        token = self.next()
        if self.accept("="):
            self.integer()
        if token.kind != "word":
            raise self.refusal(token)
        return token.key

    def kill(self) -> ast.Kill:
        line = self.token.line
        self.expect("KILL")
        return ast.Kill(line, self.integer())

    def waitfor(self) -> ast.Waitfor:
        line = self.token.line
        self.expect("WAITFOR")
        kind = self.choice("DELAY", "TIME")
        value: tree.Expression = self.value()
        return ast.Waitfor(line, kind, value)
