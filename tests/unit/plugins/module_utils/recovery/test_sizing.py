# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""docs/sizing.md says what the rules of retention come to, by benchmarks.sizing, which is not shipped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
sizing = pytest.importorskip("benchmarks.sizing.__main__")
PAGE = Path(__file__).resolve().parents[5] / "docs/sizing.md"
ROW = re.compile(r"^\| (\d+) GB \| (\d+) GB \| (\d+) \| ([\d,]+) GB \| ([\d,]+) GB \| ([\d.]+) \|", re.MULTILINE)


def test_the_table_is_what_the_rules_come_to() -> None:
    rows = [
        (float(full), float(day), int(window), *told)
        for full, day, window, *told in ROW.findall(PAGE.read_text("utf-8"))
    ]
    assert [row[:3] for row in rows] == [(20, 1, 14), (60, 3, 14), (60, 3, 28), (300, 15, 14)]
    # Sizes are in proportion, so that one hospital stands for the others of its window.
    stores = list(sizing.mondays(sizing.Sizes(60, 3), 14))
    most, last = max(one.before for one in stores), stores[-1]
    for full, _day, window, before, after, days in rows:
        if window == 14:
            wanted = [size * full / 60 / sizing.GIGABYTE for size in (most, last.after)]
            assert [before, after, days] == [*(f"{size:,.0f}" for size in wanted), f"{last.days:.1f}"]
            assert last.days >= window
