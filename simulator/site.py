# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A whole simulated hospital in a state folder: two SQL Servers, the store, four modules on two application hosts."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulator.certificates import make_authority, make_server_certificate
from simulator.processes import PROJECT, Process, ProcessDied
from simulator.site_layout import Facts, load

SERVERS = ("production", "failover")
Say = Callable[[str], None]


class Site:
    """The processes of one site. Every command may be given again: what is done already is left alone."""

    def __init__(self, state: Path, say: Say = print, size: int | None = None) -> None:
        self.state = state.resolve()
        self._say = say
        with self._lock("site"):
            self.facts, self.passwords = load(self.state, **({"size": size} if size else {}))
        self.modules: tuple[str, ...] = tuple(self.facts["modules"])
        self.names = (*SERVERS, "store", *self.modules)
        self._run = Path(self.facts["run"])

    def process(self, name: str) -> Process:
        return Process(name, self._run)

    def control(self, name: str) -> Path:
        """The socket over which a process is told of its faults."""
        return self._run / f"{name}.control"

    @contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        folder = self.state / "run"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def start(self, speed: float | None = None) -> None:
        """Everything, in the order in which it needs each other; made first where it was never there."""
        with self._lock("site"):
            if speed:
                (self._run / "speed").write_text(str(speed), "utf-8")
            self._prepare()
            for names, build in (((*SERVERS, "store"), self._build), (self.modules, None)):
                for name in names:
                    self._launch(name)
                for name in names:
                    self._wait(name)
                if build:
                    build()
            for name in self.names:
                self._say(self._line(name))

    def start_one(self, name: str) -> None:
        with self._lock(name):
            self._prepare()
            self._launch(name)
            self._wait(name)
        self._say(self._line(name))

    def stop_one(self, name: str, kill: bool = False) -> None:
        with self._lock(name):
            process = self.process(name)
            ended = process.kill() if kill else process.stop()
        self._say(f"{name}: {'killed' if kill else 'stopped'}" if ended else f"{name}: it did not run")

    def stop(self) -> None:
        for name in reversed(self.names):
            self.stop_one(name)

    def restart_one(self, name: str) -> None:
        self.stop_one(name)
        self.start_one(name)

    def _prepare(self) -> None:
        folder = Path(self.facts["ca"]).parent
        make_authority(folder, f"{self.facts['name']} CA")
        for name, at in {**self.facts["servers"], "store": self.facts["store"]}.items():
            make_server_certificate(folder, name, [at["address"]])
        for role in SERVERS:
            password = self._run / f"{role}.sa"
            password.touch(mode=0o600)
            password.write_text(self.passwords["sa"][role], "utf-8")
        command = self.state / "bin" / "app"
        if command.exists():
            return
        command.parent.mkdir(exist_ok=True)
        # Whole at once: another module may be starting with it at this moment.
        part = command.with_name(f"app.{os.getpid()}")
        part.write_text(
            "#!/bin/sh\n# What systemctl is on a real application host: app start|stop|restart|status MODULE\n"
            f"PYTHONPATH='{PROJECT}' exec '{sys.executable}' -m simulator app \"$@\" --state '{self.state}'\n",
            "utf-8",
        )
        part.chmod(0o755)
        part.replace(command)

    def _launch(self, name: str) -> None:
        if self.process(name).pid is None:
            self.control(name).unlink(missing_ok=True)
        self.process(name).start([sys.executable, "-m", *self._command(name)])

    def _command(self, name: str) -> list[Any]:
        if name in SERVERS:
            return self._server_command(name)
        return self._store_command() if name == "store" else self._module_command(name)

    def _server_command(self, role: str) -> list[Any]:
        server, certificate = self.facts["servers"][role], Path(self.facts["ca"]).with_name(f"{role}.pem")
        command = ["simulator.sqlserver", "--state", server["folder"], "--name", server["name"]]
        command += ["--host", server["address"], "--port", server["port"], "--backup-directory", server["backup"]]
        command += ["--sa-password-file", self._run / f"{role}.sa"]
        command += ["--control", self.control(role)]
        for fact, option in (("version", "--server-version"), ("edition", "--edition")):
            command += [option, server[fact]] if fact in server else []  # where somebody wrote it into site.json
        return [*command, "--certificate", certificate, "--private-key", certificate]

    def _store_command(self) -> list[Any]:
        store = self.facts["store"]
        command = ["simulator.ftp", "--folder", store["folder"], "--address", store["address"], "--port", store["port"]]
        command += ["--certificate", Path(self.facts["ca"]).with_name("store.pem"), "--journal", store["journal"]]
        command += ["--control", self.control("store")]
        return [*command, "--accounts", self.state / "secrets.json", "--faults", store["faults"]]

    def _module_command(self, name: str) -> list[Any]:
        module = self.facts["modules"][name]
        speed_file = self._run / "speed"
        command = ["simulator.apps", name, "--config", module["config"], "--journal", module["journal"]]
        command += ["--health-address", module["address"], "--health-port", module["port"]]
        command += ["--workstation", module["host"].upper()]
        return command + (["--speed", speed_file.read_text("utf-8")] if speed_file.exists() else [])

    def _build(self) -> None:
        """Logins, databases and seed rows, once per server."""
        import pyodbc

        from simulator.site_databases import build_failover, build_production, wait_until_ready

        for role, build in (("production", build_production), ("failover", build_failover)):
            mark = self._run / f"{role}.built"
            if mark.exists():
                continue
            try:
                wait_until_ready(self.facts, self.passwords, role, self.process(role).require)
                build(self.facts, self.passwords)
            except pyodbc.Error as error:
                again = f"remove {self.state} and start again"
                raise ProcessDied(f"{role}: its databases could not be made ({again}): {error.args[-1]}") from error
            mark.touch()

    def _wait(self, name: str, patience: float = 15) -> None:
        """Until a process serves; a module serves when it says of itself how it is, be it ill."""
        deadline = time.monotonic() + patience
        while not self._answers(name):
            self.process(name).require()
            if time.monotonic() > deadline:
                raise ProcessDied(f"{name}: it runs, but does not answer after {patience:.0f} s")
            time.sleep(0.05)

    def _answers(self, name: str) -> bool:
        if name in self.modules:
            health = self.health(name)
            return health is not None and (health["status"] == "ok" or health["error"] != "not connected yet")
        at = self.facts["store"] if name == "store" else self.facts["servers"][name]
        ready = self.control(name).exists()
        return ready and (self._is_cut_off(name) or _port_is_open(at["address"], at["port"]))

    def _is_cut_off(self, name: str) -> bool:
        """By a fault that was kept over a restart: its control socket is all that can be asked whether it serves."""
        kept = self.control(name).with_suffix(".faults.json")
        return kept.exists() and '"cut"' in kept.read_text("utf-8")

    def health(self, name: str) -> Facts | None:
        """What a module says about itself; None where it does not answer."""
        try:
            with urllib.request.urlopen(self.facts["modules"][name]["health"], timeout=2) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return json.loads(error.read())
        except OSError:
            return None

    def status(self) -> list[Facts]:
        return [self.status_of(name) for name in self.names]

    def status_of(self, name: str) -> Facts:
        pid = self.process(name).pid
        status: Facts = {"name": name, "pid": pid, "running": pid is not None}
        if name in self.modules:
            health = self.health(name) if pid else None
            return status | {"address": self.facts["modules"][name]["health"], "health": health}
        at = self.facts["store"] if name == "store" else self.facts["servers"][name]
        return status | {"address": f"{at['address']}:{at['port']}"}

    def _line(self, name: str) -> str:
        return describe(self.status_of(name))


def describe(status: Facts) -> str:
    """One line for people."""
    if not status["running"]:
        return f"{status['name']:<13} not running"
    line = f"{status['name']:<13} pid {status['pid']:<8} {status['address']}"
    health = status.get("health")
    if health:
        state = f"on {health['server']}" if health["status"] == "ok" else f"DOWN: {health['error']}"
        line += f"  {state}"
    return line


def _port_is_open(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 1).close()
    except OSError:
        return False
    return True
