# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report calls a run a success only where the journal proves it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.journal import EVENTS, next_entry
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report import report
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report_outcome import NEEDED
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report_page import page
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report_words import (
    STAGES,
    TITLES,
    size_words,
    span_words,
)

PLAN = {
    "database": "Pharmacy",
    "source_server": "SQL1",
    "reaches": "2026-11-24T03:00:02+07:00",
    "reaches_lsn": 37000000113600001,
    "data_loss_seconds": 47.0,
    "data_loss_reason": "no log backup after 03:00:02",
    "already_there": False,
    "steps": [
        {
            "files": ["/SQL1/Pharmacy/FULL/a.bak"],
            "backup_type": "full",
            "position": 1,
            "first_lsn": 37000000111200001,
            "last_lsn": 37000000113600001,
            "size": 4096,
        }
    ],
}
WHOLE: list[tuple[str, dict[str, Any]]] = [
    (
        "opened",
        {"kind": "recovery", "site": "RSUD <Demo>", "time_zone": "Asia/Jakarta", "choices": {"target": "failover"}},
    ),
    ("history", {"files": 1, "unreadable": []}),
    ("planned", {"plans": [PLAN], "digest": "d" * 64, "server": "SQL2"}),
    ("decided", {"who": "edp", "how": "typed at the terminal"}),
    ("fetched", {"transfers": [{"source": "/SQL1/Pharmacy/FULL/a.bak", "bytes": 4096, "sha256": "a" * 64}]}),
    ("restored", {"databases": [{"database": "Pharmacy", "seconds": 2.5, "steps": []}]}),
    ("verified", {"verdicts": [{"item": "online", "subject": "Pharmacy", "verdict": "proven", "fact": "<b>"}]}),
    (
        "repointed",
        {
            "files": [{"path": "/srv/web.config", "before": ["SQL1"], "after": ["SQL2"]}],
            "applications": [{"name": "pharmacy", "files": [{"path": "/srv/web.config"}]}],
        },
    ),
    ("proven", {"modules": [{"name": "pharmacy", "ok": True}], "verdicts": []}),
    ("closed", {}),
]


def journal(events: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    at = datetime(2026, 11, 24, 3, 0, 49, tzinfo=timezone.utc)
    for number, (event, data) in enumerate(events):
        entries.append(next_entry(entries[-1] if entries else None, at + timedelta(seconds=number), event, data))
    return entries


def test_a_whole_recovery_is_a_success() -> None:
    value = report(journal(WHOLE))
    assert value["outcome"] == "success"
    assert value["data_loss_seconds"] == 47.0
    assert value["seconds"] == 9.0
    assert value["files"][0]["sha256"] == "a" * 64
    assert value["files"][0]["last_lsn"] == "37000000113600001"
    assert value["modules"][0]["files"][0]["path"] == "/srv/web.config"


@pytest.mark.parametrize("missing", ["planned", "decided", "restored", "verified", "repointed", "proven", "closed"])
def test_a_recovery_without_one_of_its_proofs_is_no_success(missing: str) -> None:
    value = report(journal([event for event in WHOLE if event[0] != missing]))
    assert value["outcome"] == "unfinished"
    assert "BELUM SELESAI" in page(value)


@pytest.mark.parametrize("event", ["verified", "proven"])
def test_a_proof_that_is_not_true_is_a_failure(event: str) -> None:
    told = [
        (e, {**d, "verdicts": [{"item": "online", "verdict": "not_proven"}]} if e == event else d) for e, d in WHOLE
    ]
    assert report(journal(told))["outcome"] == "failed"


def test_a_module_that_is_not_proven_is_a_failure() -> None:
    told = [(e, {**d, "modules": [{"name": "pharmacy", "ok": None}]} if e == "proven" else d) for e, d in WHOLE]
    assert report(journal(told))["outcome"] == "failed"


def test_a_failure_is_a_failure_whatever_comes_after() -> None:
    value = report(journal([*WHOLE[:5], ("failed", {"what": "Restore", "msg": "fact\nHINT: do"}), *WHOLE[5:]]))
    assert value["outcome"] == "failed"
    assert "GAGAL" in page(value) and "HINT: do" in page(value)


def test_a_journal_that_was_edited_is_a_failure() -> None:
    entries = journal(WHOLE)
    entries[2]["data"]["plans"][0]["data_loss_seconds"] = 0
    value = report(entries)
    assert value["outcome"] == "failed" and "entry 3 was changed" in value["journal_flaw"]


def test_only_a_plan() -> None:
    assert report(journal(WHOLE[:3]))["outcome"] == "planned"


def test_all_there_already() -> None:
    told = [(e, {**d, "plans": [{**PLAN, "already_there": True}]} if e == "planned" else d) for e, d in WHOLE]
    assert report(journal(told))["outcome"] == "already_there"


def test_already_there_is_not_said_where_something_was_changed() -> None:
    told = [(e, {**d, "plans": [{**PLAN, "already_there": True}]} if e == "planned" else d) for e, d in WHOLE]
    for event, data in (
        ("repointed", {"files": [{"path": "/a", "changed": True, "before": [], "after": []}]}),
        ("repointed", {"restarted": [{"name": "pharmacy"}]}),
        ("verified", {"orphaned_users": [{"user": "x", "repaired": True}]}),
    ):
        changed = [(e, {**d, **data} if e == event else d) for e, d in told]
        assert report(journal(changed))["outcome"] == "success"


def test_no_modules_is_no_proof() -> None:
    told = [(e, {**d, "modules": []} if e == "proven" else d) for e, d in WHOLE]
    assert report(journal(told))["outcome"] == "failed"


@pytest.mark.parametrize("shipped, outcome", [(["/b/x.trn"], "success"), ([], "failed"), (["/b/y.trn"], "failed")])
def test_a_backup_that_is_not_on_the_store_is_no_success(shipped: list[str], outcome: str) -> None:
    transfers = [{"source": path, "destination": path} for path in shipped]
    told: list[tuple[str, dict[str, Any]]] = [
        ("opened", {"kind": "backup"}),
        ("backed_up", {"backups": [{"database_name": "A", "backup_type": "log", "files": ["/b/x.trn"]}]}),
        ("shipped", {"transfers": transfers}),
        ("closed", {}),
    ]
    value = report(journal(told))
    assert value["outcome"] == outcome
    assert page(value)


def test_an_unknown_kind_is_never_a_success() -> None:
    assert report(journal([("opened", {"kind": "party"}), ("closed", {})]))["outcome"] == "unfinished"


class _Balance(HTMLParser):
    """Whether every tag that is opened is closed in order."""

    void = ("meta", "br", "rect")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.void:
            assert self.open.pop() == tag


def test_the_page_is_well_formed_escaped_and_needs_nothing_else() -> None:
    html = page(report(journal(WHOLE)))
    parser = _Balance()
    parser.feed(html)
    assert parser.open == []
    assert "RSUD &lt;Demo&gt;" in html
    assert "Berhasil dan terbukti" in html and "Succeeded, and proven" in html
    assert "24-11-2026 03:00:02 WIB" in html
    assert "<script" not in html and "http" not in html.replace("http-equiv", "")


@pytest.mark.parametrize(
    "seconds, words",
    [(None, "–"), (8.44, "8,4 detik"), (200, "3 menit 20 detik"), (7500, "2 jam 5 menit"), (356400, "4 hari 3 jam")],
)
def test_spans(seconds: float | None, words: str) -> None:
    assert span_words(seconds) == words


def test_sizes() -> None:
    assert [size_words(size) for size in (0, 1536, 3 << 20, 5 << 40)] == ["0 B", "1.5 KB", "3.0 MB", "5.0 TB"]


def test_every_event_and_every_kind_of_run_has_its_words() -> None:
    assert not set(EVENTS) - set(STAGES) and not set(NEEDED) - set(TITLES)


def test_a_fence_is_reported() -> None:
    told = [
        ("opened", {"kind": "fence", "site": "RSUD", "time_zone": "Asia/Jakarta"}),
        ("backed_up", {"backups": [], "left": [{"database": "Pharmacy", "files": ["/left/a.trn"]}]}),
        ("fenced", {"server": "SQL1", "closed": ["Pharmacy"], "tails": [], "twins": [], "disabled_logins": ["ward"]}),
        ("closed", {}),
    ]
    value = report(journal(told))
    assert value["outcome"] == "success" and page(value)
