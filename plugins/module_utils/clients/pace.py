# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A limit of bytes per second that all connections of a run share."""

from __future__ import annotations

import threading
import time


class Pace:
    """Each block waits until the ones before it have had their time. What was not used is not saved up: a pause of the
    store is followed by no burst."""

    def __init__(self, bytes_per_second: int) -> None:
        self._rate = bytes_per_second
        self._free_at = 0.0
        self._lock = threading.Lock()

    def __call__(self, length: int) -> None:
        with self._lock:
            now = time.monotonic()
            start = max(self._free_at, now)
            self._free_at = start + length / self._rate
        if start > now:
            time.sleep(start - now)
