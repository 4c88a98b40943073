# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``ftp_prune`` was asked for: one store, and others that receive the same files. Each is judged by what it holds
itself, never by what another one lacks.

The first store is the hospital's own. Where it could not be pruned, something is wrong that nobody has looked at yet,
and then the older backups of the others may be the ones that are needed: nothing goes there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..recovery.errors import RecoveryError
from ..recovery.retention_sources import PrunedStore, gone_everywhere
from .pruning import Pruning
from .store import ARGUMENT_SPEC, store_name
from .store_reading import open_listed

_LIMIT_HINT = "Look at the verdicts; if that is what you want, run once with limit_percent: 100."
_FIRST = "The first store was not pruned, so nothing was deleted here."
_FIRST_HINT = "Mend what is told of the first store, then run again."
#: What another store may have of its own; for the rest the options of the first hold.
_OWN = ("directory", "window_days", "minimum_fulls", "limit_percent")


@dataclass
class _Run:
    """One store: what is told of it, and what it means for the servers."""

    result: dict[str, Any]
    pruned: PrunedStore

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))


def prune(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The module's work."""
    first = _pruned(params, check_mode, withheld="")
    withheld = _FIRST if first.failed or first.result["refusal"] else ""
    others = [_other(_options(params, other), check_mode, withheld) for other in params["other_stores"] or []]
    runs = [first, *others]
    result = {
        **first.result,
        "table": [line for one in runs for line in _table(one.result, bool(others))],
        "changed": any(one.result["changed"] for one in runs),
        "stores": [one.result for one in others],
        "gone": gone_everywhere([one.pruned for one in runs]),
    }
    failed = [one.result for one in runs if one.failed]
    if not failed:
        return result
    told = "\n".join(one["msg"] for one in failed)
    return {**result, "failed": True, "msg": told, "hint": failed[0]["hint"], "error": failed[0]["error"]}


def _table(result: Mapping[str, Any], several: bool) -> list[str]:
    return [f"== {result['store']}", *result["table"]] if several else list(result["table"])


def _other(params: Mapping[str, Any], check_mode: bool, withheld: str) -> _Run:
    """A store that cannot be reached says so; the first is pruned all the same."""
    try:
        return _pruned(params, check_mode, withheld)
    except RecoveryError as error:
        empty: dict[str, Any] = {key: [] for key in ("verdicts", "databases", "to_delete", "deleted", "unknown")}
        told = {"store": store_name(params), "changed": False, **empty, "bytes_freed": 0, "refusal": ""}
        table = [f"NOT DELETED {error.msg}"]
        failure = _failure(error.msg, error.hint, type(error).__name__)
        return _Run({**told, "table": table, **failure}, PrunedStore(params["directory"]))


def _pruned(params: Mapping[str, Any], check_mode: bool, withheld: str) -> _Run:
    deleted: list[str] = []
    store = open_listed(params)
    with store:
        pruning = Pruning(store, params)
        refusal = withheld or pruning.refusal()
        failure: dict[str, Any] = {}
        if refusal and not check_mode:
            failure = _failure(refusal, _FIRST_HINT if withheld else _LIMIT_HINT, "InvalidInput")
        elif not check_mode:
            try:
                pruning.delete(deleted)
            except RecoveryError as error:
                told = f"{len(deleted)} of {len(pruning.done.order)} files were deleted before. {error.msg}"
                failure = _failure(told, error.hint, type(error).__name__)
        would = pruning.done.order if check_mode and not refusal else deleted
        result = {"store": store.where, "changed": bool(would), **_told(pruning, deleted, refusal or ""), **failure}
    since = pruning.policy.since(pruning.now)
    return _Run(result, PrunedStore(params["directory"], since, pruning.done, tuple(deleted)))


def _failure(msg: str, hint: str, kind: str) -> dict[str, Any]:
    return {"failed": True, "msg": f"{msg}\nHINT: {hint}", "hint": hint, "error": kind}


def _options(params: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The options of another store. A hold on a path below the first store's directory holds the same file there."""
    own = {key: other[key] for key in _OWN if other.get(key) is not None}
    options = {**params, **{key: other.get(key) for key in ARGUMENT_SPEC}, "sound": [], **own}
    options["holds"] = list(_holds(params["holds"] or [], params["directory"], options["directory"]))
    return options


def _holds(rows: Iterable[Any], home: str, here: str) -> Iterable[Any]:
    top = home.rstrip("/") + "/"
    for row in rows:
        yield row
        path = row.get("path") if isinstance(row, dict) else None
        if isinstance(path, str) and path.startswith(top) and here.rstrip("/") != home.rstrip("/"):
            yield {**row, "path": f"{here.rstrip('/')}/{path[len(top) :]}"}


def _told(pruning: Pruning, deleted: list[str], refusal: str) -> dict[str, Any]:
    done = pruning.done
    sizes = {file.path: file.size for file in pruning.files}
    return {
        "verdicts": [one.to_dict() for one in done.verdicts],
        "databases": [one.to_dict() for one in done.databases],
        "to_delete": list(done.order),
        "deleted": deleted,
        "bytes_freed": sum(sizes[path] for path in deleted),
        "unknown": [one.path for one in done.unknown],
        "refusal": refusal,
        "table": pruning.table(),
    }
