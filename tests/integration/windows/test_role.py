# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole role over a Linux host and a Windows host's stand-in: one module on each, and a record in DNS that is kept
by the Windows host. The module behind the stand-in is a simulated one: it reads the file as it arrived there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.repoint.crash.ward import RECORD, Run, Ward
from tests.windows_double.host import WindowsDouble
from tests.windows_double.wsman import WsmanServer

from .conftest import PASSWORD, USER

pytestmark = pytest.mark.slow

LINUX, WINDOWS = "registration", "surgery"
FILE, SERVICE = "C:\\HIS\\surgery.udl", "MyHospitalSurgery"


class Site(Ward):
    """Two of the ward's modules, one of them on a Windows host."""

    def settle(self, double: WindowsDouble, port: int, certificate: Path) -> None:
        self.double = double
        double.disk.put(FILE, self.config(WINDOWS).read_bytes())
        double.services.names = {SERVICE}
        double.services.on_stop = lambda _name: self._service("stop")
        double.services.on_restart = lambda _name: self._service("restart")
        double.dns = self._change_record if self.names else None
        inventory = self.folder / "inventory"
        hosts = yaml.safe_load((inventory / "hosts.yml").read_text())
        hosts["all"]["children"]["application"]["hosts"] = {"app1": None, "win1": None}
        (inventory / "hosts.yml").write_text(yaml.safe_dump(hosts))
        (inventory / "host_vars").mkdir()
        (inventory / "host_vars/win1.yml").write_text(json.dumps(reached(port, certificate)))
        self.describe()

    def entries(self, **changed: dict[str, Any]) -> list[dict[str, Any]]:
        on_windows = {
            "host": "win1",
            "files": [{"path": FILE}],
            "stop": {"service": SERVICE},
            "restart": {"service": SERVICE},
        }
        found = {one["name"]: one for one in super().entries(**changed)}
        if self.names:
            told = {"server": "127.0.0.1", "port": self.names.port, "windows_host": "win1"}
            found[LINUX]["files"].append({"path": f"dns:{RECORD}", "dns": told})
        return [found[LINUX], {**found[WINDOWS], **on_windows}]

    def _service(self, verb: str) -> None:
        """What its service does on the host: the module begins with the file that lies there then."""
        if verb == "restart":
            self.config(WINDOWS).write_bytes(self.double.disk.local(FILE).read_bytes())
        self.simulator("app", verb, WINDOWS)

    def _change_record(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self.names
        name = f"{asked['name']}.{asked['zone']}."
        self.names.change(asked["zone"], name, asked["ttl"], asked["type"], asked["value"])
        return {"changed": True}

    def where(self) -> dict[str, tuple[str, str]]:
        """For each module the server that its file names, and the one that it says it works on."""
        named, working = self.named(), self.working()
        return {name: (named[name], working[name]) for name in (LINUX, WINDOWS)}


def reached(port: int, certificate: Path) -> dict[str, Any]:
    return {
        "ansible_connection": "winrm",
        "ansible_host": "127.0.0.1",
        "ansible_port": port,
        "ansible_user": USER,
        "ansible_password": PASSWORD,
        "ansible_winrm_transport": "basic",
        "ansible_winrm_ca_trust_path": str(certificate),
        "repoint_backup_directory": "C:\\ProgramData\\deadpool",
    }


@pytest.fixture
def site(tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[Site]:
    site, double = Site(tmp_path), WindowsDouble(tmp_path / "disk")
    try:
        with WsmanServer(double.execute, USER, PASSWORD, certificate) as server:
            site.open()
            site.settle(double, server.port, certificate[0])
            yield site
            assert not server.refused, server.refused
    finally:
        site.close()


def moved(site: Site, role: str, run: Run) -> bool:
    everywhere = dict.fromkeys((LINUX, WINDOWS), (role, role))
    assert site.where() == everywhere and site.recorded() in (None, role), run.text
    return True


def test_both_go_back_where_one_fails_and_both_go_where_none_does(site: Site) -> None:
    before = site.double.disk.local(FILE).read_bytes()
    site.sql("failover", f"ALTER LOGIN [myhospital_{LINUX}] DISABLE")
    run = site.run("failover")
    assert run.code != 0 and run.says(f"{LINUX}: 8 s after its restart", "what this run wrote was put back"), run.text
    assert moved(site, "production", run) and site.double.disk.local(FILE).read_bytes() == before
    services = site.double.services
    assert services.stopped == [SERVICE] and services.restarted == [SERVICE, SERVICE], "stopped before it was written"
    changed = [call for call in site.double.asked if call == "ansible.windows.win_dns_record"]
    assert len(changed) == (2 if site.names else 0), "there and back"

    site.sql("failover", f"ALTER LOGIN [myhospital_{LINUX}] ENABLE")
    run = site.run("failover")
    assert run.code == 0 and moved(site, "failover", run), run.text
    assert services.stopped == [SERVICE, SERVICE] and not list(site.double.disk.root.rglob("*.deadpool-*"))
    shutil.rmtree(site.folder / "disk")
