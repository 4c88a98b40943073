# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of the store that no plan was made with because nobody could read them here: what they hold may be lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from .errors import EncryptedBackup
from .restore_step import RestorePlan, moment

#: By so much the clocks of the store and of a SQL Server may differ.
_CLOCKS = timedelta(hours=1)
_BRING = (
    "Nothing was touched. Bring the certificate that they were encrypted with, and its private key, to the server "
    "that is restored on (CREATE CERTIFICATE ... FROM FILE ... WITH PRIVATE KEY; RESTORE HEADERONLY there names its "
    "thumbprint while it is missing), and restore them there by hand: this collection cannot. To do without what they "
    "hold, knowingly, name each in restore_plan_unusable with the reason."
)


def refuse_encrypted(rows: Sequence[Mapping[str, Any]], plans: Iterable[RestorePlan]) -> None:
    """Raises where an encrypted file may hold what a plan to the latest instant calls lost."""
    for plan in plans:
        found = [row["path"] for row in _younger(rows, plan) if _is_encrypted(row)]
        if found:
            raise EncryptedBackup(
                f"{plan.database}: the plan would end at {plan.reaches.isoformat(sep=' ', timespec='seconds')}, and "
                f"{_told(found)} younger and encrypted, or packed as nothing here can read: what it holds would be "
                "lost.",
                hint=_BRING,
            )


def refuse_missing(databases: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Raises where databases have no backup that can be read, and there are encrypted ones."""
    if databases:
        refuse_no_plan(f"{', '.join(databases)}: no backup on the store can be read here.", rows)


def refuse_no_plan(why: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Where there is no plan at all: raises with the encrypted files, which may be the reason."""
    found = [row["path"] for row in rows if _is_encrypted(row)]
    if found:
        raise EncryptedBackup(f"{why} But {_told(found)} encrypted, or packed as nothing here can read.", hint=_BRING)


def unread_warnings(rows: Sequence[Mapping[str, Any]], plans: Iterable[RestorePlan]) -> list[str]:
    """What a person should know of who is told how much is lost."""
    young = {row["path"]: row for plan in plans for row in _younger(rows, plan)}
    return [f"no plan was made with a younger file of the store. {row['reason']}" for row in young.values()]


def _younger(rows: Sequence[Mapping[str, Any]], plan: RestorePlan) -> list[Mapping[str, Any]]:
    """A listing that tells no times makes every file young."""
    if plan.target.get("kind") != "latest":
        return []
    ends = plan.reaches if plan.reaches.tzinfo else plan.reaches.replace(tzinfo=timezone.utc)
    return [row for row in rows if (_modified(row) or ends) >= ends - _CLOCKS]


def _modified(row: Mapping[str, Any]) -> datetime | None:
    return moment(row.get("modified"))


def _is_encrypted(row: Mapping[str, Any]) -> bool:
    return row.get("error") == EncryptedBackup.__name__


def _told(paths: Sequence[str]) -> str:
    rest = f" and {len(paths) - 2} more" if len(paths) > 2 else ""
    return f"{', '.join(paths[:2])}{rest} on the store {'is' if len(paths) == 1 else 'are'}"
