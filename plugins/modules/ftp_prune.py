#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deletes the backups on the store that no instant of the recovery window needs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ftp_prune
short_description: Delete the backups that the recovery window does not need
version_added: 0.9.0
description:
  - Reads the headers of all backups below a directory of the store, gives every file a verdict and a reason, and
    deletes what may go. Any instant of the last O(window_days) stays restorable, so the last full before them stays
    too, and all that hangs on it. The restore planner is asked whether that is so before anything goes.
  - Ages are those of the backups' own headers, never those of a listing.
  - Files that are no backups, that are damaged at their end or cannot be read are reported and never touched. A listing
    that breaks off, a clock that is wrong, or a store of which nothing can be read end the run before any deletion.
  - Files go one after the other, what depends on a backup before the backup itself. The first one that cannot be
    deleted ends the run; what is left can be restored from, and the next run goes on.
  - The store is an FTP server (O(host)) or a folder of the host that runs the module (O(folder)).
  - O(other_stores) are pruned in the same run, each by what it holds itself. Where the first store could not be pruned,
    nothing is deleted from the others.
  - What an upload left behind (C(.part), a digest without its file) goes when the store says that it is older than a
    day.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.ftp_store.or_folder
  - ics.deadpool.ftp_store
  - ics.deadpool.attributes
options:
  username:
    description: Account on the store that may list, read and delete, and writes nothing.
  other_stores:
    description:
      - Further stores that receive the same files, such as one off-site. Options that are not given are those of the
        first store, but for where it is and how to log in.
      - A hold on a path below O(directory) holds the same file on each.
    type: list
    elements: dict
    suboptions:
      host:
        description: As O(host).
        type: str
      port:
        description: As O(port).
        type: int
        default: 21
      username:
        description: As O(username).
        type: str
      password:
        description: As O(password).
        type: str
      tls:
        description: As O(tls).
        type: str
        choices: [explicit, implicit, none]
        default: explicit
      ca_path:
        description: As O(ca_path).
        type: path
      validate_certs:
        description: As O(validate_certs).
        type: bool
        default: true
      timeout:
        description: As O(timeout).
        type: int
        default: 30
      folder:
        description: As O(folder).
        type: path
      directory:
        description: Directory on this store instead of O(directory).
        type: str
      window_days:
        description: For this store instead of O(window_days).
        type: float
      minimum_fulls:
        description: For this store instead of O(minimum_fulls).
        type: int
      limit_percent:
        description: For this store instead of O(limit_percent).
        type: float
  directory:
    description: Directory on the store to look below. Give the site's folder, not that of one database.
    type: str
    default: /
  policy:
    description:
      - V(recovery_window) keeps a promise, any instant of the last O(window_days) can be restored.
      - V(age) deletes whatever is older than O(window_days), except the last O(minimum_fulls) fulls of each database.
        With a weekly full that leaves little more than half of those days restorable; RV(table) says how many.
    type: str
    choices: [recovery_window, age]
    default: recovery_window
  window_days:
    description: How many days back any instant is to stay restorable.
    type: float
    default: 14
  minimum_fulls:
    description: So many fulls that can be restored stay of each database, with all that hangs on them, however old.
    type: int
    default: 2
  keep_days:
    description:
      - "Days for which backups of a type stay on top of that, for example C({full: 90})."
      - It never shortens the window.
    type: dict
    default: {}
  holds:
    description:
      - What must stay whatever the policy says. Each names a C(path) (one that ends in / is a folder) or a C(database),
        with or without a time span C(from) and C(to); and a C(reason) and C(until) when.
      - What a held backup needs to be restored stays with it.
    type: list
    elements: dict
    default: []
  verify:
    description:
      - Before anything goes, read the full that all the rest of its database hangs on to its end; unless it is proven
        sound nothing older goes. With V(false) a readable full is enough.
    type: bool
    default: true
  sound:
    description: Paths on the store that were found V(sound) already, for example by M(ics.deadpool.ftp_backup_info).
    type: list
    elements: str
    default: []
  limit_percent:
    description: Percentage of the backup files that one run may delete. More is a failure, and nothing is deleted.
    type: float
    default: 50
  stale_after_hours:
    description: Nothing goes of a database whose newest backup is older than this.
    type: float
    default: 48
  retired_databases:
    description: Databases that are no longer backed up on purpose. Their last O(minimum_fulls) fulls stay all the same.
    type: list
    elements: str
    default: []
  time_zone:
    description: The site's time zone, for times without one.
    type: str
    default: Asia/Jakarta
  history_file:
    description:
      - Read only files that this SQLite file on the host that runs the module does not know, as
        M(ics.deadpool.ftp_backup_info) does.
      - In check mode it is read and brought up to date too; it is a cache.
    type: path
seealso:
  - module: ics.deadpool.ftp_backup_info
"""

EXAMPLES = r"""
- name: Delete what two weeks do not need
  ics.deadpool.ftp_prune:
    host: backup.hospital.lan
    username: "{{ store_prune_user }}"
    password: "{{ store_prune_password }}"
    directory: /rs-contoh
    window_days: 14
    holds:
      - database: MyHospitalBilling
        from: 2026-11-01
        to: 2026-11-02
        reason: Audit of the first of November
        until: 2027-01-31

- name: The share in the server room, and the store in another building, which keeps more
  ics.deadpool.ftp_prune:
    folder: /mnt/backup
    directory: /rs-contoh
    other_stores:
      - host: offsite.hospital.lan
        username: "{{ offsite_prune_user }}"
        password: "{{ offsite_prune_password }}"
        window_days: 90
"""

RETURN = r"""
store:
  description: Which store it was.
  returned: when the store could be read
  type: str
  sample: store backup.hospital.lan:21
stores:
  description:
    - One entry for each of O(other_stores), with the same keys as the result itself, and C(failed), C(msg) and C(hint)
      where it could not be pruned.
  returned: when the store could be read
  type: list
  elements: dict
  sample: []
gone:
  description:
    - Paths below O(directory) that were deleted from a store and that no store is still to receive. The servers that
      took these backups need not keep them; what lies there and not on a store is shipped again.
    - Empty where a store could not be judged.
  returned: when the store could be read
  type: list
  elements: str
  sample: [SQL1/Sales/LOG/SQL1_Sales_LOG_20261101_031500.trn]
verdicts:
  description: Every file with its verdict (V(keep), V(delete), V(unknown), V(leftover)) and the reason.
  returned: when the store could be read
  type: list
  elements: dict
  sample:
    - path: /SQL1/Sales/LOG/SQL1_Sales_LOG_20261101_031500.trn
      verdict: delete
      reason: no instant since 2026-11-10T01:00+07:00 needs it
      size: 84480
      database: Sales
      server: SQL1
      backup_type: log
      finished: "2026-11-01T03:15:01+07:00"
databases:
  description: Each database with what it can be restored to before and after.
  returned: when the store could be read
  type: list
  elements: dict
  sample:
    - database: Sales
      kept: 1350
      deleted: 672
      bytes_kept: 114048000
      bytes_deleted: 56448000
      windows_before: [{start: "2026-11-01T02:01:00+07:00", end: "2026-11-24T00:45:00+07:00"}]
      windows_after: [{start: "2026-11-08T02:01:00+07:00", end: "2026-11-24T00:45:00+07:00"}]
      recoverable_to: "2026-11-24T00:45:00+07:00"
      withheld: null
      useless: []
to_delete:
  description: What the verdicts let go, in the order of deletion.
  returned: when the store could be read
  type: list
  elements: str
  sample: [/SQL1/Sales/LOG/SQL1_Sales_LOG_20261101_031500.trn]
deleted:
  description: What was deleted, also where the run ended early.
  returned: when the store could be read
  type: list
  elements: str
  sample: [/SQL1/Sales/LOG/SQL1_Sales_LOG_20261101_031500.trn]
bytes_freed:
  description: The size of what was deleted.
  returned: when the store could be read
  type: int
  sample: 84480
unknown:
  description:
    - Files that are never touched because they are no backups or could not be read whole.
    - The verdicts say why.
  returned: when the store could be read
  type: list
  elements: str
  sample: [/SQL1/todo.txt]
refusal:
  description: Why more would go than one run may delete; empty where it would not.
  returned: when the store could be read
  type: str
  sample: ""
table:
  description: All this as lines for people, of all stores.
  returned: when the store could be read
  type: list
  elements: str
  sample:
    - "recovery window: any instant of the last 14 days (since 2026-11-10 01:00:00+07:00) stays restorable"
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients import store
from ansible_collections.ics.deadpool.plugins.module_utils.clients.prune_task import prune
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **store.ARGUMENT_SPEC,
    "other_stores": {
        "type": "list",
        "elements": "dict",
        "options": {
            **store.ARGUMENT_SPEC,
            "directory": {"type": "str"},
            "window_days": {"type": "float"},
            "minimum_fulls": {"type": "int"},
            "limit_percent": {"type": "float"},
        },
        **store.ONE_STORE,
    },
    "directory": {"type": "str", "default": "/"},
    "policy": {"type": "str", "choices": ["recovery_window", "age"], "default": "recovery_window"},
    "window_days": {"type": "float", "default": 14},
    "minimum_fulls": {"type": "int", "default": 2},
    "keep_days": {"type": "dict", "default": {}},
    "holds": {"type": "list", "elements": "dict", "default": []},
    "verify": {"type": "bool", "default": True},
    "sound": {"type": "list", "elements": "str", "default": []},
    "limit_percent": {"type": "float", "default": 50},
    "stale_after_hours": {"type": "float", "default": 48},
    "retired_databases": {"type": "list", "elements": "str", "default": []},
    "time_zone": {"type": "str", "default": "Asia/Jakarta"},
    "history_file": {"type": "path"},
}


def main() -> None:
    run_module(ARGUMENT_SPEC, prune, supports_check_mode=True, **store.ONE_STORE)


if __name__ == "__main__":
    main()
