# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person decided, in a form that a module can check: the digest of the very plan that was shown."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .errors import DatabaseInUse
from .journal import digest, portable


def plan_digest(plan: dict[str, Any]) -> str:
    """sha256 of a plan as ``RestorePlan.to_dict`` gives it. The same plan has the same digest after any way through
    JSON, YAML and Ansible; any other step, file or target has another one."""
    return digest(portable(_settled(plan)))


def _settled(value: Any) -> Any:
    """Whole floats and integers are one in JSON; keys that hold nothing say nothing."""
    if isinstance(value, dict):
        return {key: _settled(item) for key, item in value.items() if item is not None and key != "digest"}
    if isinstance(value, (list, tuple)):
        return [_settled(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def require_decision(
    plan: dict[str, Any], state: str, replace: bool, confirmed: Collection[str], where: str = "the target"
) -> None:
    """Raises unless somebody decided to overwrite what stands under the plan's name, having seen this plan."""
    name = plan["database"]
    if not replace:
        raise DatabaseInUse(
            f"{name}: {where} has a database of that name in state {state}, and the restore would overwrite it.",
            hint="Look at it first. To lose it knowingly, run again with replace: true and confirmed_plan: the digest "
            "of the plan that was shown (mssql_restore_plan returns it).",
        )
    if plan_digest(plan) not in {value.strip().lower() for value in confirmed}:
        raise DatabaseInUse(
            f"{name}: replace is true, but this plan ({plan_digest(plan)[:12]}…) is not the one that was confirmed.",
            hint="The backups or the target changed since the plan was shown. Show it again and confirm its digest.",
        )
