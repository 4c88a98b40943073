# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan as a value: the steps of a restore, what they reach and what is lost."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from .errors import InvalidInput


@dataclass(frozen=True)
class RestoreStep:
    """One statement. Every restore is WITH NORECOVERY; the last step is ``recover`` (RESTORE DATABASE x WITH RECOVERY).

    ``database`` is the name on the target. ``files`` are the paths of the history, one for each media family, in family
    order. ``moves`` holds (logical name, physical name): on the first step those of all files, on a later step those of
    files that were added to the database in between. ``stop_at`` is in the clock of the server that took the backups.
    ``stop_at_mark`` and ``stop_before_mark`` are the text of the option: a mark's name, or ``lsn:`` with a number.
    ``may_be_passed``: the log before this one may already hold the stop point, because its BACKUP was still running
    at that time. Where the server answers 4335 or 4305 to such a step, and its redo_start_lsn is below the earlier
    log's last_lsn, the stop point was found and this step is done with.
    """

    action: str  # restore_database, restore_log, recover; stand_by where a warm standby is to be read
    database: str
    backup_type: str | None = None
    backup_set_guid: str | None = None
    files: tuple[str, ...] = ()
    position: int = 1
    first_lsn: int | None = None
    last_lsn: int | None = None
    moves: tuple[tuple[str, str], ...] = ()
    stop_at: str | None = None
    stop_at_mark: str | None = None
    stop_before_mark: str | None = None
    stop_mark_after: str | None = None
    replace: bool = False
    size: int = 0
    taken_at: datetime | None = None
    may_be_passed: bool = False
    standby_file: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """What JSON and Ansible carry."""
        return {key: plain(value) for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> RestoreStep:
        """The reverse of :meth:`to_dict`; unknown keys are left out."""
        kept = known_values(cls, values)
        kept["files"] = tuple(kept.get("files") or ())
        kept["moves"] = tuple((str(logical), str(physical)) for logical, physical in kept.get("moves") or ())
        kept["taken_at"] = moment(kept.get("taken_at"))
        return cls(**kept)


@dataclass(frozen=True)
class PassedOver:
    """A backup that one might have expected in the plan, and why it is not there."""

    path: str
    reason: str


@dataclass(frozen=True)
class RestorePlan:
    """The whole restore of one database.

    ``reaches``: every transaction committed up to that instant is in the restored database; never more than the backups
    prove. ``data_loss_seconds`` counts from there to now (or to the disaster, where its time was given).
    ``reaches_lsn`` is the LSN of the database afterwards; where RESTORE stops inside the last log, the LSN where that
    log ends, which the database does not go beyond.
    ``steps`` is empty when ``already_there``: the target holds the database as planned and nothing is to be done.
    """

    database: str
    source_database: str
    source_server: str
    target: dict[str, Any]
    steps: tuple[RestoreStep, ...]
    reaches: datetime
    reaches_lsn: int
    recovery_fork_id: str | None = None
    family_guid: str | None = None
    data_loss_seconds: float = 0.0
    data_loss_reason: str = ""
    database_files: tuple[tuple[str, int], ...] = ()  # physical name on the target, size; where a full is restored
    bytes_to_fetch: int = 0
    bytes_to_restore: int = 0
    predicted_seconds: float | None = None
    predicted_range: tuple[float, float] | None = None
    warnings: tuple[str, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    already_there: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """Every file to fetch, once, in the order in which it is needed."""
        return tuple(dict.fromkeys(path for step in self.steps for path in step.files))

    def to_dict(self) -> dict[str, Any]:
        """What JSON and Ansible carry; ``files`` is written too, for those who fetch."""
        values = {key: plain(value) for key, value in asdict(self).items() if key != "steps"}
        return {**values, "steps": [step.to_dict() for step in self.steps], "files": list(self.files)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> RestorePlan:
        """The reverse of :meth:`to_dict`; unknown keys are left out."""
        kept = known_values(cls, values)
        kept["steps"] = tuple(RestoreStep.from_dict(step) for step in kept.get("steps") or ())
        kept["reaches"] = moment(kept["reaches"])
        kept["warnings"] = tuple(kept.get("warnings") or ())
        kept["passed_over"] = tuple(PassedOver(row["path"], row["reason"]) for row in kept.get("passed_over") or ())
        kept["database_files"] = tuple((str(path), int(size)) for path, size in kept.get("database_files") or ())
        if kept.get("predicted_range"):
            low, high = kept["predicted_range"]
            kept["predicted_range"] = (low, high)
        return cls(**kept)


def given_plan(raw: dict[str, Any]) -> RestorePlan:
    """A plan that somebody handed to us; what is none is refused."""
    try:
        return RestorePlan.from_dict(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(
            f"plan: {raw.get('database', 'it')} is not a restore plan ({type(error).__name__}: {error}).",
            hint="Give what mssql_restore_plan returned, unchanged.",
        ) from error


def known_values(cls: type, values: dict[str, Any]) -> dict[str, Any]:
    """The items of ``values`` that ``cls`` has fields for."""
    known = {field.name for field in fields(cls)}
    return {key: value for key, value in values.items() if key in known}


def moment(value: Any) -> datetime | None:
    """A datetime out of ISO 8601 text, or what was one already."""
    if isinstance(value, str) and value:
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    return value if isinstance(value, datetime) else None


def plain(value: Any) -> Any:
    """A value that JSON carries: times as ISO 8601 text, tuples as lists."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
