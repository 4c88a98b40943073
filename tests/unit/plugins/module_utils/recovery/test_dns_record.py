# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of a DNS name: which value it gets, and what is refused."""

from __future__ import annotations

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.dns_record import (
    NamedRecords,
    RecordSet,
    is_record_path,
    record_name,
    repointed,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.endpoint import parse_endpoint
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError

OLD = ["SQL1", "sql1.rs.lan", "10.0.0.5", "fd00::5"]

# Records as KIND value, ...; the new server and its other names; what stands there afterwards.
MOVED = [
    ("A 10.0.0.5", "10.0.0.6", [], "A 10.0.0.6"),
    ("A 10.0.0.5", "sql2.rs.lan", ["SQL2", "10.0.0.6", "10.0.0.6"], "A 10.0.0.6"),
    ("A 10.0.0.5, A 10.0.0.6", "10.0.0.6", [], "A 10.0.0.6"),
    ("AAAA fd00:0::5", "10.0.0.6", ["FD00::6"], "AAAA fd00::6"),
    ("A 10.0.0.5, AAAA fd00::5", "10.0.0.6", ["fd00::6"], "A 10.0.0.6, AAAA fd00::6"),
    ("A 10.0.0.5, AAAA fd00::6", "10.0.0.6", ["fd00::6"], "A 10.0.0.6, AAAA fd00::6"),
    ("CNAME SQL1.rs.lan", "10.0.0.6", ["SQL2", "sql2.rs.lan"], "CNAME sql2.rs.lan"),
    ("CNAME sql1.rs.lan", "sql2.rs.lan", ["other.rs.lan"], "CNAME sql2.rs.lan"),
    ("A 10.0.0.6", "10.0.0.6", [], "A 10.0.0.6"),
    ("A 10.0.0.55", "10.0.0.6", [], "A 10.0.0.55"),
    ("CNAME sql1.rs.lan.example.org", "sql2.rs.lan", [], "CNAME sql1.rs.lan.example.org"),
]
REFUSED = [
    ("A 10.0.0.5, A 10.0.0.9", "10.0.0.6", [], "another to 10.0.0.9"),
    ("A 10.0.0.5, AAAA fd00::9", "10.0.0.6", ["fd00::6"], "leads to fd00::9 as well"),
    ("A 10.0.0.5, AAAA fd00::5", "10.0.0.6", [], "needs one IPv6 address"),
    ("A 10.0.0.5", "SQL2", ["10.0.0.6", "10.1.0.6"], "needs one IPv4 address"),
    ("CNAME sql1.rs.lan", "SQL2", ["10.0.0.6"], "needs one full name"),
    ("A 10.0.0.5", "10.0.0.6,14330", [], "holds no port and no instance"),
]


def records(text: str) -> NamedRecords:
    found: dict[str, list[str]] = {}
    for one in text.split(", "):
        kind, value = one.split()
        found.setdefault(kind, []).append(value)
    return NamedRecords("his.rs.lan", "rs.lan", tuple(RecordSet(kind, 30, tuple(v)) for kind, v in found.items()))


def moved(text: str, new: str, names: list[str]) -> NamedRecords:
    return repointed(records(text), [*map(parse_endpoint, OLD)], parse_endpoint(new), [*map(parse_endpoint, names)])


@pytest.mark.parametrize(("before", "new", "names", "after"), MOVED)
def test_it_leads_to_the_new_server(before: str, new: str, names: list[str], after: str) -> None:
    assert moved(before, new, names) == records(after)


@pytest.mark.parametrize(("before", "new", "names", "reason"), REFUSED)
def test_what_is_not_sure_is_refused(before: str, new: str, names: list[str], reason: str) -> None:
    with pytest.raises(RecoveryError, match=reason) as raised:
        moved(before, new, names)
    assert raised.value.hint


def test_its_hash_is_of_what_it_leads_to() -> None:
    one = NamedRecords("HIS.rs.lan", "rs.lan", (RecordSet("A", 30, ("10.0.0.5", "10.0.0.6")),))
    two = NamedRecords("his.rs.lan", "rs.lan", (RecordSet("A", 60, ("10.0.0.6", "10.0.0.5")),))
    assert one.sha256 == two.sha256 != records("A 10.0.0.5").sha256


def test_paths_of_records() -> None:
    assert is_record_path("DNS:his.rs.lan") and not is_record_path("/etc/dns:x") and not is_record_path("C:\\dns")
    assert record_name("dns: His.rs.lan. ") == "His.rs.lan"
