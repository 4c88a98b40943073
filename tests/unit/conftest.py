# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ansible-test brings a pytest configuration of its own, which is strict about marks and does not know ours.

Property tests draw the same examples every time, so that a change is judged by what it changed; `DEADPOOL_RANDOM=1`,
which `scripts/test --long` sets, draws new ones. How long an example takes on a busy machine says nothing.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", settings.get_profile("patient"), derandomize=True)
settings.load_profile("patient" if os.environ.get("DEADPOOL_RANDOM") else "steady")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes more than a few seconds")
    config.addinivalue_line("markers", "long: takes many minutes")
