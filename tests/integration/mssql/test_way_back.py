# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way back to the server that was left: what it has still serves, and a differential of the other one suffices."""

from __future__ import annotations

import pytest

from .conftest import Instance, MakeSales, Sales

pytestmark = pytest.mark.slow

MANY = [f"on the failover {number}" for number in range(5)]


@pytest.fixture
def moved(make_sales: MakeSales, failover: Instance) -> Sales:
    """Production was closed at its tail, and the failover recovered; its backups go to the same store."""
    made = make_sales()
    made.back_up("full")
    made.write("before")
    made.back_up("log", tail=True)
    plan = made.plan(failover)
    done = failover.run("restore", plan=plan, source_directory=str(made.folder))
    assert not done.get("failed"), done
    return Sales(failover, made.name, made.folder)


def work(moved: Sales) -> None:
    """Hours on the failover: a log after each transaction, all of them larger than what changed in the end."""
    for text in MANY:
        moved.write(text)
        moved.back_up("log")


def bring_back(moved: Sales, production: Instance) -> list[str]:
    """Closes the failover and carries out the plan for production; the kinds of backups that it took."""
    expected = moved.texts()
    moved.back_up("log", tail=True)
    done = production.run("restore", plan=moved.plan(production), source_directory=str(moved.folder))
    assert not done.get("failed"), done
    assert moved.texts(production) == expected
    return [step["backup_type"] for step in done["databases"][0]["steps"] if step["backup_type"]]


def test_a_differential_on_the_common_base_stands_for_the_logs(moved: Sales, production: Instance) -> None:
    work(moved)
    moved.back_up("differential")
    moved.write("after it")
    kinds = bring_back(moved, production)
    assert kinds[0] == "differential" and kinds.count("log") < 3 and "full" not in kinds


def test_few_logs_are_shorter_than_a_differential(moved: Sales, production: Instance) -> None:
    moved.back_up("differential")
    moved.write("little")
    assert set(bring_back(moved, production)) == {"log"}


def test_a_differential_on_a_base_of_the_failover_does_not_fit(moved: Sales, production: Instance) -> None:
    """A full that was taken there is unknown to production: its differential would be refused (3136)."""
    moved.back_up("full")
    work(moved)
    moved.back_up("differential")
    moved.write("after it")
    assert set(bring_back(moved, production)) == {"log"}
