# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The journal shows every change that was made to it afterwards."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.journal import first_flaw, next_entry, parse
from hypothesis import given
from hypothesis import strategies as st

T0 = datetime(2026, 11, 24, 3, 12, tzinfo=timezone(timedelta(hours=7)))
DATA = st.dictionaries(st.text(max_size=8), st.one_of(st.integers(), st.text(max_size=8), st.none(), st.booleans()))


def journal(*data: dict[str, Any]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for number, one in enumerate(data):
        entries.append(next_entry(entries[-1] if entries else None, T0 + timedelta(seconds=number), "verified", one))
    return entries


@given(st.lists(DATA, max_size=6))
def test_an_untouched_journal_has_no_flaw_and_survives_json(data: list[dict[str, Any]]) -> None:
    entries = journal(*data)
    assert first_flaw(parse([json.dumps(entry) for entry in entries])) is None


@given(st.lists(DATA, min_size=2, max_size=6), st.data())
def test_a_changed_missing_or_moved_entry_shows(data: list[dict[str, Any]], draw: st.DataObject) -> None:
    entries = journal(*data)
    at = draw.draw(st.integers(0, len(entries) - 2))
    assert first_flaw(entries[:at] + entries[at + 1 :]) is not None
    moved = [*entries]
    moved[at], moved[at + 1] = moved[at + 1], moved[at]
    assert first_flaw(moved) is not None
    assert first_flaw([*entries[:at], {**entries[at], "at": "2026-01-01T00:00:00+00:00"}, *entries[at + 1 :]])


def test_lsns_are_text_and_times_utc() -> None:
    (entry,) = journal({"plans": [{"last_lsn": 37000000111200001, "position": 1}]})
    assert entry["data"] == {"plans": [{"last_lsn": "37000000111200001", "position": 1}]}
    assert entry["at"] == "2026-11-23T20:12:00.000+00:00"


def test_an_unknown_event_and_a_broken_line_are_refused() -> None:
    with pytest.raises(InvalidInput, match="no event 'dreamt'"):
        next_entry(None, T0, "dreamt", {})
    with pytest.raises(InvalidInput, match="line 2 is not JSON"):
        parse(["{}", '{"sequence": 2, "at'])
