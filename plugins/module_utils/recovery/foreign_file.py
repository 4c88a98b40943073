# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files that are no backups we read: what each is, in one sentence, and what to do."""

from __future__ import annotations

from .compressed_tape import MAGIC, VERSION
from .errors import EncryptedBackup, NotABackup
from .mtf import Damage, text

_UNPACK = "Unpack it first; SQL Server does not restore from archives either."
_LOST = "Whatever came through the transfer is not the backup: fetch it again in binary mode and look at its source."
_MISPLACED = "Take it out of the backup folder, or leave it: it plays no part in any restore."
#: First bytes, what the file is, and what to do.
_KNOWN = (
    (b"PK\x03\x04", "a ZIP archive (a .bacpac is one too)", _UNPACK),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"\xfd7zXZ", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"SQLite format 3\0", "an SQLite database", _MISPLACED),
    (
        b"\x01\x0f",
        "a SQL Server database file (.mdf, .ndf or .ldf), not a backup",
        "Database files copied from a running server are worthless; attach it only if the server was stopped properly.",
    ),
)
_TEXT = frozenset(range(32, 127)) | {9, 10, 13}


def refuse_foreign(head: bytes, size: int, path: str) -> None:
    """Raises NotABackup unless ``head``, the first bytes of the file, begins a backup medium that we read."""
    if not size:
        raise NotABackup(
            f"{path}: the file is empty.",
            hint="The backup or its transfer failed before the first byte: look at the job that writes it.",
        )
    if head.startswith(b"TAPE"):
        _refuse_other_tapes(head, path)
        return
    if head.startswith(MAGIC):
        _refuse_container(int.from_bytes(head[8:12], "little"), path)
        return
    if not any(head):
        raise NotABackup(
            f"{path}: the file begins with {len(head)} zero bytes.",
            hint="SQL Server reserves the room before it writes: wait for the backup to end. If none is running, the "
            "content was lost; take another backup.",
        )
    for magic, what, hint in _KNOWN:
        if head.startswith(magic):
            raise NotABackup(f"{path}: the file is {what}.", hint=hint)
    line = _first_line(head)
    if line:
        raise NotABackup(f"{path}: the file is text and begins with {line!r}.", hint=_LOST)
    raise NotABackup(
        f"{path}: the file is not a SQL Server backup; it begins with the bytes {head[:8].hex(' ')}.",
        hint="Backups of other products (and of SQL Server 7.0 and before) cannot be read here; restore them with what "
        "wrote them.",
    )


def _refuse_other_tapes(head: bytes, path: str) -> None:
    """NTBackup and Backup Exec write the same format; but they know no stripes, and say their name."""
    try:
        software = text(head, 80)
    except Damage:
        return  # the reader says where the label is damaged
    if software and "sql server" not in software.lower() and b"RAID" not in head[:4096]:
        raise NotABackup(
            f"{path}: the file is a tape of another program: {software.strip()!r}, not SQL Server, wrote it.",
            hint="Restore it with what wrote it; a SQL Server backup may lie inside as a file.",
        )


def _refuse_container(version: int, path: str) -> None:
    if version == VERSION:
        return
    if version < VERSION:
        raise NotABackup(
            f"{path}: the file is a compressed backup of container version {version} (SQL Server 2008 to 2012), which "
            "we do not read.",
            hint="Ask a SQL Server: RESTORE HEADERONLY FROM DISK. Compressed backups of 2014 and later are read.",
        )
    raise NotABackup(
        f"{path}: the file is a compressed backup of container version {version}, newer than the ones we read.",
        hint="Ask a SQL Server: RESTORE HEADERONLY FROM DISK; and tell the maintainers of this collection.",
    )


def encrypted(path: str) -> EncryptedBackup:
    """The error for a container that is whole but whose chunks cannot be unpacked."""
    return EncryptedBackup(
        f"{path}: the backup is whole as far as its checksums go, but not readable: it is encrypted (WITH ENCRYPTION), "
        "or compressed in another way than MS_XPRESS (QAT_DEFLATE, ZSTD).",
        hint="Ask a SQL Server: RESTORE HEADERONLY FROM DISK. If it is encrypted, the server needs the certificate: "
        "make sure that the target of a restore has it, or the backup is lost.",
    )


def _first_line(head: bytes) -> str | None:
    """The beginning of a text file, whichever way it is written; None for anything else."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8")):
        if head.startswith(mark):
            return head[len(mark) : 400].decode(encoding, "replace").strip()[:40] or " "
    sample = head[:512]
    if sum(byte in _TEXT for byte in sample) < 0.95 * len(sample) or b"\0" in sample:
        return None
    return sample.decode("latin-1").strip()[:40] or " "
