# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The grammar of queries: WITH, SELECT, set operations, sources."""

from __future__ import annotations

from simulator.engine.events import SqlError
from simulator.engine.messages import message
from simulator.engine.tsql import tree
from simulator.engine.tsql.expressions import Expressions

_JOINS = ("JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "OUTER")
# Table hints change locking only, which this engine does not imitate; the documented names are accepted, others
# refused.
_HINTS = frozenset(
    """
    NOLOCK READUNCOMMITTED READCOMMITTED READCOMMITTEDLOCK REPEATABLEREAD SERIALIZABLE HOLDLOCK UPDLOCK XLOCK
    TABLOCK TABLOCKX ROWLOCK PAGLOCK NOWAIT READPAST SNAPSHOT FORCESEEK FORCESCAN KEEPIDENTITY
    """.split()  # noqa: SIM905
)


class Queries(Expressions):
    def query(self) -> tree.Query:
        tables = self.common_tables()
        body = self._set_operation()
        order_by, offset, fetch = self._order_by()
        self._query_hints()
        return tree.Query(body, order_by, offset, fetch, tables)

    def common_tables(self) -> tuple[tree.CommonTable, ...]:
        if not (self.at("WITH") and self.ahead().key != "("):
            return ()
        self.expect("WITH")
        return tuple(self.listed(self._common_table))

    def _common_table(self) -> tree.CommonTable:
        name = self.name()
        columns = self.parenthesised(self.name) if self.at("(") else ()
        self.expect("AS", "(")
        query = self.query()
        self.expect(")")
        return tree.CommonTable(name, tuple(columns), query)

    def _set_operation(self) -> tree.Body:
        left = self._intersection()
        while self.at("UNION", "EXCEPT"):
            operator = self.next().key
            if operator == "UNION" and self.accept("ALL"):
                operator = "UNION ALL"
            left = tree.SetOperation(operator, left, self._intersection())
        return left

    def _intersection(self) -> tree.Body:
        left = self._body()
        while self.accept("INTERSECT"):
            left = tree.SetOperation("INTERSECT", left, self._body())
        return left

    def _body(self) -> tree.Body:
        if self.at("("):
            self.expect("(")
            query = self.query()
            self.expect(")")
            return query
        return self._select()

    def _select(self) -> tree.Select:
        line = self.token.line
        self.expect("SELECT")
        distinct = self.accept("DISTINCT")
        if not distinct:
            self.accept("ALL")
        top = self.top()
        items = self.listed(self._item)
        into = self.dotted_name() if self.accept("INTO") else ()
        sources = self.sources() if self.accept("FROM") else ()
        where = self.condition() if self.accept("WHERE") else None
        group_by = self.listed(self.expression) if self.accept("GROUP", "BY") else ()
        having = self.condition() if self.accept("HAVING") else None
        return tree.Select(tuple(items), sources, where, tuple(group_by), having, distinct, top, into, line)

    def top(self) -> tree.Top | None:
        if not self.accept("TOP"):
            return None
        if self.accept("("):
            count = self.expression()
            self.expect(")")
        else:
            count = self.value()
        percent = self.accept("PERCENT")
        return tree.Top(count, percent, self.accept("WITH", "TIES"))

    def _item(self) -> tree.SelectItem:
        if self.accept("*"):
            return tree.SelectItem(tree.Star())
        if self.token.kind == "variable" and self.ahead().key in {"=", "+=", "-=", "*=", "/="}:
            target, operator = self.next().value, self.next().key
            return tree.SelectItem(self.expression(), target=target, operator=operator)
        if (self.at_name() or self.token.kind == "string") and self.ahead().key == "=":
            alias = self.next().value
            self.expect("=")
            return tree.SelectItem(self.expression(), alias)
        star = self._qualified_star()
        if star is not None:
            return tree.SelectItem(star)
        expression = self.expression()
        return tree.SelectItem(expression, self._alias(strings=True))

    def _qualified_star(self) -> tree.Star | None:
        start, parts = self.position, []
        while self.at_name() and self.ahead().key == ".":
            parts.append(self.name())
            self.expect(".")
        if parts and self.accept("*"):
            return tree.Star(tuple(parts))
        self.position = start
        return None

    def _alias(self, strings: bool = False) -> str:
        if self.accept("AS"):
            return self.next().value if strings and self.token.kind in {"string", "nstring"} else self.name()
        if strings and self.token.kind in {"string", "nstring"}:
            return self.next().value
        return self.name() if self.at_name() and not self._starts_statement() else ""

    def _starts_statement(self) -> bool:
        """Words that are not reserved, yet begin a statement or clause where an alias might stand."""
        return self.at("THROW", "OUTPUT", "GO") or (self.at("WITHIN") and self.ahead().key == "GROUP")

    def sources(self) -> tuple[tree.Source, ...]:
        return tuple(self.listed(self._joined))

    def _joined(self) -> tree.Source:
        left = self._source()
        while self.at(*_JOINS):
            left = self._join(left)
        return left

    def _join(self, left: tree.Source) -> tree.Source:
        if self.accept("CROSS", "APPLY"):
            return tree.Join("CROSS APPLY", left, self._source())
        if self.accept("OUTER", "APPLY"):
            return tree.Join("OUTER APPLY", left, self._source())
        if self.accept("CROSS", "JOIN"):
            return tree.Join("CROSS", left, self._source())
        kind = self.next().key if self.at("INNER", "LEFT", "RIGHT", "FULL") else "INNER"
        if kind in {"LEFT", "RIGHT", "FULL"}:
            self.accept("OUTER")
        if self.at("LOOP", "HASH", "MERGE"):
            self.next()
        self.expect("JOIN")
        right = self._source()
        while self.at(*_JOINS) and not self.at("ON"):
            right = self._join(right)
        self.expect("ON")
        return tree.Join(kind, left, right, self.condition())

    def _source(self) -> tree.Source:
        if self.at("("):
            return self._parenthesised_source()
        line = self.token.line
        if self.token.kind == "variable":
            name: tree.Name = (self.variable(),)
        else:
            name = self.dotted_name()
        if self.at("(") and not (self.at_words("(") and self.ahead().key in _HINTS and self.ahead(2).key in {")", ","}):
            arguments = self._arguments()
            alias = self._alias()
            columns = self.parenthesised(self.name) if self.at("(") else ()
            return tree.FunctionTable(name, arguments, alias, tuple(columns), line)
        hints = self._table_hints()
        alias = self._alias()
        return tree.TableRef(name, alias, line, hints or self._table_hints())

    def _arguments(self) -> tuple[tree.Expression, ...]:
        if self.accept("(", ")"):
            return ()
        return tuple(self.parenthesised(self._source_argument))

    def _source_argument(self) -> tree.Expression:
        return tree.Null() if self.accept("DEFAULT") else self.expression()

    def _parenthesised_source(self) -> tree.Source:
        self.expect("(")
        if self.at("VALUES"):
            rows = self.values()
            self.expect(")")
            return tree.Rows(rows, self._alias(), tuple(self.parenthesised(self.name)))
        if self.at("SELECT", "WITH") or self._is_query():
            query = self.query()
            self.expect(")")
            alias = self._alias()
            if not alias:
                raise self.refusal()
            columns = self.parenthesised(self.name) if self.at("(") else ()
            return tree.Derived(query, alias, tuple(columns))
        source = self._joined()
        self.expect(")")
        return source

    def _is_query(self) -> bool:
        distance = 0
        while self.ahead(distance).key == "(":
            distance += 1
        return self.ahead(distance).key == "SELECT"

    def values(self) -> tuple[tuple[tree.Expression, ...], ...]:
        self.expect("VALUES")
        return tuple(self.listed(lambda: tuple(self.parenthesised(self.inserted_value))))

    def inserted_value(self) -> tree.Expression:
        return tree.Call(("DEFAULT",), ()) if self.accept("DEFAULT") else self.expression()

    def _table_hints(self) -> tuple[str, ...]:
        if not (self.at_words("WITH", "(") or (self.at("(") and self.ahead().key in _HINTS)):
            return ()
        self.accept("WITH")
        return tuple(self.parenthesised(self._hint))

    def _hint(self) -> str:
        token = self.next()
        if token.key == "INDEX":
            self.parenthesised(self.next) if self.at("(") else self.expect("=")
            return "INDEX"
        if token.key not in _HINTS:
            raise SqlError(message(321, token.text, line=token.line))
        return token.key

    def _order_by(self) -> tuple[tuple[tree.Ordering, ...], tree.Expression | None, tree.Expression | None]:
        if not self.accept("ORDER", "BY"):
            return (), None, None
        order_by, offset, fetch = tuple(self.listed(self.ordering)), None, None
        if self.accept("OFFSET"):
            offset = self.expression()
            self.choice("ROW", "ROWS")
            if self.accept("FETCH"):
                self.choice("FIRST", "NEXT")
                fetch = self.expression()
                self.choice("ROW", "ROWS")
                self.expect("ONLY")
        return order_by, offset, fetch

    def _query_hints(self) -> None:
        """OPTION (RECOMPILE, MAXDOP 1, MAXRECURSION 100): hints for an optimiser that is not here."""
        if self.accept("FOR"):  # FOR XML, FOR JSON, FOR BROWSE
            raise SqlError(message(40514, f"FOR {self.token.text}", line=self.token.line))
        if self.accept("OPTION"):
            self.expect("(")
            while not self.accept(")"):
                if self.at_end:
                    raise self.refusal()
                self.next()
