# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The life that most planning tests begin with."""

from __future__ import annotations

import pytest

from .hospital_life import Database
from .stories import MINUTE


@pytest.fixture
def week() -> Database:
    """Full, log, differential, log, log, each with transactions before it and a quarter of an hour apart."""
    life = Database()
    life.commit(3)
    life.full(during=2)
    for kind in ("log", "differential", "log", "log"):
        life.wait(15 * MINUTE)
        life.commit(2)
        getattr(life, kind)()
    return life
