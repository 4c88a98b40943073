# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The judge on real recoveries: the honest one, and those that are not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.apps.journal import read_journal
from simulator.apps.modules import MODULES
from simulator.judge import judge
from simulator.site import Site

from .by_hand import run
from .conftest import Recovered

pytestmark = pytest.mark.slow


def findings(site: Site) -> dict[str, list[str]]:
    return {verdict.module: verdict.all_findings for verdict in judge(site, "failover") if verdict.all_findings}


def command(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in words], check=False, capture_output=True, text=True, timeout=60)


def test_an_honest_recovery_is_proven_and_its_losses_are_listed(recovered: Recovered) -> None:
    site = recovered.site
    verdicts = judge(site, "failover")
    assert {verdict.module: verdict.all_findings for verdict in verdicts} == {name: [] for name in site.modules}
    for verdict in verdicts:
        assert verdict.last_shipped and verdict.last_shipped.type == "log"
        assert len(verdict.comparison.lost) > 0
        assert verdict.comparison.there + len(verdict.comparison.lost) == verdict.comparison.written


def test_the_command_says_so_with_its_exit_code(recovered: Recovered) -> None:
    site = recovered.site
    ask = (sys.executable, "-m", "simulator", "judge", "--state", site.state)
    done = command(*ask)
    assert (done.returncode, "PROVEN:" in done.stdout, "lost by billing" in done.stdout) == (0, True, True), done
    answer = json.loads(command(*ask, "--json").stdout)
    assert answer["proven"] is True
    assert {"sequence", "transaction", "server", "committed"} == set(answer["modules"][0]["comparison"]["lost"][0])
    assert command(*ask, "--server", "production").returncode == 1


def test_a_module_that_still_talks_to_the_old_server_is_found(expendable: Recovered) -> None:
    site = expendable.site
    site.start_one("production")
    expendable.by_hand.point("billing", "failover", "production")
    found = findings(site)
    assert "billing" in found and "registration" not in found and "laboratory" not in found
    assert any("RSSQL01, not with RSSQL02" in text for text in found["billing"])
    assert any("still on RSSQL01" in text for text in found["billing"])
    assert any("RSSQL02 sees no session of 'MyHospital Billing'" in text for text in found["billing"])


def test_an_altered_row_is_found(recovered: Recovered) -> None:
    site = recovered.site
    with recovered.by_hand.sql("failover", "MyHospitalRegistration") as connection:
        run(connection, "UPDATE dbo.Registrations SET Fee = Fee + 1 WHERE SequenceNumber = 17")
        found = findings(site)["registration"]
        assert any(text.startswith("row 17 is altered: Fee is") for text in found), found
        run(connection, "UPDATE dbo.Registrations SET Fee = Fee - 1 WHERE SequenceNumber = 17")
        assert "registration" not in findings(site)


def test_a_row_that_nobody_wrote_is_found(recovered: Recovered) -> None:
    site = recovered.site
    module = MODULES["laboratory"]
    columns = ", ".join(name for name, _ in module.columns)
    with recovered.by_hand.sql("failover", module.database) as connection:
        copied = f"-1, 1, {columns}, Status, RecordedAt, ChangedAt FROM {module.table} WHERE SequenceNumber = 3"
        names = f"SequenceNumber, TransactionNumber, {columns}, Status, RecordedAt, ChangedAt"
        run(connection, f"INSERT INTO {module.table} ({names}) SELECT {copied}")
        assert findings(site)["laboratory"] == ["rows -1 are there, and the module never wrote them"]
        run(connection, f"DELETE FROM {module.table} WHERE SequenceNumber = -1")


def test_a_log_backup_withheld_after_the_fact_is_found(expendable: Recovered) -> None:
    site = expendable.site
    module = MODULES["pharmacy"]
    site.stop_one("pharmacy")
    journal = Path(site.facts["modules"]["pharmacy"]["journal"])
    # What the module did on the failover so far goes with the database that is restored over.
    kept = [entry for entry in read_journal(journal) if entry["server"] == "RSSQL01"]
    journal.write_text("".join(json.dumps(entry) + "\n" for entry in kept))
    expendable.by_hand.restore(expendable.shipped[module.database][:-1], module.database)
    site.start_one("pharmacy")
    found = findings(site)["pharmacy"]
    assert any("are missing although the store received a backup" in text for text in found), found
