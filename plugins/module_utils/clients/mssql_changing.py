# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carrying out changes of a server one by one: one that fails stops those of its own item, and no other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..recovery.errors import RecoveryError
from ..recovery.in_step import Change, Remark, difference, shown
from .mssql import Server


class Work:
    """What was changed, what a person has to see to, and what failed."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.changes: list[Change] = []
        self.remarks: list[Remark] = []
        self.failures: list[RecoveryError] = []
        self._failed: set[str] = set()

    def carry_out(self, changes: Iterable[Change], *, database: str = "") -> None:
        for change in changes:
            if change.item in self._failed:
                continue
            try:
                if database:
                    self.server.execute_in(database, change.statement, about=change.item)
                else:
                    self.server.execute(change.statement, about=change.item)
                self.changes.append(change)
            except RecoveryError as error:
                self._failed.add(change.item)
                self.failures.append(error)
                self.remarks.append(Remark(change.part, change.item, shown(error.msg), error.hint))

    def told(self, *serious: str) -> dict[str, Any]:
        """As a module returns it: a failure is one, whatever else was done. Remarks on the parts that are ``serious``
        are warnings too."""
        result: dict[str, Any] = {
            "changed": bool(self.changes),
            "changes": [change.to_dict() for change in self.changes],
            "remarks": [remark.to_dict() for remark in self.remarks],
            "warnings": [f"{one.item}: {one.msg} HINT: {one.hint}" for one in self.remarks if one.part in serious],
            "statements": [shown(text) for text in self.server.statements],
            "diff": difference(self.changes),
        }
        if self.failures:
            first = self.failures[0]
            msg = f"{self.server.where}: {len(self.failures)} could not be done. {shown(str(first))}"
            result.update(failed=True, msg=msg, hint=first.hint, error=type(first).__name__)
        return result
