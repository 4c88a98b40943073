# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever is done to a journal after it was written is found; one that nobody touched has no flaw."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.journal import next_entry, parse
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.journal_check import KINDS, Seal, flaws, seal
from hypothesis import assume, given
from hypothesis import strategies as st

Entry = dict[str, Any]
T0 = datetime(2026, 11, 24, 3, 12, tzinfo=timezone(timedelta(hours=7)))
VALUE = st.one_of(st.integers(), st.text(max_size=6), st.none(), st.booleans(), st.lists(st.integers(), max_size=2))
DATA = st.dictionaries(st.text(max_size=6), VALUE, max_size=3)
JOURNALS = st.lists(DATA, min_size=1, max_size=6).map(lambda data: journal(*data))


def journal(*data: dict[str, Any]) -> list[Entry]:
    """Opened, verified as often as there is data, closed."""
    entries: list[Entry] = []
    told = [("opened", {}), *(("verified", one) for one in data), ("closed", {})]
    for number, (event, one) in enumerate(told):
        entries.append(next_entry(entries[-1] if entries else None, T0 + timedelta(seconds=number), event, one))
    return entries


def kinds(entries: list[Entry], *seals: Seal) -> list[str]:
    found = [flaw.kind for flaw in flaws(entries, seals)]
    assert set(found) <= set(KINDS)
    return found


@given(JOURNALS, st.data())
def test_an_untouched_journal_has_no_flaw_and_keeps_every_older_seal(entries: list[Entry], draw: st.DataObject) -> None:
    older = seal(entries[: draw.draw(st.integers(0, len(entries)))])
    assert kinds(parse([json.dumps(entry) for entry in entries]), seal(entries), older) == []


@given(JOURNALS, st.data())
def test_one_changed_byte_of_a_value_is_found(entries: list[Entry], draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, len(entries) - 1))
    line = bytearray(json.dumps(entries[at], ensure_ascii=False).encode())
    place = draw.draw(st.integers(0, len(line) - 1))
    line[place] = draw.draw(st.integers(0, 255))
    lines = [json.dumps(entry) for entry in entries]
    lines[at] = bytes(line).decode(errors="replace")
    changed = parse(lines)
    assume(repr(changed[at]) != repr(entries[at]))  # another spelling of the same value (a blank) is no change
    assert set(kinds(changed)) - {"unfinished"}


@given(JOURNALS, st.data())
def test_an_entry_that_is_missing_swapped_or_repeated_is_found_without_a_seal(
    entries: list[Entry], draw: st.DataObject
) -> None:
    at = draw.draw(st.integers(0, len(entries) - 2))
    other = draw.draw(st.integers(at + 1, len(entries) - 1))
    assert "missing" in kinds(entries[:at] + entries[at + 1 :])
    swapped = [*entries]
    swapped[at], swapped[other] = swapped[other], swapped[at]
    assert "moved" in kinds(swapped)
    assert "repeated" in kinds([*entries[: other + 1], entries[at], *entries[other + 1 :]])


@given(JOURNALS, st.data())
def test_an_end_that_was_cut_off_is_found_against_a_seal(entries: list[Entry], draw: st.DataObject) -> None:
    left = entries[: draw.draw(st.integers(0, len(entries) - 1))]
    assert "cut_off" in kinds(left, seal(entries))
    assert kinds(left) == ["unfinished"]
    assert flaws(left, finished=False) == []  # the chain alone does not know of its end


@given(JOURNALS, DATA)
def test_a_journal_that_was_written_anew_is_found_only_against_a_seal(entries: list[Entry], data: Entry) -> None:
    anew = journal(data, *(entry["data"] for entry in entries[2:-1]))
    assume(anew[-1]["hash"] != entries[-1]["hash"])
    assert kinds(anew) == []
    assert kinds(anew, seal(entries)) == ["rewritten"]


def test_the_fact_names_the_line_the_event_and_who_kept_the_seal() -> None:
    entries = journal({"verdict": "failed"})
    entries[1] = {**entries[1], "data": {"verdict": "proven"}}
    (changed,) = flaws(entries)
    assert (changed.line, changed.fact) == (2, "line 2 (verified) was changed after it was written")
    (cut,) = flaws(entries[:1], [Seal(3, "a" * 64, "the mail")], finished=False)
    assert cut.fact == "the journal has 1 entries and had 3 (by the mail): its end was cut off"
