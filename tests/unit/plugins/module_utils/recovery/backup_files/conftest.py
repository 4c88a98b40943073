# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real backup files for the tests: unpacked once per run, and skipped visibly where they are absent."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[6]
FIXTURES = Path(os.environ.get("DEADPOOL_FIXTURES") or PROJECT.parent / "shared" / "fixtures")


@pytest.fixture(scope="session")
def real_backups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the real backup files."""
    archive = FIXTURES / "backups" / "real-backups.tar.xz"
    if not archive.is_file():
        pytest.skip(f"no real backup files at {archive}; DEADPOOL_FIXTURES names another folder")
    folder = tmp_path_factory.mktemp("real_backups")
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(folder, filter="data")
        else:
            tar.extractall(folder)
    return folder / "pub"


@pytest.fixture(scope="session")
def expected(real_backups: Path) -> list[dict[str, Any]]:
    """What a byte reader finds in them."""
    return json.loads((real_backups / "expected.json").read_text())
