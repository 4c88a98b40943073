# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``ftp_transfer`` was asked for: which files, to or from which stores, and what is told of it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..recovery.errors import InvalidInput, RecoveryError
from .pace import Pace
from .shipped_record import ShippedRecord
from .shipping import backups_to_ship
from .store import Manner, Transfer, moved, not_compared, open_store, store_name
from .transfer_progress import TransferProgress
from .transfer_run import Line, fetch_files, ship

#: Reasons that a message repeats; the others are counted.
_TOLD = 20


@dataclass
class _Moves:
    """Sources and destinations, the latter ``below`` a directory or in full; what is held back or cannot be read."""

    pairs: list[tuple[str, str]]
    below: bool
    held_back: list[dict[str, Any]] = field(default_factory=list)
    failed: dict[str, RecoveryError] = field(default_factory=dict)


def transfer(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Moves the files that were named, or those that lie in the directory that was named."""
    _refuse_nonsense(params)
    moves = _what_to_move(params)
    others = params["other_stores"] or []
    progress = TransferProgress(params["progress_file"], len(moves.pairs) * (1 + len(others)))
    pace = Pace(int(params["bandwidth_limit"] * 1e6)) if params["bandwidth_limit"] else Manner().pace
    record = ShippedRecord(params["source_directory"])
    manner = Manner(check_mode, params["verify"], pace, progress.tell, progress.ended, record=record)
    failed: dict[str, RecoveryError] = {}
    try:
        if params["direction"] == "fetch":
            directory = params["destination_directory"]
            later = _pairs(_named(params["paths_later"] or []), directory)
            done = fetch_files(_line(params, params), _pairs(moves, directory), manner, later)
        else:
            done, failed = _shipped(params, params, moves, manner)
        stores = [_other(params, other, moves, manner) for other in others]
    finally:
        progress.close()
        not_kept = "" if check_mode else record.save()
    failed = {**moves.failed, **failed}
    failed.update(_missing(params["required_files"] or [], done, moves.held_back, failed, check_mode))
    result: dict[str, Any] = {
        "changed": any(one.changed for one in done) or any(one["changed"] for one in stores),
        "transfers": [one.to_dict() for one in done],
        "bytes": moved(done),
        "held_back": moves.held_back,
        "not_compared": not_compared(done),
        "stores": [{key: value for key, value in one.items() if key != "errors"} for one in stores],
    }
    result["warnings"] = _warnings(
        [*result["not_compared"], *(path for one in stores for path in one["not_compared"])], not_kept
    )
    errors = [*failed.values(), *(error for one in stores for error in one["errors"])]
    return {**result, **_failure(errors)} if errors else result


def _warnings(unknown: list[str], not_kept: str) -> list[str]:
    words = []
    if unknown:
        words.append(
            f"{len(unknown)} files stood on the store under their name and with their length, and nothing tells "
            "whether they are the same: this account may not read their digests there, or there are none. They count "
            f"as shipped. The first: {unknown[0]}"
        )
    if not_kept:
        words.append(f"{not_kept} The next run compares every file with its digest on the store, or not at all.")
    return words


def _failure(errors: list[RecoveryError]) -> dict[str, Any]:
    reasons = list(dict.fromkeys(error.msg for error in errors))
    more = [f"… and {len(reasons) - _TOLD} more reasons"] if len(reasons) > _TOLD else []
    words = [f"{len(errors)} files were not shipped:", *reasons[:_TOLD], *more, f"HINT: {errors[0].hint}"]
    return {"failed": True, "msg": "\n".join(words)}


def _line(params: dict[str, Any], store: dict[str, Any]) -> Line:
    return Line(partial(open_store, store), max(1, params["connections"]), max(0, params["retries"]))


def _shipped(
    params: dict[str, Any], store: dict[str, Any], moves: _Moves, manner: Manner
) -> tuple[list[Transfer], dict[str, RecoveryError]]:
    """A store that cannot be reached has failed with every file, where others wait for the same files."""
    directory = store.get("directory") or params["destination_directory"]
    pairs = _pairs(moves, directory)
    try:
        return ship(_line(params, store), pairs, replace(manner, begun={}))
    except RecoveryError as error:
        if not params["other_stores"]:
            raise
        return [], {source: error for source, _destination in pairs}


def _other(params: dict[str, Any], store: dict[str, Any], moves: _Moves, manner: Manner) -> dict[str, Any]:
    done, failed = _shipped(params, store, moves, manner)
    return {
        "store": store_name(store),
        "transfers": [one.to_dict() for one in done],
        "bytes": moved(done),
        "changed": any(one.changed for one in done),
        "not_compared": not_compared(done),
        "failed": [error.msg for error in failed.values()],
        "errors": list(failed.values()),
    }


def _pairs(moves: _Moves, directory: str) -> list[tuple[str, str]]:
    top = directory.rstrip("/")
    return [(source, f"{top}/{path}" if moves.below else path) for source, path in moves.pairs]


def _missing(
    required: list[str],
    done: list[Transfer],
    held_back: list[dict[str, str]],
    failed: dict[str, RecoveryError],
    check_mode: bool,
) -> dict[str, RecoveryError]:
    """The required files that this run did not bring to the store nor find there."""
    told = {os.path.realpath(path) for path in [*failed, *(one.source for one in done)]}
    reasons = {os.path.realpath(row["path"]): row["reason"] for row in held_back}
    missing: dict[str, RecoveryError] = {}
    for path in required:
        real = os.path.realpath(path)
        if real in told or (check_mode and not os.path.exists(real)):
            continue
        why = reasons.get(real, "it is not among the files to send")
        missing[path] = RecoveryError(
            f"{path}: it must be on the store and is not: {why}",
            hint="Look at this file and at source_directory; until it is on the store it is lost with this host.",
        )
    return missing


def _refuse_nonsense(params: dict[str, Any]) -> None:
    """Options that would do nothing: who sets them believes that they did something."""
    fetching = params["direction"] == "fetch"
    if params["required_files"] is not None and fetching:
        raise InvalidInput(
            "required_files: it does not go with direction: fetch",
            hint="Every file that is fetched is required; leave it out.",
        )
    wrong = ("source_directory", "other_stores", "verify") if fetching else ("paths", "paths_later")
    for option in wrong:
        if params[option]:
            raise InvalidInput(
                f"{option}: it does not go with direction: {params['direction']}",
                hint="Use source_directory to store, paths to fetch, or files for either.",
            )
    for store in params["other_stores"] or []:
        if bool(store["host"]) == bool(store["folder"]) or (store["host"] and not store["username"]):
            raise InvalidInput(
                "other_stores: each needs either host, username and password, or folder",
                hint="Complete the entry; nothing was sent.",
            )


def _named(paths: list[str]) -> _Moves:
    return _Moves([(path, path.lstrip("/")) for path in dict.fromkeys(paths)], True)


def _what_to_move(params: dict[str, Any]) -> _Moves:
    if params["paths"] is not None:
        return _named(params["paths"])
    if params["source_directory"] is None:
        return _Moves([(row["source"], row["destination"]) for row in params["files"]], False)
    found = backups_to_ship(params["source_directory"])
    return _Moves(
        [(one.path, one.relative) for one in found if one.held_back is None and one.failed is None],
        True,
        [{"path": one.path, "reason": one.held_back} for one in found if one.held_back is not None],
        {one.path: one.failed for one in found if one.failed is not None},
    )
