# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The built collection, installed elsewhere: its playbooks run by their full names, far from this repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .conftest import BIN, ROOT, Hospital

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere")
    galaxy = [str(BIN / "ansible-galaxy"), "collection"]
    subprocess.run([*galaxy, "build", "--output-path", str(folder)], cwd=ROOT, check=True, capture_output=True)
    (artefact,) = folder.glob("ics-deadpool-*.tar.gz")
    install = ["install", str(artefact), "-p", str(folder / "collections"), "--no-deps", "--offline"]
    subprocess.run([*galaxy, *install], cwd=folder, check=True, capture_output=True)
    return folder / "collections"


def test_the_playbooks_run_by_their_full_names(hospital: Hospital, collections: Path, tmp_path: Path) -> None:
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_CONFIG": str(tmp_path / "none.cfg")}
    elsewhere = {"cwd": tmp_path, "env": environment}
    inventory = str(ROOT / "inventory/demo")
    backup = hospital.play("ics.deadpool.backup", "-e", "backup_type=full", inventory=inventory, **elsewhere)
    assert backup.code == 0, backup.text
    hospital.simulator("kill", "production")
    recovery = hospital.play(
        "ics.deadpool.recovery",
        "-e",
        "target=failover",
        "-e",
        "recovery_confirmed=true",
        inventory=inventory,
        **elsewhere,
    )
    assert recovery.code == 0, recovery.text
    assert str(collections) in recovery.text, "it ran from the installed collection"
    assert hospital.report()["outcome"] == "success"


def test_nothing_of_the_workshop_is_shipped(collections: Path) -> None:
    shipped = collections / "ansible_collections/ics/deadpool"
    for name in ("simulator", "benchmarks", "scripts", "collections", "controller", "tests/integration", ".ci"):
        assert not (shipped / name).exists(), name
    assert (shipped / "playbooks/recovery.yml").exists() and (shipped / "tests/unit").exists()
