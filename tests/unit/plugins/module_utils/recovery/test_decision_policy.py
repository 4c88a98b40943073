# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may decide is the inventory's to say, and whatever cannot be read there is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision_policy import (
    Policy,
    decided_inputs,
    require_another_person,
    require_known_inputs,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision_statement import CHOICE, GO
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput

TWO: dict[str, Any] = {
    "decision_persons": 2,
    "decision_signers": "/etc/deadpool/signers",
    "decision_choosers": ["manajer", "direktur"],
    "decision_givers": ["direktur"],
}


def test_without_a_word_in_the_inventory_one_person_decides() -> None:
    assert Policy.from_variables({}) == Policy(1, "", (), ())


def test_each_decision_has_persons_of_its_own() -> None:
    policy = Policy.from_variables(TWO)
    assert policy.persons == 2
    assert policy.may_decide(CHOICE) == ("manajer", "direktur")
    assert policy.may_decide(GO) == ("direktur",)


@pytest.mark.parametrize("persons", [0, 3, "2", "1", True, None, [2], "two"])
def test_another_number_of_persons_is_not_guessed_at(persons: Any) -> None:
    with pytest.raises(InvalidInput, match="decision_persons") as refused:
        Policy.from_variables({**TWO, "decision_persons": persons})
    assert refused.value.hint


@pytest.mark.parametrize("key", ["decision_signers", "decision_choosers", "decision_givers"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_two_persons_of_whom_one_is_not_named_are_refused(key: str, nothing: Any) -> None:
    with pytest.raises(InvalidInput, match="does not say who may decide"):
        Policy.from_variables({**TWO, key: nothing})


@pytest.mark.parametrize("key", ["decision_choosers", "decision_givers"])
@pytest.mark.parametrize("names", ["direktur", [7], [["direktur"]], 7, True, {"direktur": 1}])
def test_what_is_no_list_of_names_is_refused(key: str, names: Any) -> None:
    with pytest.raises(InvalidInput, match=f"{key} is no list of names"):
        Policy.from_variables({**TWO, key: names})


@pytest.mark.parametrize(
    "name", ["decision_persons", "mssql_sql_port", "target_", "xtarget", "recovery_Replace", "recovery_a\n", "awx"]
)
def test_at_two_persons_an_unknown_input_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidInput, match=name.strip()) as refused:
        require_known_inputs(Policy.from_variables(TWO), ["target", name])
    assert "inventory" in refused.value.hint
    require_known_inputs(Policy(), ["target", name])


def test_at_two_persons_the_inputs_of_a_recovery_are_known() -> None:
    names = ["target", "target_time", "why", "recovery_replace", "go_confirmed", "awx_user_name", "semaphore_vars"]
    require_known_inputs(Policy.from_variables(TWO), names)


def test_what_changes_the_recovery_is_decided_on_and_nothing_else() -> None:
    given = {"target": "failover", "recovery_replace": True, "why": "fire", "awx_job_id": 7, "recovery_confirmed": True}
    assert decided_inputs(given) == {"target": "failover", "recovery_replace": "true"}


@pytest.mark.parametrize("decider", ["budi", "BUDI", "budi@direksi", "Budi@rs-contoh.id"])
@pytest.mark.parametrize("starter", ["budi", "Budi", "budi@edp-1"])
def test_a_starter_cannot_decide_under_another_host_or_case(decider: str, starter: str) -> None:
    with pytest.raises(InvalidInput, match="cannot decide") as refused:
        require_another_person(decider, ["root", starter])
    assert "somebody else" in refused.value.hint


def test_another_person_can_decide() -> None:
    require_another_person("dewi@direksi", ["budi@direksi", "root"])
