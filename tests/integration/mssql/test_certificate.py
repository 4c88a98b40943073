# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_certificate: what one server encrypts the other can restore, and without the files nobody can."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyodbc
import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.certificate import files_of
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, RecoveryError

from .conftest import Instance, MakeSales

_numbers = itertools.count(1)
KEYS = {"key_password": "Key's-secret-1", "master_key_password": "Master's-secret-1"}


@pytest.fixture
def wanted(tmp_path: Path) -> dict[str, Any]:
    return {"name": f"Backups] of O'Neill {next(_numbers)}", "directory": str(tmp_path), **KEYS}


@pytest.fixture(scope="module", autouse=True)
def taken_away(production: Instance, failover: Instance) -> Iterator[None]:
    """Other tests share these servers, and a master key can be made once."""
    yield
    for server in (production, failover):
        for (name,) in server.sql("SELECT name FROM master.sys.certificates WHERE name LIKE 'Backups]%'"):
            server.sql(f"DROP CERTIFICATE [{name.replace(']', ']]')}]")
        if server.sql("SELECT name FROM master.sys.symmetric_keys WHERE name = '##MS_DatabaseMasterKey##'"):
            server.sql("DROP MASTER KEY")


def there(server: Instance, name: str) -> bool:
    return bool(server.sql("SELECT name FROM master.sys.certificates WHERE name = ?", name))


def test_what_production_encrypts_the_failover_can_restore(
    wanted: dict[str, Any], make_sales: MakeSales, production: Instance, failover: Instance, tmp_path: Path
) -> None:
    looked = production.run("certificate", check_mode=True, save=True, **wanted)
    assert looked["changed"] and looked["thumbprint"] == "" and not there(production, wanted["name"])
    (remark,) = production.run("certificate", **wanted)["remarks"]
    assert "never saved" in remark["msg"]
    made = production.run("certificate", save=True, **wanted)
    assert made["changed"] and not made["remarks"]
    assert sorted(map(str, tmp_path.iterdir())) == sorted(made["files"].values())
    assert not production.run("certificate", **wanted)["changed"]

    sales, name = make_sales(), wanted["name"].replace("]", "]]")
    sealed = f"ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = [{name}]), COMPRESSION"
    quoted = "[" + sales.name.replace("]", "]]") + "]"
    production.sql(f"BACKUP DATABASE {quoted} TO DISK = N'{sales.folder}/sealed.bak' WITH {sealed}")
    restore = f"RESTORE VERIFYONLY FROM DISK = N'{sales.folder}/sealed.bak'"
    with pytest.raises(pyodbc.Error, match="33111"):
        failover.sql(restore)

    over = {**wanted, "state": "taken_over", "thumbprint": made["thumbprint"]}
    looked = failover.run("certificate", check_mode=True, **over)
    assert looked["changed"] and looked["files"] == made["files"] and not there(failover, wanted["name"])
    assert failover.run("certificate", **over)["changed"]
    failover.sql(restore)
    assert not failover.run("certificate", **over)["changed"]


def test_no_answer_holds_a_password(wanted: dict[str, Any], production: Instance, failover: Instance) -> None:
    made = production.run("certificate", save=True, **wanted)
    over = {**wanted, "state": "taken_over", "thumbprint": made["thumbprint"]}
    wrong = failover.run("certificate", **{**over, "key_password": "Wrong's-secret-1"})
    assert wrong["failed"] and "15465" in wrong["msg"]
    assert "secret-1" not in json.dumps([made, wrong])


def test_another_certificate_of_that_name_is_refused(
    wanted: dict[str, Any], production: Instance, failover: Instance
) -> None:
    own = failover.run("certificate", **wanted)["thumbprint"]
    made = production.run("certificate", save=True, **wanted)
    with pytest.raises(RecoveryError, match="another certificate") as refused:
        failover.run("certificate", state="taken_over", thumbprint=made["thumbprint"], **wanted)
    assert own in refused.value.msg and "DROP CERTIFICATE" in refused.value.hint


def test_one_without_its_private_key_is_no_certificate(
    wanted: dict[str, Any], production: Instance, failover: Instance
) -> None:
    made = production.run("certificate", save=True, **wanted)
    name = wanted["name"].replace("]", "]]")
    failover.sql(f"CREATE CERTIFICATE [{name}] FROM FILE = N'{made['files']['certificate']}'")
    with pytest.raises(RecoveryError, match="without its private key"):
        failover.run("certificate", state="taken_over", thumbprint=made["thumbprint"], **wanted)


def test_files_of_another_certificate_are_no_success(
    wanted: dict[str, Any], production: Instance, failover: Instance
) -> None:
    made = production.run("certificate", save=True, **wanted)
    false = "0x" + "AB" * 20
    for place, path in zip(files_of(wanted["directory"], wanted["name"], false), made["files"].values()):
        shutil.copy(path, place)
    told = failover.run("certificate", state="taken_over", thumbprint=false, **wanted)
    assert told["failed"] and "it is not the certificate" in told["msg"]


def test_a_file_that_is_there_is_not_overwritten(wanted: dict[str, Any], production: Instance) -> None:
    production.run("certificate", save=True, **wanted)
    told = production.run("certificate", save=True, **wanted)
    assert told["failed"] and "15240" in told["msg"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"save": True, "key_password": None}, "key_password is needed"),
        ({"state": "taken_over"}, "thumbprint is needed"),
        ({"expiry_date": "some day"}, "is no day"),
    ],
)
def test_what_is_missing_is_said(
    wanted: dict[str, Any], production: Instance, changed: dict[str, Any], expected: str
) -> None:
    with pytest.raises(InvalidInput, match=expected):
        production.run("certificate", **{**wanted, **changed})


def test_files_are_named_as_their_system_wants() -> None:
    assert files_of("C:\\Keys", "a b", "0xAB") == ("C:\\Keys\\a_b-ab.cer", "C:\\Keys\\a_b-ab.pvk")
