# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines that the planner answers: a recovery that began now would have a plan, room, and take so long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .check_facts import Facts, unknown
from .check_line import CRITICAL, NOTHING, OK, UNKNOWN, WARNING, Line, Measure, Words
from .check_words import command, span, typed
from .database_state import DatabaseState
from .disk_room import refuse_without_room
from .errors import NoSpace, RecoveryError
from .plan import LATEST, Circumstances, Planner
from .plan_request import states_by_name
from .prediction import predicted, rates
from .relocation import Relocation
from .report_words import size_words
from .restore_step import RestorePlan


def planned(facts: Facts) -> list[Line]:
    """Whether a recovery that began now would have a plan and room, and what it would take: asked of the planner."""
    if not facts.store.ok:
        return [unknown(item, facts.store) for item in ("plan", "disk", "rto")]
    states = states_by_name(facts.spare.told.get("database_states") or {})
    try:
        plans = _plans(facts, states)
    except RecoveryError as error:
        fix = f"{error.hint} {command('full')}"
        line = Line("plan", "", CRITICAL, (f"ditolak: {error.msg}", f"refused: {error.msg}"), (fix, fix))
        return [line, *(_behind_plan(item) for item in ("disk", "rto"))]
    return [_plan_line(plans), disk_line(facts, plans, states), rto(facts, plans)]


def _plans(facts: Facts, states: Mapping[str, DatabaseState]) -> list[RestorePlan]:
    planner = Planner(facts.history, Circumstances(facts.now, facts.zone, reseed=True))
    places = Relocation(facts.places.get("data_directory"), facts.places.get("log_directory"))
    return [
        planner.plan(name, LATEST, states.get(name.casefold(), DatabaseState()), places) for name in facts.databases
    ]


def _behind_plan(item: str) -> Line:
    fact = ("tidak diketahui: tidak ada rencana pemulihan", "not known: there is no restore plan")
    return Line(
        item, "", UNKNOWN, fact, ("Perbaiki dulu baris 'Rencana pemulihan'", "Mend the line 'Restore plan' first")
    )


def _plan_line(plans: Sequence[RestorePlan]) -> Line:
    steps, fetched = sum(len(plan.steps) for plan in plans), sum(plan.bytes_to_fetch for plan in plans)
    fact = (f"ada, {steps} langkah, {size_words(fetched)}", f"there is one: {steps} steps, {size_words(fetched)}")
    return Line("plan", "", OK, fact, measures=(Measure("plan_steps", steps), Measure("fetch_bytes", fetched, "B")))


def _free_disk(facts: Facts) -> Words:
    place = facts.places.get("data_directory") or "data"
    return (
        f"Sediakan ruang atau tambah disk untuk {place} di {facts.spare_name}",
        f"Free or add disk under {place} on {facts.spare_name}",
    )


def disk_line(facts: Facts, plans: Sequence[RestorePlan], states: Mapping[str, DatabaseState]) -> Line:
    """Room for the databases at their restored size, as the server itself sees its volumes."""
    volumes = facts.spare.rows("volumes")
    by_name = {plan.database: states.get(plan.database.casefold(), DatabaseState()) for plan in plans}
    try:
        doubts = refuse_without_room(plans, by_name, volumes) if volumes else ["no volume was told"]
    except NoSpace as error:
        return Line("disk", "", CRITICAL, (error.msg, error.msg), _free_disk(facts))
    if doubts:
        return Line("disk", "", UNKNOWN, (" ".join(doubts), " ".join(doubts)), _free_disk(facts))
    free = min(int(row["available_bytes"]) for row in volumes)
    needed = sum(count for plan in plans for _path, count in plan.database_files)
    sizes = size_words(needed), size_words(free)
    fact = (f"perlu {sizes[0]}, kosong {sizes[1]}", f"needs {sizes[0]}, has {sizes[1]} free")
    return Line("disk", "", OK, fact, measures=(Measure("failover_free_bytes", free, "B"),))


def rto(facts: Facts, plans: Sequence[RestorePlan]) -> Line:
    """The time that the drills measured, for the plan of this moment, against the target."""
    known = rates(facts.rates)
    found = [predicted(plan, known) for plan in plans] if known else [None]
    told = [one for one in found if one is not None]
    if len(told) < len(found):
        fact = ("belum pernah diukur", "it was never measured")
        return Line("rto", "", WARNING, fact, typed("drill"))
    total, high, limit = sum(one[0] for one in told), sum(one[1][1] for one in told), facts.limits.rto_minutes * 60
    level = CRITICAL if total > limit else WARNING if high > limit else OK
    words, most = span(total), span(high)
    fix = NOTHING
    if level != OK:
        fix = (
            f"Jaga agar server siaga terus mengikuti: {command('standby')}",
            f"Keep the failover warm, so that little is left to do: {command('standby')}",
        )
    fact = (f"kira-kira {words[0]}, paling lama {most[0]}", f"about {words[1]}, at most {most[1]}")
    return Line("rto", "", level, fact, fix, (Measure("rto", round(total, 1), "s", limit, limit),))
