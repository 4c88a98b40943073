# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which party needs which port of whom, and what is said of one that is closed."""

from __future__ import annotations

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.route import (
    Party,
    Route,
    page,
    passive_ports,
    routes,
    store_services,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.route_check import (
    RESULTS,
    Tried,
    judged,
    table,
    verdicts,
)

SQL1 = Party("sql1", ("production",), "10.0.0.1", sql_address="10.0.0.1", sql_port=1433)
SQL2 = Party("sql2", ("failover",), "10.0.0.2", "winrm", sql_address="10.0.0.2", application_address="his-db")
STORE = Party("backup1", ("backup_storage",), "10.0.0.3")
APP = Party("app1", ("application",), "10.0.0.21", port=2222)
USERS = ("localhost", "production", "failover")


def needed(*parties: Party, **more: object) -> set[str]:
    found = routes(parties, more.get("services", ()))  # type: ignore[arg-type]
    return {f"{one.origin} > {one.address}:{one.port} {one.service}" for one in found}


def test_the_controller_manages_every_host_and_modules_reach_both_servers() -> None:
    assert needed(SQL1, SQL2, STORE, APP) == {
        "localhost > 10.0.0.1:22 ssh",
        "localhost > 10.0.0.2:5986 winrm",
        "localhost > 10.0.0.3:22 ssh",
        "localhost > 10.0.0.21:2222 ssh",
        "localhost > 10.0.0.1:1433 sql",
        "localhost > 10.0.0.2:1433 sql",
        "app1 > 10.0.0.1:1433 sql",
        "app1 > his-db:1433 sql",
    }


def test_both_servers_and_the_controller_reach_the_store_with_the_ends_of_its_passive_range() -> None:
    found = needed(SQL1, SQL2, APP, services=store_services("backup1", "10.0.0.3", 990, "50000-50100", USERS))
    for origin in ("localhost", "sql1", "sql2"):
        ports = {one.partition("10.0.0.3:")[2] for one in found if one.startswith(f"{origin} > 10.0.0.3")}
        assert ports == {"990 ftp", *(f"{port} ftp_passive" for port in (50000, 50050, 50100))}
    assert not any(one.startswith("app1 > 10.0.0.3") for one in found)


@pytest.mark.parametrize("folder", [r"\\nas1\mssql\full", "//nas1/mssql"])
def test_a_share_is_reached_from_the_host_whose_sql_server_opens_it(folder: str) -> None:
    assert "sql1 > nas1:445 smb" in needed(
        Party("sql1", sql_address="10.0.0.1", folders=(folder, "D:\\Backup", "/var"))
    )


def test_hosts_that_are_no_hosts_of_the_network_need_no_ssh() -> None:
    assert needed(Party("app1", ("application",), connection="ansible.builtin.local")) == set()


def test_a_page_is_opened_by_whoever_needs_it_and_by_the_port_of_its_scheme() -> None:
    found = needed(APP, services=[page("billing", "https://his.example/health", ["localhost", "app1"])])
    assert {"localhost > his.example:443 http", "app1 > his.example:443 http"} <= found


@pytest.mark.parametrize("text", ["50100-50000", "x-y", "1-99999", "-1"])
def test_a_range_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        passive_ports(text)
    assert refused.value.hint


@pytest.mark.parametrize("url", ["his.example/health", "ftp://his.example", "http://", "http://h:99999/"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        page("billing", url, [])


ROUTE = Route("app1", "sql1", "10.0.0.1", 1433, "sql")


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("service", ["ssh", "winrm", "sql", "ftp", "smb", "http", "smtp"])
@pytest.mark.parametrize("result", sorted(set(RESULTS) - {"open"}))
def test_every_failure_says_what_to_do(result: str, service: str, language: str) -> None:
    one = Tried(Route("app1", "sql1", "10.0.0.1", 1433, service), result)
    assert not one.passes and one.fix(language).endswith((".", ".)")) and "{" not in one.fix(language)
    assert not one.fix(language).startswith("."), "nothing is said of who does not listen"


def test_three_ways_to_fail_are_three_facts_with_three_fixes() -> None:
    told = {(one.told("en"), one.fix("en")) for one in (Tried(ROUTE, r) for r in ("refused", "timeout", "no_name"))}
    assert len({fact for fact, _fix in told}) == len({fix for _fact, fix in told}) == 3


def test_nobody_listens_at_a_passive_port_until_a_transfer_begins() -> None:
    idle = Route("sql1", "backup1", "10.0.0.3", 50000, "ftp_passive", idle=True)
    assert Tried(idle, "refused").passes and not Tried(idle, "timeout").passes
    assert not Tried(ROUTE, "refused").passes


@pytest.mark.parametrize(("language", "words"), [("en", "nobody listens"), ("id", "belum ada yang mendengarkan")])
def test_a_passive_port_that_refused_is_not_called_open(language: str, words: str) -> None:
    """A firewall that rejects with a reset answers in the same way."""
    idle = Tried(Route("sql1", "backup1", "10.0.0.3", 50000, "ftp_passive", idle=True), "refused")
    lines = table([Tried(ROUTE, "open"), idle], language)
    assert words in lines[2] and words in lines[-1] and lines[-1].startswith(("1 of 2", "1 dari 2"))
    assert words in verdicts([idle], language)[0].fact
    assert words not in table([Tried(ROUTE, "open")], language)[-1]


def test_who_told_nothing_has_passed_nothing() -> None:
    answers = {"app1": None, "sql1": [{**ROUTE.to_dict(), "origin": "sql1", "result": "open"}]}
    (one,) = judged([ROUTE], answers)
    assert one.result == "not_asked" and not one.passes
    (odd,) = judged([ROUTE], {"app1": [{**ROUTE.to_dict(), "result": "fine"}]})
    assert not odd.passes, "an answer that nobody knows is no success"


def test_the_table_names_every_route_and_what_to_do() -> None:
    tried = [Tried(ROUTE, "open"), Tried(Route("localhost", "app1", "10.0.0.21", 22, "ssh"), "timeout")]
    assert table(tried, "en") == [
        "  From        To    Address        Service     Result",
        "✔ app1        sql1  10.0.0.1:1433  SQL Server  open",
        "✘ controller  app1  10.0.0.21:22   SSH         no answer",
        f"    Do: {tried[1].fix('en')}",
        "1 of 2 routes are open",
    ]
    assert [one.proven for one in verdicts(tried, "id")] == [True, False]
