# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pictures of the status page: the days in which any instant can be reached, with their holes; and the last 90 days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from html import escape
from typing import Any

from .check_memory import DAYS
from .check_words import ITEMS, LEVELS
from .recoverable import Recoverable
from .status_style import LEVEL_CLASSES

WINDOW_DAYS = 14
_WIDTH, _HEIGHT = 1400, 20
#: What is narrower would not be seen.
_LEAST = 3.0
_SEEN = timedelta(minutes=2)
_TALL = {"OK": 35, "WARNING": 65, "CRITICAL": 100, "UNKNOWN": 80}


def window_picture(found: Recoverable, now: datetime, zone: tzinfo) -> str:
    """Filled where any instant can be reached; a hole is drawn at least so wide that it is seen."""
    begin = now - timedelta(days=WINDOW_DAYS)

    def place(moment: datetime) -> float:
        return max(0.0, min(1.0, (moment - begin) / (now - begin))) * _WIDTH

    shapes = []
    for one in found.windows:
        if one.end > begin:
            left, right = place(one.start), place(one.end)
            shapes.append(
                f'<rect class="span" x="{left:.1f}" y="4" width="{max(_LEAST, right - left):.1f}" height="12"/>'
            )
    for point in found.points:
        if point > begin:
            shapes.append(f'<rect class="span" x="{place(point):.1f}" y="4" width="{_LEAST}" height="12"/>')
    for hole in holes(found, now):
        left, right = place(hole[0]), place(hole[1])
        shapes.append(f'<rect class="hole" x="{left:.1f}" y="0" width="{max(_LEAST, right - left):.1f}" height="20"/>')
    ticks = "".join(f'<path class="tick" d="M{place(one):.1f} 0V20"/>' for one in midnights(now, zone))
    text = _told(found, now, zone)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{escape(text)}">'
        f"<title>{escape(text)}</title>{''.join(shapes)}{ticks}</svg>"
    )


def holes(found: Recoverable, now: datetime) -> list[tuple[datetime, datetime, str]]:
    """Those of the picture's days. Between a full's start and the first instant after it lie seconds: no hole for
    people.
    """
    begin = now - timedelta(days=WINDOW_DAYS)
    kept = [one for one in found.holes if one.end > begin and one.end - one.start >= _SEEN]
    return [(max(begin, one.start), one.end, one.reason) for one in kept]


def midnights(now: datetime, zone: tzinfo) -> list[datetime]:
    """Of each day in the picture, by the site's clock."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return [(today - timedelta(days=back)).replace(tzinfo=zone) for back in range(WINDOW_DAYS - 1, -1, -1)]


def _told(found: Recoverable, now: datetime, zone: tzinfo) -> str:
    count = len(holes(found, now))
    end = found.recoverable_to.astimezone(zone).strftime("%d-%m %H:%M") if found.recoverable_to else "–"
    return f"{found.database}: {WINDOW_DAYS} hari, sampai {end}, {count} lubang / {count} holes"


def scale(now: datetime, zone: tzinfo) -> str:
    """The days below the picture, each where it begins; the last one would not fit there."""
    days = midnights(now, zone)
    begin = now - timedelta(days=WINDOW_DAYS)
    places = [100 * ((one - begin) / (now - begin)) for one in days]
    labels = [f'<span style="left:{place:.1f}%">{one:%d-%m}</span>' for one, place in zip(days, places) if place < 88]
    return f'<div class="scale" aria-hidden="true">{"".join(labels)}<span class="last">{days[-1]:%d-%m}</span></div>'


def days_picture(days: Sequence[Mapping[str, Any]], now: datetime, zone: tzinfo) -> str:
    """One bar a day: the worse the taller, so that it can be read without colours. No bar: nobody checked."""
    by_day = {str(day["day"]): day for day in days}
    today = now.astimezone(zone).date()
    bars = []
    for place in range(DAYS):
        day = today - timedelta(days=DAYS - 1 - place)
        found = by_day.get(day.isoformat())
        if found is not None:
            bars.append(_bar(place, day, found))
    label = f"{len(by_day)} hari diperiksa dari {DAYS} / {len(by_day)} of {DAYS} days checked"
    return (
        f'<svg viewBox="0 0 {DAYS * 10} 100" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f"<title>{label}</title>{''.join(bars)}</svg>"
    )


def _bar(place: int, day: date, found: Mapping[str, Any]) -> str:
    level = str(found["level"])
    tall, items = _TALL.get(level, 80), [ITEMS[item][0] for item in found.get("items", []) if item in ITEMS]
    text = f"{day:%d-%m-%Y}: {LEVELS.get(level, LEVELS['UNKNOWN'])[0]}{'. ' if items else ''}{', '.join(items)}"
    kind = LEVEL_CLASSES.get(level, "dunno")
    return (
        f'<rect class="day {kind}" x="{place * 10 + 1}" y="{100 - tall}" width="8" height="{tall}">'
        f"<title>{escape(text)}</title></rect>"
    )
