# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The journal shows every change that was made to it afterwards."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.journal import (
    digest,
    first_flaw,
    next_entry,
    parse,
    readable,
)
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


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no event 'dreamt'"):
        next_entry(None, T0, "dreamt", {})


@pytest.mark.parametrize(
    "line",
    ['{"sequence": 2, "at', "", "null", "[1]", '{"sequence": 2}', '{"a": NaN', '"\\ud800"'],
)
def test_a_line_that_is_no_entry_stands_in_its_place_and_shows(line: str) -> None:
    lines = [json.dumps(entry) for entry in journal({}, {}, {})]
    lines[1] = line
    entries = parse(lines)
    assert len(entries) == 3 and [entry["sequence"] for entry in readable(entries)] == [1, 3]
    assert (first_flaw(entries) or "").startswith("line 2 ")


@pytest.mark.parametrize("change", [{"event": "broken"}, {"event": "dreamt"}, {"at": "noon"}, {"at": "2026-11-24"}])
def test_an_entry_that_says_what_no_run_says_shows_though_its_hash_is_right(change: dict[str, Any]) -> None:
    (entry,) = journal({})
    forged = {**entry, **change}
    forged["hash"] = digest(forged)
    assert first_flaw(parse([json.dumps(forged)])) is not None


@given(st.integers(0, 10_000), st.lists(DATA, min_size=1, max_size=3))
def test_a_run_goes_on_after_a_torn_line_and_the_tear_stays_to_be_seen(cut: int, data: list[dict[str, Any]]) -> None:
    lines = [json.dumps(entry) for entry in journal(*data)]
    lines[-1] = lines[-1][: cut % len(lines[-1])]
    entries = parse(lines)
    entries.append(next_entry(entries[-1], T0, "closed", {}))
    assert first_flaw(entries) is not None
    assert entries[-1]["sequence"] == len(data) + 1
