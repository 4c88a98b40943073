# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One file of this host to the store, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import posixpath
import time
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from ..recovery.errors import InvalidInput, NoSpace, Refused, TransferCut, TransferFailed
from ..recovery.leftovers import DIGEST, PART
from .already_there import already_there
from .digests import read_if_allowed
from .shipped_record import Shipped
from .store import Begun, Manner, Store, Transfer
from .store_names import portable_path

#: A shorter part is written anew sooner than it is compared.
_WORTH_RESUMING = 1024 * 1024
#: A part of an earlier run is compared with the file in so many pieces of that length, from its first byte to its last.
_SAMPLES, _SAMPLE = 16, 64 * 1024
_BLOCK = 1024 * 1024


def store_file(store: Store, source: str, destination: str, manner: Manner) -> Transfer:
    """Uploads one file. Under its final name there may be the same file already; another one is an error: a backup is
    never replaced on the store."""
    portable_path(destination)
    path, started = _local_file(source), time.monotonic()
    size, part = path.stat().st_size, destination + PART
    there, part_size, digest_size = store.sizes([destination, part, destination + DIGEST])
    if there == size:
        ours = manner.begun.get(part, Begun((0, 0, 0))).sha256
        if ours is None:
            return already_there(store, path, destination, digest_size is not None, manner)
        return _shipped(store, Transfer(source, destination, size, ours, True, sha256_checked=True), manner)
    if there is not None:
        raise _another_file(destination, there, source, size)
    if manner.check_mode:
        return Transfer(source, destination, size, None, changed=True)
    store.make_directories(posixpath.dirname(destination))
    sha256, resumed_at = _upload(store, path, part, part_size or 0, manner)
    if manner.verify:
        _read_back(store, part, sha256)
    checked, (there, arrived) = _upload_digest(store, destination, sha256, digest_size, then=[destination, part])
    if arrived != size:
        manner.begun[part].spoiled = True
        raise TransferCut(
            f"{part}: {size} bytes were sent, the store has {arrived}", hint="Run again; the .part is written anew."
        )
    if there is not None:
        raise _another_file(destination, there, source, size)
    manner.begun[part].sha256 = sha256
    if store.rename(part, destination, then=[destination]) != [size]:
        raise TransferFailed(
            f"{destination}: after the upload the store does not show its {size} bytes",
            hint="Look at the file on the store before trusting it.",
        )
    seconds = time.monotonic() - started
    done = Transfer(source, destination, size, sha256, True, seconds, checked, manner.verify, resumed_at)
    return _shipped(store, done, manner)


def _shipped(store: Store, done: Transfer, manner: Manner) -> Transfer:
    """Also where only the answer to our own rename was lost."""
    written = manner.begun[done.destination + PART].identity[0]
    manner.record.note(store.where, done.destination, Shipped(done.source, written, done.bytes, done.sha256))
    return done


def _another_file(destination: str, there: int, source: str, size: int) -> TransferFailed:
    return TransferFailed(
        f"{destination}: the store has a file of {there} bytes under this name, {source} has {size}",
        hint="Backups are never overwritten: rename one of the two after looking at both.",
    )


def _local_file(source: str) -> Path:
    path = Path(source)
    if "\0" in source or not path.is_file():
        raise InvalidInput(f"{source!r}: there is no such file on this host", hint="Check the path; nothing was sent.")
    return path


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_mtime_ns, status.st_size, status.st_ino


def _upload(store: Store, path: Path, part: str, part_size: int, manner: Manner) -> tuple[str, int]:
    """The digest, and where it was taken up. What a part on the store holds already is not sent again where it is sure
    to be the beginning of this file."""
    with path.open("rb", buffering=0) as file:
        try:
            offset = part_size if _same_beginning(store, part, part_size, file, manner.begun.get(part)) else 0
        except TransferCut:
            manner.begun[part] = Begun((0, 0, 0), spoiled=True)  # some servers end no read that was cut: no second try
            raise
        if offset:
            with suppress(Refused):  # servers may forbid APPE and allow STOR
                return _send(store, file, part, offset, manner), offset
        return _send(store, file, part, 0, manner), 0


def _same_beginning(store: Store, part: str, length: int, file: BinaryIO | Any, begun: Begun | None) -> bool:
    """What this run sent is known; what lies there of another one is compared, in samples, where the account may read.
    (Where samples deceive, the digest does not fit the bytes, which verify and every fetch find out.)"""
    status = os.fstat(file.fileno())
    if not _WORTH_RESUMING <= length <= status.st_size or (begun is not None and begun.spoiled):
        return False
    if begun is not None and begun.identity == _identity(status) and length <= begun.sent:
        return True
    last = length - _SAMPLE
    try:
        for number in range(_SAMPLES):
            at = last * number // (_SAMPLES - 1)
            if store.read(part, at, _SAMPLE) != os.pread(file.fileno(), _SAMPLE, at):
                return False
    except Refused:
        return False
    return True


def _send(store: Store, file: BinaryIO | Any, part: str, offset: int, manner: Manner) -> str:
    before = _identity(os.fstat(file.fileno()))
    begun = manner.begun[part] = Begun(before, offset)
    digest = hashlib.sha256()
    file.seek(0)
    while file.tell() < offset:
        digest.update(file.read(min(_BLOCK, offset - file.tell())))

    def read(length: int) -> bytes:
        # Room for a whole block costs more than a small file does; the one byte more shows a file that grew.
        left = before[1] - begun.sent
        block: bytes = file.read(min(length, max(left, 0) + 1))
        manner.pace(len(block))
        digest.update(block)
        begun.sent += len(block)
        manner.tell(part, begun.sent)
        return block

    sent = store.store(part, read, append=offset > 0)
    after = _identity(os.fstat(file.fileno()))
    if offset + sent != before[1] or before != after:
        begun.spoiled = True
        raise TransferFailed(
            f"{file.name}: it changed while it was sent ({before[1]} bytes before, {offset + sent} sent)",
            hint="Wait until its backup has finished, then run again; on the store it is only a .part.",
        )
    return digest.hexdigest()


def _read_back(store: Store, part: str, sha256: str) -> None:
    digest = hashlib.sha256()
    try:
        store.retrieve(part, digest.update)
    except Refused as error:
        raise Refused(
            f"{part}: it cannot be read back: {error.msg}",
            hint="Verify with an account that may read the store, or ship without verify and let a reader fetch.",
        ) from error
    found = digest.hexdigest()
    if found != sha256:
        raise TransferFailed(
            f"{part}: read back from the store its bytes give sha256 {found[:16]}…, sent were {sha256[:16]}…",
            hint="The store's disk or the way to it alters bytes: look at it. Nothing stands under the name.",
        )


def _upload_digest(
    store: Store, destination: str, sha256: str, there: int | None, then: list[str]
) -> tuple[bool, list[int | None]]:
    """The digest gets its name before the file does, so that a file with a name never lacks it. Returns whether it is
    known to be there, and the sizes of other files ``then``.

    One that is there already was left by an upload that broke off between the two renames. Where this account may read
    it, it must be the same. A write-only account sees no more than its length: the digest is kept unread, and the first
    fetch compares it with the bytes.
    """
    name = destination + DIGEST
    line = f"{sha256}  {posixpath.basename(destination)}\n".encode()
    if there is None:
        store.store(name + PART, BytesIO(line).read)
        return True, store.rename(name + PART, name, then)
    kept = read_if_allowed(store, name, len(line)) if there == len(line) else b""
    if kept is not None and kept != line:
        raise TransferFailed(
            f"{name}: it was left by an earlier upload and is not the digest of {destination} ({sha256[:16]}…)",
            hint=f"Look at {name} on the store and remove it, then run again; the backup itself is only a .part.",
        )
    return kept is not None, store.sizes(then)


def check_room(store: Store, pairs: Sequence[tuple[str, str]]) -> None:
    """Refuses before the first byte where the store says that it has no room. Most FTP servers do not say."""
    free = store.free_space(posixpath.dirname(pairs[0][1]))
    if free is None:
        return
    sizes = store.sizes([destination for _source, destination in pairs])
    missing = [source for (source, _destination), size in zip(pairs, sizes) if size is None]
    needed = sum(os.path.getsize(source) for source in missing if os.path.isfile(source))
    if needed > free:
        raise NoSpace(
            f"{store.where}: {needed} bytes are to be shipped, {free} are free there",
            hint="Free the store's disk; nothing was sent.",
        )
