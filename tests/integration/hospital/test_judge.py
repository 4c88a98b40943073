# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The comparison of committed and recovered rows can fail: a log backup withheld after the fact, and a module that went
back to the old server."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from .conftest import Hospital

pytestmark = pytest.mark.slow


def test_a_withheld_log_backup_is_noticed(hospital: Hospital) -> None:
    for kind in ("full", "log", "log"):
        hospital.backup(kind)
        time.sleep(1)
    hospital.simulator("kill", "production")
    logs = sorted(hospital.store.rglob("*MyHospitalPharmacy_LOG*.trn"))
    logs[-1].unlink()
    run = hospital.recover()
    assert run.code == 0, run.text
    judged = hospital.judge()
    assert judged.code == 1, judged.text
    assert judged.says("pharmacy"), judged.text


def test_a_module_that_went_back_to_the_old_server_is_noticed(hospital: Hospital) -> None:
    hospital.simulator("start", "production")
    module = hospital.site["modules"]["laboratory"]
    config = Path(module["config"])
    ports = [str(hospital.site["servers"][role]["port"]) for role in ("failover", "production")]
    config.write_bytes(config.read_bytes().replace(*(port.encode("utf-16-le") for port in ports)))
    hospital.simulator("app", "restart", "laboratory")
    time.sleep(2)
    judged = hospital.judge()
    assert judged.code == 1 and judged.says("laboratory"), judged.text
