# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ftp_transfer of a Windows host: the configuration that curl.exe would get, given to this machine's real curl, against
the simulated store."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_transfer import transfer_windows
from ansible_collections.ics.deadpool.plugins.module_utils.recovery import curl_config
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, RecoveryError
from ansible_collections.ics.deadpool.plugins.modules.ftp_transfer import ARGUMENT_SPEC

from tests.integration.store.conftest import Store, store  # noqa: F401
from tests.unit.plugins.module_utils.recovery.backup_files.medium import BackupSet, medium, page
from tests.windows_double import transfers

from .conftest import Windows
from .in_process import Direct, checked

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
BACKUP = medium(BackupSet(pages=[page(1, number) for number in range(16)], log=b"log!" * 512))
TOP = "D:\\Backup\\SQL1"
FULL = TOP + "\\Sales\\FULL\\SQL1_Sales_FULL.bak"
ON_STORE = "SQL1/Sales/FULL/SQL1_Sales_FULL.bak"


@pytest.fixture
def his(tmp_path: Path, store: Store) -> Direct:  # noqa: F811
    his = Direct(tmp_path / "disk")
    his.double.twins.update(transfers.TWINS)
    his.double.disk.put("C:\\certs\\ca.pem", store.ca.read_bytes())
    return his


def parameters(store: Store, account: str, **options: Any) -> dict[str, Any]:  # noqa: F811
    return checked(ARGUMENT_SPEC, **store.params(account, **{"ca_path": "C:\\certs\\ca.pem", **options}))


def ship(his: Direct, store: Store, check_mode: bool = False, **options: Any) -> dict[str, Any]:  # noqa: F811
    wanted = {"source_directory": TOP, "destination_directory": "/SQL1", **options}
    return transfer_windows(his.host, parameters(store, "writer", direction="store", **wanted), check_mode)


def fetch(his: Direct, store: Store, check_mode: bool = False, **options: Any) -> dict[str, Any]:  # noqa: F811
    wanted = {"paths": [f"/{ON_STORE}"], "destination_directory": "E:\\Restore", **options}
    return transfer_windows(his.host, parameters(store, "reader", direction="fetch", **wanted), check_mode)


def test_ships_whole_backups_once_with_their_digest_and_fetches_them(his: Direct, store: Store) -> None:  # noqa: F811
    disk = his.double.disk
    disk.put(FULL, BACKUP)
    os.utime(disk.put(TOP + "\\torn.bak", BACKUP[: len(BACKUP) // 2]), (1, 1))
    disk.put(TOP + "\\notes.bak", b"notes")
    assert ship(his, store, check_mode=True)["changed"] and not (store.folder / ON_STORE).exists()
    done = ship(his, store, required_files=[FULL.upper()])
    digest = hashlib.sha256(BACKUP).hexdigest()
    assert [(one["destination"], one["sha256"], one["sha256_checked"]) for one in done["transfers"]] == [
        (f"/{ON_STORE}", digest, True)
    ]
    assert (store.folder / ON_STORE).read_bytes() == BACKUP
    assert (store.folder / f"{ON_STORE}.sha256").read_text() == f"{digest}  SQL1_Sales_FULL.bak\n"
    assert {row["path"] for row in done["held_back"]} == {TOP + "\\torn.bak", TOP + "\\notes.bak"}
    assert not list(store.folder.rglob("*.part"))
    assert not ship(his, store)["changed"]

    assert fetch(his, store, check_mode=True)["changed"]
    got = fetch(his, store)
    assert got["transfers"][0]["sha256_checked"] and got["bytes"] == len(BACKUP)
    assert disk.read("E:\\Restore\\" + ON_STORE.replace("/", "\\")) == BACKUP
    assert not fetch(his, store)["changed"]
    assert not ship(his, store).get("failed")


def test_what_must_be_on_the_store_and_is_not_is_a_failure(his: Direct, store: Store) -> None:  # noqa: F811
    his.double.disk.put(FULL, BACKUP)
    his.double.disk.put(TOP + "\\torn.bak", BACKUP[:-70_000])
    done = ship(his, store, required_files=[TOP + "\\torn.bak", TOP + "\\missing.bak"])
    assert done["failed"] and "not complete" in done["msg"] and "missing.bak: it must be on the store" in done["msg"]


def test_a_file_of_the_same_length_counts_as_shipped_and_is_told(his: Direct, store: Store) -> None:  # noqa: F811
    his.double.disk.put(FULL, BACKUP)
    assert ship(his, store)["not_compared"] == []
    done = ship(his, store)
    assert not done["changed"] and done["not_compared"] == [FULL]


def test_what_is_fetched_later_does_not_go_with_shipping(his: Direct, store: Store) -> None:  # noqa: F811
    with pytest.raises(InvalidInput, match="paths_later: it does not go with direction: store"):
        ship(his, store, paths_later=["/a.bak"])


def test_a_file_of_another_length_is_never_overwritten(his: Direct, store: Store) -> None:  # noqa: F811
    his.double.disk.put(FULL, BACKUP)
    (store.folder / ON_STORE).parent.mkdir(parents=True)
    (store.folder / ON_STORE).write_bytes(b"shorter")
    done = ship(his, store)
    assert done["failed"] and "the store has a file of 7 bytes under this name" in done["msg"]
    assert (store.folder / ON_STORE).read_bytes() == b"shorter"


def test_a_file_that_changes_while_it_is_sent_gets_no_name(his: Direct, store: Store) -> None:  # noqa: F811
    his.double.disk.put(FULL, BACKUP)
    real = transfers.curl

    def grow(disk: Any, given: dict[str, Any]) -> dict[str, Any]:
        done = real(disk, given)
        if "upload-file" in str(given["Requests"]):
            disk.put(FULL, BACKUP + b"more")
        return done

    his.double.twins["curl"] = grow
    done = ship(his, store)
    assert done["failed"] and "it changed while it was sent" in done["msg"]
    assert not (store.folder / ON_STORE).exists()


def test_a_damaged_file_of_the_store_is_not_kept(his: Direct, store: Store) -> None:  # noqa: F811
    his.double.disk.put(FULL, BACKUP)
    ship(his, store)
    (store.folder / ON_STORE).write_bytes(BACKUP[:-1] + b"x")
    with pytest.raises(RecoveryError, match="its bytes give sha256"):
        fetch(his, store)
    assert not [path for path in (his.double.disk.root / "E").rglob("*") if path.is_file()]


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"password": "wrong"}, "curl 67"),
    ({"port": 1}, "curl 7"),
    ({"ca_path": None}, "curl 60"),
    ({"username": "a:b"}, "without colons"),
    ({"paths": ["/../etc"]}, "leads through"),
    ({"paths": ["/a\nDELE b"]}, "not the whole path"),
    ({"paths": None, "files": [{"source": "/../a", "destination": "E:\\a"}]}, "leads elsewhere"),
    ({"paths": None, "files": [{"source": "/a\nDELE b", "destination": "E:\\a"}]}, "leads elsewhere"),
    ({"paths": ["/none.bak"]}, "the store has no such file"),
    ({"paths": ["/Ünïcode.bak"]}, "cannot be given this name safely"),
]


def test_what_cannot_be_done_is_said(his: Direct, store: Store) -> None:  # noqa: F811
    for changed, expected in IMPOSSIBLE:
        with pytest.raises(RecoveryError) as error:
            fetch(his, store, **changed)
        assert expected in str(error.value)
        assert store.passwords["reader"] not in str(error.value)


def test_through_the_transport_the_password_is_nowhere(windows: Windows, store: Store) -> None:  # noqa: F811
    windows.double.twins.update(transfers.TWINS)
    windows.double.disk.put("C:\\certs\\ca.pem", store.ca.read_bytes())
    windows.double.disk.put(FULL, BACKUP)
    wanted = store.params("writer", ca_path="C:\\certs\\ca.pem", direction="store")
    wanted["files"] = [{"source": FULL, "destination": f"/{ON_STORE}"}]
    wanted["bandwidth_limit"] = 50
    refused = {"ics.deadpool.ftp_transfer": {**wanted, "verify": True}, "ignore_errors": True}
    done = windows.run(refused, {"ics.deadpool.ftp_transfer": wanted, "no_log": False}, options=("-vvvvvvv",))
    assert done.code == 0, done.output + done.errors
    assert "verify: not carried out on Windows hosts" in done.results[0]["msg"]
    assert (store.folder / ON_STORE).read_bytes() == BACKUP
    assert store.passwords["writer"] not in done.output + done.errors
    sent = [call for call in windows.double.calls if "Requests" in str(getattr(call, "arguments", ""))]
    assert sent and all(store.passwords["writer"] not in str(call.arguments["parameters"]) for call in sent)  # type: ignore[union-attr]


def test_values_are_quoted_as_curl_unquotes_them(tmp_path: Path) -> None:
    value = 'a "b" \\c\\ {d}; #e\t\'f'
    (tmp_path / "curl.cfg").write_text(
        "\n".join([curl_config.line("url", f"file://{tmp_path}/in"), curl_config.line("output", f"{tmp_path}/{value}")])
    )
    (tmp_path / "in").write_text("content")
    subprocess.run(["curl", "--disable", "-s", "--globoff", "--config", str(tmp_path / "curl.cfg")], check=True)
    assert (tmp_path / value).read_text() == "content"
    with pytest.raises(InvalidInput):
        curl_config.line("user", "a\nb")


def test_a_share_is_a_store_too(tmp_path: Path) -> None:
    his = Direct(tmp_path / "disk")
    his.double.twins.update(transfers.TWINS)
    disk, share = his.double.disk, "\\\\backup1\\mssql"
    disk.put(FULL, BACKUP)
    disk.put("E:\\other", b"")
    to = {"folder": share, "destination_directory": "/SQL1"}
    wanted = checked(ARGUMENT_SPEC, **to, direction="store", source_directory=TOP)
    done = transfer_windows(his.host, wanted, False)
    assert done["failed"] and "\\\\backup1\\mssql cannot be reached" in done["msg"]
    assert not disk.local(share).exists(), "a share that is not reached is not made"
    disk.local(share).mkdir(parents=True)
    assert transfer_windows(his.host, wanted, False)["changed"]
    there = f"{share}\\" + ON_STORE.replace("/", "\\")
    digest = hashlib.sha256(BACKUP).hexdigest()
    assert disk.read(there) == BACKUP
    assert disk.read(f"{there}.sha256").decode() == f"{digest}  SQL1_Sales_FULL.bak\n"
    assert not transfer_windows(his.host, wanted, False)["changed"]
    paths, target = [f"/{ON_STORE}"], "E:\\Restore"
    back = checked(ARGUMENT_SPEC, folder=share, direction="fetch", paths=paths, destination_directory=target)
    assert transfer_windows(his.host, back, False)["transfers"][0]["sha256_checked"]
    assert disk.read("E:\\Restore\\" + ON_STORE.replace("/", "\\")) == BACKUP
    assert not list(disk.root.rglob("*.part"))
