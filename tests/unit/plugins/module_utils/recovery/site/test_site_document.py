# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The document of a site: everything in it, in both languages, and no secret."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.site_documents import write_documents
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.site_document import in_order, parts
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.site_document_page import html, markdown

FACTS: dict[str, Any] = {
    "site": "RS <Contoh>",
    "made_at": "25-11-2026 00:59 WIB",
    "time_zone": "Asia/Jakarta",
    "hosts": [
        {"name": "app1", "groups": ["application"], "address": "10.0.0.21", "system": "Debian 12"},
        {"name": "localhost", "system": "Debian 12"},
        {
            "name": "sql1",
            "groups": ["production", "sql_servers"],
            "address": "10.0.0.1",
            "sql_address": "10.0.0.1",
            "sql_port": 1433,
            "sql_name": "SQL1",
            "folders": [r"D:\backup", "/x|y"],
        },
    ],
    "stores": [{"name": "backup1", "address": "10.0.0.3", "port": 21, "tls": "none", "directory": "/rs"}],
    "databases": ["A", "B"],
    "priorities": {"B": 1},
    "canaries": [{"database": "A", "table": "T", "time_column": "At"}],
    "modules": [{"name": "m", "host": "app1", "databases": ["A"], "health": "http://h/", "password": "S3cret!"}],
    "schedule": [{"kind": "full", "at": "Sun 02:00"}, {"kind": "log", "at": "*:00/15"}, {"kind": "x", "at": "07:00"}],
    "then": {"log": ["standby"]},
    "accounts": [{"name": "deadpool_backup", "where": "SQL Server", "use": "backup"}, {"name": "", "use": "admin"}],
    "routes": [
        {"origin": o, "target": "backup1", "address": "10.0.0.3", "port": p, "service": "ftp_passive", "idle": True}
        for o in ("sql1", "localhost")
        for p in (50000, 50099, 50199)
    ],
    "rpo_minutes": "15",
    "rto_minutes": "60",
    "window_days": "14",
    "versions": {"ansible-core": "2.19.0"},
}


def rows(title: str) -> list[tuple[Any, ...]]:
    (one,) = (part for part in parts(FACTS) if part.title[1] == title)
    return list(one.rows)


def test_databases_stand_in_the_order_in_which_they_come_back() -> None:
    assert [row[1] for row in rows("Databases")] == ["B", "A"]


def test_times_are_said_as_people_say_them() -> None:
    assert [row[1] for row in rows("Schedule")] == [
        ("Minggu 02:00", "Sun 02:00"),
        ("tiap 15 menit", "every 15 minutes"),
        ("tiap hari 07:00", "daily 07:00"),
    ]
    assert rows("Schedule")[1][2] == ("Server cadangan mengikuti", "the failover follows")


def test_a_passive_range_is_one_route_of_everybody_who_needs_it() -> None:
    assert rows("Routes") == [("backup1", "10.0.0.3:50000–50199", ("FTP pasif", "FTP passive"), "controller, sql1")]


def test_a_server_that_is_silent_and_a_store_without_encryption_are_called_so() -> None:
    assert rows("Hosts")[0][3:5] == (
        ("tidak menjawab", "did not answer"),
        ("SQL1 10.0.0.1:1433, tidak menjawab", "SQL1 10.0.0.1:1433, did not answer"),
    )
    assert rows("Backup store")[0][2] == ("FTP TANPA enkripsi", "FTP WITHOUT encryption")


def test_the_page_and_the_texts_say_the_same() -> None:
    page = re.sub(r"<wbr>", "", html(FACTS, "mark"))
    texts = [markdown(FACTS, language, "mark") for language in (0, 1)]
    for word in ("10.0.0.1", "deadpool_backup", "50000–50199", "2.19.0", "T.At"):
        assert word in page and all(word in text.replace("\\", "") for text in texts)
    assert "RS &lt;Contoh&gt;" in page and "<Contoh>" not in page
    assert "# Site document: RS \\<Contoh\\>" in texts[1] and "x\\|y" in texts[1]
    assert 'lang="en"' in page and "<script" not in page and "http-equiv" not in page


def test_every_row_of_a_table_has_the_cells_of_its_head() -> None:
    for line in markdown(FACTS, 0, "mark").splitlines():
        if line.startswith("|"):
            assert re.fullmatch(r"(\| (?:[^|\\]|\\.)* )+\|", line)
    for part in parts(FACTS):
        assert all(len(row) == len(part.heads) for row in part.rows)


def test_what_was_not_asked_for_is_in_no_document() -> None:
    assert "S3cret!" not in html(FACTS, "m") + markdown(FACTS, 0, "m") + markdown(FACTS, 1, "m")


def test_a_document_that_says_the_same_is_left_as_it_is(tmp_path: Path) -> None:
    assert write_documents(FACTS, str(tmp_path), touch=False)["changed"] and not list(tmp_path.iterdir())
    first = write_documents(FACTS, str(tmp_path), touch=True)
    assert first["changed"] and first["silent"] == ["sql1"] and len(list(tmp_path.iterdir())) == 3
    other = {**FACTS, "hosts": list(reversed(FACTS["hosts"]))}
    assert in_order(other["hosts"]) == in_order(FACTS["hosts"])
    assert not write_documents(other, str(tmp_path), touch=True)["changed"]
    assert write_documents({**FACTS, "rpo_minutes": "5"}, str(tmp_path), touch=True)["changed"]


@pytest.mark.parametrize("missing", ["schedule", "routes", "modules", "accounts"])
def test_a_site_that_has_little_has_a_document(missing: str) -> None:
    facts = {name: value for name, value in FACTS.items() if name != missing}
    assert "Belum ada." in markdown(facts, 0, "m") and "Belum ada." in html(facts, "m")
