# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one daily check leaves to the next: whom it alarmed about what, the last 90 days, how full the store was.

An alarm that comes every day is not read. People are told when something changes, and again when it was ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from .check_line import EXIT_CODES, OK, Line, worst

DAYS = 90
VERSION = 1


@dataclass(frozen=True)
class Alert:
    """``reason`` is changed, ignored, or empty where nobody needs to be told."""

    reason: str
    news: tuple[str, ...] = ()
    healed: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {"reason": self.reason, "news": list(self.news), "healed": list(self.healed)}


@dataclass(frozen=True)
class Memory:
    """``open``: key of a line that is not good -> level, since, told. ``days``: one entry per day, the worst of it."""

    open: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    days: Sequence[Mapping[str, Any]] = ()

    def to_dict(self) -> dict[str, Any]:
        return {"version": VERSION, **asdict(self)}

    @property
    def growth(self) -> list[tuple[str, int]]:
        """When the store held how many bytes."""
        return [(str(day["at"]), int(day["used_bytes"])) for day in self.days if day.get("used_bytes") is not None]


def memory_of(values: Any) -> Memory:
    """What was kept; anything else is nothing: an alarm too many is better than none."""
    if not isinstance(values, Mapping) or values.get("version") != VERSION:
        return Memory()
    try:
        opened = {
            str(key): {name: str(row[name]) for name in ("level", "since", "told")}
            for key, row in values["open"].items()
        }
        days = [dict(day) for day in values["days"]]
        for row in (*opened.values(), *days):
            datetime.fromisoformat(str(row.get("at") or row.get("told")))
    except (AttributeError, KeyError, TypeError, ValueError):
        return Memory()
    return Memory(opened, days)


def alerted(memory: Memory, lines: Sequence[Line], now: datetime, repeat: timedelta) -> tuple[Alert, Memory]:
    """Whether to tell people, and the memory after they were told."""
    bad = {line.key: line.level for line in lines if line.level != OK}
    news = tuple(key for key, level in bad.items() if memory.open.get(key, {}).get("level") != level)
    healed = tuple(key for key in memory.open if key not in bad)
    old = [key for key in bad if key not in news and now - datetime.fromisoformat(memory.open[key]["told"]) >= repeat]
    reason = "changed" if news or healed else "ignored" if old else ""
    opened = {
        key: {
            "level": level,
            "since": memory.open[key]["since"] if key in memory.open else now.isoformat(),
            "told": now.isoformat() if reason else memory.open[key]["told"],
        }
        for key, level in bad.items()
    }
    return Alert(reason, news, healed) if reason != "ignored" else Alert(reason, tuple(old)), Memory(
        opened, memory.days
    )


def with_today(memory: Memory, lines: Sequence[Line], now: datetime, *, zone: tzinfo, used_bytes: int | None) -> Memory:
    """The history with this check; the worst of a day stays, so that a bad morning shows in the evening."""
    today = now.astimezone(zone).date().isoformat()
    level = worst(line.level for line in lines)
    bad = sorted({line.item for line in lines if line.level != OK})
    earlier = next((day for day in memory.days if day["day"] == today), None)
    if earlier is not None:
        level = worst([level, str(earlier.get("level"))]) if earlier.get("level") in EXIT_CODES else level
        bad = sorted({*bad, *earlier.get("items", [])})
    entry = {"day": today, "at": now.isoformat(), "level": level, "items": bad, "used_bytes": used_bytes}
    oldest = (now - timedelta(days=DAYS)).astimezone(zone).date().isoformat()
    kept = [day for day in memory.days if day["day"] != today and day["day"] > oldest]
    return Memory(memory.open, [*kept, entry])
