# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""app_restart on a Windows host's stand-in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import windows_restart
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_restart import restart_windows
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, RecoveryError
from ansible_collections.ics.deadpool.plugins.modules.app_restart import ARGUMENT_SPEC

from .conftest import Windows
from .in_process import Direct, checked


class Module:
    """An application that reads its server when it is started."""

    def __init__(self) -> None:
        self.server, self.configured = "SQL1", "SQL2"
        module = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args: object) -> None:
                pass

            def do_GET(self) -> None:
                body = json.dumps({"status": "ok", "server": module.server}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/health"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def start(self, _name: str) -> None:
        self.server = self.configured

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def module() -> Iterator[Module]:
    running = Module()
    yield running
    running.stop()


def entry(module: Module, restart: Any) -> dict[str, Any]:
    return {"name": "billing", "health": module.url, "restart": restart, "files": [{"path": "C:\\HIS\\a.ini"}]}


def parameters(module: Module, restart: Any, **options: Any) -> dict[str, Any]:
    return checked(ARGUMENT_SPEC, applications=[entry(module, restart)], server_name="SQL2", **options)


@pytest.mark.parametrize("restart", [{"service": "Billing"}, {"app_pool": "Billing"}])
def test_restarts_once_and_not_again(tmp_path: Path, module: Module, restart: dict[str, str]) -> None:
    his = Direct(tmp_path)
    his.double.services.names, his.double.services.pools = {"Billing"}, {"Billing"}
    his.double.services.on_restart = module.start
    done = restart_windows(his.host, parameters(module, restart), False)
    assert done["changed"] and done["restarted"][0]["reason"].startswith("it does not work on SQL2")
    assert not restart_windows(his.host, parameters(module, restart), False)["changed"]
    assert his.double.services.restarted == ["Billing"]


def test_check_mode_restarts_nothing_but_finds_what_is_missing(tmp_path: Path, module: Module) -> None:
    his = Direct(tmp_path)
    his.double.services.names = {"Billing"}
    assert restart_windows(his.host, parameters(module, {"service": "Billing"}), True)["changed"]
    assert not his.double.services.restarted
    for restart, expected in (({"service": "Bill"}, "no service Bill"), ({"app_pool": "Bill"}, "no application pool")):
        done = restart_windows(his.host, parameters(module, restart), True)
        assert done["failed"] and expected in done["msg"]
    assert not his.double.services.pools, "a pool that is missing is not made"


@pytest.mark.parametrize("kind", ["service", "app_pool"])
def test_what_reads_a_changed_file_is_stopped_before(tmp_path: Path, module: Module, kind: str) -> None:
    his = Direct(tmp_path)
    his.double.services.names, his.double.services.pools = {"Billing"}, {"Billing"}
    wanted = parameters(module, {kind: "Billing"}, stage="stop")
    assert not restart_windows(his.host, wanted, False)["changed"]
    wanted["applications"][0]["stop"] = {kind: "Billing"}
    assert not restart_windows(his.host, wanted, False)["changed"]
    wanted["changed_files"] = ["C:\\HIS\\a.ini"]
    assert restart_windows(his.host, wanted, True)["changed"] and not his.double.services.stopped
    done = restart_windows(his.host, wanted, False)
    assert done["stopped"] == [{"name": "billing", "reason": "C:\\HIS\\a.ini was changed"}]
    assert his.double.services.stopped == ["Billing"] and not his.double.services.restarted


def test_a_pool_that_is_still_stopping_is_waited_for(
    tmp_path: Path, module: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker process may still write, and restarting it now would fail."""
    monkeypatch.setattr(windows_restart, "_PAUSE", 0.01)
    his = Direct(tmp_path)
    services = his.double.services
    services.pools, services.stops_after = {"Billing"}, 3
    wanted = parameters(module, {"app_pool": "Billing"}, stage="stop", changed_files=["C:\\HIS\\a.ini"])
    wanted["applications"][0]["stop"] = {"app_pool": "Billing"}
    restart_windows(his.host, wanted, False)
    assert services.states["Billing"] == ["Stopped"]
    services.stops_after = 1000
    monkeypatch.setattr(windows_restart, "_POOL_STOPS_IN", 0.05)
    with pytest.raises(RecoveryError, match=r"Billing is Stopping 0\.05 s after it was stopped"):
        restart_windows(his.host, wanted, False)


def test_one_that_does_not_come_back_fails_and_is_named(tmp_path: Path, module: Module) -> None:
    his = Direct(tmp_path)
    his.double.services.names = {"Billing"}
    done = restart_windows(his.host, parameters(module, {"service": "Billing"}, wait_seconds=0.2), False)
    assert done["failed"] and "billing: 0.2 s after its restart it does not work on SQL2" in done["msg"]


@pytest.mark.parametrize("restart", ["systemctl restart x", {"unit": "x"}, {"service": []}, {"service": [""]}])
def test_a_restart_that_is_none_of_windows_is_refused(tmp_path: Path, module: Module, restart: Any) -> None:
    with pytest.raises(InvalidInput):
        restart_windows(Direct(tmp_path).host, parameters(module, restart), False)


def test_through_the_transport(windows: Windows, module: Module) -> None:
    windows.double.services.names = {"Billing"}
    windows.double.services.on_restart = module.start
    wanted = {"applications": [entry(module, {"service": "Billing"})], "server_name": "SQL2"}
    done = windows.run({"ics.deadpool.app_restart": {**wanted, "changed_files": ["C:\\HIS\\a.ini"]}})
    assert done.code == 0, done.output + done.errors
    assert done.result["restarted"] == [{"name": "billing", "reason": "C:\\HIS\\a.ini was changed"}]
    assert windows.double.services.restarted == ["Billing"]
