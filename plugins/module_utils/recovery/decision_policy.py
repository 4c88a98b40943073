# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may decide what at a site, and which inputs a run may be given there.

The policy is the site's, so it is read from the inventory alone: whoever starts a run can say anything with -e.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .decision_statement import CHOICE
from .errors import InvalidInput

#: What a run may be told with -e at a site that demands two persons. Everything else stands in the inventory.
INPUTS = (
    "target",
    "target_time",
    "why",
    "run",
    "run_take_over",
    "disrupted_at",
    "backup_type",
    "backup_server",
)
_FAMILIES = re.compile(r"(?:recovery|go)_[a-z_]+|awx_\w+|tower_\w+|semaphore_vars")
#: Inputs that change nothing of what is done, or that say nothing before the decision.
_NOT_DECIDED_ON = re.compile(
    r"why|run|run_take_over|disrupted_at|recovery_confirmed|go_confirmed|awx_\w+|tower_\w+|semaphore_vars"
)


@dataclass(frozen=True)
class Policy:
    """``signers`` is ssh-keygen's file of allowed signers; the names in it are the principals below."""

    persons: int = 1
    signers: str = ""
    choosers: tuple[str, ...] = ()
    givers: tuple[str, ...] = ()

    @classmethod
    def from_variables(cls, values: Mapping[str, Any]) -> Policy:
        """What the inventory says. A policy that cannot be read is not guessed at."""
        persons = values.get("decision_persons", 1)
        if persons not in (1, 2) or isinstance(persons, bool):
            raise InvalidInput(
                f'The inventory says decision_persons: "{persons}".',
                hint="1: the person who starts a recovery may decide himself. 2: somebody else signs both decisions.",
            )
        policy = cls(
            persons,
            str(values.get("decision_signers") or ""),
            _names(values, "decision_choosers"),
            _names(values, "decision_givers"),
        )
        if persons == 2 and not (policy.signers and policy.choosers and policy.givers):
            raise InvalidInput(
                "The inventory demands two persons and does not say who may decide.",
                hint="Give decision_signers (a file of ssh-keygen's allowed signers), decision_choosers and "
                "decision_givers; inventory/example explains each.",
            )
        return policy

    def may_decide(self, number: int) -> tuple[str, ...]:
        """The principals whose signature counts for this decision."""
        return self.choosers if number == CHOICE else self.givers


def _names(values: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = values.get(key) or ()
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise InvalidInput(f"The inventory's {key} is no list of names.", hint="Write it as a list, one name a line.")
    return tuple(names)


def decided_inputs(given: Mapping[str, Any]) -> dict[str, str]:
    """The inputs that are part of what is decided: whoever changes one of them needs another decision."""
    return {name: _text(value) for name, value in given.items() if not _NOT_DECIDED_ON.fullmatch(name)}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def require_known_inputs(policy: Policy, given: Collection[str]) -> None:
    """Raises where a run at a site of two persons was told what only its inventory may say."""
    foreign = sorted(name for name in given if name not in INPUTS and not _FAMILIES.fullmatch(name))
    if policy.persons == 2 and foreign:
        raise InvalidInput(
            f"This site demands two persons for a decision, so {', '.join(foreign)} cannot be given with -e.",
            hint="Leave it out. What holds for the site stands in its inventory.",
        )


def require_another_person(decider: str, starters: Collection[str]) -> None:
    """Raises where a starter of this incident decides. ``decider`` is a principal, often name@host."""
    name = decider.partition("@")[0].casefold()
    if name in {starter.partition("@")[0].casefold() for starter in starters}:
        raise InvalidInput(
            f"{decider} started this recovery and cannot decide on it, because this site demands two persons.",
            hint="Let somebody else who may decide sign, or let somebody else run the recovery.",
        )
