# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Holds: what must stay on the store whatever the policy says, with the reason and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any

from .errors import InvalidInput

_HINT = (
    "Write each hold as {database: Sales, from: 2026-11-01, to: 2026-11-08, reason: audit, until: 2027-01-31} or "
    "{path: /SQL1/Sales/FULL/x.bak, reason: ..., until: ...}; a path that ends in / is a folder. Nothing was deleted."
)
_KEYS = {"database", "path", "from", "to", "reason", "until"}


@dataclass(frozen=True)
class Hold:
    """Either ``path`` or ``database``; the latter with a time span in which any instant stays restorable, or whole."""

    reason: str
    until: datetime
    path: str | None = None
    database: str | None = None
    start: datetime | None = None
    end: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return now > self.until

    def holds_path(self, path: str) -> bool:
        if self.path is None:
            return False
        return path.startswith(self.path) if self.path.endswith("/") else path == self.path

    def describe(self) -> str:
        return f"held until {self.until.date().isoformat()}: {self.reason}"


def holds(rows: Iterable[Any], zone: tzinfo) -> tuple[Hold, ...]:
    """The holds of a file; one that is not understood is an error, for it may protect what would be deleted."""
    if not isinstance(rows, list):
        raise InvalidInput("holds: this is no list.", hint=_HINT)
    return tuple(_hold(number, row, zone) for number, row in enumerate(rows, 1))


def _hold(number: int, row: Any, zone: tzinfo) -> Hold:
    if not isinstance(row, dict) or not row.get("reason") or not row.get("until"):
        raise InvalidInput(f"hold {number}: it has no reason or no until: {row!r}.", hint=_HINT)
    unknown = sorted(str(key) for key in row if key not in _KEYS)
    if unknown or bool(row.get("path")) == bool(row.get("database")):
        what = f"it has {', '.join(unknown)}" if unknown else "it needs either a path or a database"
        raise InvalidInput(f"hold {number}: {what}.", hint=_HINT)
    start, end = (_when(number, row.get(key), zone, key == "to") for key in ("from", "to"))
    if (start is None) != (end is None) or (start and end and start > end) or (start and row.get("path")):
        raise InvalidInput(f"hold {number}: from and to of a database go together, from first.", hint=_HINT)
    until = _when(number, row["until"], zone, True)
    if until is None:
        raise InvalidInput(f"hold {number}: it has no until.", hint=_HINT)
    return Hold(str(row["reason"]), until, row.get("path"), row.get("database"), start, end)


def _when(number: int, value: Any, zone: tzinfo, at_end: bool) -> datetime | None:
    """A date is a whole day; a time without an offset is the site's."""
    if value in (None, ""):
        return None
    try:
        found = value if isinstance(value, (date, datetime)) else _parsed(str(value).strip())
    except ValueError as error:
        raise InvalidInput(f"hold {number}: {value!r} is no date.", hint=_HINT) from error
    if not isinstance(found, datetime):
        found = datetime.combine(found, time.max if at_end else time.min)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _parsed(text: str) -> date | datetime:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text.replace("Z", "+00:00"))
