# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fortnight at high speed: what went wrong in a night is told the next morning, and no other morning is bad."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_line import CRITICAL, OK, UNKNOWN, WARNING
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_memory import Memory, alerted, with_today

from .a_site import Site
from .deeds import judge, newest, silent

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def quiet(site: Site) -> None:
    site.live(site.now + DAY)


def without_logs(site: Site) -> None:
    """The timer of the logs is off from one to three in the night."""
    site.live(site.now + 17 * HOUR)
    site.live(site.now + 2.5 * HOUR, without=("log",))
    site.live(site.now + 4.5 * HOUR)


def without(kind: str, *, failed: bool) -> Callable[[Site], None]:
    def night(site: Site) -> None:
        site.live(site.now + 18 * HOUR)
        if failed:
            site.live(site.now + 1.25 * HOUR, without=(kind,))
            site.fail("backup", kind)
            site.live(site.now + 4.75 * HOUR)
        else:
            site.live(site.now + 6 * HOUR, without=(kind,))

    return night


def failover_dies(site: Site) -> None:
    quiet(site)
    silent(site, "failover")


def failover_comes_back(site: Site) -> None:
    site.values["failover"] = Site().values["failover"]
    site.follow()


def log_rots(site: Site) -> None:
    quiet(site)
    judge(site, newest(site, "log"), verdict="damaged", reason="a checksum is wrong")


#: day of the story (Tuesday is 1) -> the night before, what the morning tells, what is done about it at once.
NIGHTS: dict[int, tuple[Callable[[Site], None], dict[str, str], Callable[[Site], None]]] = {
    2: (without_logs, {"missed": WARNING}, lambda _site: None),
    4: (
        without("differential", failed=True),
        {"on_time": CRITICAL, "failed": CRITICAL},
        lambda site: site.back_up("differential"),
    ),
    6: (without("full", failed=False), {"on_time": CRITICAL, "missed": WARNING}, lambda site: site.back_up("full")),
    8: (
        failover_dies,
        {
            "failover": CRITICAL,
            **dict.fromkeys(
                ("version", "plan", "disk", "rto", "standby", "logins", "jobs", "certificates", "clock"), UNKNOWN
            ),
        },
        failover_comes_back,
    ),
    10: (log_rots, {"verified": CRITICAL}, lambda site: site.back_up("full")),
}


def test_every_fault_is_told_the_next_morning_and_no_other_morning_is_bad(site: Site) -> None:
    memory, mornings = Memory(), {}
    for day in range(1, 15):
        night, _told, mend = NIGHTS.get(day, (quiet, {}, lambda _site: None))
        night(site)
        lines = site.lines()
        mornings[day] = {line.item: line.level for line in lines if line.level != OK}
        _alert, memory = alerted(memory, lines, site.now, DAY)
        memory = with_today(memory, lines, site.now, zone=ZoneInfo("Asia/Jakarta"), used_bytes=0)
        mend(site)
    assert mornings == {day: NIGHTS.get(day, (None, {}, None))[1] for day in range(1, 15)}
    assert [number for number, day in enumerate(memory.days, 1) if day["level"] != OK] == sorted(NIGHTS)
