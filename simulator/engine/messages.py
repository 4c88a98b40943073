# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQL Server's own messages. Numbers, severities and texts: Microsoft's documentation of database engine errors
(sql-docs, errors-events, SQL Server 2019). State numbers are not documented; 1 is used unless a caller knows better.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from simulator.engine.events import Message, SqlError

_MESSAGES: dict[str, tuple[int, str]] = json.loads(Path(__file__).with_name("messages.json").read_text("utf-8"))
_PLACEHOLDER = re.compile(r"%(?:S_[A-Z]+|[-+#0]*(?:\d+|\.\*)?(?:I64|l|h)?[a-zA-Z])")


def message(number: int, *values: object, state: int = 1, severity: int | None = None, line: int = 1) -> Message:
    """SQL Server's message ``number`` with its placeholders filled from left to right."""
    documented, template = _MESSAGES[str(number)]
    filling = iter(values)
    text = _PLACEHOLDER.sub(lambda match: str(next(filling, match.group())), template)
    return Message(number, documented if severity is None else severity, state, text, line=line)


def error(number: int, *values: object, state: int = 1, severity: int | None = None) -> SqlError:
    """The same as an exception to raise."""
    return SqlError(message(number, *values, state=state, severity=severity))
