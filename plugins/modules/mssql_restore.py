#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carries out restore plans."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_restore
short_description: Carry out restore plans on a SQL Server
version_added: 0.9.0
description:
  - Takes what M(ics.deadpool.mssql_restore_plan) returned and restores whole databases, several at once. Everything is
    restored WITH NORECOVERY; recovery is the last step.
  - Before anything is touched, the server is asked whether each plan still fits its database, and it reads the header
    of every file. After each step the server is asked what it did; its answer counts, not the client's.
  - A database that was left RESTORING goes on where it stopped, so running again after a failure is how to resume.
  - A database that would be lost is only overwritten with O(replace) and the digest of the plan that was shown, in
    O(confirmed_plan). It is taken offline in the same batch in which the restore begins, so that no session is in the
    way; if the restore cannot begin, it goes online again.
  - When one database fails the others still go on; then the module fails with each reason, the state in which the
    database is now, and what to do.
  - The action plugin of the same name prints one line for each step, and percentages in between, while it runs.
  - With O(fetch) the files are fetched from the store while earlier ones are restored. A file counts once it is there
    whole and compared with its digest. Where one cannot be had, its database stops there and the others go on; a
    database that would be overwritten is not touched before all of its files are there.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
options:
  plan:
    description: The plan of one database.
    type: dict
  plans:
    description: The plans of several databases.
    type: list
    elements: dict
  source_directory:
    description:
      - Folder, as the server sees it, below which the files lie under the same relative paths as on the store.
      - Default is to use the paths of the plan as they are.
    type: str
  replace:
    description: Whether a database that is there may be overwritten, if its plan is named in O(confirmed_plan).
    type: bool
    default: false
  confirmed_plan:
    description: The C(digest) of each plan that was shown and confirmed.
    type: list
    elements: str
    default: []
  reseed:
    description:
      - Whether a database that is restoring, or a standby, may be overwritten without O(confirmed_plan), because nobody
        has written to it. One that is online is never overwritten by this.
    type: bool
    default: false
  recover:
    description: Whether to carry out the plan's last step, after which no further backup can be applied.
    type: bool
    default: true
  standby_directory:
    description:
      - With O(recover=false), folder as the server sees it for the undo file of each database. The databases can then
        be read, as a warm standby, until the next backup is applied; who reads at that time is thrown out.
    type: str
  parallel:
    description: How many databases to restore at once, begun in the order of the plans.
    type: int
    default: 4
  fetch:
    description:
      - Options of M(ics.deadpool.ftp_transfer), a store and the C(destination_directory) below which the files go.
      - The task then runs on the host that the files go to, not delegated; the restore is carried out from the
        controller nevertheless.
    type: dict
  journal:
    description: Path of the journal to which the end of each database is written as it comes, on the controller.
    type: path
  progress_file:
    description:
      - File on the host where the module runs, to which events are appended as lines of JSON. Without it the action
        plugin uses a temporary one.
    type: path
  arrivals_file:
    description: File in which the action plugin says what was fetched. Not for playbooks.
    type: path
"""

EXAMPLES = r"""
- name: Restore all modules' databases on the failover server
  ics.deadpool.mssql_restore:
    login_host: failover.hospital.lan
    login_user: deadpool
    login_password: "{{ mssql_password }}"
    plans: "{{ restore_plan.plans }}"
    source_directory: /var/opt/mssql/restore
  delegate_to: localhost

- name: Restore while the files are still fetched, from a play on the failover
  ics.deadpool.mssql_restore:
    login_host: failover.hospital.lan
    login_user: deadpool
    login_password: "{{ mssql_password }}"
    plans: "{{ restore_plan.plans }}"
    source_directory: /var/opt/mssql/restore
    fetch:
      host: backup.hospital.lan
      username: reader
      password: "{{ store_password }}"
      destination_directory: /var/opt/mssql/restore

- name: Roll a warm standby forward
  ics.deadpool.mssql_restore:
    login_host: failover.hospital.lan
    login_user: deadpool
    login_password: "{{ mssql_password }}"
    plans: "{{ restore_plan.plans }}"
    source_directory: /var/opt/mssql/restore
    recover: false
    reseed: true
  delegate_to: localhost

- name: Restore over a database that is online, knowingly
  ics.deadpool.mssql_restore:
    login_host: production.hospital.lan
    login_user: deadpool
    login_password: "{{ mssql_password }}"
    plan: "{{ restore_plan.plans[0] }}"
    source_directory: /var/opt/mssql/restore
    replace: true
    confirmed_plan: "{{ shown_digests }}"
  delegate_to: localhost
"""

RETURN = r"""
databases:
  description:
    - One entry per plan. C(steps) holds what was carried out now, with its time and the statement;
      C(steps_done_before) counts the steps that stood already.
    - C(behind_minutes) is how old what it C(reaches) was at its end.
    - A failed one has C(failed), C(msg) and C(hint).
  returned: once the restore began, and in check mode
  type: list
  elements: dict
  sample:
    - database: Pharmacy
      changed: true
      already_there: false
      steps_done_before: 0
      steps:
        - step: 1
          action: restore_database
          backup_type: full
          backup_set_guid: 25c57e5e-48a6-4673-af8d-91b55872618d
          files: [/SQL1/Pharmacy/FULL/SQL1_Pharmacy_FULL_20261125_002214.bak]
          first_lsn: 34000000024500001
          last_lsn: 34000000024600001
          stop_at: null
          size: 78336
          started: '2026-11-24T17:23:48.875+00:00'
          seconds: 0.192
          passed_over: false
          state: RESTORING
          redo_start_lsn: 34000000024600001
          statement: RESTORE DATABASE [Pharmacy] FROM DISK = N'/srv/sql2/incoming/SQL1/Pharmacy/FULL/SQL1...
      state: RESTORING
      reaches: '2026-11-25T00:23:27+07:00'
      reaches_lsn: 34000000106300001
      data_loss_seconds: 16.426163
      behind_minutes: 0.4
      started: '2026-11-24T17:23:46.739+00:00'
      ended: '2026-11-24T17:23:49.299+00:00'
      seconds: 2.561
      waited_for_files: 2.08
already_there:
  description: Whether every database was there already as planned, so that nothing was done.
  returned: once the restore began, and in check mode
  type: bool
  sample: false
transfers:
  description: What became of each file that was fetched, as RV(ics.deadpool.ftp_transfer#module:transfers).
  returned: with O(fetch)
  type: list
  elements: dict
  sample:
    - source: /SQL1/Pharmacy/FULL/SQL1_Pharmacy_FULL_20261125_002214.bak
      destination: /srv/sql2/incoming/SQL1/Pharmacy/FULL/SQL1_Pharmacy_FULL_20261125_002214.bak
      bytes: 78336
      sha256: 95acc6ebbd35830e6cdff59df399259dbdf56fa143bc9818f891388cca0d363c
      changed: true
      seconds: 0.032519792002858594
      sha256_checked: true
      verified: true
      resumed_at: 0
      retries: []
preflight_seconds:
  description: How long it took to look at everything before touching anything.
  returned: once the restore began, and in check mode
  type: float
  sample: 0.118
progress_note:
  description: Why percentages are coarser than they could be.
  returned: when the login may not see sys.dm_exec_requests
  type: str
  sample: "percentages come from RESTORE's own messages only: failover:1433: Msg 300: VIEW SERVER STATE was denied"
statements:
  description: What was executed, or in check mode would be.
  returned: once the restore began, and in check mode
  type: list
  elements: str
  sample:
    - RESTORE DATABASE [Pharmacy] FROM DISK = N'/srv/sql2/incoming/SQL1/Pharmacy/FULL/SQL1...
    - RESTORE DATABASE [Pharmacy] FROM DISK = N'/srv/sql2/incoming/SQL1/Pharmacy/DIFF/SQL1...
    - RESTORE LOG [Pharmacy] FROM DISK = N'/srv/sql2/incoming/SQL1/Pharmacy/LOG/SQL1_Pharm...
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.arrivals import Arrivals
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_restore import RestoreOptions
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_restore_all import restore_all
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "plan": {"type": "dict"},
    "plans": {"type": "list", "elements": "dict"},
    "source_directory": {"type": "str"},
    "replace": {"type": "bool", "default": False},
    "confirmed_plan": {"type": "list", "elements": "str", "default": []},
    "reseed": {"type": "bool", "default": False},
    "recover": {"type": "bool", "default": True},
    "standby_directory": {"type": "str"},
    "parallel": {"type": "int", "default": 4},
    "fetch": {"type": "dict"},
    "journal": {"type": "path"},
    "progress_file": {"type": "path"},
    "arrivals_file": {"type": "path"},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    if params["parallel"] < 1:
        raise InvalidInput(f"parallel: {params['parallel']} databases at once is none.", hint="Give 1 or more.")
    if params["standby_directory"] and params["recover"]:
        raise InvalidInput("standby_directory: a recovered database is no standby.", hint="Say recover: false too.")
    options = RestoreOptions(
        params["source_directory"],
        params["replace"],
        tuple(params["confirmed_plan"]),
        params["reseed"],
        params["recover"],
        params["standby_directory"],
        Arrivals(params["arrivals_file"]),
    )
    plans = [params["plan"]] if params["plan"] is not None else params["plans"]
    return restore_all(params, plans, options, params["parallel"], dry=check_mode)


def main() -> None:
    run_module(
        ARGUMENT_SPEC,
        run,
        supports_check_mode=True,
        mutually_exclusive=[("plan", "plans")],
        required_one_of=[("plan", "plans")],
    )


if __name__ == "__main__":
    main()
