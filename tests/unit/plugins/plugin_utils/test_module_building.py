# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A recovery once failed because two threads put their modules together at the same moment."""

from __future__ import annotations

import threading
import time

from ansible_collections.ics.deadpool.plugins.plugin_utils.module_building import one_at_a_time


class Builder:
    """Says how many are at it at once, as Python's ast would notice."""

    busy, most = 0, 0

    def _configure_module(self, name: str) -> str:
        Builder.busy += 1
        Builder.most = max(Builder.most, Builder.busy)
        time.sleep(0.02)
        Builder.busy -= 1
        return name


def test_two_threads_never_build_at_once_and_each_gets_its_own() -> None:
    built: list[str] = []
    actions = [one_at_a_time(Builder()) for _number in range(4)]
    threads = [
        threading.Thread(target=lambda action=action, name=str(n): built.append(action._configure_module(name)))
        for n, action in enumerate(actions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Builder.most == 1 and sorted(built) == ["0", "1", "2", "3"]
