# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of the store that could not be read: what an encrypted one holds is never called lost without a word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import EncryptedBackup, NoFullBackup
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.foreign_file import encrypted
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan_request import answer

from .hospital_life import Database, moment
from .stories import MINUTE


def row(path: str, at: int | None, kind: str = "EncryptedBackup") -> dict[str, Any]:
    """As ftp_backup_info gives it, of a file that came to the store at that second of the hospital's life."""
    modified = None if at is None else moment(at).isoformat()
    return {"path": path, "reason": f"{path}: {kind}.", "hint": "", "error": kind, "modified": modified}


def planned(life: Database, *unreadable: dict[str, Any], **options: Any) -> dict[str, Any]:
    rows = [one.to_dict() for one in life.sets]
    params = {"history": rows, "databases": ["Sales"], "data_directory": "/data", "unreadable": list(unreadable)}
    return answer({**params, **options}, moment(life.clock) + timedelta(hours=6))


def test_an_encrypted_log_after_the_last_one_refuses_the_plan(week: Database) -> None:
    late = week.clock + 15 * MINUTE
    with pytest.raises(EncryptedBackup) as refused:
        planned(week, row("/x.trn", late), row("/y.trn", late), row("/z.trn", late))
    assert "Sales: the plan would end at" in refused.value.msg
    assert "/x.trn, /y.trn and 1 more on the store are younger and encrypted" in refused.value.msg
    for words in ("Bring the certificate", "WITH PRIVATE KEY", "restore_plan_unusable"):
        assert words in refused.value.hint


def test_one_that_somebody_has_named_is_done_without(week: Database) -> None:
    late = row("/x.trn", week.clock + 15 * MINUTE)
    assert planned(week, late, unusable={"/x.trn": "its certificate is lost"})["plans"]


def test_one_that_is_older_than_the_plan_is_no_matter(week: Database) -> None:
    assert planned(week, row("/x.bak", week.clock - 120 * MINUTE))["plans"]


def test_a_listing_without_times_makes_every_file_young(week: Database) -> None:
    with pytest.raises(EncryptedBackup):
        planned(week, row("/x.bak", None))


def test_an_instant_that_is_reached_needs_no_more(week: Database) -> None:
    late = row("/x.trn", week.clock + 15 * MINUTE)
    asked = moment(week.clock - 20 * MINUTE).isoformat()
    assert planned(week, late, target_time=asked)["plans"]


def test_without_any_plan_the_encrypted_ones_are_the_reason(week: Database) -> None:
    del week.sets[0]
    with pytest.raises(EncryptedBackup) as refused:
        planned(week, row("/x.bak", 0))
    assert "But /x.bak on the store is encrypted" in refused.value.msg and "certificate" in refused.value.hint
    with pytest.raises(NoFullBackup):
        planned(week, row("/x.bak", 0, "NotABackup"))
    week.sets.clear()
    with pytest.raises(EncryptedBackup, match="no backup on the store can be read here"):
        planned(week, row("/x.bak", 0))


def test_what_is_no_backup_is_told_and_stops_nothing(week: Database) -> None:
    table = planned(week, row("/torn.trn", week.clock + MINUTE, "DamagedBackup"))["table"]
    assert "WARNING: no plan was made with a younger file of the store. /torn.trn: DamagedBackup." in table


def test_the_reader_names_it_so() -> None:
    assert isinstance(encrypted("/x.bak"), EncryptedBackup)
