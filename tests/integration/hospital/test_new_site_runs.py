# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A new site's first day in a hospital: its routes, its document, its acceptance. One story in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import Hospital

pytestmark = pytest.mark.long


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


def passwords(hospital: Hospital) -> set[str]:
    secrets = hospital.secrets
    found = set(strings({key: value for key, value in secrets.items() if key != "store"}))
    return {one for one in found | {account["password"] for account in secrets["store"].values()} if len(one) > 7}


def test_every_party_reaches_what_it_needs(hospital: Hospital) -> None:
    run = hospital.play("playbooks/connectivity.yml")
    assert run.code == 0 and run.changed == 0 and run.says("✔ app1", "jalur terbuka"), run.text
    assert hospital.report("connectivity")["outcome"] == "success"


def test_a_port_that_is_closed_ends_the_run_with_what_to_do(hospital: Hospital) -> None:
    hospital.simulator("stop", "store")
    run = hospital.play("playbooks/connectivity.yml")
    hospital.simulator("start", "store")
    assert run.code != 0 and run.says("FTP ditolak", "Lakukan: Hidupkan server FTP di backup1"), run.text
    assert run.says("3 of 26 routes are closed"), run.text
    report = hospital.report("connectivity")
    assert report["outcome"] == "failed"
    assert sum(row["verdict"] != "proven" for row in report["verdicts"]) == 3


def test_the_document_names_everything_and_no_secret(hospital: Hospital) -> None:
    for changed in (1, 0):
        run = hospital.play("playbooks/site_document.yml")
        assert run.code == 0 and run.changed == changed, run.text
    folder = hospital.state / "reports/site-document"
    text = "\n".join(path.read_text("utf-8") for path in folder.iterdir())
    assert "deadpool_backup" in text and "MyHospitalBilling" in text and "15.0." in text
    known = passwords(hospital)
    assert len(known) > 5 and not [one for one in known if one in text]


def test_a_site_is_accepted_by_name_on_what_it_showed(hospital: Hospital) -> None:
    run = hospital.play("playbooks/uat.yml")
    assert run.code != 0 and run.says("every line is passed, and nobody has accepted the site"), run.text
    report = hospital.report("uat")
    assert report["outcome"] == "unfinished" and len(report["verdicts"]) == 10
    assert {row["verdict"] for row in report["verdicts"]} == {"proven"}

    folder = hospital.run_folder("uat")
    named = json.dumps({"run": str(folder), "uat_accepted_by": "Siti Rahmawati"})
    run = hospital.play("playbooks/uat.yml", "-e", named)
    assert run.code == 0 and run.says("success: Siti Rahmawati"), run.text
    report = hospital.report("uat")
    assert report["outcome"] == "success" and report["decisions"][0]["who"] == "Siti Rahmawati"
    assert hospital.play("playbooks/report_verify.yml", "-e", f"run={folder}").code == 0
    assert not [one for one in passwords(hospital) if one in "".join(path.read_text() for path in folder.iterdir())]


def test_a_line_that_fails_leaves_nothing_to_accept(hospital: Hospital) -> None:
    hospital.simulator("kill", "failover")
    run = hospital.play("playbooks/uat.yml", "-e", json.dumps({"uat_accepted_by": "Siti Rahmawati"}))
    assert run.code != 0 and run.says("lines are not passed, so nobody can accept this site yet"), run.text
    assert hospital.report("uat")["outcome"] == "failed" and not hospital.report("uat")["decisions"]
    folder = hospital.run_folder("uat")
    run = hospital.play(
        "playbooks/uat.yml", "-e", json.dumps({"run": str(folder), "uat_accepted_by": "Siti Rahmawati"})
    )
    assert run.code != 0 and run.says("there is nothing to accept"), run.text
