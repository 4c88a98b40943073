# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The grammar of CREATE, ALTER and DROP for tables, indexes, views and schemas."""

from __future__ import annotations

from dataclasses import replace

from simulator.engine.events import SqlError
from simulator.engine.messages import message
from simulator.engine.tsql import schema as ddl
from simulator.engine.tsql.data import DataStatements

_ACTIONS = ("CASCADE", "SET", "NO")


class Definitions(DataStatements):
    def create_table(self, line: int) -> ddl.CreateTable:
        name = self.dotted_name()
        columns, constraints = self._elements()
        self._storage_clauses()
        return ddl.CreateTable(line, name, columns, constraints)

    def declare_table(self, line: int, name: str) -> ddl.DeclareTable:
        columns, constraints = self._elements()
        return ddl.DeclareTable(line, name, ddl.CreateTable(line, (name,), columns, constraints))

    def _elements(self) -> tuple[tuple[ddl.ColumnDefinition, ...], tuple[ddl.Constraint, ...]]:
        columns: list[ddl.ColumnDefinition] = []
        constraints: list[ddl.Constraint] = []
        self.expect("(")
        while True:
            self._element(columns, constraints)
            if not self.accept(",") or self.at(")"):
                break
        self.expect(")")
        return tuple(columns), tuple(constraints)

    def _element(self, columns: list[ddl.ColumnDefinition], constraints: list[ddl.Constraint]) -> None:
        constraint = self._constraint(())
        if constraint is not None:
            constraints.append(constraint)
        else:
            columns.append(self._column(constraints))

    def _column(self, constraints: list[ddl.Constraint]) -> ddl.ColumnDefinition:
        name = self.name()
        column = ddl.ColumnDefinition(name, self.data_type(), nullable=True)
        while True:
            constraint = self._constraint((name,))
            if constraint is not None and constraint.kind == "DEFAULT":
                column = replace(
                    column, default=constraint.condition, default_text=constraint.text, default_name=constraint.name
                )
            elif constraint is not None:
                constraints.append(constraint)
                if constraint.kind == "PRIMARY KEY":
                    column = replace(column, nullable=False)
            else:
                further = self._column_property(column)
                if further is None:
                    return column
                column = further

    def _column_property(self, column: ddl.ColumnDefinition) -> ddl.ColumnDefinition | None:
        if self.accept("NOT", "NULL"):
            return replace(column, nullable=False)
        if self.accept("NULL"):
            return replace(column, nullable=True)
        if self.accept("COLLATE"):
            return replace(column, collation=self.name())
        if self.accept("ROWGUIDCOL"):
            return column
        if self.accept("IDENTITY"):
            seed = (1, 1)
            if self.accept("("):
                first = self.integer()
                self.expect(",")
                seed = (first, self.integer())
                self.expect(")")
            return replace(column, identity=seed, nullable=False)
        return None

    def _constraint(self, of_column: tuple[str, ...]) -> ddl.Constraint | None:
        name = ""
        if self.accept("CONSTRAINT"):
            name = self.name()
        elif not self.at("PRIMARY", "UNIQUE", "FOREIGN", "REFERENCES", "CHECK", "DEFAULT"):
            return None
        if self.at("PRIMARY", "UNIQUE"):
            return self._key(name, of_column)
        if self.at("FOREIGN", "REFERENCES"):
            return self._foreign_key(name, of_column)
        start = self.token.start
        if self.accept("CHECK"):
            self.expect("(")
            condition = self.condition()
            self.expect(")")
            return ddl.Constraint("CHECK", name, of_column, condition=condition, text=self._text_since(start, 5))
        self.expect("DEFAULT")
        start = self.token.start
        value = self.expression()
        columns = of_column
        text = self._text_since(start)
        if self.accept("FOR"):
            columns = (self.name(),)
        return ddl.Constraint("DEFAULT", name, columns, condition=value, text=text)

    def _text_since(self, start: int, skip: int = 0) -> str:
        return self.batch[start + skip : self.tokens[self.position - 1].end].strip()

    def _key(self, name: str, of_column: tuple[str, ...]) -> ddl.Constraint:
        kind = "PRIMARY KEY" if self.accept("PRIMARY") else "UNIQUE"
        self.expect("KEY" if kind == "PRIMARY KEY" else "UNIQUE")
        clustered = kind == "PRIMARY KEY"
        if self.at("CLUSTERED", "NONCLUSTERED"):
            clustered = self.next().key == "CLUSTERED"
        columns, descending = self.key_columns() if self.at("(") else (of_column, (False,) * len(of_column))
        self._storage_clauses()
        return ddl.Constraint(kind, name, columns, descending, clustered=clustered)

    def key_columns(self) -> tuple[tuple[str, ...], tuple[bool, ...]]:
        pairs = self.parenthesised(self._key_column)
        return tuple(name for name, _ in pairs), tuple(down for _, down in pairs)

    def _key_column(self) -> tuple[str, bool]:
        name = self.name()
        descending = self.accept("DESC")
        if not descending:
            self.accept("ASC")
        return name, descending

    def _foreign_key(self, name: str, of_column: tuple[str, ...]) -> ddl.Constraint:
        columns = of_column
        if self.accept("FOREIGN"):
            self.expect("KEY")
            columns = tuple(self.parenthesised(self.name)) if self.at("(") else of_column
        self.expect("REFERENCES")
        table = self.dotted_name()
        referenced = tuple(self.parenthesised(self.name)) if self.at("(") else ()
        actions = {"DELETE": "", "UPDATE": ""}
        while self.at("ON") and self.ahead().key in actions:
            self.next()
            event = self.next().key
            actions[event] = self._referential_action()
        return ddl.Constraint(
            "FOREIGN KEY", name, columns, references=table, referenced=referenced,
            on_delete=actions["DELETE"], on_update=actions["UPDATE"],
        )  # fmt: skip

    def _referential_action(self) -> str:
        first = self.choice(*_ACTIONS)
        return first if first == "CASCADE" else f"{first} {self.choice('NULL', 'DEFAULT', 'ACTION')}"

    def _storage_clauses(self) -> None:
        """WITH (FILLFACTOR = 80, ...), ON [PRIMARY], TEXTIMAGE_ON: how pages are laid out,
        which is SQLite's business."""
        while True:
            if self.at_words("WITH", "("):
                self.expect("WITH", "(")
                while not self.accept(")"):
                    if self.at_end:
                        raise self.refusal()
                    self.next()
            elif self.at("TEXTIMAGE_ON") or (self.at("ON") and self.ahead().key not in {"DELETE", "UPDATE"}):
                self.next()
                self.name()
            else:
                return

    def alter_table(self, line: int) -> ddl.AlterTable:
        name = self.dotted_name()
        if self.accept("WITH"):
            self.choice("CHECK", "NOCHECK")
        if self.accept("ADD"):
            columns: list[ddl.ColumnDefinition] = []
            constraints: list[ddl.Constraint] = []
            self._element(columns, constraints)
            while self.accept(","):
                self._element(columns, constraints)
            return ddl.AlterTable(line, name, "ADD", tuple(columns), tuple(constraints))
        if self.accept("ALTER", "COLUMN"):
            return ddl.AlterTable(line, name, "ALTER COLUMN", (self._column([]),))
        self.expect("DROP")
        kind = self.next().key if self.at("COLUMN", "CONSTRAINT") else "CONSTRAINT"
        if_exists = self.accept("IF", "EXISTS")
        return ddl.AlterTable(line, name, f"DROP {kind}", names=tuple(self.listed(self.name)), if_exists=if_exists)

    def create_index(self, line: int, unique: bool, clustered: bool) -> ddl.CreateIndex:
        name = self.name()
        self.expect("ON")
        table = self.dotted_name()
        columns, descending = self.key_columns()
        included = tuple(self.parenthesised(self.name)) if self.accept("INCLUDE") else ()
        where = self.condition() if self.accept("WHERE") else None
        self._storage_clauses()
        return ddl.CreateIndex(line, name, table, columns, descending, unique, clustered, included, where)

    def create_view(self, line: int, alter: bool) -> ddl.CreateView:
        name = self.dotted_name()
        columns = tuple(self.parenthesised(self.name)) if self.at("(") else ()
        if self.accept("WITH"):
            self.listed(lambda: self.choice("SCHEMABINDING", "ENCRYPTION", "VIEW_METADATA"))
        self.expect("AS")
        start = self.token.start
        query = self.query()
        return ddl.CreateView(line, name, columns, query, self._text_since(start), alter)

    def create_schema(self, line: int) -> ddl.CreateSchema:
        if self.accept("AUTHORIZATION"):
            owner = self.name()
            return ddl.CreateSchema(line, owner, owner)
        name = self.name()
        return ddl.CreateSchema(line, name, self.name() if self.accept("AUTHORIZATION") else "")

    def drop_index(self, line: int) -> ddl.Drop:
        if_exists = self.accept("IF", "EXISTS")
        name = self.dotted_name()
        if self.accept("ON"):
            return ddl.Drop(line, "INDEX", ((name[-1],),), if_exists, self.dotted_name())
        if len(name) == 1:
            raise SqlError(message(159, line=line))
        return ddl.Drop(line, "INDEX", ((name[-1],),), if_exists, name[:-1])
