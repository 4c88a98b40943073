# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each line of the daily check turns when something is wrong, says what to do, and is good again once that was done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check import ORDER
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_line import CRITICAL, OK, UNKNOWN
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_words import ITEMS

from .a_site import FOLDER, MINUTE, Site
from .cases import CASES
from .deeds import Case, foreign_log, judge, newest, silent, wait

pytestmark = pytest.mark.slow


def test_a_site_in_order_has_nothing_but_good_lines(site: Site) -> None:
    lines = site.lines()
    assert {line.item for line in lines} == set(ORDER) == set(ITEMS)
    assert [line.key for line in lines if line.level != OK] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.item}-{case.level.lower()}-{case.fact[:12]}")
def test_a_line_turns_and_its_fix_turns_it_back(case: Case, site: Site) -> None:
    assert site.line(case.item, case.subject).level == OK
    case.breaks(site)
    line = site.line(case.item, case.subject)
    assert (line.level, case.fact in line.fact[1]) == (case.level, True), line
    assert case.fix in line.fix[1] and line.fix[0], line
    case.mends(site)
    mended = site.line(case.item, case.subject)
    assert mended.level == OK and mended.fix == ("", ""), mended


def test_every_line_has_a_case_that_turns_it() -> None:
    assert {case.item for case in CASES} == set(ORDER)


@pytest.mark.parametrize("who", ["production", "failover", "store"])
def test_who_is_silent_leaves_no_line_that_says_all_is_well_for_it(site: Site, who: str) -> None:
    before = {line.key: line for line in site.lines()}
    if who == "store":
        site.values["store"] = {"failed": True, "msg": "no answer"}
    else:
        silent(site, who)
    lines = {line.key: line for line in site.lines()}
    assert lines[who].level == CRITICAL
    told = {
        "production": {"shipped", "settings", "logins", "jobs", "certificates", "foreign", "clock"},
        "failover": {"version", "plan", "disk", "rto", "logins", "jobs", "certificates", "standby", "clock"},
        "store": {"present", "verified", "hash", "shipped", "plan", "disk", "rto", "standby", "recoverable:Pharmacy"},
    }[who]
    for key in told:
        assert lines[key].level == UNKNOWN and all(lines[key].fix), lines[key]
    assert before.keys() - lines.keys() <= {"on_time:full", "on_time:differential", "on_time:log"}


def test_a_login_that_was_put_aside_is_missed_by_nobody(site: Site) -> None:
    """A recovery on the failover leaves it there, renamed and disabled; the other server never had it."""
    aside = {"name": "pharmacy_was_2D1D3624", "sid": "0x2D1D3624A629", "is_disabled": True}
    site.values["production"]["logins"].append(aside)
    assert site.line("logins").level == OK
    aside["is_disabled"] = False
    assert site.line("logins").level == CRITICAL


@pytest.mark.parametrize("kind", ["full", "log"])
def test_damage_that_a_later_full_superseded_is_history(site: Site, kind: str) -> None:
    path = newest(site, kind)
    judge(site, path, verdict="damaged", reason="a checksum is wrong")
    assert site.line("verified").level == CRITICAL
    wait(site, MINUTE)
    site.back_up("full")
    site.back_up("log")
    assert site.line("verified").level == OK
    assert site.line("recoverable", "Pharmacy").level == OK


def test_the_foreign_backup_that_was_shipped_to_us_is_ours(site: Site) -> None:
    foreign_log(site)
    site.values["production"]["foreign"][0]["is_copy_only"] = True
    assert site.line("foreign").level == OK
    site.values["production"]["foreign"][0] |= {"is_copy_only": False, "files": [f"{FOLDER}/SQL1/x.trn"]}
    assert site.line("foreign").level == OK


def test_a_recovery_that_failed_long_ago_is_no_fault_of_today(site: Site) -> None:
    site.fail("recovery")
    assert site.line("failed").level == CRITICAL
    wait(site, timedelta(hours=25))
    assert site.line("failed").level == OK


@pytest.mark.parametrize("kind", ["drill", "prune"])
def test_a_run_that_goes_on_at_this_moment_is_judged_when_it_is_over(site: Site, kind: str) -> None:
    before = site.line(kind)
    wait(site, MINUTE)
    site.begin(kind)
    assert site.line(kind).level == before.level == OK
    site.live(site.now + timedelta(hours=13))
    assert site.line(kind).level == CRITICAL


@pytest.mark.parametrize("kind", ["uat", "connectivity"])
def test_a_failed_acceptance_test_does_not_spoil_the_next_one(kind: str, site: Site) -> None:
    """Its daily check would be red for a day, and no test could be passed before the next."""
    site.fail(kind)
    assert site.line("failed", "").level == OK
