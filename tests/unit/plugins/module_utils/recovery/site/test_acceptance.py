# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a line of the acceptance test asks, and what is no proof of it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import accepting, evidence_check, journal_file
from ansible_collections.ics.deadpool.plugins.module_utils.clients.deciding import Site
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.acceptance import Ended, Wanted, lacking, verdicts
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.acceptance_lines import LINES
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision_policy import Policy
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.journal import next_entry
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report import report

NOW = datetime(2026, 11, 24, tzinfo=timezone.utc)
WANTED = Wanted(("A", "B"), 15, 60, "en")
Told = tuple[str, Mapping[str, Any]]


def journal(kind: str, *told: Told) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for event, data in [("opened", {"kind": kind, "site": "RS", "user": "root"}), *told]:
        entries.append(next_entry(entries[-1] if entries else None, NOW, event, dict(data)))
    return entries


def shown(line: str, entries: list[dict[str, Any]], code: int = 0) -> tuple[bool, str]:
    one = verdicts(line, Ended(code, entries, "/out.txt"), WANTED)[-1]
    assert one.proven or "/out.txt" in one.hint
    return one.proven, one.fact


CLOSED: Told = ("closed", {})
TAKEN: Told = ("backed_up", {"backups": [{"database_name": name, "files": [f"/{name}.bak"]} for name in "AB"]})
SHIPPED: Told = (
    "shipped",
    {"transfers": [{"source": f"/{n}.bak", "destination": n, "sha256": "x", "bytes": 9} for n in "AB"]},
)
PLAN = {"data_loss_seconds": 60, "predicted_seconds": 100, "bytes_to_fetch": 5}


def plans(**more: Any) -> Told:
    return "planned", {"server": "SQL2", "plans": [{"database": n, "source_database": n, **PLAN, **more} for n in "AB"]}


def checks(**levels: str) -> Told:
    rows = [
        {"item": item, "subject": "", "level": levels.get(item, "OK"), "fact": {"en": item, "id": item}}
        for item in ("verified", "hash", "store", "failed")
    ]
    return "assessed", {"level": "OK", "lines": rows}


def test_a_backup_is_every_database_on_the_store_with_its_hash() -> None:
    assert shown("full", journal("backup", TAKEN, SHIPPED, CLOSED)) == (
        True,
        "2 databases, 2 files, 18 B, with SHA-256",
    )
    one = ("backed_up", {"backups": TAKEN[1]["backups"][:1]})
    assert shown("full", journal("backup", one, SHIPPED, CLOSED)) == (False, "no backup of B")
    bare = ("shipped", {"transfers": [{**row, "sha256": None} for row in SHIPPED[1]["transfers"]]})
    assert shown("log", journal("backup", TAKEN, bare, CLOSED)) == (False, "no SHA-256 of /A.bak, /B.bak")


def test_an_exit_code_spoils_a_line_and_never_passes_it() -> None:
    good = journal("backup", TAKEN, SHIPPED, CLOSED)
    assert not shown("full", good, code=4)[0]
    assert shown("full", [], code=0) == (False, "it left no journal (exit code 0)")
    assert shown("full", journal("backup", TAKEN, SHIPPED)) == (False, "it came to unfinished")
    assert shown("full", journal("daily_check", checks(), CLOSED)) == (False, "it came to success")
    failed = journal("backup", ("failed", {"what": "x", "msg": "no room\nHINT: make some"}))
    assert shown("full", failed, code=2) == (False, "failed (exit code 2): no room")
    good[1]["data"]["backups"] = []
    assert "changed after it was written" in shown("full", good)[1]


def test_green_is_every_line_and_equal_is_every_byte() -> None:
    def two(**levels: str) -> list[bool]:
        ended = Ended(0, journal("daily_check", checks(**levels), CLOSED))
        return [one.proven for one in verdicts("daily_check", ended, WANTED)]

    assert two() == [True, True]
    assert two(store="WARNING") == [True, False]
    assert two(hash="CRITICAL") == [False, False]
    assert two(failed="CRITICAL") == [True, False]
    assert two(failed="WARNING") == [True, True], "what failed and succeeded since does not spoil a day"
    nothing = Ended(0, journal("daily_check", ("assessed", {"level": "OK", "lines": []}), CLOSED))
    assert [one.proven for one in verdicts("daily_check", nothing, WANTED)] == [False, False]


@pytest.mark.parametrize(
    ("change", "good"),
    [
        ({}, True),
        ({"data_loss_seconds": 901}, False),
        ({"predicted_seconds": 1801}, False),
        ({"predicted_seconds": None}, False),
    ],
)
def test_a_plan_must_keep_what_is_promised(change: dict[str, Any], good: bool) -> None:
    assert shown("plan", journal("recovery", plans(**change)))[0] is good


def test_a_drill_must_be_of_every_database() -> None:
    proof = ("verified", {"verdicts": [{"verdict": "proven"}]})
    told = (("fetched", {}), ("restored", {"databases": []}), proof, CLOSED)
    whole = plans(already_there=False)
    assert shown("drill", journal("drill", whole, *told))[0]
    half = ("planned", {"plans": whole[1]["plans"][:1]})
    assert shown("drill", journal("drill", half, *told)) == (False, "left out: B")


def every_line(*but: str) -> list[Told]:
    return [
        ("tested", {"lines": [line], "verdicts": [{"verdict": "not_proven" if line in but else "proven"}]})
        for line in LINES
    ]


def outcome(*told: Told) -> str:
    return str(report(journal("uat", *told))["outcome"])


def test_an_acceptance_test_is_a_success_when_all_is_passed_and_accepted() -> None:
    accepted = ("accepted", {"who": "Siti Rahmawati", "how": "typed at the terminal"})
    assert outcome(*every_line(), CLOSED) == "unfinished"
    assert outcome(*every_line(), CLOSED, accepted) == "success"
    assert outcome(*every_line("drill"), CLOSED, accepted) == "failed"
    assert outcome(*every_line()[:-1], CLOSED, accepted) == "failed"
    assert list(lacking(journal("uat", *every_line("drill")[1:]))) == ["connectivity", "drill"]


def site(persons: int = 1) -> Site:
    return Site("RS", "/reports", Policy(persons, "/signers", ("m@rs",), ("m@rs",)), {}, ("root",))


def kept(tmp_path: Path, *told: Told) -> str:
    for entry in journal("uat", *told):
        journal_file.append(str(tmp_path / "journal.jsonl"), entry["event"], entry["data"])
    return str(tmp_path)


def test_who_accepts_gives_a_name_and_is_asked_once(tmp_path: Path) -> None:
    folder = kept(tmp_path, *every_line(), CLOSED)
    about = accepting.statement(site(), folder)
    for nobody in ("", "y", "ok"):
        with pytest.raises(InvalidInput, match="nobody has accepted"):
            accepting.take(site(), folder, about, (nobody, ""), 0)
    entry = accepting.take(site(), folder, about, ("Siti  Rahmawati", ""), 0)
    assert (entry["data"]["who"], entry["data"]["how"]) == ("Siti Rahmawati", "typed at the terminal")
    assert accepting.take(site(), folder, about, ("Somebody Else", ""), 0) == entry
    assert accepting.statement(site(), folder) == about, "it is about the test, and not about its acceptance"


def test_a_test_that_shows_less_cannot_be_accepted(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not passed: drill"):
        accepting.statement(site(), kept(tmp_path, *every_line("drill"), CLOSED))


def test_a_test_that_failed_or_is_another_sites_cannot_be_accepted(tmp_path: Path) -> None:
    folder = kept(tmp_path, *every_line(), ("failed", {"msg": "x"}), CLOSED)
    with pytest.raises(InvalidInput, match="did not end well"):
        accepting.statement(site(), folder)
    other = Site("RS Lain", "/reports", site().policy, {}, ("root",))
    with pytest.raises(InvalidInput, match="no acceptance test of RS Lain"):
        accepting.statement(other, folder)


def test_two_persons_means_a_signature(tmp_path: Path) -> None:
    folder = kept(tmp_path, *every_line(), CLOSED)
    about = accepting.statement(site(2), folder)
    with pytest.raises(InvalidInput, match="nobody has signed"):
        accepting.take(site(2), folder, about, ("Siti Rahmawati", "Siti Rahmawati"), 0)


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not here")
def test_a_signature_of_somebody_else_accepts_and_one_under_another_test_does_not(tmp_path: Path) -> None:
    folder, key = kept(tmp_path, *every_line(), CLOSED), tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (tmp_path / "signers").write_text(f"m@rs {key.with_suffix('.pub').read_text()}")
    two = Site("RS", "/reports", Policy(2, str(tmp_path / "signers"), ("m@rs",), ("m@rs",)), {}, ("root",))
    about = accepting.statement(two, folder)
    path = accepting.want(folder, about)
    path.write_text("another test\n")
    for text in ("another test\n", about.text()):
        path.write_text(text)
        path.with_name(path.name + ".sig").unlink(missing_ok=True)
        subprocess.run(
            ["ssh-keygen", "-q", "-Y", "sign", "-n", "deadpool-decision", "-f", str(key), str(path)], check=True
        )
        if text != about.text():
            with pytest.raises(InvalidInput, match="of nobody who may decide"):
                accepting.take(two, folder, about, ("Siti Rahmawati", ""), 0)
    mine = replace(two, starters=("m",))
    with pytest.raises(InvalidInput, match="started this"):
        accepting.take(mine, folder, about, ("", ""), 0)
    entry = accepting.take(two, folder, about, ("", ""), 0)
    assert (entry["data"]["who"], entry["data"]["how"]) == ("m@rs", "signed")
    assert evidence_check.check(folder, None, None, str(tmp_path / "signers"))["told"].endswith(
        "1 signatures are good."
    )
