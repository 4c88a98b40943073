#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the backup history from the bytes of the files on the store."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ftp_backup_info
short_description: Read the backup history from the files on the FTP store
version_added: 0.9.0
description:
  - Reads head and tail of every file below a directory of the store, two small reads whatever the size of the file (one
    of up to 512 KiB is read whole), and returns the backup sets in them. No SQL Server is asked, and names and times of
    files are not believed.
  - Files that are not backups, not whole, or that this account may not read, are listed with the reason and never
    silently left out. A connection that breaks is a failure.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.ftp_store
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  directory:
    description: Directory on the store to look below.
    type: str
    default: /
  databases:
    description: Return only the backup sets of these databases. Default is all of them.
    type: list
    elements: str
  since:
    description:
      - Leave out files that were last modified before this time, in ISO 8601.
      - A time without an offset is in the time zone of the host that runs the module.
      - A server without MLSD gives no times. Its files are never left out.
    type: str
  verify:
    description:
      - Read every file from the first byte to the last over the connection, and return a verdict on each file, backup
        set and database file. With O(databases), only files that hold them, and files that are not whole.
      - V(sound) means that a checksum covers every byte of the data, and that all are right. V(damaged) says at which
        byte. V(cannot be told) says why; it is what a backup taken without CHECKSUM gets when nothing wrong was found.
      - Where a module can run on the host that has the files, M(ics.deadpool.backup_file_info) does it without moving
        the bytes.
    type: bool
    default: false
  deep:
    description:
      - With O(verify=true), unpack compressed backups and check each page too. It finds damage that was in the database
        before the backup, and takes some hundred times as long.
    type: bool
    default: false
  history_file:
    description:
      - Keep what is read in this SQLite file on the host that runs the module, and read only files that it does not
        know. A file is known by store, account, path, size and modification time; only whole backups are kept. Two
        runs may use it at the same time.
      - A server without MLSD gives no modification times. A file is known by path and size alone then, and one that was
        replaced by another of the same size is not noticed. Backups are never overwritten by this collection.
      - RV(history) is complete all the same; RV(media) has only what was read in this run.
      - It is a cache. Where it is broken, locked or may not be written, all files are read, with a warning.
      - In check mode it is not touched, and all files are read.
    type: path
  rebuild:
    description:
      - With O(history_file), read all files again, also those that it knows. What it knows is replaced file by file, so
        that a store that goes away meanwhile does not take the history with it.
    type: bool
    default: false
seealso:
  - module: ics.deadpool.backup_file_info
  - module: ics.deadpool.mssql_restore_plan
"""

EXAMPLES = r"""
- name: Read what the store has
  ics.deadpool.ftp_backup_info:
    host: backup.hospital.lan
    username: "{{ store_read_user }}"
    password: "{{ store_read_password }}"
  register: store

- name: Read only what is new
  ics.deadpool.ftp_backup_info:
    host: backup.hospital.lan
    username: "{{ store_read_user }}"
    password: "{{ store_read_password }}"
    history_file: /var/lib/deadpool/history.sqlite
  register: store

- name: Verify what came since yesterday
  ics.deadpool.ftp_backup_info:
    host: backup.hospital.lan
    username: "{{ store_read_user }}"
    password: "{{ store_read_password }}"
    since: "{{ lookup('pipe', 'date --iso-8601=seconds -d yesterday') }}"
    verify: true
  register: nightly
  failed_when: nightly.damaged | length > 0 or nightly.unreadable | length > 0
"""

RETURN = r"""
history:
  description:
    - The backup sets, each a dictionary with the columns of RESTORE HEADERONLY in snake_case, ordered by path and
      position.
    - A striped backup set gives one entry for each of its files.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /SQL1/Pharmacy/DIFF/SQL1_Pharmacy_DIFF_20261125_002254.bak
      database_name: Pharmacy
      server_name: SQL1
      backup_type: differential
      backup_set_guid: 47fa2fe3-f343-4015-92de-9379c61d6fc4
      first_lsn: 34000000063800001
      last_lsn: 34000000065300001
      checkpoint_lsn: 34000000063800001
      database_backup_lsn: 34000000024500001
      backup_start_date: '2026-11-25T00:22:54+07:00'
      backup_finish_date: '2026-11-25T00:22:55+07:00'
      size: 77312
      position: 1
      media_set_id: 03b5995b-f55b-44b9-a077-61c03a9e0333
      family_count: 1
      family_sequence_number: 1
      mirror_count: 1
      family_guid: 1b6a755f-d8a5-470c-ad6d-122736f03541
      recovery_fork_id: 1b6a755f-d8a5-470c-ad6d-122736f03541
      first_recovery_fork_id: 1b6a755f-d8a5-470c-ad6d-122736f03541
      fork_point_lsn: null
      differential_base_lsn: 34000000024500001
      differential_base_guid: 25c57e5e-48a6-4673-af8d-91b55872618d
      is_copy_only: false
      begins_log_chain: false
      has_bulk_logged_data: false
      has_backup_checksums: true
      has_incomplete_meta_data: false
      is_damaged: false
      is_snapshot: false
      is_read_only: false
      is_single_user: false
      is_password_protected: false
      is_force_offline: false
      is_tail_log: false
      recovery_model: FULL
      backup_name: null
      backup_description: null
      user_name: deadpool_backup
      machine_name: SQL1
      database_creation_date: '2026-11-25T00:21:50'
      database_version: 904
      compatibility_level: 150
      software_version_major: 15
      software_version_minor: 0
      software_version_build: 4385
      backup_size: 68608
      compressed_backup_size: 68608
      compressed: false
      block_size: 512
      time_zone_known: true
      complete: true
      files:
        - logical_name: Pharmacy
          physical_name: /srv/sql1/data/Pharmacy.mdf
          type: D
          size: 65536
          file_id: 1
          file_group_name: PRIMARY
          max_size: 35184372080640
          backup_size_in_bytes: 49152
          source_block_size: 512
          file_group_id: 1
          unique_id: 129a360d-45ce-4d3f-afd5-d2cfbbe1ed70
          create_lsn: 0
          differential_base_lsn: 34000000024500001
          differential_base_guid: 25c57e5e-48a6-4673-af8d-91b55872618d
          file_flags: 4
      expiration_date: null
      sort_order: 52
      unicode_locale_id: 1033
      unicode_comparison_style: 196609
      software_vendor_id: 4608
      flags: 2576
      binding_id: 998dae48-c3d2-4552-ae95-349dd1ebe82a
      time_zone_quarter_hours: 28
      set_write_date: '2026-11-25T00:22:54+07:00'
      set_attributes: 8
      set_offset: 1536
      database_id: 6
      database_status: 65536
      collation_id: 13632521
      sort_id: 52
      recovery_fork_stack:
        - [34000000065300001, 1b6a755f-d8a5-470c-ad6d-122736f03541]
      current_differential_base_guid: 25c57e5e-48a6-4673-af8d-91b55872618d
      log_backup_chain_origin: 34000000024500001
      last_log_backup_lsn: 34000000024500001
      preliminary_lsns: [34000000063700001, 34000000063700001, 34000000063700001]
      backup_type_number: 5
      backup_type_description: DATABASE DIFFERENTIAL
media:
  description: Each file that could be read, with its label (the columns of RESTORE LABELONLY) and what is odd about it.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /SQL1/Pharmacy/DIFF/SQL1_Pharmacy_DIFF_20261125_002254.bak
      size: 77312
      label:
        media_name: null
        media_set_id: 03b5995b-f55b-44b9-a077-61c03a9e0333
        family_count: 1
        family_sequence_number: 1
        media_family_id: 3cc96086-0000-0000-0000-000000000000
        media_sequence_number: 1
        media_label_present: false
        media_description: null
        software_name: Microsoft SQL Server
        software_vendor_id: 4608
        media_date: '2026-11-25T00:22:54'
        mirror_count: 1
        is_compressed: false
        is_password_protected: false
        password_algorithm: 0
        block_size: 512
        container_version: null
        container_word: null
      sets: 1
      complete: true
      notes: []
      hint: null
      remarks: []
      modified: '2026-11-24T17:22:58+00:00'
verifications:
  description: The verdict on each file.
  returned: with O(verify=true)
  type: list
  elements: dict
  sample:
    - path: /SQL1/Sales/FULL/SQL1_Sales_FULL_20261122_020000.bak
      size: 1593856
      verdict: damaged
      reason: the checksum of page 1:143 is wrong
      damaged_at: 1180160
      damages:
        - at: 1180160
          what: the checksum of page 1:143 is wrong
      sets:
        - position: 1
          database_name: Sales
          verdict: damaged
          files:
            - logical_name: Sales
              verdict: damaged
              damaged_at: 1180160
              pages_sound: 183
              pages_damaged: 1
damaged:
  description: The paths of the files with the verdict V(damaged).
  returned: with O(verify=true)
  type: list
  elements: str
  sample: [/SQL1/Sales/FULL/SQL1_Sales_FULL_20261122_020000.bak]
unreadable:
  description:
    - Files that are not whole backups or could not be read, with the reason and what to do.
    - Files without a good end have C(notes) too, all that is wrong with them.
    - Files of which nothing could be read have C(error), its kind.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /SQL1/Sales/FULL/notes.bak
      reason: "/SQL1/Sales/FULL/notes.bak: the file is text and begins with 'todo'."
      hint: Take it out of the backup folder.
      error: NotABackup
      modified: "2026-11-24T03:16:02+00:00"
files:
  description: How many files were looked at.
  returned: always
  type: int
  sample: 8
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients import ftp
from ansible_collections.ics.deadpool.plugins.module_utils.clients.folder_reading import (
    FolderReading,
    moment,
    refuse_idle_options,
)
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp_reading import on_store, store_files
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **ftp.ARGUMENT_SPEC,
    "directory": {"type": "str", "default": "/"},
    "databases": {"type": "list", "elements": "str"},
    "since": {"type": "str"},
    "verify": {"type": "bool", "default": False},
    "deep": {"type": "bool", "default": False},
    "history_file": {"type": "path"},
    "rebuild": {"type": "bool", "default": False},
}


def backup_info(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Reads every file below the directory; one that cannot be read is reported and does not hide the others."""
    refuse_idle_options(params)
    since, directory = moment(params["since"]), params["directory"]
    with ftp.Ftp(params) as store:
        files = store_files(store, directory, since)
        look = FolderReading(on_store(store, params["username"]))
        if params["history_file"] and not check_mode:
            below = directory.rstrip("/") + "/" if since is None else None
            look.read_new(files, params["history_file"], below=below, rebuild=params["rebuild"])
        else:
            look.read_all(files)
        if params["databases"] is not None:
            look.history = [one for one in look.history if one["database_name"] in params["databases"]]
        if params["verify"]:
            wanted = {one["path"] for one in (*look.history, *look.unreadable)}
            everything = params["databases"] is None
            look.verify_all([file for file in files if everything or file.path in wanted], deep=params["deep"])
    look.say_what_is_being_written(files)
    return {"changed": False, **look.result(len(files), verified=params["verify"])}


def main() -> None:
    run_module(ARGUMENT_SPEC, backup_info, supports_check_mode=True)


if __name__ == "__main__":
    main()
