# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a recovered database is what the plan promised. What is not proven is never called well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from .database_state import DatabaseState, same_guid
from .errors import NotProven
from .restore_step import RestorePlan, RestoreStep, moment

#: msdb and sys.databases round to whole or to thirds of a hundredth of a second.
_ROUNDING = timedelta(seconds=2)
_STOP_ROUNDING = timedelta(milliseconds=5)


@dataclass(frozen=True)
class Verdict:
    """One thing that was to be proven; ``fact`` says what the server showed, ``hint`` what to do about it."""

    item: str
    subject: str
    proven: bool
    fact: str
    hint: str = ""

    def to_dict(self) -> dict[str, Any]:
        values = asdict(self)
        values["verdict"] = "proven" if values.pop("proven") else "not_proven"
        return values


def not_proven(verdicts: Iterable[Verdict]) -> NotProven | None:
    """One error for all that is missing; None when every verdict is good and there is at least one."""
    verdicts = list(verdicts)
    missing = [verdict for verdict in verdicts if not verdict.proven]
    if not verdicts:
        return NotProven("nothing was proven, because nothing was asked.", hint="Name databases, plans or programs.")
    if not missing:
        return None
    facts = "\n".join(f"{verdict.subject}: {verdict.item}: {verdict.fact}" for verdict in missing)
    hints = " ".join(dict.fromkeys(verdict.hint for verdict in missing if verdict.hint))
    return NotProven(
        f"{len(missing)} of {len(verdicts)} are not proven:\n{facts}",
        hint=hints or "Look at the server before it is used.",
    )


def online(database: str, state: str, user_access: str, read_only: bool) -> list[Verdict]:
    """Open to everybody, for reading and writing."""
    return [
        Verdict("online", database, state == "ONLINE", f"the database is {state}", "Restore or recover it first."),
        Verdict(
            "multi_user",
            database,
            state == "ONLINE" and user_access == "MULTI_USER",
            f"access is {user_access}",
            "Set it to MULTI_USER, once nobody holds it for a reason.",
        ),
        Verdict(
            "read_write",
            database,
            state == "ONLINE" and not read_only,
            "it is read-only" if read_only else "it can be written",
            "Set it to READ_WRITE, if it was not read-only on the source.",
        ),
    ]


def reached(plan: RestorePlan, state: DatabaseState, history: Sequence[Mapping[str, Any]]) -> Verdict:
    """Whether the server's own records say that it was rolled forward as planned. ``history``: newest first."""
    doubt = None if _is_the_source(plan, state) else _doubt(plan, state, history)
    fact = doubt or f"restored as planned, to {plan.reaches.isoformat()}, LSN {plan.reaches_lsn}"
    hint = "This is not the database that was planned: plan again and look at what the target has."
    return Verdict("reached", plan.database, doubt is None, fact, hint if doubt else "")


def _is_the_source(plan: RestorePlan, state: DatabaseState) -> bool:
    """The very database that the newest backups are of, wherever that was once restored from."""
    own = bool(plan.recovery_fork_id) and same_guid(state.recovery_fork_guid) == same_guid(plan.recovery_fork_id)
    return own and plan.already_there and plan.target.get("kind") == "latest" and state.exists


def _doubt(plan: RestorePlan, state: DatabaseState, history: Sequence[Mapping[str, Any]]) -> str | None:
    if not state.exists:
        return "there is no such database"
    if plan.family_guid and same_guid(state.family_guid) != same_guid(plan.family_guid):
        return f"its family is {state.family_guid}, and the backups are of {plan.family_guid}"
    if not history:
        return "msdb.dbo.restorehistory has no row for it"
    if _older_than(state.last_restored_at, state.create_date):
        return "the last row of msdb.dbo.restorehistory is older than the database: it is another one of that name"
    if state.fork_point_lsn is not None and state.fork_point_lsn > plan.reaches_lsn:
        return f"it was recovered at LSN {state.fork_point_lsn}, beyond the plan's {plan.reaches_lsn}"
    return _doubt_of_steps(plan, state, history)


def _doubt_of_steps(plan: RestorePlan, state: DatabaseState, history: Sequence[Mapping[str, Any]]) -> str | None:
    newest = history[0]
    steps = [step for step in plan.steps if step.action != "recover"]
    if not steps:
        if int(newest["last_lsn"] or 0) < plan.reaches_lsn:
            return f"the last backup restored ends at LSN {newest['last_lsn']}, before the plan's {plan.reaches_lsn}"
        return None
    restored = {same_guid(row["backup_set_uuid"]) for row in history}
    for step in steps:
        if not step.may_be_passed and same_guid(step.backup_set_guid) not in restored:
            return f"backup set {step.backup_set_guid} ({', '.join(step.files)}) was not restored"
    last = _last_restored(steps, same_guid(newest["backup_set_uuid"]))
    if last is None:
        return f"the last backup set restored is {newest['backup_set_uuid']}, which is not the plan's last"
    return _doubt_of_stop(last, state)


def _last_restored(steps: Sequence[RestoreStep], newest: str | None) -> RestoreStep | None:
    for step in reversed(steps):
        if same_guid(step.backup_set_guid) == newest:
            return step
        if not step.may_be_passed:
            return None
    return None


def _doubt_of_stop(step: RestoreStep, state: DatabaseState) -> str | None:
    wanted, found = moment(step.stop_at), state.last_stop_at
    if wanted is None:
        if found is not None:
            return f"it was stopped at {found.isoformat()}, which was not planned"
        mark = step.stop_at_mark or step.stop_before_mark
        same = (state.last_stop_at_mark or None) == mark
        return None if same else f"it was stopped at {state.last_stop_at_mark or 'no mark'}, and the plan says {mark}"
    if found is None or abs(wanted.replace(tzinfo=None) - found.replace(tzinfo=None)) > _STOP_ROUNDING:
        return f"it was stopped at {found.isoformat() if found else 'no time'}, and the plan says {step.stop_at}"
    return None


def _older_than(restored: datetime | None, created: datetime | None) -> bool:
    if restored is None or created is None:
        return False
    return restored.replace(tzinfo=None) < created.replace(tzinfo=None) - _ROUNDING


def last_transaction(database: str, table: str, latest: datetime | None, rows: int, until: datetime | None) -> Verdict:
    """The canary: there are rows, and none of them is later than what the plan reaches."""
    if latest is None:
        return Verdict(
            "last_transaction",
            database,
            False,
            f"{table} has {rows} rows and no time in them",
            "Choose a table that the applications write all the time.",
        )
    fact = f"the last of {rows} rows in {table} is of {latest.isoformat()}"
    if until is not None and latest > until:
        hint = "Somebody wrote after the recovery, or the time column is not in the zone that was given."
        return Verdict("last_transaction", database, False, f"{fact}, after {until.isoformat()}", hint)
    return Verdict("last_transaction", database, True, fact)
