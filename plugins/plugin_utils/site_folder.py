# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The folder of a site's inventory on the controller, its vault, and the file with the vault's password."""

from __future__ import annotations

import difflib
import os
import secrets
import string
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret, is_encrypted
from ansible.vars.manager import VariableManager
from ansible_collections.ics.deadpool.plugins.module_utils.clients.whole_file import write_whole
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput

#: Neither quotes nor spaces: these are typed into consoles, connection strings and FTP clients.
_LETTERS = string.ascii_letters + string.digits
_SIGNS = "-_.+"


def new_password() -> str:
    """32 signs of four kinds, as SQL Server's and Windows' policies want them."""
    while True:
        told = "".join(secrets.choice(_LETTERS + _SIGNS) for _number in range(31)) + secrets.choice(_LETTERS)
        kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SIGNS)
        if told[0] in _LETTERS and all(set(told) & set(kind) for kind in kinds):
            return told


def vault_password(path: str) -> str:
    """What the file holds; empty where there is none. Raises where everybody could read it."""
    try:
        file = Path(path)
        told = file.read_text("utf-8").strip()
        mode = file.stat().st_mode
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{path}: the vault's password cannot be read: {error}", hint="Look at its rights."
        ) from error
    if mode & 0o077:
        raise InvalidInput(
            f"{path}: others may read the vault's password ({mode & 0o777:o}); nothing was written.",
            hint=f"chmod 600 {path}, and change the password if somebody could have read it.",
        )
    if not told or mode & 0o111:
        raise InvalidInput(f"{path}: it holds no password.", hint="Name a file with one line, which is the password.")
    return told


def keep_vault_password(path: str, password: str) -> None:
    """For nobody but its owner."""
    Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, password + "\n", 0o600)


class Vault:
    """The encrypted file of a site's secrets."""

    def __init__(self, path: Path, password: str) -> None:
        self.path = path
        self._secrets = [("default", VaultSecret(password.encode()))]

    def read(self) -> dict[str, str]:
        """What it holds, as text; nothing where it is not there."""
        return {str(key): str(value) for key, value in self._values().items()}

    def _values(self) -> dict[str, Any]:
        if not self.path.exists():
            return {}
        if not is_encrypted(self.path.read_bytes()):
            raise InvalidInput(
                f"{self.path}: it is not encrypted, so its passwords can be read by whoever sees the file.",
                hint=f"Encrypt it (ansible-vault encrypt {self.path}) and change its passwords, or delete it.",
            )
        loader = DataLoader()
        loader.set_vault_secrets(self._secrets)
        try:
            values = loader.load_from_file(str(self.path), cache="none") or {}
        except AnsibleError as error:
            raise InvalidInput(
                f"{self.path}: this password does not open it; nothing was written.",
                hint="Name the file with its password as new_site_vault_password_file.",
            ) from error
        return dict(values)

    def require_texts(self) -> None:
        """Raises where it holds more than passwords: written anew, lists and the like would become their own text."""
        odd = [name for name, value in self._values().items() if not isinstance(value, (str, int, float))]
        if odd:
            raise InvalidInput(
                f"{self.path}: {', '.join(sorted(odd))} is no text, and would be lost if the file were written anew. "
                "Nothing was written.",
                hint=f"Add by hand what inventory/example has and it lacks: ansible-vault edit {self.path}",
            )

    def write(self, text: str) -> None:
        encrypted = VaultLib(self._secrets).encrypt(text, self._secrets[0][1], vault_id=None)
        write_whole(str(self.path), encrypted.decode(), 0o600)


def difference(path: str, before: str, after: str) -> list[str]:
    """What the facts would change in a file that is there."""
    told = difflib.unified_diff(before.splitlines(), after.splitlines(), f"{path} there", f"{path} facts", lineterm="")
    return list(told)


def hosts_of(folder: str, password: str) -> Iterator[tuple[str, Sequence[str], Mapping[str, Any]]]:
    """The hosts of an inventory as Ansible reads it: name, groups, variables; templates stay as they are written."""
    loader = DataLoader()
    loader.set_vault_secrets([("default", VaultSecret(password.encode()))])
    inventory = InventoryManager(loader=loader, sources=[os.path.abspath(folder)])
    manager = VariableManager(loader=loader, inventory=inventory)
    manager._extra_vars = {}
    for host in inventory.get_hosts():
        groups = sorted(group.name for group in host.get_groups())
        yield host.name, groups, manager.get_vars(host=host, include_hostvars=False)
