# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which databases live twice."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.twins import twins

FAMILY = "8c7d6f0e-2a53-4a3e-9a50-94f3a3b0a3d1"


def row(name: str = "Pharmacy", state: str = "ONLINE", **more: Any) -> dict[str, Any]:
    return {"name": name, "database_id": 7, "state": state, "family_guid": FAMILY, "recovery_fork_guid": "a1", **more}


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (row(), row(), 1),
        (row(), row("Apotek"), 1),
        (row(), row(family_guid=FAMILY.replace("8", "9")), 0),
        (row(), row(state="RESTORING"), 0),
        (row(state="OFFLINE"), row(), 0),
        (row(family_guid=None), row(family_guid=None), 0),
        (row(database_id=4), row(database_id=4), 0),
    ],
)
def test_the_same_family_open_on_both(one: dict[str, Any], other: dict[str, Any], found: int) -> None:
    assert len(twins("SQL1", [one], "SQL2", [other])) == found


def test_diverging_forks_are_named() -> None:
    (twin,) = twins("SQL1", [row()], "SQL2", [row("Apotek", recovery_fork_guid="b2")])
    assert twin.diverged and "SQL1" in twin.msg and "(there Apotek)" in twin.msg and "a1, b2" in twin.msg
    assert twin.hint and twin.to_dict()["servers"] == ["SQL1", "SQL2"]
    assert not twins("SQL1", [row()], "SQL2", [row()])[0].diverged


def test_only_what_is_asked_for() -> None:
    assert not twins("SQL1", [row()], "SQL2", [row()], ["Billing"])
    assert twins("SQL1", [row()], "SQL2", [row()], ["pharmacy"])
