# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The keeper takes what is finished, leaves what is not, and never stands in the way of the account that adds."""

from __future__ import annotations

import getpass
import os
import subprocess
import time
from pathlib import Path

import pytest

KEEPER = Path(__file__).resolve().parents[2] / "roles/storage/files/deadpool-store-keeper"

pytestmark = pytest.mark.skipif(not KEEPER.is_file(), reason="roles are not shipped here")


def test_rights_are_given_before_the_owner_changes(tmp_path: Path) -> None:
    """An upload into a folder that already was the keeper's, and not yet open to the group, was refused once (553)."""
    store, tools, told = tmp_path / "store", tmp_path / "tools", tmp_path / "told"
    (store / "SQL").mkdir(parents=True)
    for name in ("a.bak", "a.bak.sha256", "b.bak.part"):
        (store / "SQL" / name).write_text(name)
    tools.mkdir()
    (tools / "chown").write_text(f'#!/bin/sh\nshift 2\nstat --format "%a %n" "$@" >> {told}\n')
    (tools / "chown").chmod(0o755)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
    me = getpass.getuser()
    keeper = subprocess.Popen(["sh", str(KEEPER), str(store), me, me, "3"], env=environment)
    try:
        deadline = time.monotonic() + 20
        while not told.exists() or len(told.read_text().splitlines()) < 3:
            assert time.monotonic() < deadline, "nothing was taken"
            time.sleep(0.05)
    finally:
        keeper.kill()
        keeper.wait(10)
    taken = {path: mode for mode, path in (line.split(" ", 1) for line in told.read_text().splitlines())}
    assert taken == {f"{store}/SQL": "3775", f"{store}/SQL/a.bak": "604", f"{store}/SQL/a.bak.sha256": "604"}
    assert (store / "SQL/b.bak.part").stat().st_mode & 0o777 != 0o604
