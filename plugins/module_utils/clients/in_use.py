# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Statements that need a database for themselves: others are thrown out first, and may be back before us."""

from __future__ import annotations

import time

from ..recovery.errors import StatementFailed
from .mssql import IN_USE, Listener, Server

_ATTEMPTS = 8
_PAUSE = 0.1


def insist(server: Server, text: str, database: str, listener: Listener | None = None) -> None:
    """Executes ``text``, and again while somebody else is faster; each pause is longer than the one before."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            server.execute(text, about=database, on_message=listener)
            return
        except StatementFailed as error:
            if error.number not in IN_USE or attempt == _ATTEMPTS:
                raise
            time.sleep(_PAUSE * attempt)
