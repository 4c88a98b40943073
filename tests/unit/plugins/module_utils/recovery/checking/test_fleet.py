# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many sites on one page, and the measured steps that predictions are made from."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.fleet_page import fleet_page, standings
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.measured import (
    MOST,
    measured_steps,
    with_measured,
)

NOW = datetime(2026, 11, 24, 1, tzinfo=timezone.utc)


def kept(site: str, level: str = "OK", age: timedelta = timedelta(hours=1)) -> dict[str, Any]:
    line = {"item": "disk", "subject": "", "level": level, "fact": {"id": f"penuh <{site}>", "en": f"full <{site}>"}}
    return {
        "site": site,
        "level": level,
        "checked_at": (NOW - age).isoformat(),
        "valid_until": (NOW - age + timedelta(hours=26)).isoformat(),
        "recoverable_to": (NOW - age).isoformat(),
        "lines": [line],
    }


def test_the_sites_that_need_somebody_stand_first() -> None:
    sites: list[tuple[str, Any]] = [
        ("a", kept("Well")),
        ("b", kept("Soon", "WARNING")),
        ("c", kept("Silent", age=timedelta(days=3))),
        ("d", kept("Ill", "CRITICAL")),
        ("e", None),
        ("f", {"site": "Torn", "level": "OK"}),
    ]
    found = standings(sites, NOW)
    assert [one.site for one in found] == ["Ill", "Silent", "e", "f", "Soon", "Well"]
    assert [one.level for one in found] == ["CRITICAL", "UNKNOWN", "UNKNOWN", "UNKNOWN", "WARNING", "OK"]
    assert found[1].told[1] == "not checked for 3 d"
    text = fleet_page(found, NOW, timezone.utc)
    assert "5 dari 6 rumah sakit perlu perhatian" in text and "full &lt;Ill&gt;" in text and "<Ill>" not in text
    assert text.index("Ill") < text.index("Silent") < text.index("Soon") < text.index("Well")


def test_a_check_that_could_not_be_done_says_so() -> None:
    told = {
        "site": "rs1",
        "not_checked": {"id": "tidak dapat diperiksa (kode 2)", "en": "could not be checked (code 2)"},
    }
    (found,) = standings([("rs1.json", told)], NOW)
    assert (found.site, found.level, found.told[1]) == ("rs1", "UNKNOWN", "could not be checked (code 2)")
    assert "Diperiksa" not in fleet_page([found], NOW, timezone.utc)
    (torn,) = standings([("rs1.json", {**kept("rs1"), "not_checked": None})], NOW)
    assert torn.level == "UNKNOWN"


def test_steps_are_measured_by_kind_and_the_newest_are_kept() -> None:
    databases = [
        {
            "steps": [
                {
                    "action": "restore_database",
                    "backup_type": "full",
                    "size": 100,
                    "seconds": 2.5,
                    "passed_over": False,
                },
                {"action": "restore_log", "backup_type": "log", "size": 5, "seconds": 0.1, "passed_over": True},
                {"action": "recover", "backup_type": None, "size": 0, "seconds": 0.2, "passed_over": False},
            ]
        }
    ]
    transfers = [{"bytes": 100, "seconds": 1.0, "changed": True}, {"bytes": 9, "seconds": 0.0, "changed": False}]
    new = measured_steps(databases, transfers)
    assert [(one["kind"], one["bytes"], one["seconds"]) for one in new] == [
        ("full", 100, 2.5),
        ("recover", 0, 0.2),
        ("fetch", 100, 1.0),
    ]
    old = [{"kind": "log", "bytes": number, "seconds": 1.0} for number in range(MOST + 5)]
    result = with_measured(old, new)
    assert [one["bytes"] for one in result if one["kind"] == "log"] == list(range(5, MOST + 5))
    assert with_measured({"not": "steps"}, new) == with_measured([{"kind": "full"}], new) == new
