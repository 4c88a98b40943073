# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The picture and the figures of docs/retention.md are those of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[5]
DOCUMENT, PICTURE = ROOT / "docs/retention.md", ROOT / "docs/retention.svg"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PICTURE.exists() or not (ROOT / "benchmarks").exists(), reason="docs are not shipped here"),
]


def test_the_year_in_the_documentation_is_the_one_that_comes_out() -> None:
    from benchmarks.retention import year

    by_window, by_age = year.year("recovery_window"), year.year("age")
    assert min(one.days for one in by_window) >= 14, "the promise"
    assert year.picture(by_window, by_age) == PICTURE.read_text("utf-8")
    text = DOCUMENT.read_text("utf-8")
    assert f"| recovery window | {year.summary(by_window)} |" in text
    assert f"| age | {year.summary(by_age)} |" in text
