# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vault of a site: what somebody else put into it is never written back as something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.plugin_utils.site_folder import Vault


def test_passwords_may_be_written_anew(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault.yml", "open")
    vault.require_texts()
    vault.write("vault_a: !unsafe 'it''s {{ no template }}'\nvault_b: 1234\n")
    assert vault.read() == {"vault_a": "it's {{ no template }}", "vault_b": "1234"}
    vault.require_texts()


@pytest.mark.parametrize("value", ["{tsig: c2VjcmV0}", "[one, two]", ""])
def test_what_is_no_text_keeps_the_file_as_it_is(tmp_path: Path, value: str) -> None:
    vault = Vault(tmp_path / "vault.yml", "open")
    vault.write(f"vault_a: secret\nvault_keys: {value}\n")
    with pytest.raises(InvalidInput, match="vault_keys is no text") as caught:
        vault.require_texts()
    assert "ansible-vault edit" in caught.value.hint
