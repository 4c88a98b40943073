# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole site: built, run, killed, recovered by hand, and judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from simulator.apps.journal import read_journal
from simulator.apps.modules import MODULES
from simulator.judge import judge
from simulator.judge_rows import transactions
from simulator.site import Site

from .by_hand import ByHand, run

SPEED = 20


def command(*words: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words], check=False, capture_output=True, text=True, timeout=60, **options
    )


def findings(site: Site, role: str = "failover") -> dict[str, list[str]]:
    return {verdict.module: verdict.all_findings for verdict in judge(site, role) if verdict.all_findings}


def states(site: Site) -> set[str]:
    return {(site.health(name) or {"status": "silent"})["status"] for name in site.modules}


def wait_for(fact: Callable[[], bool], patience: float = 10) -> None:
    deadline = time.monotonic() + patience
    while not fact():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("hospital"), say=lambda _: None)
    try:
        site.start(SPEED)
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="module")
def recovered(site: Site) -> dict[str, Any]:
    """Full, differential and two log backups shipped; production killed; everything recovered on the failover."""
    by_hand = ByHand(site)
    shipped: dict[str, list[str]] = {module.database: [] for module in MODULES.values()}
    for kind in ("FULL", "LOG", "LOG"):
        time.sleep(1.5)
        for database, names in shipped.items():
            names.append(by_hand.backup(kind, database))
    time.sleep(1.5)
    site.stop_one("production", kill=True)
    with ThreadPoolExecutor() as together:
        list(together.map(by_hand.restore, shipped.values(), shipped))
    for module in site.modules:
        by_hand.point(module, "production", "failover")
    return {"by_hand": by_hand, "shipped": shipped}


def test_the_hospital_opens_quickly_and_its_files_say_what_it_is(tmp_path: Path) -> None:
    started = time.monotonic()
    site = Site(tmp_path / "other", say=lambda _: None)
    try:
        site.start()
        assert time.monotonic() - started < 12
        assert all(entry["running"] for entry in site.status())
        assert oct((site.state / "secrets.json").stat().st_mode)[-3:] == "600"
        pids = [entry["pid"] for entry in site.status()]
        site.start()
        assert [entry["pid"] for entry in site.status()] == pids
        ports = json.loads((site.state / "site.json").read_text())["store"]["port"]
        site.stop()
        assert not any(entry["running"] for entry in site.status())
        site.start()
        assert site.facts["store"]["port"] == ports
        assert findings(site, "production") == {}
    finally:
        site.stop()


def test_nobody_stands_on_a_command_line_with_a_password(site: Site) -> None:
    text = json.dumps(site.passwords)
    lines = b"\n".join(
        Path(f"/proc/{entry['pid']}/cmdline").read_bytes() + Path(f"/proc/{entry['pid']}/environ").read_bytes()
        for entry in site.status()
    ).decode("utf-8", "replace")
    secrets = [word for word in text.replace('"', " ").split() if word.startswith("Dp1-")]
    assert len(secrets) >= 11
    assert not [word for word in secrets if word in lines]


def test_an_honest_recovery_is_proven_and_its_losses_are_listed(site: Site, recovered: dict[str, Any]) -> None:
    verdicts = judge(site, "failover")
    assert {verdict.module: verdict.all_findings for verdict in verdicts} == {name: [] for name in site.modules}
    for verdict in verdicts:
        assert verdict.last_shipped and verdict.last_shipped.type == "log"
        assert len(verdict.comparison.lost) > 0
        assert verdict.comparison.there + len(verdict.comparison.lost) == verdict.comparison.written


def test_the_command_says_so_with_its_exit_code(site: Site, recovered: dict[str, Any]) -> None:
    ask = (sys.executable, "-m", "simulator", "judge", "--state", site.state)
    done = command(*ask)
    assert (done.returncode, "PROVEN:" in done.stdout, "lost by billing" in done.stdout) == (0, True, True), done
    answer = json.loads(command(*ask, "--json").stdout)
    assert answer["proven"] is True
    assert {"sequence", "transaction", "server", "committed"} == set(answer["modules"][0]["comparison"]["lost"][0])
    assert command(*ask, "--server", "production").returncode == 1


def test_a_module_that_still_talks_to_the_old_server_is_found(site: Site, recovered: dict[str, Any]) -> None:
    site.start_one("production")
    recovered["by_hand"].point("billing", "failover", "production")
    found = findings(site)
    assert set(found) == {"billing"}
    assert any("RSSQL01, not with RSSQL02" in text for text in found["billing"])
    assert any("still on RSSQL01" in text for text in found["billing"])
    assert any("RSSQL02 sees no session of 'MyHospital Billing'" in text for text in found["billing"])


def test_an_altered_row_is_found(site: Site, recovered: dict[str, Any]) -> None:
    with recovered["by_hand"].sql("failover", "MyHospitalRegistration") as connection:
        run(connection, "UPDATE dbo.Registrations SET Fee = Fee + 1 WHERE SequenceNumber = 17")
        found = findings(site)["registration"]
        assert any(text.startswith("row 17 is altered: Fee is") for text in found), found
        run(connection, "UPDATE dbo.Registrations SET Fee = Fee - 1 WHERE SequenceNumber = 17")
        assert "registration" not in findings(site)


def test_a_row_that_nobody_wrote_is_found(site: Site, recovered: dict[str, Any]) -> None:
    module = MODULES["laboratory"]
    columns = ", ".join(name for name, _ in module.columns)
    with recovered["by_hand"].sql("failover", module.database) as connection:
        copied = f"-1, 1, {columns}, Status, RecordedAt, ChangedAt FROM {module.table} WHERE SequenceNumber = 3"
        names = f"SequenceNumber, TransactionNumber, {columns}, Status, RecordedAt, ChangedAt"
        run(connection, f"INSERT INTO {module.table} ({names}) SELECT {copied}")
        assert findings(site)["laboratory"] == ["rows -1 are there, and the module never wrote them"]
        run(connection, f"DELETE FROM {module.table} WHERE SequenceNumber = -1")


def test_a_log_backup_withheld_after_the_fact_is_found(site: Site, recovered: dict[str, Any]) -> None:
    module = MODULES["pharmacy"]
    site.stop_one("pharmacy")
    journal = Path(site.facts["modules"]["pharmacy"]["journal"])
    # What the module did on the failover so far goes with the database that is restored over.
    kept = [entry for entry in read_journal(journal) if entry["server"] == "RSSQL01"]
    journal.write_text("".join(json.dumps(entry) + "\n" for entry in kept))
    recovered["by_hand"].restore(recovered["shipped"][module.database][:-1], module.database)
    site.start_one("pharmacy")
    found = findings(site)["pharmacy"]
    assert any("are missing although the store received a backup" in text for text in found), found


def test_a_kill_leaves_no_acknowledged_row_behind(tmp_path: Path) -> None:
    site = Site(tmp_path / "killed", say=lambda _: None)
    try:
        site.start(SPEED)
        for _ in range(2):
            time.sleep(1)
            site.stop_one("production", kill=True)
            time.sleep(0.7)
            assert states(site) == {"down"}
            site.start_one("production")
            wait_for(lambda: states(site) == {"ok"})
        assert findings(site, "production") == {}
        doubtful = [
            one
            for name in site.modules
            for one in transactions(read_journal(Path(site.facts["modules"][name]["journal"]))).values()
            if not one.committed
        ]
        assert len(doubtful) >= 2
    finally:
        site.stop()


def test_the_restart_command_reads_the_file_again_or_says_why_not(site: Site, recovered: dict[str, Any]) -> None:
    module = site.facts["modules"]["registration"]
    config = Path(module["config"])
    before = config.read_bytes()
    pid = site.process("registration").pid
    assert pid
    config.write_bytes(before.replace(b"Server=", b"Sevrer="))
    done = command(*module["restart"], cwd="/", env={"PATH": "/bin"})
    assert done.returncode == 1
    assert "Keyword not supported: 'Sevrer'" in done.stderr
    config.write_bytes(before)
    done = command(*module["restart"], cwd="/", env={"PATH": "/bin"})
    assert done.returncode == 0, done
    assert site.process("registration").pid not in (None, pid)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
