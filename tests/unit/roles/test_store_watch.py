# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The watch over the store: a disk that does not answer is not an empty one, and no service is no store."""

from __future__ import annotations

import subprocess
from pathlib import Path

WATCH = Path(__file__).resolve().parents[3] / "roles/storage/files/deadpool-store-watch"


def told(store: Path, percent: int) -> list[str]:
    done = subprocess.run(
        ["sh", WATCH, store, str(percent), "/nowhere/store.pem", "0"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    return done.stderr.splitlines()


def test_a_disk_that_does_not_answer_is_told(tmp_path: Path) -> None:
    gone = tmp_path / "not mounted"
    assert any(line.startswith(f"{gone} does not say how full its disk is") for line in told(gone, 10))


def test_services_that_do_not_run_are_told(tmp_path: Path) -> None:
    lines = told(tmp_path, 0)
    assert any(line.startswith("vsftpd does not run") for line in lines)
    assert any(line.startswith("deadpool-store-keeper does not run") for line in lines)


def test_a_full_disk_is_told_and_another_is_not(tmp_path: Path) -> None:
    assert any("101 % are wanted" in line for line in told(tmp_path, 101))
    assert not any(str(tmp_path) in line for line in told(tmp_path, 0))
