# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random lives of a database, and what is left of its backups afterwards."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet
from hypothesis import strategies as st

from .hospital_life import Database
from .remains import Remains

_WAIT = st.sampled_from([1, 300, 900, 1700, 4000, 61000])
STEP = st.one_of(
    st.tuples(st.just("commit"), st.integers(1, 4), st.booleans()),
    st.tuples(st.just("full"), st.integers(0, 2), st.sampled_from([0, 1, 2, 3])),
    st.tuples(st.just("differential"), st.integers(0, 2), st.integers(1, 2)),
    st.tuples(st.just("log"), st.integers(0, 2), st.sampled_from([0, 1, 2, 3])),
    st.tuples(st.just("log"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("wait"), _WAIT, st.just(0)),
    st.tuples(st.just("restore"), st.integers(0, 30), st.booleans()),
    st.tuples(st.just("switch"), st.booleans(), st.just(0)),
    st.tuples(st.just("recreate"), st.just(0), st.just(0)),
)


def live(steps: list[tuple[str, int, int]]) -> list[Database]:
    """Carries out the steps of a life."""
    lives = [Database()]
    for kind, first, second in steps:
        life = lives[-1]
        life.wait(7)
        if kind == "commit":
            life.commit(first, bulk=bool(second) and first == 4)
        elif kind == "full":
            life.full(first, copy_only=second == 1, log_meanwhile=second == 2, stripes=2 if second == 3 else 1)
        elif kind == "differential":
            life.differential(first, stripes=second)
        elif kind == "log":
            life.log(late=first, copy_only=second == 1, during=second // 2, stripes=3 if second == 3 else 1)
        elif kind == "wait":
            life.wait(first)
        elif kind == "restore":
            life.restore_to(first, bool(second))
        elif kind == "switch":
            life.switch(bool(first))
        elif kind == "recreate" and life.sets and len(lives) < 3:
            begun = life.clock + 2500
            lives.append(Database(family=f"family-{len(lives) + 1}", clock=begun, number=1000 * len(lives)))
            lives[-1].fork = replace(lives[-1].fork, guid=f"fork-r{len(lives)}")
            lives[-1].commit()
    return lives


@st.composite
def remains(draw: st.DrawFn, most: int = 18) -> Remains:
    """A life, some backup files lost, some damaged, some found twice, some appended to one file."""
    steps = draw(st.lists(STEP, min_size=2, max_size=most))
    lives = live([("commit", 1, 0), ("full", 0, 0), *steps] if draw(st.booleans()) else steps)
    return draw(left_of(lives))


@st.composite
def left_of(draw: st.DrawFn, lives: list[Database], most_lost: int = 3, most_damaged: int = 2) -> Remains:
    """What accidents leave of the backups of these lives."""
    sets = [one for life in lives for one in life.sets]
    lost = draw(st.sets(st.sampled_from([one.path for one in sets]), max_size=most_lost)) if sets else set()
    kept = [one for one in sets if one.path not in lost]
    paths = [one.path for one in kept]
    unusable = draw(st.sets(st.sampled_from(paths), max_size=most_damaged)) if kept else set()
    twice = draw(st.sets(st.sampled_from([one.path for one in kept]), max_size=2)) if kept else set()
    kept += [replace(one, path=f"/copy{one.path}") for one in kept if one.path in twice]
    if draw(st.booleans()):
        kept = _appended(kept)
    order = draw(st.randoms(use_true_random=False))
    order.shuffle(kept)
    return Remains(tuple(lives), tuple(kept), dict.fromkeys(unusable, "damaged"))


def _appended(sets: list[BackupSet]) -> list[BackupSet]:
    """All unstriped logs of a fork in one file, as WITH NOINIT writes them."""
    positions: dict[str, int] = {}
    result = []
    for one in sets:
        if one.backup_type != "log" or one.family_count > 1 or one.path.startswith("/copy"):
            result.append(one)
            continue
        path = f"/appended/{one.recovery_fork_id}"
        positions[path] = positions.get(path, 0) + 1
        result.append(replace(one, path=path, position=positions[path]))
    return result
