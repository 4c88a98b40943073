# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The journal is written by an action plugin, so no sanity test compares what it takes with what its page says."""

from __future__ import annotations

import yaml
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.journal import EVENTS
from ansible_collections.ics.deadpool.plugins.modules import journal


def test_the_page_names_every_event() -> None:
    assert yaml.safe_load(journal.DOCUMENTATION)["options"]["event"]["choices"] == list(EVENTS)
