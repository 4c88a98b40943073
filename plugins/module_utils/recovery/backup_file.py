# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a backup file is, read from its bytes, without a SQL Server.

The caller hands over a function that reads, so that the file may lie anywhere. One backup set costs two reads of
together less than 50 KB, whatever the size of the file; each further set on the same file costs one more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .backup_set import BackupSet
from .compressed_tape import MAGIC, CompressedTape, Unreadable
from .errors import DamagedBackup
from .foreign_file import encrypted, refuse_foreign
from .media_label import MediaLabel, media_label
from .mtf import Damage
from .set_reader import Opening, SetReader, read_opening
from .tape import PlainTape, Tape, filemarks, walked_filemarks
from .window import HEAD, Read, Window

_MOST_NOTES = 20
WRITTEN_OR_CUT = (
    "Either it is still being written, or a copy broke off or the disk was full. Look whether its size still grows; "
    "if it does not, take the file from its source again, or take another backup."
)


@dataclass(frozen=True)
class BackupFile:
    """One file of a backup medium. ``complete`` is False where the end is missing; ``notes`` say what is wrong then."""

    path: str
    size: int
    label: MediaLabel
    sets: tuple[BackupSet, ...]
    complete: bool = True
    notes: tuple[str, ...] = ()
    reads: int = 0
    bytes_read: int = 0

    @property
    def hint(self) -> str | None:
        """What to do about a file that is not complete."""
        return None if self.complete else WRITTEN_OR_CUT

    @property
    def remarks(self) -> list[str]:
        """What one must know of a file although nothing is wrong with it."""
        return [
            f"backup set {each.position} is a snapshot: its pages are not in this file, but in a cloud store or in a "
            "snapshot of the disk; only the server that made it can restore it"
            for each in self.sets
            if each.is_snapshot
        ]

    def to_dict(self) -> dict[str, Any]:
        """A dictionary that JSON and Ansible carry."""
        return {**self.medium(), "sets": [backup_set.to_dict() for backup_set in self.sets]}

    def medium(self) -> dict[str, Any]:
        """The same without the backup sets; only how many there are."""
        return {
            "path": self.path,
            "size": self.size,
            "label": self.label.to_dict(),
            "sets": len(self.sets),
            "complete": self.complete,
            "notes": list(self.notes),
            "hint": self.hint,
            "remarks": self.remarks,
        }


def read_backup_file(read: Read, size: int, path: str) -> BackupFile:
    """The label and the backup sets of the file ``path`` of ``size`` bytes; ``read(offset, length)`` gives its bytes.

    Raises NotABackup where the file is something else, and DamagedBackup where nothing can be said about it.
    """
    window = Window(read, size)
    try:
        return _read(window, path)
    except Unreadable as unreadable:
        raise encrypted(path) from unreadable
    except Damage as damage:
        raise DamagedBackup(f"{path}: {damage}.", hint=WRITTEN_OR_CUT) from damage


def _read(window: Window, path: str) -> BackupFile:
    tape = open_tape(window, path)
    label = media_label(tape.label, container=tape.container)
    first = read_opening(tape, tape.first_filemark + tape.block_size)
    reader = SetReader(tape, label, first, path)
    last = window.size - tape.block_size
    window.load(last - reader.closing_reach, window.size)
    notes: list[str] = []
    try:
        sets = _sets(reader, _filemarks(tape, last), notes)
    except Damage as damage:
        notes = [f"the file has no good end: {damage}."]
        sets = _sets(reader, walked_filemarks(tape), notes) or [reader.preliminary(first)]
    complete = not notes and all(backup_set.complete for backup_set in sets)
    return BackupFile(path, window.size, label, tuple(sets), complete, tuple(notes), window.reads, window.bytes_read)


def open_tape(window: Window, path: str) -> Tape:
    """The medium in whichever container it stands; NotABackup where it stands in none that we read."""
    head = window.get(0, min(window.size, HEAD)) if window.size else b""
    refuse_foreign(head, window.size, path)
    return CompressedTape(window) if head.startswith(MAGIC) else PlainTape(window)


def _filemarks(tape: Tape, last: int) -> list[int]:
    """All filemarks of a medium that ends as it should."""
    marks = filemarks(tape, last)
    if marks[0] != tape.first_filemark:
        raise Damage(last, "the filemarks do not go back to the media label")
    if len(marks) % 2 == 0 or len(marks) < 3 or tape.end_of_set(marks[-2] + tape.block_size) != last:
        raise Damage(last, "the last backup set does not end where its file does")
    return marks


def _sets(reader: SetReader, marks: list[int], notes: list[str]) -> list[BackupSet]:
    """All sets, read from the last to the first: the end of one and the head of the next are one read.

    With an even number of filemarks the last set has closed, but not ended: its LSNs are final, but it is not complete.
    Behind an odd one another may begin.
    """
    size = reader.tape.block_size
    found: list[BackupSet | None] = []
    for index in range((len(marks) - 1) // 2 * 2, -1, -2):
        start = marks[index] + size
        if start >= reader.tape.window.size:
            continue
        if index:
            reader.tape.window.load(marks[index - 1] - reader.closing_reach, start + reader.opening_reach)
        found.append(_one_set(reader, start, marks[index + 1 : index + 3], index // 2 + 1, notes))
        if len(notes) > _MOST_NOTES:  # a list of filemarks that leads everywhere must not cost a read each
            raise Damage(start, "too many backup sets cannot be read")
    return [backup_set for backup_set in reversed(found) if backup_set]


def _one_set(reader: SetReader, start: int, ends: list[int], position: int, notes: list[str]) -> BackupSet | None:
    """The set at ``start``; ``ends`` are the filemarks that close and end it, as far as they are there."""
    try:
        opening: Opening = reader.first if position == 1 else read_opening(reader.tape, start)
        if opening.position != position:
            raise Damage(start, f"it says it is number {opening.position}")
    except Damage as damage:
        notes.append(f"backup set {position} cannot be read: {damage}.")
        return None
    if not ends:
        return reader.preliminary(opening)
    try:
        return reader.final(opening, ends[0], ended=len(ends) == 2)
    except Damage as damage:
        notes.append(f"backup set {position} has no good closing configuration: {damage}.")
        return reader.preliminary(opening)
