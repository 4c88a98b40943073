# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which incident a recovery goes on with, asked of real files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import incident_file, journal_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.incident import Incident

PROVEN: list[tuple[str, dict[str, Any]]] = [
    ("planned", {"plans": [{"already_there": False}]}),
    ("decided", {"who": "direktur"}),
    ("restored", {}),
    ("verified", {"verdicts": [{"verdict": "proven"}]}),
    ("repointed", {}),
    ("proven", {"modules": [{"ok": True}], "verdicts": []}),
    ("closed", {}),
]


def begun(reports: Path, site: str = "RS Contoh") -> Incident:
    incident = Incident("k3x9", site, "budi", "fire", "2026-11-24T03:00:00+07:00", str(reports / "k3x9"))
    written(incident, ("opened", {"kind": "recovery"}))
    incident_file.remember(str(reports), incident)
    return incident


def written(incident: Incident, *entries: tuple[str, dict[str, Any]]) -> None:
    for event, data in entries:
        journal_file.append(str(incident_file.journal_of(incident)), event, data)


def test_a_site_without_an_incident_begins_one(tmp_path: Path) -> None:
    assert incident_file.open_one(str(tmp_path), "RS Contoh") is None


@pytest.mark.parametrize("done", range(len(PROVEN)))
def test_an_incident_that_is_not_proven_is_continued(tmp_path: Path, done: int) -> None:
    incident = begun(tmp_path)
    written(incident, *PROVEN[:done])
    assert incident_file.open_one(str(tmp_path), "RS Contoh") == incident


def test_an_incident_that_failed_is_continued(tmp_path: Path) -> None:
    incident = begun(tmp_path)
    written(incident, *PROVEN[:3], ("failed", {"msg": "no room"}), ("closed", {}))
    assert incident_file.open_one(str(tmp_path), "RS Contoh") == incident


def test_after_an_incident_that_is_proven_another_one_is_opened(tmp_path: Path) -> None:
    incident = begun(tmp_path)
    written(incident, *PROVEN)
    assert incident_file.open_one(str(tmp_path), "RS Contoh") is None
    assert incident_file.last(str(tmp_path), "RS Contoh") == incident


def test_an_incident_begun_again_after_its_end_is_open(tmp_path: Path) -> None:
    incident = begun(tmp_path)
    written(incident, *PROVEN, ("opened", {"kind": "recovery"}))
    assert incident_file.open_one(str(tmp_path), "RS Contoh") == incident


def test_another_site_has_another_incident(tmp_path: Path) -> None:
    begun(tmp_path)
    assert incident_file.open_one(str(tmp_path), "RS Lain") is None
    other = replace(begun(tmp_path / "lain", "RS Lain"), id="p7q2")
    incident_file.remember(str(tmp_path), other)
    assert incident_file.open_one(str(tmp_path), "RS Lain") == other
    assert (incident_file.open_one(str(tmp_path), "RS Contoh") or other).id == "k3x9"


def test_an_edited_journal_proves_no_end_and_is_left_as_it_is(tmp_path: Path) -> None:
    incident = begun(tmp_path)
    written(incident, *PROVEN)
    journal = incident_file.journal_of(incident)
    text = journal.read_text(encoding="utf-8")
    journal.write_text(text.replace('"who": "direktur"', '"who": "manajer"'), encoding="utf-8")
    assert incident_file.open_one(str(tmp_path), "RS Contoh") == incident
    assert not incident_file.can_be_continued(incident)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"id": 7}', "\udcff"])
def test_a_file_that_cannot_be_read_is_no_incident(tmp_path: Path, content: str) -> None:
    begun(tmp_path)
    incident_file.path_of(str(tmp_path), "RS Contoh").write_bytes(content.encode(errors="surrogateescape"))
    assert incident_file.open_one(str(tmp_path), "RS Contoh") is None


def test_an_incident_whose_journal_is_gone_is_not_continued(tmp_path: Path) -> None:
    incident_file.journal_of(begun(tmp_path)).unlink()
    assert incident_file.open_one(str(tmp_path), "RS Contoh") is None
