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
from .compressed_tape import MAGIC, CompressedTape
from .errors import DamagedBackup
from .foreign_file import refuse_foreign
from .media_label import MediaLabel, media_label
from .mtf import Damage
from .set_reader import Opening, SetReader, read_opening
from .tape import PlainTape, Tape, filemark, filemarks
from .window import HEAD, Read, Window

_WRITTEN_OR_CUT = (
    "Either it is still being written, or a copy broke off or the disk was full. Look whether its size still grows; "
    "if it does not, take the file from its source again, or take another backup."
)


@dataclass(frozen=True)
class BackupFile:
    """One file of a backup medium. ``complete`` is False where the end is missing; ``notes`` say what is odd."""

    path: str
    size: int
    label: MediaLabel
    sets: tuple[BackupSet, ...]
    complete: bool = True
    notes: tuple[str, ...] = ()
    reads: int = 0
    bytes_read: int = 0

    def to_dict(self) -> dict[str, Any]:
        """A dictionary that JSON and Ansible carry."""
        return {
            "path": self.path,
            "size": self.size,
            "label": self.label.to_dict(),
            "sets": [backup_set.to_dict() for backup_set in self.sets],
            "complete": self.complete,
            "notes": list(self.notes),
        }


def read_backup_file(read: Read, size: int, path: str) -> BackupFile:
    """The label and the backup sets of the file ``path`` of ``size`` bytes; ``read(offset, length)`` gives its bytes.

    Raises NotABackup where the file is something else, and DamagedBackup where nothing can be said about it.
    """
    window = Window(read, size)
    try:
        return _read(window, path)
    except Damage as damage:
        raise DamagedBackup(f"{path}: {damage}.", hint=_WRITTEN_OR_CUT) from damage


def _read(window: Window, path: str) -> BackupFile:
    tape = open_tape(window, path)
    label = media_label(tape.label, container=tape.container)
    first = read_opening(tape, tape.first_filemark + tape.block_size)
    reader = SetReader(tape, label, first, path)
    notes: list[str] = []
    last = window.size - tape.block_size
    window.load(last - reader.closing_reach, window.size)
    if filemark(window, last, tape.block_size) is None:
        notes.append("The file does not end with a filemark. " + _WRITTEN_OR_CUT)
        sets = [reader.preliminary(first)]
    else:
        sets = _sets(reader, tape, last, notes)
    complete = not notes and all(backup_set.complete for backup_set in sets)
    return BackupFile(path, window.size, label, tuple(sets), complete, tuple(notes), window.reads, window.bytes_read)


def open_tape(window: Window, path: str) -> Tape:
    """The medium in whichever container it stands; NotABackup where it stands in none that we read."""
    head = window.get(0, min(window.size, HEAD)) if window.size else b""
    refuse_foreign(head, window.size, path)
    return CompressedTape(window) if head.startswith(MAGIC) else PlainTape(window)


def _sets(reader: SetReader, tape: Tape, last: int, notes: list[str]) -> list[BackupSet]:
    """All sets, read from the last to the first: the end of one and the head of the next are one read."""
    marks = filemarks(tape, last)
    if marks[0] != tape.first_filemark:
        raise Damage(last, "the filemarks do not go back to the media label")
    if len(marks) % 2 == 0:
        notes.append("The last backup set has no end-of-set block. " + _WRITTEN_OR_CUT)
    found: list[BackupSet] = []
    for index in range((len(marks) - 2) // 2 * 2, -1, -2):
        start, closing = marks[index] + tape.block_size, marks[index + 1]
        if index:
            tape.window.load(marks[index - 1] - reader.closing_reach, start + reader.opening_reach)
        found.append(_one_set(reader, start, closing, index // 2 + 1, notes))
    return found[::-1]


def _one_set(reader: SetReader, start: int, closing: int, position: int, notes: list[str]) -> BackupSet:
    opening: Opening = reader.first if position == 1 else read_opening(reader.tape, start)
    if opening.position != position:
        raise Damage(start, f"backup set {position} says it is number {opening.position}")
    try:
        return reader.final(opening, closing)
    except Damage as damage:
        notes.append(f"Backup set {position}: its closing configuration cannot be read ({damage}).")
        return reader.preliminary(opening)
