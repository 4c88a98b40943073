# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Five sites on the simulated servers, each with something else wrong, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.fleet import checked

pytestmark = pytest.mark.long
FIVE = ["well", *checked.LEVELS]


def test_the_sites_that_need_somebody_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = dict(zip((f"rs{number}" for number in range(9)), FIVE, strict=False))
    monkeypatch.setattr(checked, "fault", lambda number: FIVE[number - 1])
    state = tmp_path / "state"
    try:
        checked.prepare(state)
        row = checked.measured(tmp_path, state, len(faults))
    finally:
        checked.must(state, str(checked.sys.executable), "-m", "simulator", "stop", "--state", str(state))
    assert row["sites"] == len(faults)
