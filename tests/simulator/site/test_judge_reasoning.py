# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The judge's reasoning: what it must call lost, in doubt or wrong. Tables, no server."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from simulator.judge_rows import Comparison, Judgement, Rows, transactions
from simulator.judge_shipped import shipped

START = datetime(2026, 3, 1, 2, 0, tzinfo=timezone.utc)


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat()


def journal(*lines: tuple[Any, ...]) -> list[dict[str, Any]]:
    """(number, server, end, inserted sequences, updated sequences): transaction n is attempted at second n and ends
    half a second later."""
    entries: list[dict[str, Any]] = []
    for number, server, end, inserted, *updated in lines:
        values = {"Status": "NEW", "TransactionNumber": number}
        changes = [{"op": "insert", "sequence": one, "values": {"SequenceNumber": one, **values}} for one in inserted]
        changes += [{"op": "update", "sequence": one, "values": {"Status": "OLD"}} for one in (updated or [[]])[0]]
        entry = {"transaction": number, "server": server, "changes": changes}
        entries.append({"event": "attempt", "time": at(number), **entry})
        if end:
            entries.append({"event": end, "time": at(number + 0.5), **entry})
    return entries


#: Ten rows in five transactions on the old server, then two on the new one.
STORY = journal(
    (1, "A", "committed", [1, 2, 3]),
    (2, "A", "committed", [4]),
    (3, "A", "committed", [5, 6], [1]),
    (4, "A", "committed", [7]),
    (5, "A", None, [8, 9, 10], [2]),
    (6, "B", "committed", [11], [4]),
    (7, "B", "committed", [12]),
)


def rows(*sequences: int, **changed: str) -> Rows:
    owner = {1: 1, 2: 1, 3: 1, 4: 2, 5: 3, 6: 3, 7: 4, 8: 5, 9: 5, 10: 5, 11: 6, 12: 7}
    found: Rows = {
        one: {"SequenceNumber": one, "Status": "NEW", "TransactionNumber": owner.get(one)} for one in sequences
    }
    for name, status in changed.items():
        found[int(name[1:])]["Status"] = status
    return found


def compare(found: Rows, bound: float | None = 3.2, target: float | None = None, story: Any = STORY) -> Comparison:
    """``bound``: second at which the last shipped backup began. 3.2: transactions 1 and 2 must be there."""
    known = transactions(story)
    return Judgement(
        known,
        found,
        server="B",
        certain={number for number, one in known.items() if one.committed},
        bounds={"A": None if bound is None else START + timedelta(seconds=bound), "B": None},
        target_time=None if target is None else START + timedelta(seconds=target),
    ).compare()


def test_a_tail_after_the_last_shipped_backup_may_be_lost_and_is_listed() -> None:
    result = compare(rows(1, 2, 3, 4, 11, 12, r4="OLD"))
    assert result.findings == []
    assert [(lost.sequence, lost.transaction, lost.server) for lost in result.lost] == [
        (5, 3, "A"),
        (6, 3, "A"),
        (7, 4, "A"),
    ]
    assert result.lost[0].committed == "2026-03-01T02:00:03.500+00:00"
    assert (result.written, result.there, result.in_doubt_gone, result.in_doubt_there) == (9, 6, 3, 0)


def test_what_was_in_doubt_may_be_there_whole() -> None:
    result = compare(rows(*range(1, 13), r1="OLD", r2="OLD", r4="OLD"))
    assert (result.findings, result.lost, result.in_doubt_there) == ([], [], 3)


@pytest.mark.parametrize(
    ("found", "finding"),
    [
        pytest.param(rows(1, 2, 3, 11, 12), "rows 4, committed at", id="shipped and gone"),
        pytest.param(rows(1, 2, 3, 4, 7, 11, 12, r4="OLD"), "rows 7 are there, but 5-6", id="hole"),
        pytest.param(rows(1, 2, 3, 4, 8, 9, 10, 11, 12, r4="OLD", r2="OLD"), "rows 8-10 are there, but", id="doubt"),
        pytest.param(rows(1, 3, 4, 11, 12, r4="OLD"), "transaction 1 is torn", id="torn"),
        pytest.param(rows(1, 2, 3, 4, 11, r4="OLD"), "rows 12 were committed on B itself", id="new server lost one"),
        pytest.param(rows(1, 2, 3, 4, 11, 12, 99, r4="OLD"), "rows 99 are there, and the module never", id="extra"),
        pytest.param(rows(1, 2, 3, 4, 11, 12, r4="OLD", r3="XXX"), "row 3 is altered: Status is 'XXX'", id="altered"),
        pytest.param(rows(1, 2, 3, 4, 11, 12), "row 4 is altered: Status is 'NEW', was written 'OLD'", id="update"),
        pytest.param(rows(1, 2, 3, 4, 5, 6, 11, 12, r4="OLD"), "row 1 is altered: Status is 'NEW'", id="half applied"),
    ],
)
def test_what_cannot_come_from_an_honest_recovery_is_found(found: Rows, finding: str) -> None:
    assert any(text.startswith(finding) for text in compare(found).findings), compare(found).findings


def test_an_abandoned_transaction_must_not_be_there() -> None:
    story = journal((1, "A", "committed", [1]), (2, "A", "abandoned", [2]))
    assert compare(rows(1), story=story).findings == []
    assert "never asked to commit" in compare(rows(1, 2, r2="NEW"), story=story).findings[0]


def test_nothing_may_be_later_than_the_target_time() -> None:
    kept = rows(1, 2, 3, 4, 11, 12, r4="OLD")
    assert compare(kept, bound=4.9, target=3.2).findings == []
    assert compare(kept, bound=4.9, target=3.9).findings != []
    assert "after the target time" in compare(kept, bound=4.9, target=1.9).findings[0]


def test_work_on_the_old_server_after_the_move_is_found() -> None:
    story = journal((1, "A", "committed", [1]), (2, "B", "committed", [2]), (3, "A", "committed", [3]))
    assert "committed on A after the move to B" in compare(rows(1, 2), story=story).findings[0]


def test_a_commit_after_the_rows_were_read_is_no_loss() -> None:
    known = transactions(STORY)
    found = rows(1, 2, 3, 4, 11, r4="OLD")
    bounds = {"A": START + timedelta(seconds=3), "B": None}
    result = Judgement(known, found, server="B", certain=set(range(1, 7)), bounds=bounds).compare()
    assert result.findings == []


def upload(path: str, kind: str, first: int, last: int, start: int) -> dict:
    one = {
        "database": "D",
        "server": "A",
        "type": kind,
        "complete": True,
        "start": at(start),
        "first_lsn": str(first),
    }
    one |= {"last_lsn": str(last), "checkpoint_lsn": str(first), "database_backup_lsn": "100"}
    return {"path": path, "backup_sets": [one]}


def test_the_last_backup_of_an_unbroken_chain_counts() -> None:
    full, diff = upload("full", "full", 100, 120, 1), upload("diff", "differential", 190, 200, 3)
    logs = [upload("log1", "log", 90, 130, 2), upload("log3", "log", 180, 240, 4), upload("log5", "log", 300, 350, 6)]
    reached = shipped([*logs, full, {"path": "notes.txt"}], "D", "A")
    assert reached and (reached.path, reached.start) == ("log1", START + timedelta(seconds=2))
    reached = shipped([full, diff, *logs], "D", "A")
    assert reached and reached.path == "log3"
    assert shipped(logs, "D", "A") is None
    assert shipped([full], "other", "A") is None and shipped([full], "D", "B") is None


def test_a_backup_that_was_never_finished_brings_nothing_back() -> None:
    half = upload("half", "log", 110, 500, 9)
    half["backup_sets"][0]["complete"] = False
    reached = shipped([upload("full", "full", 100, 120, 1), half], "D", "A")
    assert reached and reached.path == "full"
