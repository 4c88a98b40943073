# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Clocks, targets and deviations are what the journal says, and each has words in both languages."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery import evidence
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.journal import EVENTS, next_entry
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report import report
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report_page import page
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report_timeline import timeline
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report_words import CLOCKS, DEVIATIONS, STAGES

Entry = dict[str, Any]
T1 = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)  # 10:00 in Jakarta
PLAN = {
    "database": "Pharmacy",
    "source_server": "SQL1",
    "reaches": "2026-11-24T09:50:00+07:00",
    "reaches_lsn": "37000000113600001",
    "data_loss_seconds": 300.0,
    "data_loss_reason": "no log backup after 09:50",
    "already_there": False,
    "predicted_range": [1.0, 2.0],
    "steps": [],
}


def incident(choices: dict[str, Any], seconds: float = 1.5, **changed: dict[str, Any]) -> list[Entry]:
    """Declared at 10:00, an entry a minute, official go at 10:09; ``changed`` adds to the data of an event."""
    told: list[tuple[str, dict[str, Any]]] = [
        ("opened", {"kind": "recovery", "site": "RS", "time_zone": "Asia/Jakarta", "choices": choices}),
        ("assessed", {"other": "no answer"}),
        ("planned", {"plans": [PLAN], "server": "SQL2", "digest": "d" * 64}),
        ("decided", {"who": "edp", "how": "typed at the terminal"}),
        ("restored", {"databases": [{"database": "Pharmacy", "seconds": seconds, "steps": []}]}),
        ("verified", {"last_transactions": {"Pharmacy": "2026-11-24T09:49:30+07:00", "Empty": None}}),
        ("repointed", {}),
        ("proven", {"modules": [{"name": "pharmacy", "ok": True}]}),
        ("closed", {}),
        ("go", {"who": "direktur", "how": "signed"}),
    ]
    return chain([(event, {**data, **changed.get(event, {})}) for event, data in told])


def chain(told: list[tuple[str, dict[str, Any]]]) -> list[Entry]:
    entries: list[Entry] = []
    for number, (event, data) in enumerate(told):
        entries.append(next_entry(entries[-1] if entries else None, T1 + timedelta(minutes=number), event, data))
    return entries


def minutes(entries: list[Entry]) -> dict[str, float | None]:
    """Each clock in minutes since the declaration."""
    at = {one["clock"]: one["at"] for one in evidence.clocks(entries)}
    return {
        name: (datetime.fromisoformat(told) - T1) / timedelta(minutes=1) if told else None for name, told in at.items()
    }


def test_every_clock_is_its_moment_and_a_disruption_that_was_said_counts() -> None:
    entries = incident({"disrupted_at": "2026-11-24 09:55"})  # a clock on the wall: the site's zone
    assert minutes(entries) == {"T0": -5, "T1": 0, "T2": 3, "T3": 3, "T4": 4, "T5": 5, "T6": 7, "T7": 9}
    assert all(one["known"] is True for one in evidence.clocks(entries))


@pytest.mark.parametrize("said", [{}, {"disrupted_at": ""}, {"disrupted_at": "this morning"}])
def test_an_unsaid_disruption_is_the_last_transaction_and_no_certain_time(said: dict[str, Any]) -> None:
    entries = incident(said)
    assert minutes(entries)["T0"] == -10.5
    assert evidence.clocks(entries)[0]["known"] is False


def test_clocks_that_did_not_come_are_unknown_and_break_no_page() -> None:
    entries = incident({})[:2]
    assert minutes(entries) == {"T0": None, "T1": 0, **dict.fromkeys(("T2", "T3", "T4", "T5", "T6", "T7"))}
    assert {one["known"] for one in evidence.clocks(entries)} == {None, True}
    assert "T7" in page(report(entries))
    assert [row["met"] for row in evidence.targets(entries)] == [None, None]


def test_an_old_server_that_answers_is_closed_only_by_the_fence() -> None:
    entries = incident({}, assessed={"other": "it answers"})
    assert minutes(entries)["T3"] is None
    assert minutes([*entries, next_entry(entries[-1], T1 + timedelta(minutes=12), "fenced", {})])["T3"] == 12


@pytest.mark.parametrize(
    ("choices", "rpo", "rto"),
    [
        # Reached 09:50, disrupted 09:55, go 10:09: 5 minutes were lost, 14 passed.
        ({"disrupted_at": "2026-11-24T09:55", "rpo_minutes": 5, "rto_minutes": "14"}, True, True),
        ({"disrupted_at": "2026-11-24T09:55", "rpo_minutes": 4.9, "rto_minutes": 13}, False, False),
        # Nobody said when: from the declaration, 10 and 9 minutes.
        ({"rpo_minutes": 10, "rto_minutes": 9}, True, True),
        ({"rpo_minutes": 9, "rto_minutes": 8}, False, False),
        ({"rpo_minutes": "", "rto_minutes": None}, None, None),
    ],
)
def test_a_target_is_met_missed_or_was_never_set(choices: dict[str, Any], rpo: bool | None, rto: bool | None) -> None:
    entries = incident(choices)
    assert [(row["target"], row["met"]) for row in evidence.targets(entries)] == [("rpo", rpo), ("rto", rto)]
    missed = [one["kind"] for one in evidence.deviations(entries)]
    assert missed == [f"{name}_missed" for name, met in (("rpo", rpo), ("rto", rto)) if met is False]


def test_both_spans_are_told_beside_each_other() -> None:
    rpo, rto = evidence.targets(incident({"disrupted_at": "2026-11-24T09:55"}))
    assert (rpo["from_disruption"], rpo["from_declaration"]) == (300.0, 600.0)
    assert (rto["from_disruption"], rto["from_declaration"]) == (840.0, 540.0)


def everything_wrong() -> list[Entry]:
    choices = {"rpo_minutes": 1, "rto_minutes": 1}
    run = incident(
        choices,
        seconds=9.0,
        opened={"torn": "/reports/a", "taken_over_from": "k3x9"},
        decided={"how": "recovery_confirmed=true"},
        proven={"modules": [{"name": "lab<oratory>", "ok": None}]},
    )
    told = [("opened", {}), *((entry["event"], entry["data"]) for entry in run)]
    told += [
        ("notified", {"to": ["it@example.org"], "ok": False, "answer": "refused"}),
        ("deviation", {"text": "The <cashier> {wrote} on paper"}),
        ("corrective_action", {"what": "A second line", "owner": "EDP"}),
    ]
    return chain(told)


def test_every_kind_of_deviation_is_found_and_has_words_in_both_languages() -> None:
    entries = everything_wrong()
    assert {one["kind"] for one in evidence.deviations(entries)} == set(DEVIATIONS)
    assert all(len(words) == 2 and all(words) for words in DEVIATIONS.values())
    text = page(report(entries))
    assert "The &lt;cashier&gt; {wrote} on paper" in text and "lab&lt;oratory&gt;" in text
    assert evidence.corrective_actions(entries) == [{"what": "A second line", "owner": "EDP", "due": ""}]


def test_an_incident_as_it_should_be_has_no_deviation() -> None:
    assert evidence.deviations(incident({"disrupted_at": "2026-11-24T09:55"})) == []


def test_what_was_there_already_is_not_late() -> None:
    there = {**PLAN, "already_there": True, "predicted_range": [0.0, 0.0]}
    entries = incident({"disrupted_at": "2026-11-24T09:55"}, planned={"plans": [there]})
    assert evidence.deviations(entries) == []


def test_every_event_and_every_clock_has_words_in_both_languages() -> None:
    assert set(STAGES) == set(EVENTS)
    assert set(CLOCKS) == {one["clock"] for one in evidence.clocks([])}
    assert all(len(words) == 2 and all(words) for words in [*STAGES.values(), *CLOCKS.values()])


def test_both_decisions_are_told_with_who_took_them() -> None:
    found = evidence.decisions(incident({}))
    assert [(one["number"], one["who"], one["how"]) for one in found] == [
        (1, "edp", "typed at the terminal"),
        (2, "direktur", "signed"),
    ]


def test_the_picture_shows_guessed_and_missing_times_as_such_and_the_limit_that_was_missed() -> None:
    entries, zone = incident({"rto_minutes": 4}), ZoneInfo("Asia/Jakarta")
    picture = timeline(evidence.clocks(entries), evidence.targets(entries), zone)
    assert "T0 ≥ 09:49:30 WIB" in picture and "T1 10:00:00 WIB" in picture and "RTO 4:00" in picture
    early = timeline(evidence.clocks(entries[:1]), evidence.targets(entries[:1]), zone)
    assert "T7 –" in early and "RTO" not in early
