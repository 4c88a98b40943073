# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Agent's procedures in msdb, with their arguments in the documented order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine.agent import control, jobs, schedules, steps
from simulator.engine.events import Event

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

Procedure = Callable[["Execution", dict[str, Any]], Iterator[Event]]
_NOTIFY = (
    "notify_level_eventlog notify_level_email notify_level_netsend notify_level_page notify_email_operator_name"
    " notify_netsend_operator_name notify_page_operator_name delete_level"
)
_STEP = (
    "subsystem command additional_parameters cmdexec_success_code on_success_action on_success_step_id on_fail_action"
    " on_fail_step_id server database_name database_user_name retry_attempts retry_interval os_run_priority"
    " output_file_name flags"
)
_WHEN = " ".join(schedules.OPTIONS)
_ARGUMENTS: dict[str, tuple[str, Procedure]] = {
    "sp_add_job": (
        f"job_name! enabled description start_step_id category_name category_id owner_login_name {_NOTIFY} job_id"
        " originating_server", jobs.add_job),
    "sp_update_job": (
        "job_id job_name new_name enabled description start_step_id category_name owner_login_name"
        f" {_NOTIFY} automatic_post", jobs.update_job),
    "sp_delete_job": ("job_id job_name originating_server delete_history delete_unused_schedule", jobs.delete_job),
    "sp_add_jobserver": ("job_id job_name server_name automatic_post", jobs.add_server),
    "sp_delete_jobserver": ("job_id job_name server_name", jobs.delete_server),
    "sp_add_jobstep": (
        f"job_id job_name step_id step_name! {_STEP} proxy_id proxy_name step_uid", steps.add_step),
    "sp_update_jobstep": (f"job_id job_name step_id! step_name {_STEP} proxy_id proxy_name", steps.update_step),
    "sp_delete_jobstep": ("job_id job_name step_id!", steps.delete_step),
    "sp_add_schedule": (
        f"schedule_name! {_WHEN} owner_login_name schedule_uid schedule_id originating_server", schedules.add_schedule),
    "sp_update_schedule": (
        f"schedule_id name new_name {_WHEN} owner_login_name automatic_post", schedules.update_schedule),
    "sp_delete_schedule": ("schedule_id schedule_name force_delete", schedules.delete_schedule),
    "sp_attach_schedule": ("job_id job_name schedule_id schedule_name automatic_post", schedules.attach_schedule),
    "sp_detach_schedule": (
        "job_id job_name schedule_id schedule_name delete_unused_schedule automatic_post", schedules.detach_schedule),
    "sp_add_jobschedule": (
        f"job_id job_name name! {_WHEN} schedule_id automatic_post schedule_uid", schedules.add_job_schedule),
    "sp_start_job": ("job_name job_id error_flag server_name step_name output_flag", control.start_job),
    "sp_stop_job": ("job_name job_id originating_server server_name", control.stop_job),
    "sp_help_job": ("job_id job_name", control.help_job),
    "sp_help_jobstep": ("job_id job_name", control.help_steps),
    "sp_help_schedule": ("schedule_id schedule_name", control.help_schedules),
    "sp_help_jobhistory": ("job_id job_name step_id run_status", control.help_history),
    "sp_purge_jobhistory": ("job_name job_id", control.purge_history),
}  # fmt: skip
PROCEDURES: dict[str, tuple[tuple[str, ...], Procedure]] = {
    name: (tuple(arguments.split()), work) for name, (arguments, work) in _ARGUMENTS.items()
}
