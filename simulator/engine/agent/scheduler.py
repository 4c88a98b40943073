# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Agent itself: a thread on the instance's clock that starts jobs when their schedules are due.

The thread comes to life with the first schedule; an instance that uses none pays nothing for it.
"""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from simulator.engine.agent.calendar import AT_START, Schedule, as_numbers
from simulator.engine.agent.run import JobRun
from simulator.engine.agent.tables import UNAVAILABLE, JobTables, Row, of_agent
from simulator.engine.events import Message, SqlError

if TYPE_CHECKING:
    from simulator.engine.instance import Instance

_GLANCE = 1.0  # seconds: jobs come in transactions that commit later than their procedures ask for a look


class Agent:
    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.stopped = threading.Event()
        self.runs: dict[Any, JobRun] = {}
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._seen: datetime | None = None

    @property
    def exists(self) -> bool:
        return "Express" not in self.instance.facts().edition

    def start(self) -> None:
        """With the instance: jobs that run when the Agent starts, and those whose time will come."""
        if not self.exists or not self._has_schedules():
            return
        try:
            beginning = self._beginning()
        except UNAVAILABLE as refusal:
            self.instance.error_log.write("SQLAgent", str(refusal))
            beginning = []
        for job in beginning:
            self.begin(job, "Schedule (at the start of SQL Server Agent)")
        self.look()

    def _beginning(self) -> list[Row]:
        with of_agent(self.instance, self.stopped.is_set) as tables:
            return [job for job, schedule in scheduled(tables) if schedule["freq_type"] == AT_START]

    def _has_schedules(self) -> bool:
        database = self.instance.database("msdb")
        if database is None:
            return False
        try:
            with closing(database.connect()) as connection:
                return bool(connection.execute('SELECT COUNT(*) FROM "dbo.sysjobschedules"').fetchone()[0])
        except UNAVAILABLE:
            return False

    def stop(self) -> None:
        self.stopped.set()
        self._asked.set()
        for run in list(self.runs.values()):
            run.cancel()
        for thread in [self._thread, *self.runs.values()]:
            if thread is not None and thread.is_alive():
                thread.join(10)

    def look(self) -> None:
        """Schedules may have changed."""
        if not self.exists or self.stopped.is_set():
            return
        with self._lock:
            if self._thread is None:
                self._seen = self.instance.local_now()
                self._thread = threading.Thread(target=self._watch, name="SQL Server Agent", daemon=True)
                self._thread.start()
        self._asked.set()

    # -------------------------------------------------------------------------------------------- jobs

    def begin(self, job: Row, asked_by: str, first_step: int = 0) -> None:
        """22022 when it is running already."""
        with self._lock:
            present = self.runs.get(job["job_id"])
            if present is not None and not present.ended.is_set():
                raise refused(
                    f"SQLServerAgent Error: Request to run job {job['name']} (from {asked_by}) refused because the"
                    f" job is already running from a request by {present.asked_by}."
                )
            first = first_step or job["start_step_id"]
            run = JobRun(self.instance, job, asked_by, first, self.instance.local_now())
            self.runs[job["job_id"]] = run
            run.start()

    def end(self, job: Row, asked_by: str) -> None:
        run = self.runs.get(job["job_id"])
        if run is None or run.ended.is_set():
            raise refused(
                f"SQLServerAgent Error: Request to stop job {job['name']} (from {asked_by}) refused because the job"
                " is not currently running."
            )
        run.cancel()

    # -------------------------------------------------------------------------------------------- the clock

    def _watch(self) -> None:
        while not self.stopped.is_set():
            try:
                wait = self._round()
            except UNAVAILABLE as refusal:
                self.instance.error_log.write("SQLAgent", str(refusal))
                wait = _GLANCE
            self._asked.wait(wait)
            self._asked.clear()

    def _round(self) -> float:
        """Starts what became due since the last round; the seconds until something will be."""
        now = self.instance.local_now()
        since = min(self._seen or now, now)  # a clock that was set back runs nothing twice
        self._seen = now
        nearest = now + timedelta(seconds=_GLANCE)
        with of_agent(self.instance, self.stopped.is_set) as tables:
            due = []
            for job, schedule in scheduled(tables):
                rule = Schedule.of(schedule)
                moment = rule.next_run(since)
                if moment is not None and moment <= now:
                    due.append((job, f"Schedule {schedule['schedule_id']} ({schedule['name']})"))
                    moment = rule.next_run(now)
                _announce(tables, job, schedule, moment)
                nearest = min(nearest, moment or nearest)
        for job, asked_by in due:
            try:
                self.begin(job, asked_by)
            except SqlError as refusal:
                self.instance.error_log.write("SQLAgent", str(refusal))
        return max((nearest - now).total_seconds(), 0.01)


def scheduled(tables: JobTables) -> list[tuple[Row, Row]]:
    """Enabled jobs that are targeted here, each with its enabled schedules."""
    jobs = {row["job_id"]: row for row in tables.rows("sysjobs", enabled=1)}
    here = {row["job_id"] for row in tables.rows("sysjobservers")}
    schedules = {row["schedule_id"]: row for row in tables.rows("sysschedules", enabled=1)}
    return [
        (jobs[link["job_id"]], schedules[link["schedule_id"]])
        for link in tables.rows("sysjobschedules")
        if link["job_id"] in jobs and link["job_id"] in here and link["schedule_id"] in schedules
    ]


def _announce(tables: JobTables, job: Row, schedule: Row, moment: datetime | None) -> None:
    key = {"schedule_id": schedule["schedule_id"], "job_id": job["job_id"]}
    date, time = as_numbers(moment) if moment else (0, 0)
    known = tables.row("sysjobschedules", **key)
    if known is not None and (known["next_run_date"], known["next_run_time"]) != (date, time):
        tables.update("sysjobschedules", {"next_run_date": date, "next_run_time": time}, **key)


def refused(text: str) -> SqlError:
    """xp_sqlagent_notify's only number, whatever it has to say."""
    return SqlError(Message(22022, 16, 1, text))
