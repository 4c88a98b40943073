# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of a run as they lie on a disk: what was changed in any of them afterwards is found."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import journal_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision_statement import NAMESPACE, Statement
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.journal_check import seal
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report import report
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report_page import page
from ansible_collections.ics.deadpool.plugins.modules.journal_verify import verify

PLAN = {
    "database": "Pharmacy",
    "source_server": "SQL1",
    "reaches": "2026-11-24T03:00:02+07:00",
    "reaches_lsn": "37000000113600001",
    "data_loss_seconds": 47.0,
    "data_loss_reason": "no log backup after 03:00:02",
    "already_there": False,
    "steps": [],
}
STATEMENT = Statement(1, "RS Contoh", "k3x9", "failover", "SQL2", "d" * 64)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run whose report was written."""
    written(tmp_path, {"who": "edp", "how": "typed at the terminal"})
    return tmp_path


def written(folder: Path, decided: dict[str, Any]) -> None:
    told: list[tuple[str, dict[str, Any]]] = [
        ("opened", {"kind": "recovery", "site": "RS Contoh é", "time_zone": "Asia/Jakarta"}),
        ("planned", {"plans": [PLAN], "digest": "d" * 64, "server": "SQL2"}),
        ("decided", decided),
        ("restored", {"databases": [{"database": "Pharmacy", "seconds": 2.5, "steps": []}]}),
        ("closed", {}),
    ]
    for event, data in told:
        journal_file.append(str(folder / "journal.jsonl"), event, data)
    value = report(journal_file.read(str(folder / "journal.jsonl")))
    (folder / "report.json").write_text(json.dumps(value), encoding="utf-8")
    (folder / "report.html").write_text(page(value), encoding="utf-8")


def look(folder: Path, **given: Any) -> dict[str, Any]:
    return verify({"path": str(folder), "entries": None, "head": None, "signers": None, **given}, True)


def kinds(folder: Path, **given: Any) -> list[str]:
    value = look(folder, **given)
    assert value.get("failed", False) is bool(value["flaws"])
    return [flaw["kind"] for flaw in value["flaws"]]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_untouched_files_are_good_by_folder_and_by_journal(run: Path) -> None:
    value = look(run)
    assert value["told"] == "5 entries, unchanged since they were written; sealed by the report."
    assert look(run / "journal.jsonl") == value


def test_what_is_written_after_the_report_is_no_flaw(run: Path) -> None:
    journal_file.append(str(run / "journal.jsonl"), "notified", {"to": ["it@example.org"], "ok": True})
    assert kinds(run) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("report.json", '"data_loss_seconds": 47.0', '"data_loss_seconds": 4.0'),
        ("report.html", "Pharmacy", "Farmasi"),
    ],
)
def test_a_report_that_was_changed_is_found(run: Path, name: str, old: str, new: str) -> None:
    edit(run / name, old, new)
    value = look(run)
    assert [flaw["kind"] for flaw in value["flaws"]] == ["report"]
    assert value["failed"] and f"{name} is not what the journal gives" in value["msg"]


@pytest.mark.parametrize("name", ["report.json", "report.html"])
def test_a_report_with_a_byte_that_is_no_text_is_found(run: Path, name: str) -> None:
    content = bytearray((run / name).read_bytes())
    content[len(content) // 2] = 0xFF
    (run / name).write_bytes(content)
    assert kinds(run) == ["report"]


@pytest.mark.parametrize("old", ["2026-11-24T03:00:02+07:00", '"data_loss_seconds"', '"source_server"'])
def test_a_journal_that_no_longer_gives_any_report_is_found_all_the_same(run: Path, old: str) -> None:
    edit(run / "journal.jsonl", old, old[:1] + "x" + old[2:])
    assert "changed" in kinds(run)


def test_a_report_whose_seal_is_no_number_of_entries_is_found(run: Path) -> None:
    edit(run / "report.json", '"entries": 5', '"entries": -50')
    assert "report" in kinds(run)


def test_an_end_that_was_cut_off_is_found_by_the_report_and_by_a_mail(run: Path) -> None:
    before = seal(journal_file.read(str(run / "journal.jsonl")))
    lines = (run / "journal.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (run / "journal.jsonl").write_text("".join(lines[:-1]), encoding="utf-8")
    assert kinds(run) == ["cut_off", "unfinished"]
    (run / "report.json").unlink()
    assert "cut_off" in kinds(run, entries=before.entries, head=before.head)


def test_files_that_were_all_written_anew_are_found_only_by_a_seal_from_elsewhere(run: Path, tmp_path: Path) -> None:
    before = seal(journal_file.read(str(run / "journal.jsonl")))
    anew = tmp_path / "anew"
    written(anew, {"who": "somebody else", "how": "typed at the terminal"})
    assert kinds(anew) == []
    assert kinds(anew, entries=before.entries, head=f" {before.head.upper()}\n") == ["rewritten"]


@pytest.mark.parametrize(("entries", "head"), [(0, "a" * 64), (-50, "a" * 64), (5, ""), (5, "a" * 64)])
def test_a_given_seal_that_is_not_of_this_journal_is_never_passed_over(run: Path, entries: int, head: str) -> None:
    assert kinds(run, entries=entries, head=head) == ["rewritten"]


def test_a_folder_without_a_journal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no such journal"):
        look(tmp_path)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed (openssh-client)")
def test_a_real_signature_is_checked_against_what_the_journal_says_was_decided(tmp_path: Path) -> None:
    key, text, signers = tmp_path / "key", tmp_path / "decision.txt", tmp_path / "signers"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, timeout=20)
    text.write_text(STATEMENT.text(), encoding="utf-8")
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(text)]
    subprocess.run(command, check=True, timeout=20, capture_output=True)
    signers.write_text(f"direktur {key.with_suffix('.pub').read_text(encoding='utf-8')}", encoding="utf-8")
    signature = text.with_name("decision.txt.sig").read_text(encoding="utf-8")
    signed = {"who": "direktur", "how": "signed", "signature": signature, "statement": STATEMENT.to_dict()}

    written(tmp_path / "good", signed)
    assert look(tmp_path / "good", signers=str(signers))["told"].endswith(
        "sealed by the report; 1 signatures are good."
    )
    # Everything written anew, chain and report in order: another server under the same signature.
    written(tmp_path / "forged", {**signed, "statement": {**STATEMENT.to_dict(), "server": "SQL3"}})
    assert kinds(tmp_path / "forged") == []
    assert kinds(tmp_path / "forged", signers=str(signers)) == ["signature"]
    written(tmp_path / "other", {**signed, "who": "edp"})
    assert kinds(tmp_path / "other", signers=str(signers)) == ["signature"]
