# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The grammar of logins, users, roles and permissions."""

from __future__ import annotations

from typing import Any

from simulator.engine.events import SqlError
from simulator.engine.messages import message
from simulator.engine.tsql import administration as admin
from simulator.engine.tsql import tree
from simulator.engine.tsql.data import DataStatements

_LOGIN_VALUES = (
    "SID",
    "DEFAULT_DATABASE",
    "DEFAULT_LANGUAGE",
    "CHECK_EXPIRATION",
    "CHECK_POLICY",
    "CREDENTIAL",
    "NAME",
)
_USER_VALUES = ("LOGIN", "DEFAULT_SCHEMA", "NAME", "DEFAULT_LANGUAGE", "ALLOW_ENCRYPTED_VALUE_MODIFICATIONS")
_SCOPES = {"OBJECT": "OBJECT", "SCHEMA": "SCHEMA", "DATABASE": "DATABASE"}


class Security(DataStatements):
    def login(self, line: int, action: str) -> admin.Principal:
        name = self.name()
        options: dict[str, Any] = {}
        if action == "CREATE" and self.accept("FROM"):
            if not self.accept("WINDOWS"):
                raise SqlError(message(40510, f"CREATE LOGIN ... FROM {self.token.text}", line=line))
            options["WINDOWS"] = True
        if action == "ALTER" and self.at("ENABLE", "DISABLE"):
            options["DISABLE"] = self.next().key == "DISABLE"
        elif self.accept("WITH"):
            self.listed(lambda: self._login_option(options))
        elif "WINDOWS" not in options:
            raise self.refusal()
        return admin.Principal(line, action, "LOGIN", name, options)

    def _login_option(self, options: dict[str, Any]) -> None:
        if self.accept("PASSWORD"):
            self.expect("=")
            options["PASSWORD"] = self.value()
            options["HASHED"] = self.accept("HASHED")
            while self.at("MUST_CHANGE", "UNLOCK"):
                options[self.next().key] = True
            if self.accept("OLD_PASSWORD"):
                self.expect("=")
                options["OLD_PASSWORD"] = self.value()
            return
        key = self.choice(*_LOGIN_VALUES, "OLD_PASSWORD")
        self.expect("=")
        options[key] = self._option_value()

    def _option_value(self) -> Any:
        if self.at("ON", "OFF"):
            return self.next().key == "ON"
        return self.name() if self.at_name() else self.value()

    def user(self, line: int, action: str) -> admin.Principal:
        name = self.name()
        options: dict[str, Any] = {}
        if self.at("FOR", "FROM"):
            self.next()
            self.expect("LOGIN")
            options["LOGIN"] = self.name()
        elif self.accept("WITHOUT", "LOGIN"):
            options["WITHOUT"] = True
        if self.accept("WITH"):
            self.listed(lambda: self._user_option(options))
        return admin.Principal(line, action, "USER", name, options)

    def _user_option(self, options: dict[str, Any]) -> None:
        if self.at("PASSWORD"):
            raise SqlError(message(33233, line=self.token.line))
        key = self.choice(*_USER_VALUES)
        self.expect("=")
        options[key] = self._option_value()

    def role(self, line: int, action: str, kind: str) -> admin.Principal:
        name = self.name()
        options: dict[str, Any] = {}
        if action == "CREATE":
            options["OWNER"] = self.name() if self.accept("AUTHORIZATION") else ""
        elif self.at("ADD", "DROP"):
            verb = self.next().key
            self.expect("MEMBER")
            options[verb] = self.name()
        else:
            self.expect("WITH", "NAME", "=")
            options["NAME"] = self.name()
        return admin.Principal(line, action, kind, name, options)

    def permission(self) -> admin.Permission:
        line = self.token.line
        action = self.choice("GRANT", "DENY", "REVOKE")
        if action == "REVOKE":
            self.accept("GRANT", "OPTION", "FOR")
        permissions = tuple(self.listed(self._permission_name))
        scope, securable = self._securable() if self.accept("ON") else ("", ())
        self.choice("TO", "FROM")
        grantees = tuple(self.listed(self.name))
        if self.accept("WITH"):
            self.expect("GRANT", "OPTION")
        self.accept("CASCADE")
        return admin.Permission(line, action, permissions, scope, securable, grantees)

    def _permission_name(self) -> str:
        words = []
        while not self.at("ON", "TO", "FROM", ",") and self.token.kind == "word":
            words.append(self.next().key)
        if not words:
            raise self.refusal()
        if self.at("("):
            raise SqlError(message(40510, "GRANT on columns", line=self.token.line))
        return " ".join(words)

    def _securable(self) -> tuple[str, tree.Name]:
        if self.at(*_SCOPES) and self.ahead().key == "::":
            scope = _SCOPES[self.next().key]
            self.expect("::")
            return scope, self.dotted_name()
        if self.ahead().key == "::":
            raise SqlError(message(40510, f"GRANT ON {self.token.text}", line=self.token.line))
        return "OBJECT", self.dotted_name()

    def alter_authorization(self, line: int) -> admin.AlterAuthorization:
        self.expect("ON")
        kind = self.choice("DATABASE", "SCHEMA", "OBJECT")
        self.expect("::")
        securable = self.dotted_name()
        self.expect("TO")
        return admin.AlterAuthorization(line, kind, securable, self.name())
