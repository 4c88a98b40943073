"""Checks what a database's files hold: the page checksums of the data file, then SQLite's own structure."""

from __future__ import annotations

import sqlite3

from simulator.engine.data_file import RUN
from simulator.engine.page_store import PageStore
from simulator.engine.pages import FILE_ID, is_sound


def damaged_pages(store: PageStore) -> list[int]:
    """Pages of the data file whose checksum is wrong. What is newer in SQLite's log is not looked at."""
    damaged = []
    for first in range(0, store.data.pages, RUN):
        for page_id, page in enumerate(_run(store, first), first):
            if not store.in_overlay(page_id) and (page is None or not is_sound(page)):
                damaged.append(page_id)
    return damaged


def _run(store: PageStore, first: int) -> list[bytes | None]:
    """Pages one by one where the run has one that cannot be read (None)."""
    try:
        return list(store.data.read(first, RUN))
    except OSError:
        return [_page(store, page_id) for page_id in range(first, min(first + RUN, store.data.pages))]


def _page(store: PageStore, page_id: int) -> bytes | None:
    try:
        return store.data.read(page_id, 1)[0]
    except OSError:
        return None


def check_pages(store: PageStore) -> list[str]:
    findings = [
        f"Page ({FILE_ID}:{page_id}) could not be processed: its checksum is incorrect."
        for page_id in damaged_pages(store)
    ]
    try:
        rows = store.keeper.execute("PRAGMA integrity_check").fetchall()
        findings += [str(row[0]) for row in rows if row[0] != "ok"]
    except sqlite3.DatabaseError as problem:
        findings.append(str(problem))
    return findings
