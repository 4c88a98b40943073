# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The main job, one story in the order of the tests: backed up, lost, recovered, proven; and all ways round a gate."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from .conftest import Hospital

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def lost(hospital: Hospital) -> Hospital:
    """Full, differential and two log backups are on the store; then production dies in the middle of writing."""
    for kind in ("full", "differential", "log", "log"):
        hospital.backup(kind)
        time.sleep(1)
    hospital.simulator("kill", "production")
    return hospital


def untouched(hospital: Hospital, configuration: dict[str, str]) -> bool:
    return hospital.databases("failover") == {} and hospital.configuration() == configuration


@pytest.mark.parametrize("how", [["--check"], ["--tags", "plan"]])
def test_looking_touches_nothing(hospital: Hospital, how: list[str]) -> None:
    before = hospital.configuration()
    run = hospital.recover(*how)
    assert run.code == 0, run.text
    assert run.says("MyHospitalPharmacy, from backups of")
    assert untouched(hospital, before)


def test_without_a_terminal_nobody_decided(hospital: Hospital) -> None:
    before = hospital.configuration()
    run = hospital.recover(confirmed=False)
    assert run.code != 0
    assert run.says("nobody has taken decision 1, so nothing was done.", "HINT:"), run.text
    assert untouched(hospital, before)
    assert hospital.report()["outcome"] == "failed"


@pytest.mark.parametrize("word", ["", "yes", "production"])
def test_another_word_is_a_no(hospital: Hospital, word: str) -> None:
    before = hospital.configuration()
    run = hospital.type_word(word, "playbooks/recovery.yml", "-e", "target=failover")
    assert run.code != 0
    assert run.says(
        "The databases will be restored on the server", "nobody has taken decision 1, so nothing was done."
    ), run.text
    assert untouched(hospital, before)


def test_limit_is_refused(hospital: Hospital) -> None:
    before = hospital.configuration()
    run = hospital.recover("--limit", "failover")
    assert run.code != 0
    assert run.says("This run was started with --limit failover", "HINT: run the same command without --limit")
    assert untouched(hospital, before)


@pytest.mark.parametrize("group", ["failover", "production", "application", "backup_storage"])
def test_an_empty_group_is_refused(hospital: Hospital, tmp_path: Path, group: str) -> None:
    before = hospital.configuration()
    other = tmp_path / "inventory"
    other.mkdir()
    for name in ("hosts.yml", "group_vars"):
        (other / name).symlink_to(Path("inventory/demo").absolute() / name)
    hosts = (Path("inventory/demo/hosts.yml")).read_text()
    lines = {"failover": "            rssql02:\n              demo_role: failover\n"}
    lines["production"] = "            rssql01:\n              demo_role: production\n"
    lines["application"] = "        app1:\n        app2:\n"
    lines["backup_storage"] = "        backup1:\n"
    assert lines[group] in hosts
    (other / "hosts.yml").unlink()
    (other / "hosts.yml").write_text(hosts.replace(lines[group], ""))
    run = hospital.play(
        "playbooks/recovery.yml", "-e", "target=failover", "-e", "recovery_confirmed=true", inventory=str(other)
    )
    assert run.code != 0
    assert run.says(f'The inventory has no host in the group "{group}"', "HINT:")
    assert untouched(hospital, before)


def test_an_inventory_without_any_host_is_refused(hospital: Hospital, tmp_path: Path) -> None:
    (tmp_path / "empty.yml").write_text("all: {}\n")
    run = hospital.play("playbooks/recovery.yml", "-e", "target=failover", inventory=str(tmp_path / "empty.yml"))
    assert run.code != 0
    assert run.says("has no host in the group", "HINT:")


def test_starting_past_the_question_restores_nothing(hospital: Hospital) -> None:
    before = hospital.configuration()
    run = hospital.recover("--start-at-task", "ics.deadpool.restore : Restore every database", confirmed=False)
    assert run.code != 0
    assert run.says("HINT:")
    assert untouched(hospital, before)


def test_the_hospital_is_recovered(hospital: Hospital) -> None:
    run = hospital.type_word("failover", "playbooks/recovery.yml", "-e", "target=failover")
    assert run.code == 0, run.text
    assert set(hospital.databases("failover").values()) == {"ONLINE"}
    assert run.says("LOG"), "live progress of the restore"
    report = hospital.report()
    assert report["outcome"] == "success"
    assert len(report["databases"]) == 4 and len(report["modules"]) == 4
    assert all(module["ok"] and module["sessions"] > 0 for module in report["modules"])
    assert all(len(file["sha256"]) == 64 for file in report["files"])
    assert all(database["last_transaction"] for database in report["databases"])


def test_no_committed_row_is_missing_but_those_after_the_last_log_backup(hospital: Hospital) -> None:
    run = hospital.judge()
    assert run.code == 0, run.text


def test_recovering_again_changes_nothing(hospital: Hospital) -> None:
    run = hospital.recover()
    assert run.code == 0, run.text
    assert run.changed == 0, run.text
    assert hospital.report()["outcome"] == "already_there"


def test_an_online_database_is_not_overwritten_past_the_question(hospital: Hospital) -> None:
    created = hospital.sql("failover", "SELECT name, create_date FROM sys.databases WHERE database_id > 4")
    run = hospital.recover(
        "--start-at-task", "ics.deadpool.restore : Restore every database", "-e", "recovery_replace=true"
    )
    assert run.code != 0 and run.says("HINT:")
    assert [tuple(row) for row in created] == [
        tuple(row)
        for row in hospital.sql("failover", "SELECT name, create_date FROM sys.databases WHERE database_id > 4")
    ]


def test_the_judge_goes_red_when_a_row_is_altered(hospital: Hospital) -> None:
    module = hospital.site["modules"]["pharmacy"]
    journal = [json.loads(line) for line in Path(module["journal"]).read_text().splitlines()]
    assert journal
    table = hospital.sql("failover", "SELECT name FROM sys.tables", module["database"])[0].name
    column = next(
        row.name
        for row in hospital.sql(
            "failover",
            f"SELECT c.name FROM sys.columns c JOIN sys.types t ON t.user_type_id = c.user_type_id "
            f"WHERE c.object_id = OBJECT_ID('{table}') AND t.name LIKE '%varchar'",
            module["database"],
        )
    )
    key = hospital.sql("failover", f"SELECT MIN([{column}]) AS v FROM [{table}]", module["database"])[0].v
    quoted = str(key).replace("'", "''")
    hospital.sql(
        "failover", f"UPDATE [{table}] SET [{column}] = N'altered' WHERE [{column}] = N'{quoted}'", module["database"]
    )
    run = hospital.judge()
    assert run.code == 1, run.text
