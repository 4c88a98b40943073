# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One text for one decision: another fact is another text, and no value can write a line of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision_statement import CHOICE, GO, Statement
from hypothesis import given
from hypothesis import strategies as st

STATEMENT = Statement(
    CHOICE, "RS Contoh", "20261124-k3x9", "failover", "SQL2", "d" * 64, {"target": "failover", "target_time": "03:00"}
)
FIELDS = ("site", "incident", "target", "server", "seen")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(field=st.sampled_from(FIELDS), value=TEXTS)
def test_another_fact_is_another_text(field: str, value: str) -> None:
    other = replace(STATEMENT, **{field: value})
    same = value.split() == str(getattr(STATEMENT, field)).split()
    assert (other.text() == STATEMENT.text()) is same


@given(inputs=st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), TEXTS, max_size=4))
def test_other_inputs_are_another_text(inputs: dict[str, str]) -> None:
    def words(told: Any) -> dict[str, list[str]]:
        return {name: value.split() for name, value in told.items()}

    other = replace(STATEMENT, inputs=inputs)
    assert (other.text() == STATEMENT.text()) is (words(inputs) == words(STATEMENT.inputs))


def test_a_parenthesis_in_a_name_belongs_to_that_name() -> None:
    one, other = (
        replace(STATEMENT, target=target, server=server) for target, server in (("a (b", "c)"), ("a", "b (c)"))
    )
    assert one.text() != other.text()


def test_the_go_is_not_signed_by_a_signature_under_the_choice() -> None:
    assert replace(STATEMENT, number=GO).text() != STATEMENT.text()


@given(
    field=st.sampled_from(FIELDS),
    before=TEXTS,
    line_break=st.sampled_from(["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]),
)
def test_a_line_break_in_a_value_forges_no_line(field: str, before: str, line_break: str) -> None:
    forged = replace(STATEMENT, **{field: f"{before}{line_break}-e target: SQL9"})
    lines = forged.text().splitlines()
    assert len(lines) == len(STATEMENT.text().splitlines())
    assert "-e target: SQL9" not in lines


def test_a_line_break_in_an_input_forges_no_line() -> None:
    lines = replace(STATEMENT, inputs={"target": "failover\n-e recovery_replace: true"}).text().splitlines()
    assert lines[-1] == "-e target: failover -e recovery_replace: true" and len(lines) == 6


def test_the_order_in_which_inputs_were_typed_says_nothing() -> None:
    assert replace(STATEMENT, inputs=dict(reversed(STATEMENT.inputs.items()))).text() == STATEMENT.text()


@pytest.mark.parametrize("number", [CHOICE, GO])
def test_a_statement_survives_the_journal(number: int) -> None:
    statement = replace(STATEMENT, number=number)
    assert Statement.from_dict(json.loads(json.dumps(statement.to_dict()))) == statement


def test_another_plan_is_another_file() -> None:
    assert replace(STATEMENT, seen="e" * 64).file_name != STATEMENT.file_name
