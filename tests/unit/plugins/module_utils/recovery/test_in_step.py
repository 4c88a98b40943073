# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What makes one server follow another, and what a person has to do: rules that no server is needed to try."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.in_step import Change, Remark, shown
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.job_sync import Agent, Job, job_changes
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.login_sync import Login, Receiver, login_changes
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.settings_sync import setting_changes
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.tsql import server_permission

HASH = "0x0200" + "AB" * 68


def login(name: str = "ward", sid: str = "0x11223344", **more: Any) -> Login:
    return Login(name, sid, **{"password_hash": HASH, **more})


def synced(
    source: Login, target: Sequence[Login] = (), belongings: dict[str, list[str]] | None = None, **more: Any
) -> tuple[list[Change], list[Remark]]:
    receiver = Receiver("SQL2", target, ["master", "Pharmacy"], belongings or {})
    return login_changes([source], receiver, **more)


def texts(changes: Sequence[Change]) -> str:
    return "\n".join(change.statement for change in changes)


def test_a_windows_login_comes_by_its_name() -> None:
    changes, remarks = synced(login("RS\\nurse", type_desc="WINDOWS_LOGIN", password_hash=None, is_disabled=True))
    assert "CREATE LOGIN [RS\\nurse] FROM WINDOWS" in texts(changes) and "[RS\\nurse] DISABLE" in texts(changes)
    assert not remarks and "PASSWORD" not in texts(changes)


def test_an_account_of_one_machine_cannot_come() -> None:
    changes, (remark,) = synced(login("SQL1\\svc", type_desc="WINDOWS_LOGIN"), machine="sql1")
    assert not changes and "that one machine" in remark.msg and remark.hint


@pytest.mark.parametrize(
    "name", ["##MS_PolicySigning##", "NT SERVICE\\SQLAgent", "BUILTIN\\Users", "NT AUTHORITY\\SYSTEM"]
)
def test_what_every_server_makes_for_itself_is_left(name: str) -> None:
    assert synced(login(name)) == ([], [])
    assert synced(login("renamed_sa", sid="0x01")) == ([], [])
    assert synced(login("Backup"), spare=["backup"]) == ([], [])


def test_a_sid_under_another_name_is_told() -> None:
    changes, (remark,) = synced(login(), [login("nurse")])
    assert not changes and "belongs to the login nurse" in remark.msg and "WITH NAME = [ward]" in remark.hint


def test_a_default_database_that_is_not_there_yet_waits() -> None:
    changes, _none = synced(login(default_database="Billing"))
    assert "DEFAULT_DATABASE = [master]" in texts(changes)
    assert synced(login(default_database="Billing"), [login()]) == ([], [])
    changes, _none = synced(login(default_database="Pharmacy"), [login()])
    assert texts(changes) == "ALTER LOGIN [ward] WITH DEFAULT_DATABASE = [Pharmacy]"


def test_rights_are_added_and_never_taken() -> None:
    more = login(roles=("sysadmin",), permissions=(("GRANT", "VIEW SERVER STATE"),))
    changes, (remark,) = synced(login(roles=("bulkadmin",)), [more])
    assert texts(changes) == "ALTER SERVER ROLE [bulkadmin] ADD MEMBER [ward]"
    assert "member of sysadmin here and not there" in remark.msg


def test_a_policy_goes_off_for_a_hash_and_on_again() -> None:
    old = login(password_hash="0x0200" + "CD" * 68, policy=True, expiration=True)
    changes, _none = synced(login(policy=True), [old])
    lines = texts(changes).splitlines()
    assert [line.split(" WITH ")[1][:14] for line in lines] == ["CHECK_EXPIRATI", "PASSWORD = 0x0", "CHECK_POLICY ="]
    assert "CHECK_POLICY = ON, CHECK_EXPIRATION = OFF" in lines[2]


def test_a_hash_and_a_command_are_never_shown() -> None:
    changes, _none = synced(login())
    assert HASH not in shown(texts(changes)) and "PASSWORD = 0x... HASHED" in shown(texts(changes))
    assert HASH not in repr(login())
    command = "EXECUTE x @step_name = N's', @command = N'it''s, @server = N''y''', @flags = 0"
    assert shown(command) == "EXECUTE x @step_name = N's', @command = N'...', @flags = 0"


def test_what_is_no_permission_is_refused() -> None:
    with pytest.raises(ValueError, match="no permission"):
        server_permission("ward", "CONTROL SERVER TO [x]; --", "GRANT")


# ------------------------------------------------------------------------------------------------ jobs


def job(name: str = "Nightly", enabled: bool = True, category: str = "Database Maintenance", **step: Any) -> Job:
    row = {"name": name, "enabled": enabled, "description": "d", "start_step_id": 1, "category": category}
    row |= {"owner": "sa", "notify_level_eventlog": 2, "delete_level": 0}
    inside = {"step_id": 1, "step_name": "s", "subsystem": "TSQL", "command": "PRINT 1", "flags": 0}
    inside |= {
        "additional_parameters": None,
        "cmdexec_success_code": 0,
        "on_success_action": 1,
        "on_success_step_id": 0,
    }
    inside |= {"on_fail_action": 2, "on_fail_step_id": 0, "database_name": "Pharmacy", "database_user_name": None}
    inside |= {"retry_attempts": 0, "retry_interval": 0, "output_file_name": None}
    return Job(row, ({**inside, **step},), ())


def followed(one: Job, *there: Job, **more: Any) -> tuple[list[Change], list[Remark]]:
    agent = Agent("SQL2", there, ["Database Maintenance"], ["sa"], ["Pharmacy"])
    return job_changes([one], agent, **more)


def test_a_new_job_is_disabled() -> None:
    changes, remarks = followed(job())
    assert "sp_add_job @job_name = N'Nightly', @enabled = 0" in texts(changes) and not remarks
    assert "@owner_login_name = N'sa'" in texts(changes) and "Database Maintenance" in texts(changes)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (job(category="REPL-Merge"), "something that a job alone does not bring along"),
        (job(subsystem="CmdExec"), "steps outside of T-SQL"),
        (job(database_user_name="nurse"), "run as another user"),
        (job(database_name="Billing"), "works in Billing, not yet on SQL2"),
    ],
)
def test_a_job_that_cannot_come_whole_is_told(one: Job, words: str) -> None:
    changes, (remark,) = followed(one)
    assert not changes and words in remark.msg and remark.hint


def test_an_enabled_job_of_the_follower_is_its_own() -> None:
    for here, words in ((job(), "runs on both servers"), (job(enabled=False), "runs on SQL2")):
        changes, (remark,) = followed(here, job(command="PRINT 2"))
        assert not changes and words in remark.msg
    assert followed(job(), job(), spare=["nightly"]) == ([], [])
    assert followed(job("syspolicy_purge_history")) == ([], [])


def test_an_owner_that_is_unknown_there_changes_nothing_for_ever() -> None:
    one = job()
    one.row["owner"] = "somebody"
    there = job(enabled=False)
    assert followed(one, there) == ([], [])
    changes, _none = followed(one)
    assert "@owner_login_name" not in texts(changes)


# ------------------------------------------------------------------------------------------------ settings


def option(name: str, value: int, advanced: bool = False) -> dict[str, Any]:
    return {"name": name, "value": value, "is_advanced": advanced}


def test_settings_of_the_machine_are_told_and_others_followed() -> None:
    source = [option("xp_cmdshell", 1, True), option("max server memory (MB)", 8, True), option("user connections", 9)]
    target = [option("xp_cmdshell", 0, True), option("max server memory (MB)", 4, True), option("user connections", 0)]
    changes, remarks = setting_changes(source, [*target, option("show advanced options", 0)], "SQL2")
    assert [change.item for change in changes] == ["show advanced options", "xp_cmdshell", "show advanced options"]
    assert [remark.item for remark in remarks] == ["max server memory (MB)"]
    changes, _remarks = setting_changes(source, [*target, option("show advanced options", 1)], "SQL2")
    assert [change.item for change in changes] == ["xp_cmdshell"]
