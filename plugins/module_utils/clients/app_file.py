# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An application's file on this host: read whole, replaced whole, with its owner, mode, ACL and labels kept."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..recovery.errors import InvalidInput, NoSpace, RepointRefused
from ..recovery.file_encoding import LARGEST

#: What replacing a file takes besides its own size, twice: directory entries and rounding to blocks.
_SPARE = 256 * 1024
_TEMPORARY = ".deadpool-new"


@dataclass(frozen=True)
class AppFile:
    """A file as it was read. ``path`` is as the operator named it, ``real_path`` where its links lead."""

    path: str
    real_path: str
    data: bytes = field(repr=False)
    status: os.stat_result = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def read(path: str) -> AppFile:
    """The file behind ``path``, links followed."""
    if not os.path.isabs(path):
        raise InvalidInput(f"{path}: not an absolute path", hint="Name the file by its whole path on its host.")
    try:
        real_path = os.path.realpath(path)
        descriptor = os.open(real_path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
        with os.fdopen(descriptor, "rb") as opened:
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise RepointRefused(f"{path}: not a regular file", hint="Name the configuration file itself.")
            return AppFile(path, real_path, opened.read(LARGEST + 1), status)
    except OSError as error:
        hint = "Check the path, and run as a user that may read it (become)."
        raise RepointRefused(f"{path}: cannot be read: {error.strerror}", hint=hint) from None


def require_replaceable(file: AppFile, size: int) -> None:
    """Everything that would make replacing the file fail or change more than its content, found out beforehand."""
    folder = os.path.dirname(file.real_path)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise RepointRefused(
            f"{file.path}: its folder {folder} is read-only", hint="Run as a user that may write there."
        )
    if not os.access(file.real_path, os.W_OK):
        mode = stat.S_IMODE(file.status.st_mode)
        raise RepointRefused(
            f"{file.path}: read-only for this user (mode {mode:04o})",
            hint="Run as its owner (become), or find out who made it read-only and why.",
        )
    if file.status.st_nlink > 1:
        raise RepointRefused(
            f"{file.path}: has {file.status.st_nlink} hard links, which replacing it would separate",
            hint="Replace the hard links by symbolic links, or by separate files that are listed each.",
        )
    _require_same_owner(file)
    require_space(folder, size * 2 + _SPARE)


def _require_same_owner(file: AppFile) -> None:
    """Only root may give a file to somebody else: anyone else would take it over by replacing it."""
    user = os.geteuid()
    groups = {os.getegid(), *os.getgroups()}
    if user and (file.status.st_uid != user or file.status.st_gid not in groups):
        raise RepointRefused(
            f"{file.path}: belongs to uid {file.status.st_uid}, gid {file.status.st_gid}, which uid {user} cannot keep",
            hint="Run as root or as the file's owner (become).",
        )


def require_space(folder: str, wanted: int) -> None:
    free = os.statvfs(folder)
    available = free.f_bavail * free.f_frsize
    if available < wanted or (free.f_files and not free.f_favail):
        raise NoSpace(
            f"{folder}: {available} bytes and {free.f_favail} files free, {wanted} bytes needed to replace a file",
            hint="Free disk space there first.",
        )


@dataclass(frozen=True)
class Prepared:
    """The new content, whole and on disk under a name of its own, ready to take the file's place."""

    file: AppFile
    temporary: str
    sha256: str

    def swap(self) -> None:
        """Take the file's place at once; refused where the file is no longer what was read."""
        require_unchanged(self.file)
        os.replace(self.temporary, self.file.real_path)
        _sync_folder(os.path.dirname(self.file.real_path))

    def verify(self) -> None:
        """Read the file again: what is on disk is what was written."""
        written = hashlib.sha256(Path(self.file.real_path).read_bytes()).hexdigest()
        if written != self.sha256:
            raise RepointRefused(
                f"{self.file.path}: reads back as {written[:16]}…, written was {self.sha256[:16]}…",
                hint="Another program writes this file at the same time, or the disk is faulty. Stop the application.",
            )

    def discard(self) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self.temporary)


def require_unchanged(file: AppFile) -> None:
    """The bytes on disk are still those that were read, and the way to them is the same."""
    now = read(file.path)
    if now.real_path != file.real_path or now.data != file.data:
        raise RepointRefused(
            f"{file.path}: was changed by another program meanwhile ({file.sha256[:16]}… → {now.sha256[:16]}…)",
            hint="Find out who changes it, then run again.",
        )


def prepare(file: AppFile, data: bytes) -> Prepared:
    """Write ``data`` beside the file, with the file's owner, mode and attributes; nothing is visible yet."""
    folder, name = os.path.split(file.real_path)
    remove_leftovers(file)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=_TEMPORARY, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(data)
            opened.flush()
            keep_protection(file, opened.fileno())
            os.fsync(opened.fileno())
    except BaseException:
        os.unlink(temporary)
        raise
    return Prepared(file, temporary, hashlib.sha256(data).hexdigest())


def keep_protection(file: AppFile, descriptor: int) -> None:
    """Owner, mode and extended attributes (ACLs, SELinux labels) of the file for another one."""
    there = os.fstat(descriptor)
    if (there.st_uid, there.st_gid) != (file.status.st_uid, file.status.st_gid):
        os.fchown(descriptor, file.status.st_uid, file.status.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(file.status.st_mode))
    for name in _attributes(file.real_path):
        value = os.getxattr(file.real_path, name)
        if _attribute(descriptor, name) != value:
            os.setxattr(descriptor, name, value)


def _attributes(path: str) -> list[str]:
    try:
        return os.listxattr(path)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return []
        raise


def _attribute(descriptor: int, name: str) -> bytes | None:
    try:
        return os.getxattr(descriptor, name)
    except OSError:
        return None


def remove_leftovers(file: AppFile) -> None:
    """New contents that a run left behind when it was killed: they never took the file's place."""
    folder, name = os.path.split(file.real_path)
    for entry in os.listdir(folder):
        if entry.startswith(f".{name}.") and entry.endswith(_TEMPORARY):
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(folder, entry))


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
