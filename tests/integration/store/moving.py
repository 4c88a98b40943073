# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One connection, one attempt: what the tests of single files call."""

from __future__ import annotations

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients import fetching, storing
from ansible_collections.ics.deadpool.plugins.module_utils.clients.store import Manner, Store, Transfer


def store_file(store: Store, source: str, destination: str, **manner: Any) -> Transfer:
    return storing.store_file(store, source, destination, Manner(**manner))


def fetch_file(store: Store, source: str, destination: str, **manner: Any) -> Transfer:
    return fetching.fetch_file(store, source, destination, Manner(**manner))


def fetch_files(store: Store, pairs: list[tuple[str, str]]) -> list[Transfer]:
    fetching.check_space(store, pairs)
    return [fetch_file(store, *pair) for pair in pairs]
