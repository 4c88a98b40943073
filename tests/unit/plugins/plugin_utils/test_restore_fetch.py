# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is fetched beside a restore comes from its plans: what is none is refused before anything begins."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.plugin_utils.restore_fetch import Fetch


@pytest.mark.parametrize("broken", [{}, {"database": "x"}, {"database": "x", "steps": [{"nonsense": 1}]}])
def test_what_is_no_plan_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="is not a restore plan"):
        Fetch(None, {}, {}, [broken])  # type: ignore[arg-type]
