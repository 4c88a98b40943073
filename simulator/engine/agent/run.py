# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One run of one job: its steps as the job's owner, and what they leave in sysjobhistory."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.engine.admission import session_of
from simulator.engine.agent.calendar import as_numbers
from simulator.engine.agent.jobs import remove_job
from simulator.engine.agent.steps import GO_TO_STEP, NEXT_STEP, QUIT_WITH_SUCCESS
from simulator.engine.agent.tables import UNAVAILABLE, JobTables, Row, of_agent
from simulator.engine.events import LoginRequest, Message, SqlError
from simulator.engine.logins import Login

if TYPE_CHECKING:
    from simulator.engine.instance import Instance
    from simulator.engine.session import EngineSession

FAILED, SUCCEEDED, RETRY, CANCELED = 0, 1, 2, 3
_WORDS = {FAILED: "failed", SUCCEEDED: "succeeded", RETRY: "will be retried", CANCELED: "was cancelled"}
_GO = re.compile(r"^[ \t]*GO[ \t]*;?[ \t]*$", re.IGNORECASE | re.MULTILINE)
_SESSION = 1  # of sysjobactivity: one per start of the Agent
_MOST_TEXT = 3900


@dataclass
class _Outcome:
    status: int
    message: Message | None = None
    text: str = ""
    retries: int = 0


@dataclass
class JobRun(threading.Thread):
    """Started by a schedule or by sp_start_job; ``asked_by`` says which, in the words of the history."""

    instance: Instance
    job: Row
    asked_by: str
    first_step: int
    requested: datetime
    canceled: threading.Event = field(default_factory=threading.Event)
    session: EngineSession | None = None

    def __post_init__(self) -> None:
        super().__init__(name=f"job {self.job['name']}", daemon=True)
        self.ended = threading.Event()

    __hash__ = threading.Thread.__hash__

    def cancel(self) -> None:
        self.canceled.set()
        if self.session is not None:
            self.session.cancel()

    def run(self) -> None:
        try:
            self._run()
        except UNAVAILABLE as refusal:
            self.instance.error_log.write("SQLAgent", f"Job {self.job['name']}: {refusal}")
        finally:
            self.ended.set()

    # -------------------------------------------------------------------------------------------- the whole

    def _run(self) -> None:
        started = self.instance.local_now()
        self._activity(start_execution_date=started)
        with self._tables() as tables:
            steps = {row["step_id"]: row for row in tables.rows("sysjobsteps", job_id=self.job["job_id"])}
        login = self.instance.login_of(bytes(self.job["owner_sid"]).hex().upper())
        number, last, outcome = self.first_step, None, FAILED
        while login is not None and (step := steps.get(number)) is not None:
            last = step
            result = self._attempts(step, login)
            outcome = result.status
            if outcome == CANCELED:
                break
            action = step["on_success_action"] if outcome == SUCCEEDED else step["on_fail_action"]
            if action == NEXT_STEP and number + 1 in steps:
                number += 1
            elif action == GO_TO_STEP:
                number = step["on_success_step_id" if outcome == SUCCEEDED else "on_fail_step_id"]
            else:
                outcome = _final(action, outcome)
                break
        self._finish(started, outcome, last, _missing_owner(self.job) if login is None else "")

    def _finish(self, started: datetime, outcome: int, last: Row | None, problem: str) -> None:
        step = f"step {last['step_id']} ({last['step_name']})" if last else "step 0 ()"
        text = problem or f"The last step to run was {step}."
        text = f"The job {_WORDS[outcome]}.  The Job was invoked by {self.asked_by}.  {text}"
        with self._tables() as tables:
            history = self._history(tables, 0, "(Job outcome)", started, _Outcome(outcome, text=text))
            date, time = as_numbers(started)
            duration = _duration(self.instance.local_now() - started)
            tables.update("sysjobservers", {
                "last_run_outcome": outcome, "last_outcome_message": text, "last_run_date": date,
                "last_run_time": time, "last_run_duration": duration,
            }, job_id=self.job["job_id"])  # fmt: skip
            level = self.job["delete_level"]
            if level == 3 or (level == 1 and outcome == SUCCEEDED) or (level == 2 and outcome != SUCCEEDED):
                remove_job(tables, self.job["job_id"])
            else:
                stopped = {"stop_execution_date": self.instance.local_now(), "job_history_id": history}
                tables.update("sysjobactivity", stopped, session_id=_SESSION, job_id=self.job["job_id"])
            self.ended.set()  # whoever sees the outcome may start it again

    # -------------------------------------------------------------------------------------------- a step

    def _attempts(self, step: Row, login: Login) -> _Outcome:
        for attempt in range(step["retry_attempts"] + 1):
            started = self.instance.local_now()
            result = self._step(step, login)
            if result.status == FAILED and attempt < step["retry_attempts"]:
                self._note(step, started, _Outcome(RETRY, result.message, result.text), attempt)
                if self.canceled.wait(60 * step["retry_interval"]):
                    return _Outcome(CANCELED)
                continue
            self._note(step, started, result, attempt)
            return result
        return _Outcome(FAILED)

    def _step(self, step: Row, login: Login) -> _Outcome:
        """Its batches one after the other; the first error is the end of the step."""
        said: list[Message] = []
        try:
            session = self._login(step, login)
        except SqlError as refusal:
            return _outcome(list(refusal.messages), login, FAILED)
        self.session = session
        try:
            for batch in _GO.split(step["command"] or ""):
                said += [event for event in session.execute(batch) if isinstance(event, Message)]
                if self.canceled.is_set():
                    return _outcome(said, login, CANCELED)
                if any(message.severity > 10 for message in said):
                    return _outcome(said, login, FAILED)
        finally:
            self.session = None
            session.close()
        return _outcome(said, login, SUCCEEDED)

    def _login(self, step: Row, login: Login) -> EngineSession:
        number = str(self.job["job_id"]).replace("-", "").upper()
        program = f"SQLAgent - TSQL JobStep (Job 0x{number} : Step {step['step_id']})"
        request = LoginRequest(
            login.name, "", step["database_name"], program, self.instance.machine_name, "ODBC", "", 0
        )
        return session_of(self.instance, login, request, step["database_name"] or "master")

    def _note(self, step: Row, started: datetime, result: _Outcome, attempt: int) -> None:
        text = f"{result.text}  The step {_WORDS[result.status]}."
        date, time = as_numbers(started)
        with self._tables() as tables:
            noted = _Outcome(result.status, result.message, text, attempt)
            self._history(tables, step["step_id"], step["step_name"], started, noted)
            tables.update("sysjobsteps", {
                "last_run_outcome": result.status, "last_run_retries": attempt, "last_run_date": date,
                "last_run_time": time, "last_run_duration": _duration(self.instance.local_now() - started),
            }, job_id=self.job["job_id"], step_id=step["step_id"])  # fmt: skip
        self._activity(last_executed_step_id=step["step_id"])

    # -------------------------------------------------------------------------------------------- msdb

    def _tables(self) -> Any:
        return of_agent(self.instance, self.instance.agent.stopped.is_set)

    def _history(self, tables: JobTables, step: int, name: str, started: datetime, result: _Outcome) -> int:
        number = tables.next_number("sysjobhistory", "instance_id")
        date, time = as_numbers(started)
        cause = result.message
        tables.insert("sysjobhistory", {
            "instance_id": number, "job_id": self.job["job_id"], "step_id": step, "step_name": name,
            "sql_message_id": cause.number if cause else 0, "sql_severity": cause.severity if cause else 0,
            "message": result.text, "run_status": result.status, "run_date": date, "run_time": time,
            "run_duration": _duration(self.instance.local_now() - started), "operator_id_emailed": 0,
            "operator_id_netsent": 0, "operator_id_paged": 0, "retries_attempted": result.retries,
            "server": self.instance.name,
        })  # fmt: skip
        return number

    def _activity(self, **changed: Any) -> None:
        key = {"session_id": _SESSION, "job_id": self.job["job_id"]}
        with self._tables() as tables:
            if "start_execution_date" in changed:
                tables.delete("sysjobactivity", **key)
                tables.insert("sysjobactivity", {**key, "run_requested_date": self.requested, **changed})
            else:
                tables.update("sysjobactivity", changed, **key)


def _final(action: int, outcome: int) -> int:
    """What the last step makes of the job; NEXT_STEP after the last one leaves it as it is."""
    if action == NEXT_STEP:
        return outcome
    return SUCCEEDED if action == QUIT_WITH_SUCCESS else FAILED


def _outcome(said: list[Message], login: Login, status: int) -> _Outcome:
    cause = next((message for message in said if message.severity > 10), said[-1] if said else None)
    texts = "  ".join(_shown(one) for one in said)[:_MOST_TEXT]
    return _Outcome(status, cause, f"Executed as user: {login.name}. {texts}.".replace(". .", "."))


def _shown(said: Message) -> str:
    state, kind = ("01000", "Message") if said.severity <= 10 else ("42000", "Error")
    return f"{said.text} [SQLSTATE {state}] ({kind} {said.number})"


def _missing_owner(job: Row) -> str:
    return f"The owner of job {job['name']} does not have server access."


def _duration(elapsed: Any) -> int:
    """HHMMSS."""
    seconds = max(int(elapsed.total_seconds()), 0)
    return seconds // 3600 * 10000 + seconds // 60 % 60 * 100 + seconds % 60
