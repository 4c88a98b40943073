# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""app_repoint on a Windows host's stand-in, through real ansible-playbook, pywinrm and ansible.windows."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from .conftest import Windows

pytestmark = pytest.mark.slow

SECRET = "Rahasia#sekali"
CONFIG, UDL = "C:\\inetpub\\his\\web.config", "C:\\HIS\\link.udl"
COPIES = "C:\\ProgramData\\deadpool"
XML = (
    '<?xml version="1.0"?>\r\n<configuration>\r\n  <connectionStrings>\r\n'
    f'    <add name="H" connectionString="Data Source=SQL01;Password={SECRET}"/>\r\n'
    "  </connectionStrings>\r\n</configuration>\r\n"
)
BEFORE = {
    CONFIG: b"\xef\xbb\xbf" + XML.encode(),
    UDL: b"\xff\xfe"
    + f"[oledb]\r\n; init\r\nProvider=SQLOLEDB;Password={SECRET};Data Source=SQL01\r\n".encode("utf-16-le"),
}
AFTER = {
    CONFIG: BEFORE[CONFIG].replace(b"SQL01", b"SQL02"),
    UDL: BEFORE[UDL].replace("SQL01".encode("utf-16-le"), "SQL02".encode("utf-16-le")),
}


def task(*paths: str, **options: Any) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "files": [{"path": path} for path in paths or BEFORE],
        "old": ["SQL01"],
        "new": {"host": "SQL02"},
        "backup_directory": COPIES,
    }
    return {"ics.deadpool.app_repoint": {**wanted, **options}}


@pytest.fixture
def his(windows: Windows) -> Windows:
    for path, data in BEFORE.items():
        windows.double.disk.put(path, data)
    return windows


def contents(his: Windows) -> dict[str, bytes]:
    return {path: his.double.disk.local(path).read_bytes() for path in BEFORE}


def leftovers(his: Windows) -> list[str]:
    return [path.name for path in his.double.disk.root.rglob("*.deadpool-*")]


def test_looked_at_then_there_and_back_byte_for_byte_and_no_password_is_shown_at_any_verbosity(his: Windows) -> None:
    his.double.before["records"] = lambda: untouched(his)
    done = his.run({**task(), "check_mode": True}, task(), task(state="restored"), options=("-vvvvvvv", "--diff"))
    assert done.code == 0, done.output + done.errors
    looked, there, back = done.results
    assert looked["changed"] and there["changed"] and back["changed"]
    assert "SQL01" in str(looked["diff"]) and "SQL02" in str(looked["diff"])
    written = {file["path"]: file["sha256_after"] for file in there["files"]}
    assert written == {path: hashlib.sha256(data).hexdigest() for path, data in AFTER.items()}
    copies = {file["path"]: file["backup"] for file in there["files"]}
    assert {path: his.double.disk.read(copy) for path, copy in copies.items()} == BEFORE
    assert all(copy.startswith(f"{COPIES}\\") for copy in copies.values())
    assert contents(his) == BEFORE and not leftovers(his)
    read = ["look", *["ansible.windows.slurp"] * 2]
    assert his.double.asked[: 3 * 2 + 3] == [*read, *read, "records", "prepare", "swap"]

    hidden = [SECRET, *(base64.b64encode(data).decode()[40:80] for data in [*BEFORE.values(), *AFTER.values()])]
    said = done.output + done.errors
    shown = [text for text in hidden if text in said]
    assert not shown
    internal = [call.internal for call in his.double.calls if hasattr(call, "internal")]
    assert internal and all(one["_ansible_no_log"] for one in internal)


def untouched(his: Windows) -> None:
    """What check mode left, seen when the task after it begins to write."""
    assert contents(his) == BEFORE
    assert not his.double.disk.local(COPIES).exists()


def test_a_connection_that_breaks_while_files_are_replaced_is_taken_back(his: Windows) -> None:
    his.double.before["swap"] = lambda: his.server.faults.unanswered.update(receive=1)
    done = his.run(task())
    assert done.result["failed"] and not done.result.get("unreachable")
    assert "C:\\HIS\\link.udl: was put back\nnothing of this run is left on this host" in done.result["msg"]
    assert contents(his) == BEFORE
    assert his.double.asked.count("swap") == 2


def test_what_stays_on_the_host_is_refused(his: Windows) -> None:
    done = his.run(task(), ANSIBLE_KEEP_REMOTE_FILES="1")
    assert done.result["failed"] and "ANSIBLE_KEEP_REMOTE_FILES" in done.result["msg"]
    assert not his.double.calls
