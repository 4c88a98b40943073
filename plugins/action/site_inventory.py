# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the inventory of a new site, on the controller, where its vault is encrypted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible import context
from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.clients.whole_file import write_whole
from ansible_collections.ics.deadpool.plugins.module_utils.recovery import site_inventory as pages
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.site_facts import SiteFacts
from ansible_collections.ics.deadpool.plugins.module_utils.shell import failure
from ansible_collections.ics.deadpool.plugins.plugin_utils import site_folder

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "facts": {"type": "dict", "required": True},
    "folder": {"type": "path", "default": ""},
    "inventories": {"type": "path", "default": "inventory"},
    "example": {"type": "path", "required": True},
    "vault_password_file": {"type": "path", "required": True},
    "passwords": {"type": "dict", "default": {}, "no_log": True},
    "replace": {"type": "bool", "default": False},
}


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec(_ARGUMENTS)
        try:
            _refuse_secrets_on_the_command_line()
            return _Writing(args, bool(self._task.check_mode)).result()
        except Exception as error:
            return {"failed": True, **failure(error)}


def _refuse_secrets_on_the_command_line() -> None:
    """Everybody on the controller reads a command line, and the shell keeps it."""
    given = [str(one) for one in context.CLIARGS.get("extra_vars") or ()]
    if any("new_site_passwords" in one for one in given if not one.startswith("@")):
        raise InvalidInput(
            "Passwords were given on the command line, where others can read them; nothing was written.",
            hint="Put new_site_passwords into a file that ansible-vault encrypted, and give -e @FILE. Change them.",
        )


class _Writing:
    def __init__(self, args: dict[str, Any], check_mode: bool) -> None:
        self.args, self.touch = args, not check_mode
        self.facts = SiteFacts.read(args["facts"])
        self.folder = Path(args["folder"] or Path(args["inventories"], pages.slug(self.facts.name)))
        self.example = {path: Path(args["example"], path).read_text("utf-8") for path in (*pages.COPIED, pages.VAULT)}
        self.told: list[dict[str, Any]] = []
        self.diffs: list[dict[str, Any]] = []

    def result(self) -> dict[str, Any]:
        password_file = self.args["vault_password_file"]
        files = pages.inventory_files(self.facts, self.example, password_file)
        # Read before anything is written: a vault that does not open ends the run with nothing done.
        password = site_folder.vault_password(password_file)
        made = not password
        password = password or site_folder.new_password()
        vault = site_folder.Vault(self.folder / pages.VAULT, password)
        secrets, generated = self._secrets(vault)
        if made and self.touch:
            site_folder.keep_vault_password(password_file, password)
        for path, text in files.items():
            self._file(path, text)
        self._vault(vault, secrets)
        changed = made or any(one["state"] in ("written", "replaced") for one in self.told)
        return {
            "changed": changed,
            "folder": str(self.folder),
            "files": self.told,
            "differs": [one["path"] for one in self.told if one["state"] == "differs"],
            "generated": generated,
            "vault_password_made": made,
            "diff": self.diffs,
        }

    def _file(self, path: str, text: str) -> None:
        place = self.folder / path
        before = place.read_text("utf-8") if place.exists() else None
        state = self._state(before is None, before == text)
        if state in ("written", "replaced") and self.touch:
            write_whole(str(place), text)
        if before != text:
            self.diffs.append({"before_header": path, "after_header": path, "before": before or "", "after": text})
        told = site_folder.difference(path, before, text) if before is not None and before != text else []
        self.told.append({"path": path, "state": state, "difference": told})

    def _state(self, new: bool, same: bool) -> str:
        if new:
            return "written"
        return "same" if same else "replaced" if self.args["replace"] else "differs"

    def _secrets(self, vault: site_folder.Vault) -> tuple[dict[str, str], list[str]]:
        """What the vault is to hold, and the names of the passwords that were made for it. What it holds stays."""
        needed = pages.secrets_of(self.facts, self.example[pages.VAULT])
        given = {str(key): str(value) for key, value in self.args["passwords"].items()}
        pages.require_known_secrets(given, needed)
        pages.require_one_line(given)
        there = vault.read()
        # Nobody but the hospital can say a password of Windows.
        made = [name for name in needed if name not in {*there, *given, pages.WINDOWS_SECRET}]
        wanted = {**{name: site_folder.new_password() for name in made}, **there, **given}
        if not self.args["replace"]:
            wanted.update(there)
        if wanted != there:
            vault.require_texts()
        order = [*needed, *(name for name in wanted if name not in needed)]
        return {name: wanted[name] for name in order if name in wanted}, made

    def _vault(self, vault: site_folder.Vault, secrets: dict[str, str]) -> None:
        there = vault.read()
        given = {name: str(value) for name, value in self.args["passwords"].items()}
        differs = sorted(name for name, value in given.items() if there.get(name, value) != value)
        state = "written" if not there else "same" if secrets == there else "replaced"
        if state != "same" and self.touch:
            vault.write(pages.vault_text(secrets))
        if differs and not self.args["replace"]:
            state = "differs"
        # Names only: a password is in no result.
        self.told.append({"path": pages.VAULT, "state": state, "difference": [f"~ {name}" for name in differs]})
