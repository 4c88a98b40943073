# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""RESTORE HEADERONLY, FILELISTONLY, LABELONLY and VERIFYONLY."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.engine.events import SqlError
from simulator.engine.facts import Device, InstanceFacts, Progress, RestoreOptions, no_progress
from simulator.engine.messages import error, message
from simulator.engine.pages import is_sound, is_stamped
from simulator.engine.restore_media import BackupSetOnMedia, RestoreMedia, read_piece
from simulator.engine.restore_rules import check_set
from simulator.media import configuration as bits
from simulator.media import rows

Row = Mapping[str, object]


def header_rows(devices: Sequence[Device], position: int | None = None) -> tuple[Row, ...]:
    """RESTORE HEADERONLY: column names and Python values (int, str, GUID text, naive local datetime, bool, None)."""
    with _Reading("RESTORE HEADERONLY"), RestoreMedia(devices, whole=False) as media:
        device, first = media.media[0]
        found = [one for one in first.sets if one.configuration is not None]
        if position is not None:
            found = [one for one in found if one.header.position == position]
            if not found:
                raise error(4038, position, device.name)
        return tuple(rows.header_row(one) for one in found)


def file_list_rows(devices: Sequence[Device], position: int = 1) -> tuple[Row, ...]:
    """RESTORE FILELISTONLY."""
    with _Reading("RESTORE FILELIST"), RestoreMedia(devices, whole=False) as media:
        return rows.file_rows(media.set_at(position).configuration)


def label_row(devices: Sequence[Device]) -> Row:
    """RESTORE LABELONLY."""
    with _Reading("RESTORE LABELONLY"), RestoreMedia(devices, whole=False) as media:
        return rows.label_row(media.media[0][1].label, media.media[0][1].packing)


def verify(
    devices: Sequence[Device],
    position: int,
    facts: InstanceFacts,
    *,
    checksum: bool | None = None,
    on_progress: Progress = no_progress,
) -> Row:
    """RESTORE VERIFYONLY: the header row of the set when the media is whole, else the documented error."""
    with _Reading("VERIFY DATABASE"), RestoreMedia(devices) as media:
        backup = media.set_at(position)
        check_set(backup, RestoreOptions(checksum=bool(checksum), continue_after_error=True), facts)
        _read_all(backup, checksum is not False, on_progress)
        return rows.header_row(backup.first)


def _read_all(backup: BackupSetOnMedia, checked: bool, tell: Progress) -> None:
    checked = checked and bool(backup.configuration.flags & bits.HAS_CHECKSUMS)
    total, done, told = max(1, backup.size), 0, 0

    def progress(count: int) -> None:
        nonlocal done, told
        done += count
        if done * 100 // total > told:
            told = done * 100 // total
            tell(told)

    for pages in backup.pages(progress, checked=checked):
        for page in pages:
            whole = bytes(page)
            if checked and is_stamped(whole) and not is_sound(whole):
                raise error(3189)
    for piece in backup.pieces("MQTL"):
        for _ in read_piece(piece, progress, checked=checked):
            pass


class _Reading:
    """Every failure ends with 3013."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, problem: BaseException | None, _trace: object) -> None:
        if isinstance(problem, SqlError):
            raise SqlError(*problem.messages, message(3013, self._words)) from None
