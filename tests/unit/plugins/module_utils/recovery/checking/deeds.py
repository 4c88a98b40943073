# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong at a site, and what an operator does about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check import daily_check
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_backups import windows_of
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_facts import facts_of
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_memory import Memory, alerted, with_today
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.status import status_of
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.status_page import page

from .a_site import MINUTE, Site

Deed = Callable[[Site], Any]
HOUR = timedelta(hours=1)


@dataclass
class Case:
    """What goes wrong, how the line looks then, a word of its fix, and the fix."""

    item: str
    breaks: Deed
    level: str
    fact: str
    fix: str
    mends: Deed
    subject: str = ""


def wait(site: Site, how_long: timedelta, *without: str) -> None:
    site.live(site.now + how_long, without=without)


def silent(site: Site, who: str) -> None:
    site.values[who] = {"reachable": False, "unreachable_reason": f"{who}: nothing listens on port 1433"}


def speaks(site: Site, who: str, name: str) -> None:
    fresh = Site(site.now + MINUTE)
    site.values[who] = fresh.values[who]
    if who == "failover":
        site.follow()


def lose(site: Site, kind: str, name: str = "Pharmacy") -> None:
    """The files of a kind are gone from the store, for good."""
    life = site.lives[name]
    life.sets = [one for one in life.sets if one.backup_type != kind]


def newest(site: Site, kind: str, name: str = "Pharmacy") -> str:
    return [one.path for one in site.lives[name].sets if one.backup_type == kind][-1]


def judge(site: Site, path: str, **verdict: Any) -> None:
    site.check()
    site.audit[path] |= verdict


def hide_newest(site: Site) -> None:
    """Taken, and never shipped."""
    wait(site, timedelta(minutes=29), "standby")
    site.hidden = {newest(site, "log")}
    wait(site, timedelta(minutes=15), "log")


def change(site: Site, who: str, key: str, **values: Any) -> None:
    site.values[who][key][-1] |= values


def foreign_log(site: Site) -> None:
    life = site.lives["Pharmacy"]
    wait(site, timedelta(minutes=3))
    life.commit(3)
    taken = life.log()
    life.sets.pop()
    assert taken is not None
    site.values["production"]["foreign"] = [
        {
            "database_name": "Pharmacy",
            "backup_type": "log",
            "backup_set_guid": "veeam-1",
            "first_lsn": taken.first_lsn,
            "last_lsn": taken.last_lsn,
            "is_copy_only": False,
            "user_name": "HOSPITAL\\svc-veeam",
            "backup_name": "Veeam",
            "backup_start_date": site.now.isoformat(),
            "backup_finish_date": site.now.isoformat(),
            "files": ["{F1A2}11"],
        }
    ]


def fill_the_store(site: Site) -> None:
    site.values["hosts"]["backup_storage"]["paths"][0]["free_bytes"] = 30_000


def more_disk(site: Site) -> None:
    site.values["hosts"]["backup_storage"]["paths"][0]["free_bytes"] = 1 << 40


def left_open(site: Site) -> None:
    """After a recovery on the failover the old production comes back, and is open."""
    site.values["left"] = {"group": "failover", "server": "SQL1", "used": "SQL2", "since": "2026-11-24 07:00:00+0700"}
    site.values["failover"]["databases"], site.values["production"]["databases"] = (
        site.values["production"]["databases"],
        [{"name": "Pharmacy", "state": "ONLINE", "recovery_model": "FULL"}],
    )


def way_back(site: Site) -> None:
    fresh = Site(site.now + MINUTE)
    site.values["left"] = {}
    site.values["production"], site.values["failover"] = fresh.values["production"], fresh.values["failover"]
    site.follow()


def states(site: Site, **values: Any) -> None:
    site.values["failover"]["database_states"]["Pharmacy"] |= values


def no_room(site: Site) -> None:
    """A restore from the beginning, on a full disk."""
    site.values["failover"]["database_states"].clear()
    change(site, "failover", "volumes", available_bytes=1000)


def break_the_chain(site: Site) -> None:
    """A log backup in the middle of the day is lost."""
    life = site.lives["Pharmacy"]
    logs = [one for one in life.sets if one.backup_type == "log"]
    life.sets.remove(logs[-10])


def no_plan(site: Site) -> None:
    """No full backup, and the failover has nothing either."""
    lose(site, "full")
    site.values["failover"]["database_states"].clear()


def rendered(site: Site, valid: timedelta = timedelta(minutes=45), memory: Memory | None = None) -> str:
    """The status page of the site."""
    site.check()
    facts = facts_of(site.told(), site.now)
    windows = windows_of(facts)
    lines = daily_check(facts, windows)
    _alert, memory = alerted(memory or Memory(), lines, site.now, timedelta(hours=24))
    memory = with_today(memory, lines, site.now, zone=facts.zone, used_bytes=1)
    return page(status_of(facts, lines, windows, memory, valid))
