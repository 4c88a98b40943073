# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The grammar of EXECUTE and SET."""

from __future__ import annotations

from typing import Any

from simulator.engine.events import SqlError
from simulator.engine.messages import message
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree
from simulator.engine.tsql.data import DataStatements

_OPERATORS = ("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=")
_SWITCHES = frozenset(
    """
    NOCOUNT XACT_ABORT ANSI_NULLS ANSI_PADDING ANSI_WARNINGS ANSI_NULL_DFLT_ON ANSI_NULL_DFLT_OFF ANSI_DEFAULTS
    ARITHABORT ARITHIGNORE CONCAT_NULL_YIELDS_NULL QUOTED_IDENTIFIER NUMERIC_ROUNDABORT IMPLICIT_TRANSACTIONS
    CURSOR_CLOSE_ON_COMMIT FMTONLY NOEXEC PARSEONLY NO_BROWSETABLE FORCEPLAN REMOTE_PROC_TRANSACTIONS
    """.split()  # noqa: SIM905
)
_VALUES = frozenset(
    ["LANGUAGE", "DATEFORMAT", "DATEFIRST", "LOCK_TIMEOUT", "TEXTSIZE", "ROWCOUNT", "DEADLOCK_PRIORITY", "CONTEXT_INFO"]
)
_LEVELS = (("READ", "UNCOMMITTED"), ("READ", "COMMITTED"), ("REPEATABLE", "READ"), ("SNAPSHOT",), ("SERIALIZABLE",))


class Procedures(DataStatements):
    def execute(self) -> ast.Execute:
        line = self.token.line
        self.choice("EXEC", "EXECUTE")
        if self.at("("):
            text = self._concatenation()
            if self.accept("AS"):
                raise SqlError(message(40510, "EXECUTE AS", line=line))
            return ast.Execute(line, (), text=text)
        if self.at("AS"):
            raise SqlError(message(40510, "EXECUTE AS", line=line))
        result = ""
        if self.token.kind == "variable" and self.ahead().key == "=":
            result = self.variable()
            self.expect("=")
        if self.token.kind == "variable":
            variable = self.variable()
            return ast.Execute(line, (), self._arguments_of_call(), result, variable=variable)
        return self.call(line, result)

    def _concatenation(self) -> tuple[tree.Expression, ...]:
        self.expect("(")
        parts = [self.value()]
        while self.accept("+"):
            parts.append(self.value())
        self.expect(")")
        return tuple(parts)

    def call(self, line: int, result: str = "") -> ast.Execute:
        procedure = self.dotted_name()
        return ast.Execute(line, procedure, self._arguments_of_call(), result)

    def _arguments_of_call(self) -> tuple[ast.Argument, ...]:
        if not self._at_argument():
            return ()
        return tuple(self.listed(self._argument_of_call))

    def _at_argument(self) -> bool:
        token = self.token
        if token.kind in {"string", "nstring", "integer", "decimal", "float", "binary", "money", "variable", "name"}:
            return True
        return self.at("-", "NULL", "DEFAULT") or (token.kind == "word" and self.at_name() and not self.at("THROW"))

    def _argument_of_call(self) -> ast.Argument:
        name = ""
        if self.token.kind == "variable" and self.ahead().key == "=":
            name = self.variable()
            self.expect("=")
        value = self._passed_value()
        output = self.at("OUTPUT", "OUT")
        if output:
            self.next()
        return ast.Argument(name, value, output)

    def _passed_value(self) -> tree.Expression:
        if self.accept("NULL"):
            return tree.Null()
        if self.accept("DEFAULT"):
            return tree.Call(("DEFAULT",), ())
        if self.at_name():  # a bare word is a string here
            return tree.Literal(self.name(), ast.SqlType("nvarchar", 128))
        return self.value()

    def set_statement(self) -> ast.Statement:
        line = self.token.line
        self.expect("SET")
        if self.token.kind == "variable":
            name = self.variable()
            operator = self.choice(*_OPERATORS)
            return ast.SetVariable(line, name, operator, self.expression())
        if self.accept("TRANSACTION", "ISOLATION", "LEVEL"):
            return ast.SetOption(line, "ISOLATION", self._isolation_level())
        if self.accept("IDENTITY_INSERT"):
            target = self.dotted_name()
            return ast.SetOption(line, "IDENTITY_INSERT", self.choice("ON", "OFF") == "ON", target)
        if self.accept("STATISTICS"):
            kind = self.choice("IO", "TIME", "XML", "PROFILE")
            return ast.SetOption(line, f"STATISTICS {kind}", self.choice("ON", "OFF") == "ON")
        return self._option_list(line)

    def _isolation_level(self) -> str:
        for level in _LEVELS:
            if self.accept(*level):
                return " ".join(level)
        raise self.refusal()

    def _option_list(self, line: int) -> ast.SetOption:
        """SET ANSI_NULLS, QUOTED_IDENTIFIER ON sets several at once."""
        token = self.next()
        if token.key in _VALUES:
            return ast.SetOption(line, token.key, self._option_value_of_set())
        keys = [token]
        while self.accept(","):
            keys.append(self.next())
        for key in keys:
            if key.key not in _SWITCHES:
                if key.kind == "word":
                    raise SqlError(message(195, key.text, "SET option", line=line))
                raise self.refusal(key)
        return ast.SetOption(line, ",".join(key.key for key in keys), self.choice("ON", "OFF") == "ON")

    def _option_value_of_set(self) -> Any:
        if self.at_name():
            return self.name()
        return self.value()
