# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever is wrong: one message, a fact and then a HINT; exit code not 0; nothing changed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .conftest import Hospital, Run

pytestmark = pytest.mark.slow

SITE = "MyHospitalRegistration,MyHospitalPharmacy,MyHospitalLaboratory,MyHospitalBilling"


@pytest.fixture(scope="module", autouse=True)
def lost(hospital: Hospital) -> Hospital:
    for kind in ("full", "log"):
        hospital.backup(kind)
        time.sleep(0.5)
    hospital.simulator("kill", "production")
    return hospital


def store_files(hospital: Hospital, pattern: str) -> list[Path]:
    return sorted(hospital.store.rglob(pattern))


@contextmanager
def replaced(path: Path, content: bytes | None) -> Iterator[None]:
    """Another content, or no file at all, for a while. The file itself leaves the store: there it would be found."""
    aside = path.parents[6] / "aside"
    assert not aside.is_relative_to(path.parents[3])
    path.rename(aside)
    try:
        if content is not None:
            path.write_bytes(content)
        yield
    finally:
        path.unlink(missing_ok=True)
        aside.rename(path)


def refused(hospital: Hospital, run: Run, *words: str) -> None:
    assert run.code != 0, run.text
    assert run.says(*words, "HINT:"), run.text
    assert run.changed == 0, run.text
    assert hospital.databases("failover") == {}
    assert "Traceback" not in run.text


@pytest.mark.parametrize(
    "extra, words",
    [
        (f"site_databases=[{SITE},Archive]", "Archive"),
        ("target_time=2099-01-01T00:00:00", "2099-01-01"),
        ("target_time=2001-01-01T00:00:00", "2001-01-01"),
        ("target_time=yesterday", "yesterday"),
        ("mssql_restore_password=wrong", "refused login"),
        ("store_read_password=wrong", "was refused"),
        ("store_port=9", "no FTP server answers"),
        ("store_ca=/nowhere.pem", "cannot be read as a CA certificate"),
        ("store_directory=/nowhere", "cannot list /nowhere"),
    ],
)
def test_wrong_values(hospital: Hospital, extra: str, words: str) -> None:
    value = "{" + extra.replace("=", ": ", 1) + "}" if "[" in extra else extra
    refused(hospital, hospital.recover("-e", value), words)


def test_an_unknown_target(hospital: Hospital) -> None:
    run = hospital.play("playbooks/recovery.yml", "-e", "target=moon", "-e", "recovery_confirmed=true")
    refused(hospital, run, 'target is "moon", which is none of failover, production')


def test_no_target(hospital: Hospital) -> None:
    refused(hospital, hospital.play("playbooks/recovery.yml"), 'target is ""')


def test_the_server_is_down(hospital: Hospital) -> None:
    run = hospital.play("playbooks/recovery.yml", "-e", "target=production", "-e", "recovery_confirmed=true")
    refused(hospital, run, "nothing listens on port")


def test_the_only_full_backup_is_missing(hospital: Hospital) -> None:
    with replaced(store_files(hospital, "*MyHospitalBilling_FULL*.bak")[0], None):
        refused(hospital, hospital.recover(), "MyHospitalBilling")


def test_the_only_full_backup_is_a_text_file(hospital: Hospital) -> None:
    full = store_files(hospital, "*MyHospitalBilling_FULL*.bak")[0]
    with replaced(full, b"Dear operator, the backup is on the other disk.\n" * 50):
        refused(hospital, hospital.recover(), "MyHospitalBilling")


def test_the_only_full_backup_is_cut(hospital: Hospital) -> None:
    full = store_files(hospital, "*MyHospitalBilling_FULL*.bak")[0]
    with replaced(full, full.read_bytes()[:-5000]):
        refused(hospital, hospital.recover(), "MyHospitalBilling")


def test_no_free_disk_on_the_server(hospital: Hospital) -> None:
    """The plan is refused before anything is fetched: what the databases need is more than the volume has free."""
    pretended = hospital.state / "hosts/failover/disk_size"
    pretended.write_text("100000")
    try:
        refused(hospital, hospital.recover(), "MyHospital", "free")
    finally:
        pretended.unlink()


def test_the_backup_type_is_unknown(hospital: Hospital) -> None:
    run = hospital.play("playbooks/backup.yml", "-e", "backup_type=hourly")
    refused(hospital, run, 'backup_type is "hourly", which is none of full, differential, log')


def test_a_backup_of_a_dead_server(hospital: Hospital) -> None:
    run = hospital.play("playbooks/backup.yml", "-e", "backup_type=log")
    assert run.code != 0 and run.says("nothing listens on port", "HINT:"), run.text


def test_one_bit_of_a_file_is_wrong(hospital: Hospital) -> None:
    """Found by its digest when it is fetched: its database stops before it began, the others are restored, no module
    moves; and with the file as it was the same command goes on."""
    full = store_files(hospital, "*MyHospitalBilling_FULL*.bak")[0]
    content = bytearray(full.read_bytes())
    content[len(content) // 2] ^= 1
    before = hospital.configuration()
    with replaced(full, bytes(content)):
        run = hospital.recover()
    assert run.code != 0 and run.says("MyHospitalBilling", "sha256", "HINT:"), run.text
    assert hospital.databases("failover") == dict.fromkeys(SITE.split(",")[:3], "ONLINE")
    assert hospital.configuration() == before
    run = hospital.recover()
    assert run.code == 0, run.text
    assert hospital.databases("failover") == dict.fromkeys(SITE.split(","), "ONLINE")
    assert hospital.judge().code == 0
