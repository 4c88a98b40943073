# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hostile bytes: a short coverage-guided run where atheris is installed, and changes at random everywhere."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .in_memory import complete, verify
from .medium import BackupSet, medium, page
from .packer import packed

TARGET = Path(__file__).parent / "fuzz_target.py"
#: Another Python that has atheris may be named; it needs nothing else.
PYTHON = os.environ.get("DEADPOOL_ATHERIS_PYTHON") or (sys.executable if importlib.util.find_spec("atheris") else None)
PAGES = [page(1, number, b"row" * number) for number in range(4)]
PLAIN = medium(BackupSet(pages=PAGES, log=b"log!" * 128, checksums=True), BackupSet(kind=b"L", log=b"more" * 128))
SEEDS = [PLAIN, packed(PLAIN, 512), medium(BackupSet(pages=PAGES), block_size=4096)]


@pytest.mark.slow
@pytest.mark.skipif(
    PYTHON is None, reason="atheris is not installed; DEADPOOL_ATHERIS_PYTHON names a Python that has it"
)
def test_a_short_coverage_guided_run(tmp_path: Path) -> None:
    command = [str(PYTHON), str(TARGET), "-max_total_time=20", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done " in done.stderr


Change = st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=8))


@settings(max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), st.lists(Change, min_size=1, max_size=6), st.integers(0, 1 << 20))
def test_changes_anywhere_and_a_cut(seed: bytes, changes: list[tuple[int, bytes]], length: int) -> None:
    raw = bytearray(seed)
    for place, value in changes:
        at = place % len(raw)
        raw[at : at + len(value)] = value
    data = bytes(raw[: length % len(raw) + 1])
    complete(data)
    assert verify_or_refuse(data)


@given(st.binary(max_size=5000), st.sampled_from([b"TAPE", b"MSSQLBAK\2\0\0\0", b""]))
def test_noise_behind_the_right_beginning(data: bytes, magic: bytes) -> None:
    assert not complete(magic + data)
    assert verify_or_refuse(magic + data)


def verify_or_refuse(data: bytes) -> bool:
    try:
        return bool(verify(data).verdict)
    except RecoveryError as error:
        return bool(error.hint)
