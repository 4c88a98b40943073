# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a restore is to end: the latest instant, a time, an LSN, a marked transaction, or before a log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from typing import Any

from .errors import InvalidInput


@dataclass(frozen=True)
class Target:
    """``kind`` is latest, time, lsn, mark or before_log; only the fields of that kind are set.

    ``before``: stop before the LSN or mark instead of after it. ``mark_lsn`` or ``time`` say where the mark lies
    (msdb.dbo.logmarkhistory of the server that made it); a backup's header does not name the marks in it.
    ``or_earlier``: take the nearest instant before ``time`` where ``time`` itself cannot be reached.
    """

    kind: str = "latest"
    time: datetime | None = None
    lsn: int | None = None
    mark: str | None = None
    mark_lsn: int | None = None
    before: bool = False
    log: str | None = None
    or_earlier: bool = False

    def describe(self, zone: tzinfo | None) -> dict[str, Any]:
        """What the plan echoes: times in the site's zone and in UTC."""
        values: dict[str, Any] = {"kind": self.kind}
        if self.time is not None:
            values["time"] = self.time.astimezone(zone or timezone.utc).isoformat()
            values["time_utc"] = self.time.astimezone(timezone.utc).isoformat()
        for key in ("lsn", "mark", "mark_lsn", "before", "log", "or_earlier"):
            value = getattr(self, key)
            if value not in (None, False):
                values[key] = value
        return values


LATEST = Target()


def at_time(text: str | datetime, zone: tzinfo | None, *, or_earlier: bool = False) -> Target:
    """A target time; one without an offset is the site's."""
    try:
        when = datetime.fromisoformat(text.strip().replace("Z", "+00:00")) if isinstance(text, str) else text
    except ValueError:
        raise InvalidInput(
            f"the target time {text!r} is not a date and time.",
            hint="Write it as 2026-11-24T13:45:00, with +07:00 or Z behind it where it is not the site's own time.",
        ) from None
    if when.tzinfo is None:
        if zone is None:
            raise InvalidInput(
                f"the target time {text} has no zone and the site's time zone is not set.",
                hint="Write the offset behind it (2026-11-24T13:45:00+07:00) or set time_zone.",
            )
        when = when.replace(tzinfo=zone)
    return Target(kind="time", time=when, or_earlier=or_earlier)
