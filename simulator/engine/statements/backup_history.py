# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sp_delete_backuphistory and sp_delete_database_backuphistory: msdb forgets, the backups stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine.events import Done, Event, SqlType
from simulator.engine.messages import error
from simulator.engine.query import conversion, types, values

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

Values = dict[str, Any]
_DELETIONS = (
    "DELETE f FROM msdb.dbo.restorefile AS f JOIN msdb.dbo.restorehistory AS h ON h.restore_history_id ="
    " f.restore_history_id JOIN msdb.dbo.backupset AS s ON s.backup_set_id = h.backup_set_id WHERE {restored};"
    "DELETE h FROM msdb.dbo.restorehistory AS h JOIN msdb.dbo.backupset AS s ON s.backup_set_id = h.backup_set_id"
    " WHERE {restored};"
    "DELETE f FROM msdb.dbo.backupfile AS f JOIN msdb.dbo.backupset AS s ON s.backup_set_id = f.backup_set_id"
    " WHERE {taken};"
    "DELETE s FROM msdb.dbo.backupset AS s WHERE {taken};"
    "DELETE FROM msdb.dbo.backupmediafamily WHERE media_set_id NOT IN (SELECT media_set_id FROM msdb.dbo.backupset);"
    "DELETE FROM msdb.dbo.backupmediaset WHERE media_set_id NOT IN (SELECT media_set_id FROM msdb.dbo.backupset);"
)


def delete_before(execution: Execution, arguments: Values) -> Iterator[Event]:
    """Also the restores of the backup sets that go."""
    _require_sysadmin(execution, "sp_delete_backuphistory")
    old = "s.backup_finish_date < @given"
    yield from _in_msdb(execution, _DELETIONS.format(restored=old, taken=old), arguments["oldest_date"], types.DATETIME)


def delete_of_database(execution: Execution, arguments: Values) -> Iterator[Event]:
    """The backups of the database, and what was restored from them."""
    _require_sysadmin(execution, "sp_delete_database_backuphistory")
    its = "s.database_name = @given"
    text = _DELETIONS.format(restored=its, taken=its)
    yield from _in_msdb(execution, text, arguments["database_name"], SqlType("nvarchar", 128))


def _require_sysadmin(execution: Execution, name: str) -> None:
    if not execution.session.rights.is_sysadmin:
        raise error(229, "EXECUTE", name, "msdb", "dbo")


def _in_msdb(execution: Execution, text: str, given: Any, wanted: SqlType) -> Iterator[Event]:
    from simulator.engine.execution import Execution as Inner
    from simulator.engine.tsql.batch import parse

    inner = Inner(execution.session, execution.depth + 1)
    natural = values.natural_type(given)
    inner.declare("@given", wanted, conversion.convert(values.store(given, natural), natural, wanted))
    for event in inner.sequence(parse(text)):
        if not isinstance(event, Done):
            yield event
    yield Done(None)
