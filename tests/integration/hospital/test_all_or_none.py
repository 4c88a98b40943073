# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every module moves or none, in the order of the tests: the server's host vanishes, one module does not come back on
another host than the others, and then it is mended and run again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.notify.listeners import webhook

from .conftest import ROOT, Hospital

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def lost(hospital: Hospital) -> Hospital:
    hospital.backup("full")
    hospital.simulator("kill", "production")
    return hospital


def told_at(port: int) -> str:
    return json.dumps({"notify_webhooks": [{"url": f"http://127.0.0.1:{port}/"}]})


def test_no_module_moves_when_the_host_of_the_server_cannot_be_reached(hospital: Hospital, tmp_path: Path) -> None:
    """No rescue runs for an unreachable host, and Ansible goes on with the next play."""
    before = hospital.configuration()
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    (inventory / "group_vars").symlink_to(ROOT / "inventory/demo/group_vars")
    gone = "              demo_role: failover\n"
    words = ("ansible_connection: ssh", "ansible_host: 127.0.0.1", "ansible_port: 9")
    more = gone + "".join(f"              {word}\n" for word in words)
    hosts = (ROOT / "inventory/demo/hosts.yml").read_text()
    assert gone in hosts
    (inventory / "hosts.yml").write_text(hosts.replace(gone, more))
    run = hospital.play(
        "playbooks/recovery.yml", "-e", "target=failover", "-e", "recovery_confirmed=true", inventory=str(inventory)
    )
    assert run.code != 0
    assert run.says("4 of 4 databases were not restored", "this host can be reached over", "HINT:"), run.text
    assert hospital.configuration() == before
    assert hospital.databases("failover") == {}
    assert hospital.report()["outcome"] == "failed"


def test_one_module_that_does_not_come_back_puts_all_back(hospital: Hospital) -> None:
    before = hospital.configuration()
    hospital.sql("failover", "ALTER LOGIN [myhospital_laboratory] DISABLE")
    with webhook() as heard:
        run = hospital.recover("-e", "repoint_wait_seconds=6", "-e", told_at(heard.port))
    assert run.code != 0
    # Each host of the modules tells of the failure.
    assert list(dict.fromkeys(heard.moments)) == ["incident_opened", "restored", "failed"], "nobody heard of a success"
    assert run.says("Not every module works on RSSQL02", "laboratory: 6 s after its restart", "HINT:"), run.text
    assert hospital.configuration() == before
    report = hospital.report()
    assert report["outcome"] == "failed"
    assert any("laboratory" in failure["msg"] for failure in report["failures"])


def test_mended_and_run_again_it_finishes(hospital: Hospital) -> None:
    hospital.sql("failover", "ALTER LOGIN [myhospital_laboratory] ENABLE")
    with webhook() as heard:
        run = hospital.recover("-e", told_at(heard.port))
    assert run.code == 0, run.text
    assert heard.moments == ["incident_opened", "restored", "proven"]
    assert hospital.report()["outcome"] == "success", "files were changed, so it was not already there"
    judged = hospital.judge()
    assert judged.code == 0, judged.text


def test_one_sick_module_does_not_send_the_others_to_a_dead_server(hospital: Hospital) -> None:
    before = hospital.configuration()
    hospital.sql("failover", "ALTER LOGIN [myhospital_laboratory] DISABLE")
    hospital.simulator("app", "restart", "laboratory")
    run = hospital.recover("-e", "repoint_wait_seconds=4")
    assert run.code != 0
    assert run.says("laboratory"), run.text
    assert hospital.configuration() == before, "what an earlier run wrote stays"
