# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A journal on a disk that was full, or under several writers, goes on and hides nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import journal_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.journal import first_flaw, readable
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report import report
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report_page import page


def whole_run(path: Path) -> None:
    for event, data in [
        ("opened", {"kind": "backup", "site": "RS Contoh é"}),
        ("backed_up", {"backups": []}),
        ("shipped", {"transfers": [], "held_back": []}),
    ]:
        journal_file.append(str(path), event, data)


def test_a_whole_run_is_a_success(tmp_path: Path) -> None:
    path = tmp_path / "run" / "journal.jsonl"
    whole_run(path)
    journal_file.append(str(path), "closed", {})
    assert report(journal_file.read(str(path)))["outcome"] == "success"


@pytest.mark.parametrize("lost", [2, 30, 200])
def test_after_a_torn_line_the_run_is_recorded_on_and_is_no_success(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "journal.jsonl"
    whole_run(path)
    path.write_bytes(path.read_bytes()[:-lost])
    torn = path.read_bytes()
    journal_file.append(str(path), "failed", {"what": "Ship", "msg": "no room"})
    journal_file.append(str(path), "closed", {})

    assert path.read_bytes().startswith(torn + b"\n{")
    entries = journal_file.read(str(path))
    assert [entry["event"] for entry in readable(entries)] == ["opened", "backed_up", "failed", "closed"]
    assert (first_flaw(entries) or "").startswith("line 3 is not JSON")
    value = report(entries)
    assert value["outcome"] == "failed" and value["failures"][0]["msg"] == "no room"
    assert "line 3" in page(value)


def test_a_journal_of_a_torn_line_alone_still_has_a_report(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes('{"data": {"site": "RS Contoh é'.encode()[:-1])
    value = report(journal_file.read(str(path)))
    assert value["outcome"] == "failed" and page(value)


def test_a_line_that_lost_nothing_but_its_end_is_no_flaw(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    whole_run(path)
    path.write_bytes(path.read_bytes()[:-1])
    journal_file.append(str(path), "closed", {})
    assert report(journal_file.read(str(path)))["outcome"] == "success"


def test_several_writers_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: journal_file.append(str(path), "fetched", {"n": number}), range(40)))
    entries = journal_file.read(str(path))
    assert len(entries) == 40 and first_flaw(entries) is None
