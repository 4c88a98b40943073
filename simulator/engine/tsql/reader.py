# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cursor over tokens, with the questions that every grammar rule asks."""

from __future__ import annotations

from simulator.engine.events import SqlError, SqlType
from simulator.engine.messages import message
from simulator.engine.query import types
from simulator.engine.tsql import tree
from simulator.engine.tsql.keywords import RESERVED
from simulator.engine.tsql.lexer import Token, tokens


class Reader:
    def __init__(self, batch: str) -> None:
        self.batch = batch
        self.tokens = tokens(batch)
        self.position = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def ahead(self, distance: int = 1) -> Token:
        return self.tokens[min(self.position + distance, len(self.tokens) - 1)]

    @property
    def at_end(self) -> bool:
        return self.token.kind == "end"

    def next(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.position += 1
        return token

    def at(self, *keys: str) -> bool:
        return self.token.key in keys and bool(self.token.key)

    def at_words(self, *keys: str) -> bool:
        return all(self.ahead(index).key == key for index, key in enumerate(keys))

    def accept(self, *keys: str) -> bool:
        """Takes the words if they all follow."""
        if not self.at_words(*keys):
            return False
        self.position += len(keys)
        return True

    def expect(self, *keys: str) -> None:
        for key in keys:
            if self.token.key != key:
                raise self.refusal()
            self.position += 1

    def choice(self, *keys: str) -> str:
        if not self.at(*keys):
            raise self.refusal()
        return self.next().key

    def refusal(self, token: Token | None = None) -> SqlError:
        """102, or 156 at a keyword, near the token; at the end SQL Server names the last token of the batch."""
        token = token or self.token
        if token.kind == "end" and len(self.tokens) > 1:
            token = self.tokens[-2]
        number = 156 if token.key in RESERVED else 102
        return SqlError(message(number, token.value or token.text, line=token.line))

    def name(self) -> str:
        token = self.token
        if token.kind == "name" or (token.kind == "word" and token.key not in RESERVED):
            self.position += 1
            return token.value
        raise self.refusal()

    def at_name(self) -> bool:
        return self.token.kind == "name" or (self.token.kind == "word" and self.token.key not in RESERVED)

    def dotted_name(self) -> tree.Name:
        parts = [self.name()]
        while self.accept("."):
            parts.append("" if self.at(".") else self.name())
        if len(parts) > 4:
            raise SqlError(message(117, "object", ".".join(parts), 3, line=self.token.line))
        return tuple(parts)

    def variable(self) -> str:
        if self.token.kind != "variable":
            raise self.refusal()
        return self.next().value

    def string(self) -> str:
        if self.token.kind not in {"string", "nstring"}:
            raise self.refusal()
        return self.next().value

    def integer(self) -> int:
        negative = self.accept("-")
        if self.token.kind != "integer":
            raise self.refusal()
        value = int(self.next().value)
        return -value if negative else value

    def value(self) -> tree.Expression:
        """A constant or a variable, where the grammar allows no expression."""
        token = self.token
        if token.kind == "variable":
            return tree.Variable(self.next().value)
        negative = self.accept("-")
        literal = self.literal()
        if literal is None or (negative and isinstance(literal.value, (str, bytes))):
            raise self.refusal()
        return tree.Literal(-literal.value, literal.type) if negative else literal

    def literal(self) -> tree.Literal | None:
        if self.token.kind not in types.LITERALS:
            return None
        token = self.next()
        return types.literal(token.kind, token.value)

    def data_type(self) -> SqlType:
        token = self.token
        name = self.name()
        if self.accept("."):  # sys.nvarchar
            name = self.name()
        parameters: list[int] = []
        if self.accept("("):
            parameters.append(-1 if self.accept("MAX") else self.integer())
            if self.accept(","):
                parameters.append(self.integer())
            self.expect(")")
        return types.declared(name, parameters, token.line)

    def listed(self, rule):  # type: ignore[no-untyped-def]
        """rule, rule, ... as a tuple."""
        found = [rule()]
        while self.accept(","):
            found.append(rule())
        return tuple(found)

    def parenthesised(self, rule):  # type: ignore[no-untyped-def]
        self.expect("(")
        found = self.listed(rule)
        self.expect(")")
        return found
