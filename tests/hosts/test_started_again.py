# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What comes after the first day: hosts that are started again."""

from __future__ import annotations

import pytest

from .conftest import STORE, Site, changed

pytestmark = pytest.mark.long

TOP = "/rs-contoh"
UNITS = ("vsftpd", "nginx", "deadpool-store-keeper", "deadpool-store-firewall", "deadpool-store-watch.timer")


def test_both_hosts_come_back_by_themselves(site: Site) -> None:
    name = f"{TOP}/reboot.bak"
    site.told("write", [f"STOR {name}.part", "before"], [f"RNFR {name}.part"], [f"RNTO {name}"])
    site.kept(name)
    # Half sent when the host went down: whoever adds begins it anew, for it still is his.
    site.told("write", [f"STOR {TOP}/half.bak.part", "ha"])
    timers = site.controller.run("systemctl", "list-timers", "deadpool-*", "--no-legend", "--plain").splitlines()
    for host in (site.storage, site.controller):
        host.restart()
    for unit in UNITS:
        assert site.storage.run("systemctl", "is-active", unit) == "active", unit
    assert site.storage.run("systemctl", "list-units", "--failed", "--plain", "--no-legend", "deadpool*") == ""
    again = site.controller.run("systemctl", "list-timers", "deadpool-*", "--no-legend", "--plain").splitlines()
    assert len(again) == len(timers) > 3, again
    assert site.ask("reachable", STORE, [21, 80, 22]) == [True, True, False]
    assert site.ask("reachable", STORE, [21, 80, 22], place=site.stranger) == [False] * 3
    asked = [[f"STOR {name}", "x"], [f"DELE {name}"], [f"RETR {name}"], ["LIST"], [f"STOR {TOP}/half.bak.part", "half"]]
    told = site.told("write", *asked)
    assert all(reply.startswith(("550", "553", "500", "502")) for reply in told[:4]) and told[4].startswith("226"), told
    assert site.storage.run("cat", f"/srv/deadpool{name}") == "before"
    new = f"{TOP}/after.bak"
    site.told("write", [f"STOR {new}.part", "after"], [f"RNFR {new}.part"], [f"RNTO {new}"])
    site.kept(new)
    code, text = site.play()
    assert code == 0 and changed(text) == 0, text
