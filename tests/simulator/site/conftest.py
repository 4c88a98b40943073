# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A recovered hospital for the tests of this folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from simulator.apps.modules import MODULES
from simulator.site import Site

from .by_hand import ByHand

SPEED = 20


@dataclass
class Recovered:
    """Full and two log backups shipped, production killed, everything recovered on the failover by hand."""

    site: Site
    by_hand: ByHand
    spoilt: bool = False
    shipped: dict[str, list[str]] = field(default_factory=dict)


def recover(state: Path) -> Recovered:
    site = Site(state, say=lambda _: None)
    done = Recovered(site, ByHand(site), shipped={module.database: [] for module in MODULES.values()})
    site.start(SPEED)
    for kind in ("FULL", "LOG", "LOG"):
        time.sleep(1.5)
        for database, names in done.shipped.items():
            names.append(done.by_hand.backup(kind, database))
    time.sleep(1.5)
    site.stop_one("production", kill=True)
    with ThreadPoolExecutor() as together:
        list(together.map(done.by_hand.restore, done.shipped.values(), done.shipped))
    for module in site.modules:
        done.by_hand.point(module, "production", "failover")
    return done


@pytest.fixture(scope="session")
def hospitals() -> Iterator[list[Recovered]]:
    built: list[Recovered] = []
    yield built
    for one in built:
        one.site.stop()


@pytest.fixture
def recovered(hospitals: list[Recovered], tmp_path: Path) -> Recovered:
    """One that no test has spoilt, whatever order they run in."""
    return _first(hospitals, tmp_path, lambda one: not one.spoilt)


@pytest.fixture
def expendable(hospitals: list[Recovered], tmp_path: Path) -> Recovered:
    """One that the test may leave in a mess, for one module."""
    found = _first(hospitals, tmp_path, lambda _: True)
    found.spoilt = True
    return found


def _first(hospitals: list[Recovered], folder: Path, fit: Callable[[Recovered], bool]) -> Recovered:
    found = next((one for one in hospitals if fit(one)), None)
    if found is None:
        hospitals.append(found := recover(folder / "hospital"))
    return found
