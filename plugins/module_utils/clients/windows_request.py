# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The task ``app_repoint`` as it is carried out on a Windows host: same parameters, same result."""

from __future__ import annotations

from typing import Any

from ..recovery.repoint_request import diff, file_form, servers_of
from .app_repointing import Servers, Wish
from .windows_backup import WindowsBackup
from .windows_host import WindowsHost
from .windows_repointing import WindowsRepointing


def repoint_windows(host: WindowsHost, params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Plans for all files first; then, where it is to be, the change of all or none."""
    old, new = servers_of(params)
    wishes = [Wish(file_form(file), file["required"], file["on_refused"] == "warn") for file in params["files"]]
    directory = WindowsBackup.at(params["backup_directory"])
    work = WindowsRepointing(host, wishes, Servers(old, new), directory)
    touch = params["stage"] == "apply" and not check_mode
    if params["state"] == "restored":
        found = work.restorations()
        if touch:
            work.restore(found)
        return _result([one.to_dict() for one in found], params)
    validated = {entry["path"]: entry["sha256_before"] for entry in params["validated"] or []}
    plans = work.planned(validated)
    if touch:
        work.apply(plans)
    return _result([plan.to_dict() for plan in plans], params)


def _result(files: list[dict[str, Any]], params: dict[str, Any]) -> dict[str, Any]:
    changed = any(file["changed"] for file in files) and params["stage"] == "apply"
    return {"changed": changed, "files": files, "diff": [diff(file) for file in files if file["changed"]]}
