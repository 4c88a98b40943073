# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""xp_create_subdir, xp_fileexist, xp_dirtree and xp_fixeddrives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine.events import Done, Event, SqlType
from simulator.engine.messages import error
from simulator.engine.query import types
from simulator.engine.statements.result_table import table
from simulator.engine.views.storage import mount_point

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

Values = dict[str, Any]


def create_subdir(execution: Execution, values: Values) -> Iterator[Event]:
    require_sysadmin(execution, "xp_create_subdir")
    path = execution.session.instance.resolve(str(values["path"]))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise error(22048, f"xp_create_subdir() returned error {failure.errno}, '{failure.strerror}'") from None
    yield Done(None)


def file_exist(execution: Execution, values: Values) -> Iterator[Event]:
    path = execution.session.instance.resolve(str(values["filename"]))
    if "result output" in values:
        execution.assign_value(values["result output"], types.INT, int(path.is_file()))
        return
    names = [
        ("File Exists", SqlType("tinyint")),
        ("File is a Directory", SqlType("tinyint")),
        ("Parent Directory Exists", SqlType("tinyint")),
    ]
    yield from table(names, [(int(path.is_file()), int(path.is_dir()), int(path.parent.is_dir()))])


def dir_tree(execution: Execution, values: Values) -> Iterator[Event]:
    root = execution.session.instance.resolve(str(values["path"]))
    most, files = int(values.get("depth") or 0), bool(values.get("file"))
    rows: list[tuple[Any, ...]] = []
    for folder, folders, names in os.walk(root):
        depth = len(os.path.relpath(folder, root).split(os.sep)) if folder != str(root) else 0
        if most and depth >= most:
            folders.clear()
            continue
        rows += [(name, depth + 1, 0) for name in sorted(folders)]
        rows += [(name, depth + 1, 1) for name in sorted(names) if files]
        folders.sort()
    columns = [("subdirectory", types.nvarchar(512)), ("depth", types.INT), ("file", types.INT)]
    width = 3 if files else 2
    yield from table(columns[:width], [row[:width] for row in rows])


def fixed_drives(execution: Execution, _values: Values) -> Iterator[Event]:
    folder = execution.session.instance.data_directory
    _, free = execution.session.instance.disk.volume(folder)
    columns = [("drive", types.nvarchar(512)), ("MB free", types.INT)]
    yield from table(columns, [(mount_point(folder), min(free // 2**20, 2**31 - 1))])


def require_sysadmin(execution: Execution, name: str) -> None:
    if not execution.session.rights.is_sysadmin:
        raise error(229, "EXECUTE", name, "mssqlsystemresource", "sys")
