# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where ``app_repoint`` meets DNS: records are changed from the controller, last of all that a host lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any, Callable

from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.clients import dns_repointing
from ansible_collections.ics.deadpool.plugins.module_utils.clients.dns_repointing import (
    RecordPlan,
    RecordWish,
    Sides,
    WindowsDns,
    Writer,
)
from ansible_collections.ics.deadpool.plugins.module_utils.clients.dns_server import ALGORITHMS, DnsKey, DnsServer
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.dns_record import is_record_path, record_name
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.endpoint import parse_endpoint
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    InvalidInput,
    RecoveryError,
    RepointRefused,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.repoint_request import diff, servers_of
from ansible_collections.ics.deadpool.plugins.module_utils.shell import failure
from ansible_collections.ics.deadpool.plugins.plugin_utils.other_host import windows_host_named
from ansible_collections.ics.deadpool.plugins.plugin_utils.windows_action import checked

Result = dict[str, Any]
#: Does with the files of the host what the task asks; takes the task's arguments without its records.
Files = Callable[["dict[str, Any]"], "dict[str, Any]"]


def has_records(arguments: Mapping[str, Any]) -> bool:
    files = arguments.get("files")
    return isinstance(files, list) and any(map(_is_record, files))


def _is_record(file: Any) -> bool:
    return isinstance(file, Mapping) and is_record_path(str(file.get("path", "")))


def with_records(action: ActionBase, task_vars: dict[str, Any], spec: Mapping[str, Any], files: Files) -> Result:
    arguments = action._task.args
    rest = {**arguments, "files": [one for one in arguments["files"] if not _is_record(one)]}
    try:
        params = checked(action, spec)
        wishes = [_wish(action, task_vars, one, params) for one in params["files"] if _is_record(one)]
        _require_distinct(wishes)
        old, new = servers_of(params)
        sides = Sides(old, new, [parse_endpoint(name) for name in params["new_names"]])
        seen = {entry["path"]: entry for entry in params["validated"] or []}
        touch = params["stage"] == "apply" and not action._task.check_mode
        do = _restored if params["state"] == "restored" else _repointed
        result, plans = do(wishes, sides, seen, lambda more: _files_alone(files, rest, more), touch)
    except RecoveryError as error:
        return {"failed": True, "changed": False, **failure(error)}
    return result if result.get("failed") else _together(params, result, plans)


def _require_distinct(wishes: Sequence[RecordWish]) -> None:
    names = [wish.name.lower() for wish in wishes]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise InvalidInput(
                f"dns:{name}: is listed twice, in different words", hint="Let every module list it in the same words."
            )


def _files_alone(files: Files, rest: dict[str, Any], more: Mapping[str, Any]) -> Result:
    arguments = {**rest, **more}
    return files(arguments) if arguments["files"] else {"changed": False, "files": [], "diff": []}


Others = Callable[["Mapping[str, Any]"], "dict[str, Any]"]


def _repointed(
    wishes: Sequence[RecordWish], sides: Sides, seen: Mapping[str, Any], others: Others, touch: bool
) -> tuple[Result, list[RecordPlan]]:
    """Every record is looked at before the first file is written, and changed when every file was."""
    plans: list[RecordPlan] = []
    errors: list[RecoveryError] = []
    for wish in wishes:
        try:
            if seen and wish.path not in seen:
                raise RepointRefused(f"{wish.path}: was not looked at before", hint="Validate again, with all files.")
            plans.append(dns_repointing.planned(wish, sides, seen.get(wish.path)))
        except RecoveryError as error:
            errors.append(error)
    if errors and touch:
        raise _joined(errors)
    result = others({})
    if errors:
        raise _joined(errors, result)
    if touch and not result.get("failed"):
        try:
            dns_repointing.apply(plans)
        except RecoveryError as error:
            raise _with_files_back(error, result, others) from None
    return result, plans


def _with_files_back(error: RecoveryError, result: Result, others: Others) -> RecoveryError:
    written = [{"path": one["path"]} for one in result.get("files", ()) if one["changed"]]
    if not written:
        return error
    back = others({"files": written, "state": "restored"})
    paths = ", ".join(one["path"] for one in written)
    told = f"{paths}: COULD NOT BE PUT BACK: {back.get('msg')}" if back.get("failed") else f"{paths}: put back"
    return RepointRefused(f"{error.msg}\n{told}", hint=error.hint)


def _restored(
    wishes: Sequence[RecordWish], sides: Sides, seen: Mapping[str, Any], others: Others, touch: bool
) -> tuple[Result, list[RecordPlan]]:
    """Records and files alike; one that cannot go back keeps no other from it."""
    plans: list[RecordPlan] = []
    errors: list[RecoveryError] = []
    for wish in wishes:
        try:
            plan = dns_repointing.restoration(wish, sides, seen.get(wish.path))
            plans.append(plan)
            if touch:
                dns_repointing.apply([plan])
        except RecoveryError as error:
            errors.append(error)
    result = others({})
    if errors:
        raise _joined(errors, result)
    return result, plans


def _joined(errors: Sequence[RecoveryError], files: Mapping[str, Any] | None = None) -> RecoveryError:
    """What is wrong with the records, and with the files of the host where those failed too."""
    facts = [error.msg for error in errors]
    if files and files.get("failed") and files.get("msg"):
        facts.append(str(files["msg"]))
    return RepointRefused("\n".join(facts), hint=" ".join(dict.fromkeys(error.hint for error in errors)))


def _together(params: Mapping[str, Any], result: Result, plans: Sequence[RecordPlan]) -> Result:
    """The files and records in the order that they were listed in."""
    records = [plan.to_dict() for plan in plans]
    files, told = iter(result["files"]), iter(records)
    moved = [one for one in records if one["changed"]]
    return {
        **result,
        "changed": result["changed"] or (bool(moved) and params["stage"] == "apply"),
        "files": [next(told if _is_record(file) else files) for file in params["files"]],
        "diff": [*result.get("diff", []), *map(diff, moved)],
    }


def _wish(action: ActionBase, task_vars: dict[str, Any], file: Mapping[str, Any], params: Result) -> RecordWish:
    path, told = file["path"], file["dns"] or {}
    name = record_name(path)
    if not told:
        raise InvalidInput(f"{path}: who keeps this record is not said", hint="Give it dns: {server: ADDRESS, …}.")
    zone = str(told["zone"] or "").rstrip(".")
    if zone and not f".{name}".lower().endswith(f".{zone}".lower()):
        raise InvalidInput(f"{path}: does not lie in the zone {zone}", hint="Correct dns.zone, or leave it out.")
    try:
        address = str(ip_address(told["server"]))
    except ValueError:
        raise InvalidInput(
            f"{path}: dns.server {told['server']!r} is no address",
            hint="Write the address of the zone's primary server.",
        ) from None
    server = DnsServer(address, told["port"], _key(path, told["key"], params["dns_keys"] or {}))
    writer: Writer = server
    if told["windows_host"]:
        writer = WindowsDns(windows_host_named(action, task_vars, told["windows_host"]))
    return RecordWish(path, name, zone, server, writer, file["required"])


def _key(path: str, name: str, keys: Mapping[str, Any]) -> DnsKey | None:
    if not name:
        return None
    found = keys.get(name)
    if not isinstance(found, Mapping) or not found.get("secret"):
        raise InvalidInput(
            f"{path}: dns_keys has no key {name} with a secret", hint=f"Write {name}: {{secret: …}} into dns_keys."
        )
    algorithm = str(found.get("algorithm") or "hmac-sha256").lower()
    if algorithm not in ALGORITHMS:
        raise InvalidInput(
            f"dns_keys: {name}: {algorithm!r} is no algorithm of keys", hint=f"Use one of {', '.join(ALGORITHMS)}."
        )
    return DnsKey(name, algorithm, str(found["secret"]))
