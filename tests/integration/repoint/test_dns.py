# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""DNS records on real DNS servers: looked at, moved in one step, put back, and refused for every reason we know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import dns_repointing
from ansible_collections.ics.deadpool.plugins.module_utils.clients.dns_repointing import RecordPlan, RecordWish, Sides
from ansible_collections.ics.deadpool.plugins.module_utils.clients.dns_server import DnsKey, DnsServer
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.dns_record import NamedRecords, record_name
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.endpoint import parse_endpoint
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError

from .name_servers import KEY, OTHER_SECRET, PROGRAMS, SECRET, STRANGER, NameServer, program

OLD = [parse_endpoint(name) for name in ("10.0.0.5", "sql1.hospital.lan", "fd00::5")]
NEW = [parse_endpoint(name) for name in ("SQL2", "sql2.hospital.lan", "fd00::6")]
SIDES = Sides(OLD, parse_endpoint("10.0.0.6,1433"), NEW)


@pytest.fixture(scope="module", params=PROGRAMS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NameServer]:
    if not program(request.param):
        package = {"named": "bind9", "knotd": "knot"}[request.param]
        pytest.skip(f"{request.param} is not installed (Debian: apt-get install {package})")
    running = NameServer(request.param, tmp_path_factory.mktemp(request.param))
    running.start()
    yield running
    running.stop()


def wish(server: NameServer, name: str, key: DnsKey | None = None, **options: Any) -> RecordWish:
    there = DnsServer("127.0.0.1", server.port, key or DnsKey(KEY, "hmac-sha256", SECRET))
    return RecordWish(f"dns:{name}", record_name(f"dns:{name}"), options.pop("zone", ""), there, there, **options)


def planned(server: NameServer, name: str, seen: Any = None, sides: Sides = SIDES, **options: Any) -> RecordPlan:
    return dns_repointing.planned(wish(server, name, **options), sides, seen)


def there_and_back(server: NameServer, name: str) -> dict[str, Any]:
    plan = planned(server, name)
    told = plan.to_dict()
    dns_repointing.apply([plan])
    assert planned(server, name).status == "already"
    yielded = {**told, "moved_to": [server.values(name, kind) for kind in ("A", "AAAA", "CNAME")]}
    back = dns_repointing.restoration(wish(server, name), SIDES, told)
    assert back.status == "restored"
    dns_repointing.apply([back])
    assert dns_repointing.restoration(wish(server, name), SIDES, told).status == "original"
    return yielded


def test_an_address_moves_and_goes_back(server: NameServer) -> None:
    told = there_and_back(server, "hisdb.hospital.lan")
    assert told["moved_to"][0] == ["10.0.0.6"] and server.values("hisdb.hospital.lan") == ["10.0.0.5"]
    assert told["changed"] and told["status"] == "repointed" and not told["warnings"]
    assert told["edits"] == [{"line": 0, "key": "A", "before": "10.0.0.5", "after": "10.0.0.6"}]


def test_an_alias_moves_to_the_full_name_of_the_new_server(server: NameServer) -> None:
    told = there_and_back(server, "alias.hospital.lan")
    assert told["before"] == ["sql1.hospital.lan"] and told["after"] == ["sql2.hospital.lan"]
    assert told["moved_to"][2] == ["sql2.hospital.lan."]
    assert server.values("alias.hospital.lan", "CNAME") == ["sql1.hospital.lan."]


def test_both_families_move_together(server: NameServer) -> None:
    assert there_and_back(server, "both.hospital.lan")["moved_to"][:2] == [["10.0.0.6"], ["fd00::6"]]


def test_how_long_clients_keep_the_old_answer_is_told(server: NameServer) -> None:
    (warning,) = there_and_back(server, "slow.hospital.lan")["warnings"]
    assert "for up to 3600 s" in warning and "restarted" in warning


def test_looking_changes_nothing(server: NameServer) -> None:
    serial = server.values("hospital.lan", "SOA")
    for name in ("hisdb", "alias", "both"):
        assert planned(server, f"{name}.hospital.lan").changed
    assert server.values("hospital.lan", "SOA") == serial


REFUSED = {
    "two": "another to 10.0.0.9",
    "mixed": "leads to fd00::9 as well",
    "other": "leads neither to the old server nor to the new one, but to 10.0.0.77",
    "nobody": "knows no address and no alias",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_moved_safely_is_refused(server: NameServer, name: str) -> None:
    with pytest.raises(RecoveryError, match=REFUSED[name]) as raised:
        planned(server, f"{name}.hospital.lan")
    assert raised.value.msg.startswith(f"dns:{name}.hospital.lan: ") and raised.value.hint


def test_a_record_of_neither_server_may_be_allowed(server: NameServer) -> None:
    plan = planned(server, "other.hospital.lan", required=False)
    assert plan.status == "not_concerned" and not plan.changed and plan.warnings


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (DnsKey(KEY, "hmac-sha256", OTHER_SECRET), "does not accept the key deadpool"),
        (DnsKey("nobody", "hmac-sha256", SECRET), "does not accept the key nobody"),
        (DnsKey(KEY, "hmac-sha512", SECRET), "does not accept the key deadpool"),
        (DnsKey(STRANGER, "hmac-sha256", OTHER_SECRET), "refuses the change|does not accept"),
        (DnsKey(KEY, "hmac-sha256", "no base64!"), "is not written in base64"),
    ],
)
def test_a_wrong_key_is_found_while_looking(server: NameServer, key: DnsKey, reason: str) -> None:
    with pytest.raises(RecoveryError, match=reason) as raised:
        planned(server, "hisdb.hospital.lan", key=key)
    assert key.secret not in str(raised.value) and key.secret not in repr(key)
    assert server.values("hisdb.hospital.lan") == ["10.0.0.5"]


def test_a_server_that_is_down_is_told(server: NameServer) -> None:
    seen = planned(server, "hisdb.hospital.lan")
    server.stop()
    try:
        with pytest.raises(RecoveryError, match="does not answer"):
            planned(server, "hisdb.hospital.lan")
        with pytest.raises(RecoveryError, match="whether it was changed is not known"):
            dns_repointing.apply([seen])
    finally:
        server.start()
    assert server.values("hisdb.hospital.lan") == ["10.0.0.5"]


def test_a_zone_of_somebody_else_is_refused(server: NameServer) -> None:
    with pytest.raises(RecoveryError, match=r"is no authority for sql\.example\.org"):
        planned(server, "sql.example.org")


def test_a_record_that_changed_meanwhile_stays(server: NameServer) -> None:
    there = wish(server, "hisdb.hospital.lan")
    plan = planned(server, "hisdb.hospital.lan")
    elsewhere = Sides(OLD, parse_endpoint("10.0.0.66"), NEW)
    theirs = planned(server, "hisdb.hospital.lan", sides=elsewhere)
    dns_repointing.apply([theirs])
    with pytest.raises(RecoveryError, match="was changed by another program meanwhile"):
        dns_repointing.apply([plan])
    with pytest.raises(RecoveryError, match="is not the record that was looked at"):
        planned(server, "hisdb.hospital.lan", plan.to_dict())
    with pytest.raises(RecoveryError, match="was changed after it was repointed"):
        dns_repointing.restoration(there, SIDES, plan.to_dict())
    with pytest.raises(RecoveryError, match="was changed by another program meanwhile"):
        there.writer.replace(plan.before, plan.after)
    assert server.values("hisdb.hospital.lan") == ["10.0.0.66"]
    dns_repointing.take_back([theirs])


def test_two_hosts_that_list_one_record_both_moved_it(server: NameServer) -> None:
    seen = planned(server, "hisdb.hospital.lan").to_dict()
    first, late = (planned(server, "hisdb.hospital.lan", seen) for _host in "ab")
    dns_repointing.apply([first])
    second = planned(server, "hisdb.hospital.lan", seen)
    dns_repointing.apply([late])
    dns_repointing.apply([second])
    for plan in (first, late, second):
        told = plan.to_dict()
        assert told["changed"] and told["status"] == "repointed" and told["before"] == ["10.0.0.5"]
        back = dns_repointing.restoration(wish(server, "hisdb.hospital.lan"), SIDES, told)
        dns_repointing.apply([back])
    assert server.values("hisdb.hospital.lan") == ["10.0.0.5"]


def test_one_that_fails_takes_those_before_it_back(server: NameServer) -> None:
    plans = [planned(server, "hisdb.hospital.lan"), planned(server, "alias.hospital.lan")]
    plans[1].wish = wish(server, "alias.hospital.lan", key=DnsKey(KEY, "hmac-sha256", OTHER_SECRET))
    with pytest.raises(RecoveryError, match="no record of this run is left changed"):
        dns_repointing.apply(plans)
    assert server.values("hisdb.hospital.lan") == ["10.0.0.5"]


class LostAnswer(DnsServer):
    """The update arrives, and the answer does not."""

    def replace(self, before: NamedRecords, after: NamedRecords) -> None:
        super().replace(before, after)
        raise RecoveryError("the answer was lost", hint="Ask again.")


def test_a_lost_answer_is_no_failure(server: NameServer) -> None:
    plan = planned(server, "hisdb.hospital.lan")
    there = plan.wish.server
    plan.wish = RecordWish(plan.wish.path, plan.wish.name, "", there, LostAnswer(there.address, there.port, there.key))
    dns_repointing.apply([plan])
    assert server.values("hisdb.hospital.lan") == ["10.0.0.6"]
    assert dns_repointing.take_back([plan]) == []
    assert server.values("hisdb.hospital.lan") == ["10.0.0.5"]


@pytest.mark.parametrize("name", ["hisdb", "", "a b.lan", "-x.lan", "sql..lan"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(RecoveryError, match="no full name of DNS"):
        record_name(f"dns:{name}")


def test_a_record_cannot_lead_to_another_port(server: NameServer) -> None:
    with pytest.raises(RecoveryError, match="holds no port and no instance"):
        planned(server, "hisdb.hospital.lan", sides=Sides(OLD, parse_endpoint("10.0.0.6,14330"), NEW))


def test_a_new_server_without_a_fitting_name_is_refused(server: NameServer, tmp_path: Path) -> None:
    with pytest.raises(RecoveryError, match="the CNAME record needs one full name of the new server"):
        planned(server, "alias.hospital.lan", sides=Sides(OLD, parse_endpoint("10.0.0.6"), []))
    with pytest.raises(RecoveryError, match="the A record needs one IPv4 address"):
        planned(server, "hisdb.hospital.lan", sides=Sides(OLD, parse_endpoint("sql2.hospital.lan"), []))
