# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The grammar of master keys, certificates, and the ENCRYPTION option of BACKUP."""

from __future__ import annotations

from typing import Any

from simulator.engine.events import SqlError
from simulator.engine.messages import message
from simulator.engine.tsql import administration as admin
from simulator.engine.tsql.data import DataStatements

_ALGORITHMS = ("AES_128", "AES_192", "AES_256", "TRIPLE_DES_3KEY")


class Encryption(DataStatements):
    def encryption_object(self, line: int, action: str) -> admin.EncryptionObject | None:
        """MASTER KEY or CERTIFICATE behind CREATE, DROP or BACKUP; None when it is something else."""
        if self.accept("MASTER", "KEY"):
            return self._master_key(line, action)
        if self.accept("CERTIFICATE"):
            return self._certificate(line, action)
        return None

    def _master_key(self, line: int, action: str) -> admin.EncryptionObject:
        options: dict[str, Any] = {}
        if action == "BACKUP":
            raise SqlError(message(40510, "BACKUP MASTER KEY", line=line))
        if action == "CREATE" and self.accept("ENCRYPTION"):
            options["PASSWORD"] = self._password()
        return admin.EncryptionObject(line, action, "MASTER KEY", "", options)

    def _certificate(self, line: int, action: str) -> admin.EncryptionObject:
        name = self.name()
        options: dict[str, Any] = {}
        if action == "BACKUP":
            self.expect("TO", "FILE", "=")
            options["FILE"] = self.string()
            if self.accept("WITH", "PRIVATE", "KEY"):
                options["PRIVATE"] = self._private_key()
        elif action == "CREATE" and self.accept("FROM"):
            self._from(line, options)
        elif action == "CREATE":
            self._new(options)
        return admin.EncryptionObject(line, action, "CERTIFICATE", name, options)

    def _from(self, line: int, options: dict[str, Any]) -> None:
        if not self.accept("FILE"):
            raise SqlError(message(40510, f"CREATE CERTIFICATE ... FROM {self.token.text}", line=line))
        self.expect("=")
        options["FILE"] = self.string()
        if self.accept("WITH", "PRIVATE", "KEY"):
            options["PRIVATE"] = self._private_key()

    def _new(self, options: dict[str, Any]) -> None:
        if self.at("ENCRYPTION"):
            raise SqlError(message(40510, "CREATE CERTIFICATE ... ENCRYPTION BY PASSWORD", line=self.token.line))
        self.expect("WITH")
        for key in self.listed(lambda: self._value_of("SUBJECT", "START_DATE", "EXPIRY_DATE")):
            options.update(key)
        if "SUBJECT" not in options:
            raise self.refusal()

    def _value_of(self, *keys: str) -> dict[str, str]:
        key = self.choice(*keys)
        self.expect("=")
        return {key: self.string()}

    def _private_key(self) -> dict[str, str]:
        found: dict[str, str] = {}
        self.expect("(")
        for one in self.listed(self._private_part):
            found.update(one)
        self.expect(")")
        return found

    def _private_part(self) -> dict[str, str]:
        if self.at("ENCRYPTION", "DECRYPTION"):
            return {self.next().key: self._password()}
        return self._value_of("FILE")

    def _password(self) -> str:
        self.expect("BY", "PASSWORD", "=")
        return self.string()

    def backup_encryption(self) -> admin.BackupEncryption:
        """( ALGORITHM = AES_256, SERVER CERTIFICATE = x )"""
        self.expect("(", "ALGORITHM", "=")
        algorithm = self.choice(*_ALGORITHMS)
        self.expect(",", "SERVER")
        kind = self.choice("CERTIFICATE", "ASYMMETRIC")
        if kind == "ASYMMETRIC":
            self.expect("KEY")
        self.expect("=")
        name = self.name()
        self.expect(")")
        return admin.BackupEncryption(algorithm, kind, name)
