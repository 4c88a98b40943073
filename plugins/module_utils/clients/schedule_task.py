# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``schedule_info`` was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from ..recovery.errors import InvalidInput
from ..recovery.plan_request import site_zone
from ..recovery.schedule import Timing, timings
from ..recovery.schedule_units import KINDS, Place, command, kinds_of, units

#: The next instant of a run lies within this: a week, and another where a clock took its hour away.
_NEXT = timedelta(days=15)


def schedule_of(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The module's work; it only looks."""
    zone = site_zone(params["time_zone"])
    now = datetime.now(timezone.utc)
    timed = timings(params["runs"], params["time_zone"], zone)
    for one in timed:
        one.refuse_a_gap(now)
    place = _place(params)
    then = {kind: list(kinds) for kind, kinds in (params["then"] or {}).items()}
    texts = units(timed, then, _minutes(params["minutes"] or {}), place)
    return {
        "changed": False,
        "units": [{"name": name, "content": text} for name, text in texts.items()],
        "timers": [name for name in texts if name.endswith(".timer")],
        "prefix": place.prefix,
        "playbooks": sorted({KINDS[kind].playbook for kind in kinds_of(timed, then)}),
        "rules": [_rule(one, now, place) for one in timed],
    }


def _place(params: Mapping[str, Any]) -> Place:
    return Place(
        site=params["site"],
        project=params["project"].rstrip("/"),
        ansible_playbook=params["ansible_playbook"],
        reports=params["reports_directory"].rstrip("/"),
        left=params["left"],
        user=params["user"] or "",
        arguments=tuple(params["arguments"] or ()),
        environment=params["environment"] or {},
        on_failure=params["on_failure"] or "",
        spread_seconds=params["spread_seconds"],
    )


def _minutes(given: Mapping[str, Any]) -> dict[str, int]:
    try:
        found = {kind: int(minutes) for kind, minutes in given.items()}
    except (TypeError, ValueError):
        found = {}
    if len(found) < len(given) or any(minutes < 1 for minutes in found.values()):
        raise InvalidInput(f"minutes: {dict(given)} is not understood.", hint="Write it as {full: 480, log: 60}.")
    return found


def _rule(one: Timing, now: datetime, place: Place) -> dict[str, Any]:
    instants = one.between(now, now + _NEXT)
    what = KINDS[one.kind]
    return {
        "kind": one.kind,
        "at": one.at.text,
        "time_zone": one.zone_name,
        "next": instants[0].astimezone(one.zone).isoformat(timespec="minutes") if instants else "",
        "playbook": f"playbooks/{what.playbook}",
        "extra_vars": dict(pair.split("=", 1) for pair in what.extra),
        "command": command(one.kind, what.minutes, place),
        "on_calendar": one.on_calendar(),
        "rrule": one.rrule(),
        "cron": one.cron(),
        "agent": one.agent(),
    }
