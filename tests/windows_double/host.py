# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One host behind the transport: the modules and scripts that it knows, and everything that it was asked."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import scripts
from .disk import Disk, WindowsError_
from .payload import ModuleCall, ScriptCall, parsed
from .registry import Registry
from .services import Services
from .specs import faults
from .wsman import Finished, Unknown

PROJECT = Path(__file__).resolve().parents[2]
_OURS = PROJECT / "plugins/module_utils/clients/powershell"
_Result = dict[str, Any]


class WindowsDouble:
    """Answers for a module only if its arguments fit what the installed collection documents."""

    def __init__(self, root: Path) -> None:
        self.disk, self.registry, self.services = Disk(root), Registry(), Services()
        self.calls: list[ModuleCall | ScriptCall] = []
        self.asked: list[str] = []
        #: Called before the module or script of that name, once.
        self.before: dict[str, Callable[[], None]] = {}
        self.meanwhile: Callable[[str], None] = lambda path: None
        #: Windows' DNS server, where the host has one.
        self.dns: Callable[[_Result], _Result] | None = None
        #: Scripts that ask other programs (curl.exe, robocopy); set by the tests that need them.
        self.twins: dict[str, Callable[[Disk, _Result], _Result]] = dict(scripts.TWINS)
        self.answers: dict[str, Callable[[ModuleCall], _Result]] = {
            "ansible.windows.slurp": self._slurp,
            "ansible.windows.win_dns_record": self._dns_record,
            "ansible.windows.win_ping": lambda call: {"changed": False, "ping": call.arguments.get("data", "pong")},
            "ansible.windows.win_powershell": self._powershell,
            "ansible.windows.win_stat": self._stat,
            "ansible.windows.win_reg_stat": lambda call: self.registry.stat(call.arguments),
            "ansible.windows.win_regedit": lambda call: self.registry.edit(call.arguments),
            "ansible.windows.win_service": lambda call: self.services.service(call.arguments),
            "microsoft.iis.web_app_pool_info": lambda call: self.services.app_pool_info(call.arguments),
            "microsoft.iis.web_app_pool": lambda call: self.services.app_pool(call.arguments),
        }
        self._scripts = {path.read_text("utf-8").strip(): path.stem for path in sorted(_OURS.glob("*.ps1"))}

    def execute(self, line: list[str], stdin: bytes) -> Finished:
        call = parsed(line, stdin)
        self.calls.append(call)
        if isinstance(call, ScriptCall):
            return self._file_script(call)
        return Finished(json.dumps(self.answer(call)).encode() + b"\r\n")

    def answer(self, call: ModuleCall) -> _Result:
        wrong = faults(call.name, {key: value for key, value in call.arguments.items() if value is not None})
        if wrong:
            raise Unknown("; ".join(wrong))
        if call.name not in self.answers:
            raise Unknown(f"module {call.name}")
        if call.name != "ansible.windows.win_powershell":
            self._note(call.name)
        return self.answers[call.name](call)

    def _note(self, name: str) -> None:
        self.asked.append(name)
        hook = self.before.pop(name, None)
        if hook:
            hook()

    def _slurp(self, call: ModuleCall) -> _Result:
        path = call.arguments.get("src") or call.arguments["path"]
        place = self.disk.local(path)
        if place.is_dir():
            return {"failed": True, "changed": False, "msg": f"Path {path} is a directory"}
        if not place.is_file():
            return {"failed": True, "changed": False, "msg": f"Path {path} is not found"}
        try:
            data = self.disk.read(path)
        except WindowsError_ as error:
            return {"failed": True, "changed": False, "msg": f"Unhandled exception while executing module: {error}"}
        return {"changed": False, "content": base64.b64encode(data).decode(), "encoding": "base64"}

    def _stat(self, call: ModuleCall) -> _Result:
        place = self.disk.local(call.arguments["path"])
        facts: _Result = {"exists": place.exists()}
        if place.exists():
            facts.update(isdir=place.is_dir(), isreg=place.is_file(), size=place.stat().st_size)
        if place.is_file() and call.arguments.get("get_checksum", True):
            facts["checksum"] = hashlib.sha1(place.read_bytes()).hexdigest()
        return {"changed": False, "stat": facts}

    def _dns_record(self, call: ModuleCall) -> _Result:
        if self.dns is None:
            return {"failed": True, "changed": False, "msg": "The DnsServer module is not installed"}
        return self.dns(call.arguments)

    def _powershell(self, call: ModuleCall) -> _Result:
        text = str(call.arguments.get("script") or "").strip()
        if text not in self._scripts:
            raise Unknown(f"a PowerShell script that is none of ours: {text[:200]!r}")
        name = self._scripts[text]
        if name not in self.twins:
            raise Unknown(f"the script {name}.ps1, for which this test has no stand-in")
        if call.internal.get("_ansible_check_mode") and "SupportsShouldProcess" not in text:
            return {"changed": False, "skipped": True, "msg": "skipped, running in check mode"}
        self._note(name)
        given = dict(call.arguments.get("parameters") or {})
        given.update({one["name"]: one["value"] for one in call.arguments.get("sensitive_parameters") or []})
        if name == "swap":
            return _returned(scripts.swap(self.disk, given, self.meanwhile))
        return _returned(self.twins[name](self.disk, given))

    def _file_script(self, call: ScriptCall) -> Finished:
        self._note(call.name)
        if call.name == "winrm_put_file":
            data = b"".join(base64.b64decode(line) for line in call.input.split(b"\r\n") if line)
            self.disk.put(call.parameters["Path"], data)
            return Finished(json.dumps({"sha1": hashlib.sha1(data).hexdigest()}).encode())
        if call.name == "winrm_fetch_file":
            data = self.disk.read(call.parameters["Path"])[call.parameters["Offset"] :]
            return Finished(base64.b64encode(data[: call.parameters["BufferSize"]]))
        if call.name == "powershell_mkdtemp":
            folder = f"C:\\Temp\\{call.parameters['Name']}"
            self.disk.local(folder).mkdir(parents=True)
            return Finished(folder.encode())
        raise Unknown(f"script {call.name}")


def _returned(result: _Result) -> _Result:
    lists: _Result = {key: [] for key in ("output", "error", "debug", "verbose", "warning", "information")}
    return {"changed": False, "failed": False, "result": result, "host_out": "", "host_err": "", **lists}
