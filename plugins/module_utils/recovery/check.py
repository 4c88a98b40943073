# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The daily check: facts in, one verdict per line out, each with what to do next."""

from __future__ import annotations

from collections.abc import Mapping

from .check_backups import backup_lines
from .check_facts import Facts
from .check_failover import failover_lines
from .check_foreign import foreign
from .check_line import Line
from .check_runs import run_lines
from .check_store import store_lines
from .recoverable import Recoverable

#: In the order of the procedure: backups (C.1 to C.5), then the failover (C.6), then what keeps both going.
ORDER = (
    "recoverable", "production", "store", "present", "on_time", "shipped", "verified", "hash", "foreign", "settings",
    "missed", "failed", "space", "prune", "failover", "version", "plan", "disk", "rto", "standby", "drill", "logins",
    "jobs", "certificates", "rights", "fence", "clock",
)  # fmt: skip


def daily_check(facts: Facts, windows: Mapping[str, Recoverable]) -> list[Line]:
    """Every line, in the order in which people read them."""
    lines = [
        *backup_lines(facts, windows),
        *store_lines(facts),
        foreign(facts),
        *run_lines(facts),
        *failover_lines(facts),
    ]
    return sorted(lines, key=lambda line: ORDER.index(line.item))
