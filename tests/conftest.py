# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Examples of property tests are the same every time and take as long as they take; `tests/unit/conftest.py` says why.

It stands above all tests because a test's settings build on the profile in force while its file is read.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", settings.get_profile("patient"), derandomize=True)
settings.load_profile("patient" if os.environ.get("DEADPOOL_RANDOM") else "steady")
