# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The stand-in itself: what real ansible.windows sends and gets back, what is refused, and faults of the transport."""

from __future__ import annotations

from .conftest import Windows

UDL = b"\xff\xfe" + '[oledb]\r\nProvider=SQLOLEDB;Data Source=SQL01;Password="Räh;asia"\r\n'.encode("utf-16-le")


def test_files_travel_byte_for_byte_both_ways(windows: Windows) -> None:
    windows.double.disk.put("C:\\app\\link.udl", UDL)
    windows.variables["remote_tmp"] = "C:\\Temp"
    (windows.folder / "new.udl").write_bytes(UDL * 20_000)
    done = windows.run(
        {"ansible.windows.win_ping": {}},
        {"ansible.builtin.fetch": {"src": "C:\\app\\link.udl", "dest": f"{windows.folder}/got.udl", "flat": True}},
    )
    assert done.code == 0, done.output + done.errors
    assert (windows.folder / "got.udl").read_bytes() == UDL
    assert done.results[0]["ping"] == "pong"


def test_what_it_does_not_know_is_refused(windows: Windows) -> None:
    wrong = (
        {"ansible.windows.win_file": {"path": "C:\\app", "state": "absent"}},
        {"ansible.windows.win_powershell": {"script": "Get-Process"}},
        {"ansible.windows.win_stat": {"path": "C:\\app", "follow_links": True}},
    )
    done = windows.run(*({**task, "ignore_errors": True} for task in wrong))
    assert all(result["failed"] for result in done.results)
    module, script, argument = windows.server.refused
    assert module == "module ansible.windows.win_file"
    assert "none of ours" in script
    assert "follow_links: there is no such option" in argument
    windows.server.refused.clear()


def test_wrong_credentials_and_broken_answers_are_said(windows: Windows) -> None:
    windows.variables["ansible_password"] = "wrong"
    done = windows.run({"ansible.windows.win_ping": {}})
    assert done.result["unreachable"] and "credentials were rejected" in done.result["msg"]
    del windows.variables["ansible_password"]
    windows.server.faults.status["receive"] = (1, 503)
    assert windows.run({"ansible.windows.win_ping": {}}).code != 0
