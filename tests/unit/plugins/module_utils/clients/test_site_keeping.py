# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the controller keeps of a site: runs by their journals, folders by their modes, files that are whole."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import host_paths, journal_file, site_runs
from ansible_collections.ics.deadpool.plugins.module_utils.clients.store_audit import _Hashing
from ansible_collections.ics.deadpool.plugins.module_utils.clients.whole_file import read_json, write_whole
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import StoreUnreachable

NOW = datetime.now(timezone.utc)
PLUGIN = Path(__file__).resolve().parents[5] / "scripts/check_site"


def journal(reports: Path, kind: str, events: dict[str, Any], *, site: str = "RS", day: datetime = NOW) -> Path:
    folder = reports / f"{day:%Y%m%d}-021500-{len(list(reports.glob('*'))):04d}-{kind}"
    opened = {"kind": kind, "site": site, "choices": {}}
    for event, data in {"opened": opened, **events}.items():
        journal_file.append(str(folder / "journal.jsonl"), event, data)
    return folder


def backed_up(kind: str) -> dict[str, Any]:
    files = ["/b/x.trn"]
    return {
        "backed_up": {"backups": [{"backup_type": kind, "files": files}]},
        "shipped": {"transfers": [{"source": "/b/x.trn", "destination": "/x.trn"}]},
        "closed": {},
    }


def test_a_run_is_what_its_journal_proves(tmp_path: Path) -> None:
    journal(tmp_path, "backup", backed_up("log"))
    journal(tmp_path, "backup", {**backed_up("full"), "failed": {"msg": "3201: no room\nHINT: free some"}})
    journal(tmp_path, "backup", backed_up("log"), site="another")
    journal(tmp_path, "prune", {"pruned": {"deleted": ["/a", "/b"]}, "closed": {}}, day=NOW - timedelta(days=20))
    torn = journal(tmp_path, "standby", {"planned": {"plans": []}})
    (tmp_path / "20261124-no-run").mkdir()
    (torn / "journal.jsonl").open("a").write("{half")
    found = site_runs.runs(str(tmp_path), "RS", NOW, 2)
    told = {(one["kind"], one["backup_type"]): (one["outcome"], one["failure"]) for one in found}
    assert told[("backup", "log")] == ("success", "") and told[("backup", "full")] == ("failed", "3201: no room")
    assert told[("prune", "")][0] == "success" and len(found) == 4
    assert told[("standby", "")][0] == "failed"


def test_runs_that_come_by_the_minute_are_not_all_read(tmp_path: Path) -> None:
    for _unused in range(6):
        journal(tmp_path, "fence", {"closed": {}})
        journal(tmp_path, "backup", backed_up("log"))
    kinds = [one["kind"] for one in site_runs.runs(str(tmp_path), "RS", NOW, 2)]
    assert kinds.count("backup") == 6 and kinds.count("fence") == 3


def test_a_drill_is_good_only_with_proof(tmp_path: Path) -> None:
    steps: dict[str, Any] = {"planned": {"plans": []}, "fetched": {}, "restored": {}}
    journal(tmp_path, "drill", {**steps, "verified": {"verdicts": []}, "closed": {}})
    (found,) = site_runs.runs(str(tmp_path), "RS", NOW, 2)
    assert found["outcome"] == "failed"
    journal(tmp_path, "drill", {**steps, "verified": {"verdicts": [{"verdict": "proven"}]}, "closed": {}})
    assert [one["outcome"] for one in site_runs.runs(str(tmp_path), "RS", NOW, 2)] == ["failed", "success"]


def test_the_server_that_was_left_is_known(tmp_path: Path) -> None:
    assert site_runs.left_server(str(tmp_path), ".left-ab-*.json") == {}
    (tmp_path / ".left-ab-sql1.json").write_text('{"server": "SQL1", "group": "failover", "since": "today"}')
    assert site_runs.left_server(str(tmp_path), ".left-ab-*.json")["server"] == "SQL1"
    (tmp_path / ".left-ab-sql1.json").write_text("torn")
    assert site_runs.left_server(str(tmp_path), ".left-ab-*.json")["group"] == "failover", "left, whatever it says"


def test_folders_are_judged_by_their_modes(tmp_path: Path) -> None:
    good, file = tmp_path / "good", tmp_path / "file"
    good.mkdir()
    file.write_text("")
    told = host_paths.look([str(path) for path in (good, file, tmp_path / "none")], "")
    assert [row["problem"] for row in told["paths"]] == ["", "it is no folder", "No such file or directory"]
    assert told["paths"][0]["free_bytes"] > 0 and told["clock"].endswith("+00:00")
    assert host_paths.look([str(good)], "no-such-account")["paths"][0]["problem"].startswith("this host has no account")


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "may"),
    [(0o700, 7, 0, True), (0o700, 8, 0, False), (0o770, 8, 9, True), (0o770, 8, 8, False), (0o757, 8, 8, True),
     (0o077, 7, 9, False), (0o000, 0, 0, True)],
)  # fmt: skip
def test_the_owner_then_the_group_then_the_others(mode: int, uid: int, gid: int, may: bool) -> None:
    status = os.stat_result((0o040000 | mode, 1, 1, 1, 7, 9, 0, 0, 0, 0))
    assert host_paths.Account("x", uid, frozenset({gid})).may(status, 7) is may


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep/page.html"
    write_whole(str(path), "new")
    write_whole(str(path), "newer")
    assert path.read_text() == "newer" and [one.name for one in path.parent.iterdir()] == ["page.html"]
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreUnreachable, match="cannot be written"):
        write_whole(str(tmp_path / "folder"), "x")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["deep", "folder"]
    assert read_json(str(path)) is None and read_json(str(tmp_path / "none")) is None


def test_the_digest_is_of_every_byte_however_the_reader_goes() -> None:
    data = bytes(range(256)) * 5000
    hashing = _Hashing(lambda offset, length: data[offset : offset + length], len(data))
    for offset, length in ((0, 16384), (0, 512), (8000, 20000), (700_000, 10), (650_000, 60_000)):
        assert hashing.read(offset, length) == data[offset : offset + length]
    assert hashing.finish() == hashlib.sha256(data).hexdigest()


@pytest.mark.skipif(not PLUGIN.exists(), reason="scripts are not shipped here")
def test_the_plugin_answers_with_the_last_check_or_with_unknown(tmp_path: Path) -> None:
    path = tmp_path / "check.json"

    def answer() -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, str(PLUGIN), str(path)], capture_output=True, text=True, check=False, timeout=20
        )
        return done.returncode, done.stdout

    assert answer()[0] == 3
    kept = {"nagios": "WARNING: x | 'a'=1", "exit_code": 1, "checked_at": NOW.isoformat()}
    path.write_text(json.dumps({**kept, "valid_until": (NOW + timedelta(hours=1)).isoformat()}))
    assert answer() == (1, "WARNING: x | 'a'=1\n")
    path.write_text(json.dumps({**kept, "valid_until": (NOW - timedelta(hours=1)).isoformat()}))
    code, text = answer()
    assert code == 3 and text.startswith("UNKNOWN: not checked since") and "WARNING: x" in text
