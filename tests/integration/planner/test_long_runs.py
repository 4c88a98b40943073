# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The planner's long runs, and the limits that its benchmark holds it to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]


def python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs Python in the project's root; fails with what it said."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return done


@pytest.mark.long
def test_a_hundred_thousand_lives_on_the_oracle() -> None:
    oracle = "tests/unit/plugins/module_utils/recovery/planning/test_plan_oracle.py"
    python("-m", "pytest", "-q", oracle, DEADPOOL_CASES="17000")


@pytest.mark.long
def test_a_thousand_lives_on_the_simulated_server() -> None:
    python("-m", "pytest", "-q", "tests/integration/planner/test_planned_restores.py", DEADPOOL_LIVES="1000")


@pytest.mark.slow
def test_planning_is_fast_enough() -> None:
    """Limits of seconds of one core, and time that grows no faster than n log n (measured with some slack)."""
    figures = json.loads(python("-m", "benchmarks.planner", "--json").stdout)
    assert all(row["seconds"] <= row["limit"] for row in figures["figures"] if row["limit"])
    assert all(factor < 1.6 for factor in figures["growth_against_n_log_n"])
