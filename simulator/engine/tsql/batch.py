# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The grammar of batches: flow of control, and which rule reads which statement."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from simulator.engine.events import SqlError
from simulator.engine.messages import message
from simulator.engine.query import types
from simulator.engine.tsql import schema as ddl
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree
from simulator.engine.tsql.databases import Databases
from simulator.engine.tsql.definitions import Definitions
from simulator.engine.tsql.media import Media
from simulator.engine.tsql.procedures import Procedures
from simulator.engine.tsql.security import Security

_ALONE = ("PROCEDURE", "PROC", "FUNCTION", "TRIGGER")
# Statements of the language that this engine has not learnt.
_UNKNOWN = frozenset(
    """
    OPEN FETCH CLOSE DEALLOCATE GOTO BULK SHUTDOWN REVERT SETUSER READTEXT WRITETEXT UPDATETEXT
    """.split()  # noqa: SIM905
)


class Batch(Procedures, Definitions, Media, Databases, Security):
    def statements(self) -> tuple[ast.Statement, ...]:
        found: list[ast.Statement] = []
        while not self.at_end:
            if self.accept(";"):
                continue
            found.append(self.statement(first=not found))
        return tuple(found)

    def statement(self, first: bool = False) -> ast.Statement:
        token = self.token
        rule = self._rules().get(token.key)
        if rule is not None:
            found = rule()
        elif first and self.at_name():  # the first statement of a batch may call a procedure without EXEC
            found = self.call(token.line)
        elif token.key in _UNKNOWN:
            raise SqlError(message(40510, token.key, line=token.line))
        else:
            raise self.refusal()
        self.accept(";")
        return found

    def _rules(self) -> dict[str, Callable[[], ast.Statement]]:
        data = dict.fromkeys(("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "("), self.data_statement)
        permission = dict.fromkeys(("GRANT", "DENY", "REVOKE"), self.permission)
        transaction = dict.fromkeys(("COMMIT", "ROLLBACK", "SAVE"), self._transaction)
        return {
            **data, **permission, **transaction,
            "EXEC": self.execute, "EXECUTE": self.execute, "DECLARE": self._declare, "SET": self.set_statement,
            "IF": self._if, "WHILE": self._while, "BEGIN": self._begin, "BREAK": self._break,
            "CONTINUE": self._continue,
            "RETURN": self._return, "PRINT": self._print, "RAISERROR": self._raiserror, "THROW": self._throw,
            "USE": self._use, "BACKUP": self._backup, "RESTORE": self.restore, "DBCC": self.dbcc, "KILL": self.kill,
            "WAITFOR": self.waitfor, "TRUNCATE": self.truncate, "CREATE": self._create, "ALTER": self._alter,
            "DROP": self._drop, "CHECKPOINT": self._checkpoint, "RECONFIGURE": self._reconfigure,
        }  # fmt: skip

    def _word(self) -> int:
        return self.next().line

    def _checkpoint(self) -> ast.Statement:
        return ast.Checkpoint(self._word())

    def _break(self) -> ast.Statement:
        return ast.Break(self._word())

    def _continue(self) -> ast.Statement:
        return ast.Continue(self._word())

    def _reconfigure(self) -> ast.Statement:
        line = self._word()
        if self.accept("WITH"):
            self.expect("OVERRIDE")
        return ast.Reconfigure(line)

    def _return(self) -> ast.Statement:
        line = self._word()
        starts_value = self.token.kind in types.LITERALS | {"variable"} or self.at("-", "(")
        return ast.Return(line, self.expression() if starts_value else None)

    def _print(self) -> ast.Statement:
        return ast.Print(self._word(), self.expression())

    def _use(self) -> ast.Statement:
        return ast.Use(self._word(), self.name())

    def _throw(self) -> ast.Statement:
        line = self._word()
        starts_value = self.token.kind in types.LITERALS | {"variable"}
        return ast.Throw(line, tuple(self.listed(self.value)) if starts_value else ())

    def _raiserror(self) -> ast.Statement:
        line = self._word()
        self.expect("(")
        values = self.listed(self.value)
        self.expect(")")
        if len(values) < 3:
            raise self.refusal()
        options = self.listed(lambda: self.choice("NOWAIT", "LOG", "SETERROR")) if self.accept("WITH") else ()
        return ast.Raiserror(line, values[0], values[1], values[2], tuple(values[3:]), tuple(options))

    def _if(self) -> ast.Statement:
        line = self._word()
        condition, then = self.condition(), self.statement()
        return ast.If(line, condition, then, self.statement() if self.accept("ELSE") else None)

    def _while(self) -> ast.Statement:
        return ast.While(self._word(), self.condition(), self.statement())

    def _begin(self) -> ast.Statement:
        if self.ahead().key in {"TRAN", "TRANSACTION"}:
            return self._transaction()
        line = self._word()
        if self.at("DISTRIBUTED"):
            raise SqlError(message(40510, "BEGIN DISTRIBUTED TRANSACTION", line=line))
        if not self.accept("TRY"):
            return self._block(line)
        attempt = self._block(line, "TRY")
        self.expect("BEGIN", "CATCH")
        return ast.TryCatch(line, attempt, self._block(self.token.line, "CATCH"))

    def _block(self, line: int, closing: str = "") -> ast.Block:
        found = []
        while not self.at("END"):
            if not self.accept(";"):
                found.append(self.statement())
        self.expect("END")
        if closing:
            self.expect(closing)
        elif not found:
            raise self.refusal()
        return ast.Block(line, tuple(found))

    def _transaction(self) -> ast.Statement:
        line, action = self.token.line, self.next().key
        explicit = self.at("TRAN", "TRANSACTION", "WORK")
        if explicit:
            self.next()
        name: tree.Expression | None = None
        if explicit and self.token.kind == "variable":
            name = tree.Variable(self.variable())
        elif explicit and self.at_name() and not self._begins_call():
            name = tree.Literal(self.name(), types.SYSNAME)
        marked = action == "BEGIN" and self.accept("WITH", "MARK")
        mark = self.string() if marked and self.token.kind in {"string", "nstring"} else ""
        return ast.Transaction(line, action, name, mark, marked)

    def _begins_call(self) -> bool:
        return self.at("THROW")

    def _declare(self) -> ast.Statement:
        line = self._word()
        if self.ahead().key == "TABLE" or (self.ahead().key == "AS" and self.ahead(2).key == "TABLE"):
            name = self.variable()
            self.accept("AS")
            self.expect("TABLE")
            return self.declare_table(line, name)
        if self.token.kind != "variable":
            raise SqlError(message(40510, "DECLARE CURSOR", line=line)) if self.at_name() else self.refusal()
        return ast.Declare(line, tuple(self.listed(self._declaration)))

    def _declaration(self) -> ast.Declaration:
        name = self.variable()
        self.accept("AS")
        declared = self.data_type()
        return ast.Declaration(name, declared, self.expression() if self.accept("=") else None)

    def _create(self) -> ast.Statement:
        line, start = self.token.line, self.position
        self.next()
        if self.accept("OR", "ALTER"):
            pass
        unique = self.accept("UNIQUE")
        if self.at("CLUSTERED", "NONCLUSTERED", "INDEX"):
            clustered = self.accept("CLUSTERED")
            self.accept("NONCLUSTERED")
            self.expect("INDEX")
            return self.create_index(line, unique, clustered)
        if self.at(*_ALONE):
            raise SqlError(message(40510, f"CREATE {self.token.key}", line=line))
        if self.accept("VIEW"):
            if start != 0:
                raise SqlError(message(111, "CREATE VIEW", line=line))
            return self.create_view(line, alter=self.tokens[1].key == "OR")
        if self.accept("TABLE"):
            return self.create_table(line)
        if self.accept("DATABASE"):
            return self.create_database(line)
        if self.accept("SCHEMA"):
            return self.create_schema(line)
        return self.encryption_object(line, "CREATE") or self._principal(line, "CREATE")

    def _principal(self, line: int, action: str) -> ast.Statement:
        if self.accept("LOGIN"):
            return self.login(line, action)
        if self.accept("USER"):
            return self.user(line, action)
        if self.accept("ROLE"):
            return self.role(line, action, "ROLE")
        if self.accept("SERVER", "ROLE"):
            return self.role(line, action, "SERVER ROLE")
        raise self._unsupported(action)

    def _backup(self) -> ast.Statement:
        line = self.token.line
        if self.ahead().key in {"CERTIFICATE", "MASTER"}:
            self.next()
            return self.encryption_object(line, "BACKUP") or self.backup()
        return self.backup()

    def _unsupported(self, action: str) -> SqlError:
        """A statement of the language that this engine has not learnt, as opposed to one that is no T-SQL."""
        if self.token.kind != "word":
            return self.refusal()
        return SqlError(message(40510, f"{action} {self.token.key}", line=self.token.line))

    def _alter(self) -> ast.Statement:
        line = self._word()
        if self.accept("TABLE"):
            return self.alter_table(line)
        if self.accept("DATABASE"):
            return self.alter_database(line)
        if self.accept("AUTHORIZATION"):
            return self.alter_authorization(line)
        if self.accept("VIEW"):
            return self.create_view(line, alter=True)
        return self._principal(line, "ALTER")

    def _drop(self) -> ast.Statement:
        line = self._word()
        if self.accept("INDEX"):
            return self.drop_index(line)
        key = self.encryption_object(line, "DROP")
        if key is not None:
            return key
        if self.accept("SERVER", "ROLE"):
            kind = "SERVER ROLE"
        elif self.at("TABLE", "VIEW", "SCHEMA", "DATABASE", "LOGIN", "USER", "ROLE"):
            kind = self.next().key
        else:
            raise self._unsupported("DROP")
        if_exists = self.accept("IF", "EXISTS")
        return ddl.Drop(line, kind, tuple(self.listed(self.dotted_name)), if_exists)


@lru_cache(maxsize=256)  # applications say the same again and again, and a syntax tree never changes
def parse(batch: str) -> tuple[ast.Statement, ...]:
    """The statements of a batch, or SqlError with SQL Server's number for what is wrong in it."""
    return Batch(batch).statements()
