# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which backups may leave the servers that took them: what a store let go, and no other one waits for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention_sources import (
    PrunedStore,
    gone_everywhere,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention_verdict import (
    DELETE,
    KEEP,
    FileVerdict,
    Retention,
)

NOW = datetime(2026, 11, 24, 6, tzinfo=timezone.utc)


def store(ages: dict[str, int], deleted: tuple[str, ...] = (), days: int = 14, directory: str = "/") -> PrunedStore:
    """A store that holds files of so many days, some of which were deleted just now."""
    top = directory.rstrip("/")
    paths = {f"{top}/{name}": age for name, age in ages.items()}
    gone = tuple(f"{top}/{name}" for name in deleted)
    verdicts = tuple(
        FileVerdict(path, DELETE if path in gone else KEEP, "", finished=NOW - timedelta(days=age))
        for path, age in paths.items()
    )
    return PrunedStore(directory, NOW - timedelta(days=days), Retention(verdicts, (), gone, ()), gone)


def test_what_one_store_let_go() -> None:
    assert gone_everywhere([store({"a": 20, "b": 3}, ("a",))]) == ["a"]
    assert gone_everywhere([store({"x/a": 20, "x/a.sha256": 20}, ("x/a", "x/a.sha256"), directory="/rs")]) == ["x/a"]


def test_what_another_store_has_or_no_longer_wants() -> None:
    first = store({"a": 20, "b": 30}, ("a", "b"))
    assert gone_everywhere([first, store({"a": 20, "b": 30})]) == ["a", "b"], "it has both"
    assert gone_everywhere([first, store({})]) == ["a", "b"], "neither lies in its window"
    assert gone_everywhere([first, store({}, days=25)]) == ["b"], "it is still to receive a"
    assert gone_everywhere([first, store({"a": 20}, ("a",), directory="/other/")]) == ["a", "b"]


def test_nothing_leaves_while_a_store_is_not_known() -> None:
    assert gone_everywhere([store({"a": 20}, ("a",)), PrunedStore("/")]) == []


def test_what_only_the_second_store_let_go_leaves_too() -> None:
    assert gone_everywhere([store({"a": 20}), store({"a": 20}, ("a",), days=7)]) == ["a"]
    assert gone_everywhere([store({}), store({"a": 9}, ("a",), days=7)]) == [], "the first is still to receive it"
