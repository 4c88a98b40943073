# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The grammar of expressions and search conditions."""

from __future__ import annotations

from simulator.engine.events import SqlError
from simulator.engine.messages import message
from simulator.engine.query import types
from simulator.engine.tsql import tree
from simulator.engine.tsql.reader import Reader

_COMPARISONS = ("=", "<>", "!=", "<", ">", "<=", ">=", "!<", "!>")
_CANONICAL = {"!=": "<>", "!<": ">=", "!>": "<="}
# Functions written without parentheses, and reserved words that are function names.
_BARE = ("CURRENT_TIMESTAMP", "CURRENT_USER", "SESSION_USER", "SYSTEM_USER", "USER")
_RESERVED_CALLS = frozenset({"LEFT", "RIGHT", "COALESCE", "NULLIF", "USER"})


class Expressions(Reader):
    def query(self) -> tree.Query:
        raise NotImplementedError

    def condition(self) -> tree.Expression:
        """A search condition; a bare value is 4145."""
        found = self._either()
        if not isinstance(found, tree.PREDICATES):
            token = self.token if not self.at_end else self.tokens[-2]
            raise SqlError(message(4145, token.value or token.text, line=token.line))
        return found

    def expression(self) -> tree.Expression:
        """A value; a comparison is not one in T-SQL."""
        return self._value(self._sum())

    def _value(self, found: tree.Expression) -> tree.Expression:
        if isinstance(found, tree.PREDICATES):
            raise self.refusal()
        return found

    def _either(self) -> tree.Expression:
        left = self._both()
        while self.accept("OR"):
            left = tree.Logical("OR", left, self._predicate(self._both()))
        return left

    def _both(self) -> tree.Expression:
        left = self._negation()
        while self.at("AND"):
            self.next()
            left = tree.Logical("AND", left, self._predicate(self._negation()))
        return left

    def _predicate(self, found: tree.Expression) -> tree.Expression:
        if not isinstance(found, tree.PREDICATES):
            token = self.token if not self.at_end else self.tokens[-2]
            raise SqlError(message(4145, token.value or token.text, line=token.line))
        return found

    def _negation(self) -> tree.Expression:
        if self.accept("NOT"):
            return tree.Not(self._predicate(self._negation()))
        if self.at_words("EXISTS", "("):
            self.expect("EXISTS", "(")
            query = self.query()
            self.expect(")")
            return tree.Exists(query)
        left = self._sum()
        return left if isinstance(left, tree.PREDICATES) else self._comparison(left)

    def _comparison(self, left: tree.Expression) -> tree.Expression:
        if self.at(*_COMPARISONS):
            return self._compared(left)
        if self.accept("IS"):
            negated = self.accept("NOT")
            self.expect("NULL")
            return tree.IsNull(left, negated)
        return self._tested(left)

    def _compared(self, left: tree.Expression) -> tree.Expression:
        operator = self.next().key
        operator = _CANONICAL.get(operator, operator)
        if self.at("ALL", "ANY", "SOME") and self.ahead().key == "(":
            quantifier = {"SOME": "ANY"}.get(self.token.key, self.token.key)
            self.next()
            return tree.Quantified(operator, left, quantifier, self._subquery())
        return tree.Comparison(operator, left, self.expression())

    def _tested(self, left: tree.Expression) -> tree.Expression:
        negated = self.at("NOT") and self.ahead().key in {"IN", "LIKE", "BETWEEN"} and self.accept("NOT")
        if self.accept("BETWEEN"):
            low = self.expression()
            self.expect("AND")
            return tree.Between(left, low, self.expression(), negated)
        if self.accept("LIKE"):
            pattern = self.expression()
            return tree.Like(left, pattern, self.expression() if self.accept("ESCAPE") else None, negated)
        if self.accept("IN"):
            return self._membership(left, negated)
        return left

    def _membership(self, left: tree.Expression, negated: bool) -> tree.Expression:
        if self.token.key == "(" and self.ahead().key in {"SELECT", "WITH"}:
            return tree.InQuery(left, self._subquery(), negated)
        return tree.InList(left, self.parenthesised(self.expression), negated)

    def _subquery(self) -> tree.Query:
        self.expect("(")
        query = self.query()
        self.expect(")")
        return query

    def _sum(self) -> tree.Expression:
        left = self._product()
        while self.at("+", "-", "&", "|", "^"):
            operator = self.next().key
            left = tree.Binary(operator, self._value(left), self._value(self._product()))
        return left

    def _product(self) -> tree.Expression:
        left = self._unary()
        while self.at("*", "/", "%"):
            operator = self.next().key
            left = tree.Binary(operator, self._value(left), self._value(self._unary()))
        return left

    def _unary(self) -> tree.Expression:
        if self.at("-", "+", "~"):
            operator = self.next().key
            return tree.Unary(operator, self._value(self._unary()))
        return self._postfix(self._primary())

    def _postfix(self, found: tree.Expression) -> tree.Expression:
        while True:
            if self.accept("COLLATE"):
                found = tree.Collate(found, self.next().value)
            elif self.accept("AT", "TIME", "ZONE"):
                found = tree.AtTimeZone(found, self._unary())
            else:
                return found

    def _primary(self) -> tree.Expression:
        literal = self.literal()
        if literal is not None:
            return literal
        if self.token.kind == "variable":
            return tree.Variable(self.next().value)
        if self.accept("NULL"):
            return tree.Null()
        if self.at("("):
            return self._parentheses()
        return self._case() if self.at("CASE") else self._named()

    def _named(self) -> tree.Expression:
        """A column or a function."""
        token = self.token
        if self.at(*_BARE) and self.ahead().key != "(":
            return tree.Call((self.next().key,), (), line=token.line)
        if token.key in {"CAST", "TRY_CAST", "CONVERT", "TRY_CONVERT"} and self.ahead().key == "(":
            return self._conversion()
        if token.key in _RESERVED_CALLS and self.ahead().key == "(":
            self.next()
            return self._call((token.key,), token.line)
        name = self.dotted_name()
        return self._call(name, token.line) if self.at("(") else tree.ColumnRef(name, token.line)

    def _parentheses(self) -> tree.Expression:
        if self.ahead().key in {"SELECT", "WITH"}:
            return tree.ScalarQuery(self._subquery())
        self.expect("(")
        found = self._either()
        self.expect(")")
        return found

    def _case(self) -> tree.Expression:
        self.expect("CASE")
        operand = None if self.at("WHEN") else self.expression()
        branches = []
        while self.accept("WHEN"):
            test = self.condition() if operand is None else self.expression()
            self.expect("THEN")
            branches.append((test, self.expression()))
        if not branches:
            raise self.refusal()
        otherwise = self.expression() if self.accept("ELSE") else None
        self.expect("END")
        return tree.Case(operand, tuple(branches), otherwise)

    def _conversion(self) -> tree.Expression:
        key = self.next().key
        forgiving = key.startswith("TRY_")
        self.expect("(")
        style: tree.Expression | None = None
        if key.endswith("CAST"):
            operand = self.expression()
            self.expect("AS")
            sql_type = self._cast_type()
        else:
            sql_type = self._cast_type()
            self.expect(",")
            operand = self.expression()
            style = self.expression() if self.accept(",") else None
        self.expect(")")
        return tree.Cast(operand, sql_type, forgiving, style)

    def _cast_type(self):  # type: ignore[no-untyped-def]
        """Without a length CAST and CONVERT mean 30 characters, a declaration means 1."""
        found = self.data_type()
        bare = self.tokens[self.position - 1].key != ")"
        sized = found.name in {"char", "varchar", "nchar", "nvarchar", "binary", "varbinary"}
        return types.SqlType(found.name, 30) if bare and sized else found

    def _call(self, name: tree.Name, line: int) -> tree.Expression:
        self.expect("(")
        distinct, arguments = False, []
        if not self.at(")"):
            distinct = self.accept("DISTINCT") or (self.accept("ALL") and False)
            conditional = name[-1].upper() == "IIF"
            arguments.append(self.condition() if conditional else self._argument())
            while self.accept(","):
                arguments.append(self._argument())
        self.expect(")")
        within = self._within_group()
        over = self._over() if self.at("OVER") else None
        return tree.Call(name, tuple(arguments), distinct, over, within, line)

    def _argument(self) -> tree.Expression:
        if self.accept("*"):
            return tree.Star()
        return self.expression()

    def _within_group(self) -> tuple[tree.Ordering, ...]:
        if not self.accept("WITHIN", "GROUP"):
            return ()
        self.expect("(", "ORDER", "BY")
        found = self.listed(self.ordering)
        self.expect(")")
        return tuple(found)

    def _over(self) -> tree.Over:
        self.expect("OVER", "(")
        partition = self.listed(self.expression) if self.accept("PARTITION", "BY") else ()
        order = self.listed(self.ordering) if self.accept("ORDER", "BY") else ()
        frame = self._frame() if self.at("ROWS", "RANGE") else ""
        self.expect(")")
        return tree.Over(tuple(partition), tuple(order), frame)

    def _frame(self) -> str:
        words = [self.next().key]
        while not self.at(")"):
            token = self.token
            if token.kind != "integer" and token.key not in {
                "BETWEEN", "AND", "UNBOUNDED", "PRECEDING", "FOLLOWING", "CURRENT", "ROW",
            }:  # fmt: skip
                raise self.refusal()
            words.append(self.next().text.upper())
        return " ".join(words)

    def ordering(self) -> tree.Ordering:
        expression = self.expression()
        descending = self.accept("DESC")
        if not descending:
            self.accept("ASC")
        return tree.Ordering(expression, descending)
