# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the scripts for transfers do, done again in Python: files of the folder, and this machine's real curl, which
gets the very configuration that curl.exe would get, with its paths led into the folder."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .disk import Disk, WindowsError_

_PATHS = re.compile(r'^(upload-file|output|cacert) = "(.*)"$', re.MULTILINE)
_EPOCH = 621_355_968_000_000_000  # .NET counts from the year 1, in 100 ns


def files(disk: Disk, parameters: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {"files": [], "ranges": [], "error": "", "free": -1}
    paths = list(parameters.get("Path") or [])
    if parameters.get("Directory"):
        folder = disk.local(parameters["Directory"])
        if not folder.is_dir():
            return {**result, "error": "there is no such directory on this host"}
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        paths = [parameters["Directory"] + "\\" + "\\".join(path.relative_to(folder).parts) for path in found]
    result["files"] = [_fact(disk, path, bool(parameters.get("Hash"))) for path in paths]
    result["ranges"] = [_part(disk, wanted) for wanted in parameters.get("Range") or []]
    if parameters.get("Room"):
        result["free"] = disk.free
    return result


def _fact(disk: Disk, path: str, hashed: bool) -> dict[str, Any]:
    fact = {"path": path, "exists": False, "length": -1, "written": "", "sha256": "", "error": ""}
    place = disk.local(path)
    if place.is_file():
        status = place.stat()
        fact.update(exists=True, length=status.st_size, written=f"{status.st_mtime_ns // 100 + _EPOCH:020d}")
        try:
            if hashed:
                fact["sha256"] = disk.sha256(path)
        except WindowsError_ as error:
            fact["error"] = str(error)
    return fact


def _part(disk: Disk, wanted: dict[str, Any]) -> dict[str, str]:
    try:
        data = disk.read(wanted["path"])[wanted["offset"] :][: wanted["length"]]
    except WindowsError_ as error:
        return {"data": "", "error": str(error)}
    return {"data": base64.b64encode(data).decode(), "error": ""}


def place(disk: Disk, parameters: dict[str, Any]) -> dict[str, Any]:
    for folder in parameters.get("Folder") or []:
        disk.local(folder).mkdir(parents=True, exist_ok=True)
    for path in parameters.get("Remove") or []:
        disk.local(path).unlink(missing_ok=True)
    if parameters.get("From") and not parameters.get("Overwrite", True) and disk.local(parameters["To"]).exists():
        return {"error": "Cannot create a file when that file already exists."}
    if parameters.get("From"):
        os.replace(disk.local(parameters["From"]), disk.local(parameters["To"]))
    return {"error": ""}


def curl(disk: Disk, parameters: dict[str, Any]) -> dict[str, Any]:
    answers: list[dict[str, Any]] = []
    for request in parameters["Requests"]:
        with tempfile.TemporaryDirectory() as folder:
            text = f"{parameters['Login']}\n{request['text']}\n"
            if request["content"]:
                Path(folder, "content").write_text(request["content"])
                text += f'upload-file = "{folder}/content"'
            configuration = Path(folder, "curl.cfg")
            configuration.write_text(_PATHS.sub(lambda match: _led(disk, folder, match), text))
            command = ["curl", "--disable", "--config", str(configuration)]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        answers.append({"rc": done.returncode, "stdout": done.stdout, "stderr": done.stderr})
        if request["stop"] and done.returncode:
            break
    return {"answers": answers, "error": ""}


def _led(disk: Disk, folder: str, match: re.Match[str]) -> str:
    if match.group(2).startswith(folder):
        return match.group(0)
    path = match.group(2).replace("\\\\", "\\")
    return f'{match.group(1)} = "{disk.local(path)}"'


def copy(disk: Disk, parameters: dict[str, Any]) -> dict[str, Any]:
    if not disk.local(parameters["Root"]).is_dir():
        return {"error": f"{parameters['Root']} cannot be reached", "length": -1}
    target = disk.local(parameters["To"])
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        data = disk.read(parameters["From"]) if parameters.get("From") else parameters.get("Text", "").encode()
    except WindowsError_ as error:
        return {"error": str(error), "length": -1}
    target.write_bytes(data)
    return {"error": "", "length": len(data)}


TWINS = {"files": files, "place": place, "curl": curl, "copy": copy}
