# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A few facts become a site, or all that is wrong with them is said at once, each with what to do."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.site_facts import SiteFacts, SiteHost

GOOD: dict[str, Any] = {
    "name": "RS Contoh",
    "time_zone": "Asia/Jakarta",
    "production": "sql1 10.0.0.1",
    "failover": "sql2 10.0.0.2",
    "store": "backup1 10.0.0.3",
    "applications": "app1 10.0.0.21, app2 10.0.0.22",
    "databases": "Registration, Billing",
    "modules": "registration app1 Registration, billing app2 Billing Registration",
}


def read(**more: Any) -> SiteFacts:
    return SiteFacts.read({**GOOD, **more})


def wrong(**more: Any) -> str:
    with pytest.raises(InvalidInput) as refused:
        read(**more)
    return str(refused.value)


def test_what_is_typed_and_what_stands_in_a_file_are_the_same_site() -> None:
    typed = read(priorities="Billing=1", rpo_minutes="10")
    listed = read(
        production={"name": "sql1", "address": "10.0.0.1"},
        applications=[{"name": "app1", "address": "10.0.0.21"}, "app2 10.0.0.22"],
        databases=["Registration", "Billing"],
        priorities={"Billing": 1},
        modules=[
            {"name": "registration", "host": "app1", "databases": ["Registration"]},
            {"name": "billing", "host": "app2", "databases": ["Billing", "Registration"]},
        ],
        rpo_minutes=10,
    )
    assert typed == listed and (typed.rpo_minutes, typed.rto_minutes) == (10, 60)


@pytest.mark.parametrize(
    ("told", "host"),
    [
        ("sql1 10.0.0.1:1444", SiteHost("sql1", "10.0.0.1", 1444, "SQL1")),
        ("sql1 10.0.0.1 windows", SiteHost("sql1", "10.0.0.1", 1433, "SQL1", True)),
        ("sql1 fd00::1", SiteHost("sql1", "fd00::1", 1433, "SQL1")),
        ("sql1 sql1.rs.lan", SiteHost("sql1", "sql1.rs.lan", 1433, "SQL1")),
        ({"name": "sql1", "address": "10.0.0.1", "server_name": "RS"}, SiteHost("sql1", "10.0.0.1", 1433, "RS")),
    ],
)
def test_a_server_is_a_name_and_an_address(told: Any, host: SiteHost) -> None:
    assert read(production=told).production == host


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("name", "", "Say new_site_name"),
        ("name", "RS {{ lookup('pipe', 'id') }}", "cannot stand on a report"),
        ("time_zone", "WIB", "Say new_site_time_zone: Asia/Jakarta."),
        ("time_zone", "Asia/Bandung", "there is no zone 'Asia/Bandung'"),
        ("time_zone", "../../etc/passwd", "there is no zone"),
        ("production", "", "production: it is not named."),
        ("production", "sql1 10.0.0.1, sql9 10.0.0.9", "it names 2 hosts"),
        ("production", "sql1", "sql1: it has no address."),
        ("production", "sql1 10.0.0.300", "'10.0.0.300' is no address"),
        ("production", "sql1 127.0.0.1", "others cannot reach it by"),
        ("production", "sql1 10.0.0.1:99999", "99999 is no port"),
        ("production", "sql1 10.0.0.1:sql", "'sql' is no port"),
        ("production", "localhost 10.0.0.1", "means something else in an inventory"),
        ("production", "sql_1 10.0.0.1", "no host can be called that"),
        ("controller", "10.0.0", "controller: '10.0.0' is no address"),
        ("failover", "sql2 10.0.0.1", "sql1 and sql2 have one address"),
        ("failover", "SQL1 10.0.0.2", "two hosts bear that name"),
        ("databases", "", "databases: there are none"),
        ("databases", "Registration, Billing, billing", "billing stands there twice"),
        ("databases", "Registration, Billing, msdb", "msdb is SQL Server's own"),
        ("priorities", "Laboratory=1", "Laboratory is no database of this site"),
        ("priorities", "Billing=first", "'first' is no number"),
        ("modules", "registration app9 Registration", "app9 is no application host"),
        ("modules", "registration app1", "no database is named that it uses"),
        ("modules", "registration app1 Laboratory", "it uses Laboratory, which is no database"),
        ("modules", "r app1 Billing, R app2 Billing", "two are called R"),
        ("modules", [{"name": "r", "host": "app1", "databases": ["Billing"], "health": "x"}], "no address of a page"),
        ("rpo_minutes", "a quarter", "Say new_site_rpo_minutes"),
        ("rto_minutes", -5, "is no number of minutes"),
    ],
)  # fmt: skip
def test_a_wrong_fact_is_a_sentence_with_what_to_do(fact: str, value: Any, said: str) -> None:
    assert said in wrong(**{fact: value})


def test_all_that_is_wrong_is_said_at_once() -> None:
    told = wrong(name="", time_zone="WITA", production="sql1 nothing here", modules="x app9 Y")
    assert "facts are wrong; nothing was written" in told
    for said in ("new_site_name", "Asia/Makassar", "sql1:", "app9", "HINT:"):
        assert said in told


def test_an_empty_site_is_refused_fact_by_fact() -> None:
    with pytest.raises(InvalidInput) as refused:
        SiteFacts.read({})
    for fact in ("name", "time_zone", "production", "failover", "store", "databases"):
        assert f"new_site_{fact}" in str(refused.value)
