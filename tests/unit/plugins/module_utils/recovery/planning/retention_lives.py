# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lives that are long enough for something to become old: weeks of a full and what follows it, with all that may happen
to a database in between, and a window that begins somewhere behind the first weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st

from .hospital_life import milliseconds, moment
from .remains import Remains
from .strategies import STEP, left_of, live

_FULL = st.tuples(st.just("full"), st.integers(0, 2), st.sampled_from([0, 0, 0, 2, 3]))
_QUIET = st.one_of(
    st.tuples(st.just("commit"), st.integers(1, 3), st.just(0)),
    st.tuples(st.just("differential"), st.integers(0, 2), st.integers(1, 2)),
    st.tuples(st.just("log"), st.integers(0, 2), st.sampled_from([0, 0, 2, 3])),
    st.tuples(st.just("wait"), st.sampled_from([300, 1700, 61000]), st.just(0)),
)
#: A week lasts longer than the second that a header's times leave open.
_REST = st.sampled_from([61_000, 61_000, 61_000, 1_000]).map(lambda pause: ("wait", pause, 0))
_WEEK = st.tuples(_FULL, st.lists(st.one_of(_QUIET, _QUIET, STEP), max_size=4), _REST).map(
    lambda week: [week[0], *week[1], week[2]]
)


@dataclass(frozen=True)
class Judged:
    """What is left of a life, how far back its window goes, and how many fulls stay at least."""

    life: Remains
    window: timedelta
    minimum: int


@st.composite
def old_lives(draw: st.DrawFn) -> Judged:
    """Three to six weeks; the window begins while one of the later weeks goes on, rarely anywhere else."""
    weeks = draw(st.lists(_WEEK, min_size=3, max_size=6))
    lives = live([("commit", 1, 0), *(step for week in weeks for step in week), ("log", 0, 0)])
    begun = [milliseconds(one.backup_start_date) for life in lives for one in life.sets]
    late = draw(st.sampled_from(begun[2 * len(begun) // 3 :]) if draw(st.integers(0, 9)) else st.sampled_from(begun))
    life = draw(left_of(lives, most_lost=2, most_damaged=1))
    since = moment(late + draw(st.sampled_from([1, 800, 2500, 30_000])))
    window = moment(life.end) + timedelta(minutes=1) - since
    return Judged(life, window, draw(st.sampled_from([0, 1, 1, 1, 2])))
