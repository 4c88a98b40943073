# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pages that SQL Server would find damaged when it reads them: 823 and 824.

SQLite reads its pages itself and knows no page checksums. So a page about which there is doubt is looked at before a
statement that reads its table runs; which table that is was noted when the doubt arose.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.engine.devices import os_error
from simulator.engine.messages import error
from simulator.engine.page_store import PageStore
from simulator.engine.pages import FILE_ID, PAGE, is_sound, page_checksum

if TYPE_CHECKING:
    from simulator.engine.database import Database

#: The owner of pages that every statement reads: SQLite's schema, the catalogue, a structure that cannot be walked.
EVERYBODY = ""
_CHECKSUM = 60


def owners(store: PageStore, page_ids: Iterable[int], tables: frozenset[str]) -> dict[int, str]:
    """Page -> the table that it belongs to, itself or as a page of an index. Free pages are left out."""
    wanted = set(page_ids)
    rows = store.keeper.execute(
        "SELECT d.pageno - 1, coalesce(s.tbl_name, d.name) FROM dbstat d LEFT JOIN sqlite_schema s ON s.name = d.name"
    )
    return {page: name if name in tables else EVERYBODY for page, name in rows if page in wanted}


def pages_of(store: PageStore, table: str) -> list[int]:
    """The leaves of a table itself, in the order of its rows."""
    rows = store.keeper.execute("SELECT pageno - 1 FROM dbstat WHERE name = ? AND pagetype = 'leaf'", (table,))
    return [int(row[0]) for row in rows]


def table_names(store: PageStore) -> frozenset[str]:
    """Tables by the name that SQLite knows them by; the catalogue's own are not among them."""
    rows = store.keeper.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND instr(name, '.') > 0")
    return frozenset(str(row[0]) for row in rows)


def require_readable(database: Database | None, stored_name: str) -> None:
    """Raises what a statement gets that reads this table: 823 from the disk, 824 from the checksum."""
    if database is None or not database.doubtful:
        return
    with database.lock:
        store = database.require_open()
        for page_id, owner in list(database.doubtful.items()):
            if owner in (EVERYBODY, stored_name) and not store.in_overlay(page_id):
                _read(database, store, page_id)


def _read(database: Database, store: PageStore, page_id: int) -> None:
    shown, offset = database.boot.data_file, f"0x{page_id * PAGE:016x}"
    try:
        (page,) = store.data.read(page_id, 1)
    except OSError as problem:
        raise error(823, os_error(problem), "read", offset, shown) from None
    if is_sound(page):
        return
    (expected,) = struct.unpack_from("<I", page, _CHECKSUM)
    wrong = f"incorrect checksum (expected: 0x{expected:08x}; actual: 0x{page_checksum(page):08x})"
    raise error(824, wrong, "read", f"({FILE_ID}:{page_id})", database.database_id, offset, shown)


def forget_cached(database: Database) -> None:
    """What SQLite keeps of the data file in memory may be older than the file: all of it is read again."""
    if database.store is not None:
        try:
            database.store.keeper.execute("PRAGMA shrink_memory")
        except sqlite3.Error:  # it is busy: then it has just read
            return
