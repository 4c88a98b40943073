# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The task ``ftp_transfer`` as it is carried out on a Windows host: same parameters, same result, same promise that a
file under its final name is complete."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..recovery.backup_file import read_backup_file
from ..recovery.errors import InvalidInput, NoSpace, RecoveryError, TransferFailed
from ..recovery.windows_places import name, parent, windows_path
from .store import RESERVE, Transfer, moved, not_compared
from .windows_folder import Store, WindowsFolder
from .windows_host import WindowsHost
from .windows_store import (
    LocalFile,
    RemoteBytes,
    WindowsStore,
    files_below,
    local_files,
    placed,
    remote_bytes,
    room_at,
)

_Failures = dict[str, RecoveryError]


def transfer_windows(host: WindowsHost, params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Moves the files that were named, or those that lie in the folder that was named."""
    _require_fitting(params)
    store: Store = WindowsFolder(host, params["folder"]) if params.get("folder") else WindowsStore(host, params)
    held_back: list[dict[str, str]] = []
    failed: _Failures = {}
    if params["direction"] == "fetch":
        done = [_fetched(store, source, target, check_mode) for source, target in _to_fetch(store, params)]
    else:
        done, held_back = _shipped(store, params, check_mode, failed)
        failed.update(_missing(params["required_files"] or [], done, held_back, failed, check_mode))
    result: dict[str, Any] = {
        "changed": any(one.changed for one in done),
        "transfers": [one.to_dict() for one in done],
        "bytes": moved(done),
        "held_back": held_back,
        "not_compared": not_compared(done),
        "stores": [],
    }
    if failed:
        reasons = [f"{len(failed)} files were not shipped:", *(error.msg for error in failed.values())]
        hint = next(iter(failed.values())).hint
        result.update(failed=True, msg="\n".join([*reasons, f"HINT: {hint}"]))
    return result


def _require_fitting(params: Mapping[str, Any]) -> None:
    storing = params["direction"] == "store"
    for option in ("paths", "paths_later") if storing else ("source_directory", "required_files"):
        if params[option] is not None:
            raise InvalidInput(
                f"{option}: it does not go with direction: {params['direction']}",
                hint="Use source_directory to store, paths to fetch, or files for either.",
            )


def _told(path: str) -> str:
    """curl.exe reads names in the host's code page, which nobody knows here."""
    told = windows_path(path)
    if not told.isascii():
        raise InvalidInput(
            f"{path}: curl.exe cannot be given this name safely",
            hint="Rename it with letters of ASCII, or move it by a share.",
        )
    return told


def _shipped(
    store: Store, params: Mapping[str, Any], check_mode: bool, failed: _Failures
) -> tuple[list[Transfer], list[dict[str, str]]]:
    """One file that fails does not keep the others from the store."""
    found = _candidates(store.host, params)
    there = store.sizes([target for _file, target in found])
    missing = [file for (file, _target), size in zip(found, there) if size is None and file.exists]
    whole = _held_back(store.host, missing, failed) if params["source_directory"] is not None else {}
    done: list[Transfer] = []
    for (file, target), size in zip(found, there):
        if file.path in whole or file.path in failed:
            continue
        try:
            done.append(_stored(store, file, target, size, check_mode))
        except RecoveryError as error:
            failed[file.path] = error
    return done, [{"path": path, "reason": reason} for path, reason in whole.items()]


def _candidates(host: WindowsHost, params: Mapping[str, Any]) -> list[tuple[LocalFile, str]]:
    if params["source_directory"] is None:
        pairs = [(_told(row["source"]), row["destination"]) for row in params["files"]]
        return list(
            zip(local_files(host, [source for source, _target in pairs]), (target for _source, target in pairs))
        )
    top, folder = params["destination_directory"].rstrip("/"), _told(params["source_directory"])
    files = [file for file in files_below(host, folder) if not file.path.lower().endswith((".part", ".sha256"))]
    return [(file, f"{top}/{file.path[len(folder) :].lstrip(chr(92)).replace(chr(92), '/')}") for file in files]


def _held_back(host: WindowsHost, files: Sequence[LocalFile], failed: _Failures) -> dict[str, str]:
    """Why a file is no whole backup; one that cannot be read is a failure."""
    reasons: dict[str, str] = {}
    for file, reader in zip(files, remote_bytes(host, files)):
        if isinstance(reader, RecoveryError):
            failed[file.path] = reader
            continue
        reason = _not_whole(reader)
        if reason:
            reasons[file.path] = reason
    return reasons


def _not_whole(reader: RemoteBytes) -> str:
    try:
        backup = read_backup_file(reader.read, reader.length, reader.path)
    except RecoveryError as error:
        return error.msg
    return "" if backup.complete else f"{reader.path}: not complete: it is still being written, or its backup broke off"


def _stored(store: Store, file: LocalFile, target: str, there: int | None, check_mode: bool) -> Transfer:
    _require_local(file)
    if there == file.length:
        return Transfer(file.path, target, file.length, None, changed=False)
    if there is not None:
        raise TransferFailed(
            f"{target}: the store has a file of {there} bytes under this name, {file.path} has {file.length}",
            hint="Backups are never overwritten: rename one of the two after looking at both.",
        )
    if check_mode:
        return Transfer(file.path, target, file.length, None, changed=True)
    started = time.monotonic()
    before = _hashed(store.host, _told(file.path))
    arrived = store.upload(file.path, f"{target}.part")
    after = _hashed(store.host, file.path)
    if before != after or before.length != file.length:
        raise TransferFailed(
            f"{file.path}: it changed while it was sent ({file.length} bytes before, {after.length} after)",
            hint="Wait until its backup has finished, then run again; on the store it is only a .part.",
        )
    if arrived != file.length:
        raise TransferFailed(
            f"{target}.part: {file.length} bytes were sent, the store has {arrived}",
            hint="Run again; the .part is written anew.",
        )
    checked = _digest_stored(store, target, after.sha256)
    store.rename(f"{target}.part", target)
    if store.sizes([target]) != [file.length]:
        raise TransferFailed(
            f"{target}: after the upload the store does not show its {file.length} bytes",
            hint="Look at the file on the store before trusting it.",
        )
    return Transfer(file.path, target, file.length, after.sha256, True, time.monotonic() - started, checked)


def _require_local(file: LocalFile) -> None:
    if file.error or not file.exists:
        raise InvalidInput(
            f"{file.path}: {file.error or 'there is no such file on this host'}",
            hint="Check the path; nothing was sent.",
        )


def _hashed(host: WindowsHost, path: str) -> LocalFile:
    file = local_files(host, [path], hashed=True)[0]
    _require_local(file)
    return file


def _digest_stored(store: Store, target: str, sha256: str) -> bool:
    """The digest gets its name before the file does; one that is there must be the same, where it may be read."""
    digest, line = f"{target}.sha256", f"{sha256}  {target.rpartition('/')[2]}\n"
    if store.sizes([digest])[0] is None:
        store.write(f"{digest}.part", line)
        store.rename(f"{digest}.part", digest)
        return True
    kept = store.read(digest)
    if kept is not None and kept.split()[:1] != [sha256]:
        raise TransferFailed(
            f"{digest}: it was left by an earlier upload and is not the digest of {target} ({sha256[:16]}…)",
            hint=f"Look at {digest} on the store and remove it, then run again; the backup itself is only a .part.",
        )
    return kept is not None


def _to_fetch(store: Store, params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is to be brought here, after a look at the store for each and at the disk for all."""
    if params["paths"] is not None:
        pairs = _below(params["destination_directory"], params["paths"])
    else:
        pairs = [(row["source"], _told(row["destination"])) for row in params["files"]]
    wanted = len(pairs)
    if params["paths_later"]:
        pairs += _below(params["destination_directory"], params["paths_later"])
    sizes = store.sizes([source for source, _target in pairs])
    for (source, _target), size in zip(pairs, sizes):
        if size is None:
            raise TransferFailed(
                f"{source}: the store has no such file",
                hint="Read the backup history again (ftp_backup_info) and plan anew: the plan rests on a missing file.",
            )
    here = local_files(store.host, [target for _source, target in pairs])
    _require_room(store.host, [(file, size or 0) for file, size in zip(here, sizes) if file.length != size])
    return pairs[:wanted]


def _below(directory: str, paths: Sequence[str]) -> list[tuple[str, str]]:
    top = _told(directory).rstrip("\\")
    return [(path, _told(top + "\\" + path.strip("/").replace("/", "\\"))) for path in dict.fromkeys(paths)]


def _require_room(host: WindowsHost, wanted: Sequence[tuple[LocalFile, int]]) -> None:
    drives: dict[str, int] = {}
    for file, size in wanted:
        drives[file.path[:3]] = drives.get(file.path[:3], 0) + size
    for drive, needed in drives.items():
        free = -1 if drive.startswith("\\\\") else room_at(host, drive)
        if 0 <= free < needed + RESERVE:
            raise NoSpace(
                f"{drive}: {needed} bytes are to be fetched to it, {free} are free (and {RESERVE} are kept free)",
                hint="Free the disk or name another directory; nothing was fetched.",
            )


def _fetched(store: Store, source: str, target: str, check_mode: bool) -> Transfer:
    size = store.sizes([source])[0]
    expected = _digest_on_store(store, source)
    here = local_files(store.host, [target], hashed=True)[0]
    if expected is not None and here.length == size and here.sha256 == expected:
        return Transfer(source, target, here.length, expected, changed=False, sha256_checked=True)
    if check_mode:
        return Transfer(source, target, size or 0, expected, changed=True)
    started = time.monotonic()
    part = f"{target}.part"
    placed(store.host, target, Folder=[parent(target)], Remove=[part])
    try:
        store.download(source, part)
        got = _hashed(store.host, part)
        if got.length != size:
            raise TransferFailed(
                f"{source}: {got.length} of {size} bytes arrived",
                hint="Run the same command again; nothing stands under its name.",
            )
        if expected is not None and got.sha256 != expected:
            raise TransferFailed(
                f"{source}: its bytes give sha256 {got.sha256[:16]}…, the file beside it says {expected[:16]}…",
                hint="It is damaged on the store. Name it in restore_plan_unusable, with a reason, and run again.",
            )
        placed(store.host, target, From=part, To=target)
    except RecoveryError:
        placed(store.host, target, Remove=[part])
        raise
    return Transfer(source, target, got.length, got.sha256, True, time.monotonic() - started, expected is not None)


def _digest_on_store(store: Store, path: str) -> str | None:
    if store.sizes([f"{path}.sha256"])[0] is None:
        return None
    words = (store.read(f"{path}.sha256") or "").split()
    if not words or len(words[0]) != 64:
        raise TransferFailed(
            f"{path}.sha256: it holds no sha256 digest", hint="Look at it on the store; it is not ours or damaged."
        )
    return words[0].lower()


def _missing(
    required: Sequence[str],
    done: Sequence[Transfer],
    held_back: Sequence[Mapping[str, str]],
    failed: _Failures,
    check_mode: bool,
) -> _Failures:
    """The required files that this run did not bring to the store nor find there."""
    told = {windows_path(path).lower() for path in [*failed, *(one.source for one in done)]}
    reasons = {row["path"].lower(): row["reason"] for row in held_back}
    found: _Failures = {}
    for path in required:
        key = windows_path(path).lower()
        if key in told or (check_mode and key not in reasons):
            continue
        why = reasons.get(key, "it is not among the files to send")
        found[path] = RecoveryError(
            f"{path}: it must be on the store and is not: {why}",
            hint=f"Look at {name(path)} and at source_directory; until it is on the store it is lost with this host.",
        )
    return found
