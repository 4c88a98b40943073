# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report names every moment that people are told of."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report_words import MOMENTS

WORDS = Path(__file__).resolve().parents[3] / "roles/notify/vars/main.yml"


def test_every_moment_has_words_in_the_report() -> None:
    assert set(yaml.safe_load(WORDS.read_text("utf-8"))["notify_words"]) == set(MOMENTS)
