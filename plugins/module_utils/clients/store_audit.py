# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every file of the store read to its last byte, once: its checksums, and its digest against the one that was sent."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..recovery.backup_verify import verify_backup_file
from ..recovery.errors import RecoveryError
from ..recovery.leftovers import DIGEST
from ..recovery.window import Read
from .folder_reading import FolderReading, Place
from .ftp import Ftp
from .ftp_reading import StoreFile, listed_moment, on_store
from .local_files import BESIDE
from .whole_file import read_json, write_whole

_PIECE = 256 * 1024
#: Raised when a row changes its meaning: older rows are then made anew.
VERSION = 1


def audit(params: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """The history, and a row for each file that was ever read whole. What there is no time for waits for the next."""
    with Ftp(dict(params)) as store:
        entries = list(store.walk(params["directory"]))
        beside = {one.path for one in entries if one.path.endswith(BESIDE)}
        files = [
            StoreFile(one.path, one.size, listed_moment(one.modified)) for one in entries if one.path not in beside
        ]
        look = FolderReading(on_store(store, params["username"]))
        if params["history_file"] and not check_mode:
            below = params["directory"].rstrip("/") + "/"
            look.read_new(files, params["history_file"], below=below, rebuild=False)
        else:
            look.read_all(files)
        look.say_what_is_being_written(files)
        known = _known(read_json(params["record_file"]), files)
        rows = dict(known)
        if not check_mode:
            broken = {row["path"] for row in look.unreadable}
            new = [file for file in _newest_first(files) if file.path not in known and file.path not in broken]
            rows.update(_read(store, look.place, new, beside, params["minutes"] * 60))
            text = json.dumps({"version": VERSION, "files": list(rows.values())}, ensure_ascii=False)
            write_whole(params["record_file"], text + "\n")
        return {
            **look.result(len(files), verified=False),
            "audit": sorted(rows.values(), key=lambda row: str(row["path"])),
            "not_read_yet": len(files) - len(rows),
            "free_bytes": store.free_space(params["directory"]),
        }


def _newest_first(files: Sequence[StoreFile]) -> list[StoreFile]:
    return sorted(
        files, key=lambda file: (file.modified.timestamp() if file.modified else 0.0, file.path), reverse=True
    )


def _known(record: Any, files: Sequence[StoreFile]) -> dict[str, dict[str, Any]]:
    """The rows of files that are still the same: by path, size and time."""
    if not isinstance(record, Mapping) or record.get("version") != VERSION:
        return {}
    there = {file.path: (file.size, _when(file)) for file in files}
    return {
        str(row["path"]): row
        for row in record.get("files", [])
        if there.get(str(row.get("path"))) == (row.get("size"), row.get("modified"))
    }


def _when(file: StoreFile) -> str:
    return file.modified.isoformat() if file.modified else ""


def _read(
    store: Ftp, place: Place, files: Sequence[StoreFile], beside: set[str], seconds: float
) -> dict[str, dict[str, Any]]:
    rows, end = {}, time.monotonic() + seconds
    for file in files:
        if time.monotonic() > end:
            break
        expected = _expected(store, file.path) if file.path + DIGEST in beside else ""
        try:
            with place.stream(file) as read:
                hashing = _Hashing(read, file.size)
                found = verify_backup_file(hashing.read, file.size, file.path)
                digest = hashing.finish()
        except RecoveryError as error:
            if not isinstance(error, place.reported):
                raise
            continue  # FolderReading said why already
        rows[file.path] = {
            "path": file.path,
            "size": file.size,
            "modified": _when(file),
            "verdict": found.verdict.replace("_", " "),
            "reason": found.reason,
            "sha256": digest,
            "expected": expected,
        }
    return rows


def _expected(store: Ftp, path: str) -> str:
    """The digest that was written beside the file, in the form of sha256sum."""
    text = store.read(path + DIGEST, 0, 4096).decode("utf-8", "replace")
    return text.split()[0].lower() if text.split() else ""


class _Hashing:
    """Reads for somebody else, who goes forward, and takes the digest of every byte on the way."""

    def __init__(self, read: Read, size: int) -> None:
        self._read, self._size = read, size
        self._digest, self._position = hashlib.sha256(), 0

    def read(self, offset: int, length: int) -> bytes:
        self._up_to(offset)
        data = self._read(offset, length)
        if offset <= self._position < offset + len(data):
            self._digest.update(data[self._position - offset :])
            self._position = offset + len(data)
        return data

    def finish(self) -> str:
        self._up_to(self._size)
        return self._digest.hexdigest()

    def _up_to(self, offset: int) -> None:
        """What the reader skips is a part of the file, too."""
        while self._position < offset:
            piece = self._read(self._position, min(_PIECE, offset - self._position))
            if not piece:
                break
            self._digest.update(piece)
            self._position += len(piece)
