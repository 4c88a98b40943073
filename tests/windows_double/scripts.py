# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the fixed scripts of the collection do, done again in Python on a folder: the contract, not PowerShell."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from .disk import ME, PRIVATE, Disk, WindowsError_

_Result = dict[str, Any]
_WAITED_FOR = (-2147024864, -2147024863, -2147023721)


def look(disk: Disk, parameters: dict[str, Any]) -> _Result:
    directory = parameters["BackupDirectory"]
    existing = directory
    while existing and not disk.local(existing).exists():
        existing = existing.rpartition("\\")[0] if existing.count("\\") > 1 else existing[:3] * (len(existing) > 3)
    there = existing == directory
    return {
        "me": ME,
        "files": [_fact(disk, path) for path in parameters["Path"]],
        "directory": {
            "exists": there,
            "is_folder": bool(existing) and disk.local(existing).is_dir(),
            "existing": existing,
            "free": disk.free if existing else -1,
            "writers": ["S-1-5-18", "S-1-5-32-544", *disk.writers.get(directory.lower(), [])] if there else [],
        },
    }


def _fact(disk: Disk, path: str) -> _Result:
    fact: _Result = {"path": path, "error": "", "leftovers": []}
    try:
        real = disk.followed(path)
        disk.require(real)
        fact.update(real_path=real, is_file=disk.local(real).is_file())
        if fact["is_file"]:
            key = real.lower()
            fact.update(
                sha256=disk.sha256(real),
                read_only=key in disk.read_only,
                encrypted=key in disk.encrypted,
                links=disk.links.get(key, 1),
                sddl=disk.protection(real),
            )
    except WindowsError_ as error:
        fact["error"] = str(error)
        place = disk.local(path)
        if place.parent.is_dir():
            found = place.parent.glob(f".{place.name}.*.deadpool-old")
            fact["leftovers"] = [f"{path.rpartition(chr(92))[0]}\\{one.name}" for one in found]
    return fact


def records(disk: Disk, parameters: dict[str, Any]) -> _Result:
    found = []
    for folder in parameters["Folder"]:
        names = sorted(disk.local(folder).glob("record-*.json")) if disk.local(folder).is_dir() else []
        found.append({"folder": folder, "record": names[-1].read_text("utf-8") if names else ""})
    return {"records": found}


def prepare(disk: Disk, parameters: dict[str, Any]) -> _Result:
    result: _Result = {"error": "", "path": "", "temporaries": []}
    made: list[str] = []
    try:
        _private_folder(disk, parameters["BackupDirectory"])
        result["path"] = parameters["BackupDirectory"] + "\\.lock"
        _locked(disk, parameters)
        for file in parameters["Files"]:
            result["path"] = file["real_path"]
            _require(file["registry"] or disk.sha256(file["real_path"]) == file["sha256"])
            if file["record"]:
                _private_folder(disk, file["folder"])
                if not disk.local(file["copy"]).exists() or disk.sha256(file["copy"]) != file["sha256"]:
                    _copy(disk, file)
                _require(disk.sha256(file["copy"]) == file["sha256"])
                _write_new(disk, file["record_path"], base64.b64decode(file["record"]))
        for file in parameters["Files"]:
            if file["registry"]:
                continue
            result["path"] = file["real_path"]
            made.append(file["temporary"])
            _write_new(disk, file["temporary"], base64.b64decode(file["content"]))
    except WindowsError_ as error:
        result["error"] = str(error)
        for path in made:
            disk.local(path).unlink(missing_ok=True)
    return result


def _copy(disk: Disk, file: dict[str, Any]) -> None:
    if file["registry"]:
        disk.put(file["copy"], base64.b64decode(file["content"]), PRIVATE)
    else:
        disk.put(file["copy"], disk.read(file["real_path"]), disk.protection(file["real_path"]))


def _locked(disk: Disk, parameters: dict[str, Any]) -> None:
    lock = parameters["BackupDirectory"] + "\\.lock"
    if disk.local(lock).exists():
        disk.require(lock)
    disk.put(lock, b"", PRIVATE)


def _require(unchanged: bool) -> None:
    if not unchanged:
        raise WindowsError_("CHANGED")


def _private_folder(disk: Disk, path: str) -> None:
    if not disk.local(path).is_dir():
        disk.local(path).mkdir(parents=True)
        disk.sddl[path.lower()] = PRIVATE


def _write_new(disk: Disk, path: str, data: bytes) -> None:
    folder = path.rpartition("\\")[0]
    if disk.local(path).exists():
        raise WindowsError_(f"The file '{path}' already exists.", -2147024816)
    if folder.lower() in disk.denied:
        raise WindowsError_(f"Access to the path '{path}' is denied.", -2147024891)
    if len(data) > disk.free:
        raise WindowsError_("There is not enough space on the disk.", -2147024784)
    disk.put(path, data, PRIVATE)


def swap(disk: Disk, parameters: dict[str, Any], meanwhile: Callable[[str], None] = lambda path: None) -> _Result:
    """``meanwhile`` is called with each file's path before it is hashed: another program at work."""
    facts: list[_Result] = []
    result: _Result = {"files": facts, "error": ""}
    try:
        _locked(disk, parameters)
    except WindowsError_ as error:
        return {**result, "error": str(error)}
    for file in parameters["Files"]:
        empty = {"error": "", "sha256": "", "sddl_before": "", "sddl_after": ""}
        fact: _Result = {"real_path": file["real_path"], "state": "untouched", **empty}
        facts.append(fact)
        try:
            meanwhile(file["real_path"])
            fact["sddl_before"] = file["sddl"] or disk.protection(file["real_path"])
            _require(_patiently(lambda path=file["real_path"]: disk.sha256(path)) == file["expected"])
            _patiently(lambda file=file: _replace(disk, file))
            fact["state"] = "swapped"
            fact["sddl_after"] = _protected_again(disk, file["real_path"], fact["sddl_before"])
            fact["sha256"] = disk.sha256(file["real_path"])
        except WindowsError_ as error:
            fact["error"] = str(error)
        if fact["error"] or fact["sha256"] != file["written"]:
            break
    for file in parameters["Files"]:
        disk.local(file["temporary"]).unlink(missing_ok=True)
    return result


def _protected_again(disk: Disk, path: str, sddl: str) -> str:
    if path.lower() not in disk.obstinate:
        disk.sddl[path.lower()] = sddl
    return disk.protection(path)


def _replace(disk: Disk, file: dict[str, Any]) -> None:
    key = file["real_path"].lower()
    disk.require(file["real_path"])
    if key in disk.read_only:
        raise WindowsError_(f"Access to the path '{file['real_path']}' is denied.", -2147024891)
    disk.local(file["temporary"]).replace(disk.local(file["real_path"]))
    if key in disk.after_replace:
        disk.sddl[key] = disk.after_replace.pop(key)


def _patiently(work: Callable[[], Any], tries: int = 10) -> Any:
    for number in range(1, tries + 1):
        try:
            return work()
        except WindowsError_ as error:
            if number == tries or error.code not in _WAITED_FOR:
                raise
    return None


TWINS: dict[str, Callable[[Disk, dict[str, Any]], _Result]] = {
    "look": look,
    "records": records,
    "prepare": prepare,
    "swap": swap,
}
