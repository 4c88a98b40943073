# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where modules are, told from what their files name and what the servers see."""

from __future__ import annotations

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.application_finding import (
    FoundServer,
    line,
    missing_entries,
    summary,
    whereabouts,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.endpoint import parse_endpoint


def session(program: str, **more: str) -> dict[str, Any]:
    return {"program_name": program, "login_name": "app", "host_name": "APP1", "database_name": "Pharmacy", **more}


def server(name: str, endpoint: str, *programs: str) -> FoundServer:
    return FoundServer(name, [parse_endpoint(endpoint)], [session(program) for program in programs])


def file(*before: str, format: str = "ini") -> dict[str, Any]:
    return {"before": list(before), "format": format}


PHARMACY = {
    "name": "pharmacy",
    "host": "app1",
    "files": [{"path": "/a"}],
    "sessions": [{"program": "MyHospital Pharmacy"}],
}
KITCHEN = {
    "name": "kitchen",
    "host": "app1",
    "files": [{"path": "/k"}],
    "sessions": [{"program": "MyHospital Kitchen"}],
}


def test_one_module_on_one_server() -> None:
    servers = [server("SQL1", "10.0.0.5,1433", "myhospital pharmacy"), server("SQL2", "10.0.0.6")]
    (found,) = whereabouts([PHARMACY], servers, {("app1", "/a"): file("10.0.0.5", "10.20.0.9")})
    assert (found["files_name"], found["sessions"], found["split"]) == (["SQL1"], {"SQL1": 1, "SQL2": 0}, False)
    assert summary([found]) == "All 1 modules are on SQL1."


def test_a_file_that_names_one_server_and_sessions_on_the_other() -> None:
    servers = [server("SQL1", "SQL1", "MyHospital Pharmacy"), server("SQL2", "SQL2")]
    (found,) = whereabouts([PHARMACY], servers, {("app1", "/a"): file("SQL2")})
    assert found["split"]
    assert line(found).startswith("NOT ON ONE SERVER: pharmacy on app1: its files name SQL2; 1 sessions on SQL1")


def test_modules_on_different_servers_are_named() -> None:
    servers = [server("SQL1", "SQL1", "MyHospital Pharmacy"), server("SQL2", "SQL2", "MyHospital Kitchen")]
    found = whereabouts([PHARMACY, KITCHEN], servers, {("app1", "/a"): file("SQL1"), ("app1", "/k"): file("SQL2")})
    assert summary(found) == "THE MODULES ARE NOT ON ONE SERVER: on SQL1: pharmacy; on SQL2: kitchen"


def test_what_was_not_read_or_did_not_answer_is_no_success() -> None:
    servers = [server("SQL1", "SQL1"), FoundServer("SQL2", [parse_endpoint("SQL2")], None)]
    (found,) = whereabouts([PHARMACY], servers, {})
    assert found["split"] and found["unread"] == ["/a"] and found["sessions"]["SQL2"] is None
    assert "SQL2 does not answer" in line(found) and "could not be read: /a" in line(found)


def test_a_hosts_file_has_no_port() -> None:
    servers = [server("SQL1", "10.0.0.5,14331"), server("SQL2", "10.0.0.6,14331")]
    (found,) = whereabouts([PHARMACY], servers, {("app1", "/a"): file("10.0.0.6", format="hosts")})
    assert found["files_name"] == ["SQL2"]


def test_programs_without_an_entry() -> None:
    known = server(
        "SQL1", "SQL1", "MyHospital Pharmacy", "SQLCMD", "Microsoft SQL Server Management Studio - Query", "Dapur"
    )
    known.sessions.append(session("deadpool", login_name="deadpool_restore"))  # type: ignore[union-attr]
    known.sessions.append(session("Dapur", host_name="APP2", database_name="master"))  # type: ignore[union-attr]
    (entry,) = missing_entries([PHARMACY], [known], ["deadpool_restore"])
    assert entry["name"] == "dapur" and entry["host"] == "app1, app2"
    assert entry["sessions"] == [{"program": "Dapur"}] and entry["databases"] == ["Pharmacy"]
