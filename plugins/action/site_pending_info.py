# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads an inventory and what its runs left, on the controller, and says what is still missing."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.site_inventory import slug
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.site_pending import Site, lines, pending
from ansible_collections.ics.deadpool.plugins.module_utils.shell import failure
from ansible_collections.ics.deadpool.plugins.plugin_utils import site_folder

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "folder": {"type": "path", "required": True},
    "vault_password_file": {"type": "path", "required": True},
    "check_site": {"type": "path", "default": ""},
    "language": {"type": "str", "choices": ["id", "en"], "default": "id"},
}
#: Runs that a new site has had once they ended well.
_KINDS = ("connectivity", "uat")


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec(_ARGUMENTS)
        try:
            site = _site(args["folder"], args["vault_password_file"], args["check_site"])
        except Exception as error:
            return {"failed": True, **failure(error)}
        rows = pending(site, args["folder"])
        return {"changed": False, "pending": rows, "lines": lines(rows, args["language"])}


def _site(folder: str, password_file: str, check_site: str) -> Site:
    """As Ansible itself reads it: an inventory that it cannot read is no inventory."""
    try:
        found = list(site_folder.hosts_of(folder, site_folder.vault_password(password_file)))
    except AnsibleError as error:
        raise InvalidInput(
            f"{folder}: Ansible cannot read this inventory: {error}",
            hint=f"Mend it, then look: ansible-inventory -i {folder} --list --vault-password-file {password_file}",
        ) from error
    hosts = {name: values for name, _groups, values in found}
    groups: dict[str, list[str]] = {}
    for name, told, _values in found:
        for group in told:
            groups.setdefault(group, []).append(name)
    values: Mapping[str, Any] = next(iter(hosts.values()), {})
    reports = Path(str(values.get("preflight_reports_directory") or "/nowhere"))
    named = [str(values.get(name) or "") for name in ("store_ca", "decision_signers")]
    files = frozenset(name for name in named if name.startswith("/") and Path(name).exists())
    return Site(groups, hosts, files, _outcomes(reports, values), _checked(reports, values, check_site))


def _outcomes(reports: Path, values: Mapping[str, Any]) -> dict[str, str]:
    """What the newest run of each kind came to."""
    told = {}
    for kind in _KINDS:
        newest = max(reports.glob(f"*-{kind}/report.json"), default=None)
        if newest is not None:
            told[kind] = str(json.loads(newest.read_text("utf-8")).get("outcome", ""))
    timers = Path("/etc/systemd/system").glob(f"deadpool-{slug(str(values.get('site_name') or ''))}-*.timer")
    return {**told, "schedule": "success" if any(timers) else ""}


def _checked(reports: Path, values: Mapping[str, Any], check_site: str) -> str:
    """What the monitoring is told: by the same program that it calls."""
    key = hashlib.sha256(str(values.get("site_name") or "").encode()).hexdigest()[:12]
    state = reports / f".check-{key}.json"
    if not state.exists() or not Path(check_site).is_file():
        return ""
    done = subprocess.run(
        [sys.executable, check_site, str(state)], capture_output=True, text=True, check=False, timeout=30
    )
    return (done.stdout.splitlines() or [""])[0].partition("|")[0].strip()
