# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an operator asks of a repointing, as values; and what is shown of a file that it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .config_file import FileForm
from .config_formats.settings import Hint
from .endpoint import Endpoint, meant_by, parse_endpoint
from .errors import InvalidInput


def servers_of(params: Mapping[str, Any]) -> tuple[list[Endpoint], Endpoint]:
    """The names of the old server, and the new one."""
    old = [parse_endpoint(name) for name in params["old"]]
    if not old:
        raise InvalidInput("old: no server is named", hint="Name the server that the applications use now.")
    wanted = params["new"]
    new = parse_endpoint(str(wanted["host"]))
    instance, port = wanted.get("instance"), wanted.get("port")
    if (new.instance and instance) or (new.port and port):
        raise InvalidInput(
            f"new: {new} names an instance or port, which instance or port name too", hint="Give each of them once."
        )
    new = parse_endpoint(str(Endpoint(new.host, instance or new.instance, port or new.port)))
    if all(name.same_as(new) and meant_by([new], name) for name in old):
        raise InvalidInput(f"new: {new} is the old server itself", hint="Check old and new.")
    return old, new


def file_form(wanted: Mapping[str, Any]) -> FileForm:
    keys = [Hint(key["server"], key["section"], key["port"], key["instance"]) for key in wanted["keys"]]
    return FileForm(wanted["path"], wanted["format"], wanted["encoding"], keys, wanted["patterns"])


def diff(file: Mapping[str, Any]) -> dict[str, str]:
    """What ``--diff`` shows: the changed places as lines of their own, never a line of the file."""
    edits = file.get("edits", [])
    before = [f"line {edit['line']}: {edit['key']} = {edit['before']}\n" for edit in edits]
    after = [f"line {edit['line']}: {edit['key']} = {edit['after']}\n" for edit in edits]
    if file["changed"] and not edits:
        before, after = [f"sha256 {file['sha256_before']}\n"], [f"sha256 {file['sha256_after']}\n"]
    return {
        "before_header": file["path"],
        "after_header": file["path"],
        "before": "".join(dict.fromkeys(before)),
        "after": "".join(dict.fromkeys(after)),
    }
