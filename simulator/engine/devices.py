# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backup devices: files that are created, overwritten or appended to, and what the operating system says of them."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from simulator.engine.boot import new_guid
from simulator.engine.events import SqlError
from simulator.engine.facts import BackupOptions, Device, InstanceFacts
from simulator.engine.messages import error
from simulator.media.blocks import Damaged, NotMedia, Truncated
from simulator.media.container import Packer, Sink
from simulator.media.label import Label
from simulator.media.reader import MediaFile
from simulator.media.sealing import Packing
from simulator.media.writer import Family

_MOST_DEVICES = 64
_ASK_AGAIN_AFTER = 4 << 20
_WINDOWS = {
    errno.ENOENT: "2(The system cannot find the file specified.)",
    errno.ENOTDIR: "3(The system cannot find the path specified.)",
    errno.EACCES: "5(Access is denied.)",
    errno.EPERM: "5(Access is denied.)",
    errno.EISDIR: "5(Access is denied.)",
    errno.EROFS: "19(The media is write protected.)",
    errno.EIO: "23(Data error (cyclic redundancy check).)",
    errno.EBUSY: "32(The process cannot access the file because it is being used by another process.)",
    errno.EWOULDBLOCK: "32(The process cannot access the file because it is being used by another process.)",
    errno.ENOSPC: "112(There is not enough space on the disk.)",
    errno.EDQUOT: "112(There is not enough space on the disk.)",
    errno.EFBIG: "112(There is not enough space on the disk.)",
}
END_OF_FILE = "38(Reached the end of the file.)"


def os_error(problem: OSError) -> str:
    """An error of this operating system in the words of the simulated one."""
    return _WINDOWS.get(problem.errno or 0, f"{problem.errno}({problem.strerror})")


def cannot_open(device: Device, problem: OSError) -> SqlError:
    if problem.errno == errno.ENOENT and device.path is not None and not device.path.parent.is_dir():
        return error(3201, device.name, _WINDOWS[errno.ENOTDIR])
    return error(3201, device.name, os_error(problem))


def media_error(device: Device, problem: Exception) -> SqlError:
    """What is wrong with a medium, as the server says it."""
    if isinstance(problem, Truncated):
        return error(3203, device.name, END_OF_FILE)
    if isinstance(problem, OSError):
        return error(3203, device.name, os_error(problem))
    return error(3241, device.name)


class _Nowhere:
    """DISK = 'NUL'."""

    def write(self, _data: bytes, /) -> None:
        pass


class _MeteredFile:
    """A file on a disk whose free space the caller may know better than the operating system."""

    def __init__(self, file: BinaryIO, device: Device, path: Path, capacity: Callable[[Path], int | None]) -> None:
        self.file = file
        self._disk = device.faults
        self._path = path
        self._capacity = capacity
        self._room: int | None = 0
        self._since = _ASK_AGAIN_AFTER

    def write(self, data: bytes, /) -> None:
        if self._since >= _ASK_AGAIN_AFTER or (self._room is not None and self._room < len(data)):
            self.file.flush()
            self._room, self._since = self._capacity(self._path), 0
        self._since += len(data)
        if self._room is not None:
            if self._room < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._room -= len(data)
        self._disk.writing(len(data))
        self.file.write(data)


@dataclass
class _Output:
    device: Device
    family: Family
    file: BinaryIO | None = None
    keep: int = 0  # bytes to cut back to when the backup fails; 0: the file goes


class BackupDevices:
    """All devices of a BACKUP. Left with an error, no half set stays behind."""

    def __init__(
        self, devices: Sequence[Device], options: BackupOptions, facts: InstanceFacts, start: datetime
    ) -> None:
        if not devices:
            raise error(3207)
        if len(devices) > _MOST_DEVICES:
            raise error(3205, _MOST_DEVICES)
        self.devices = tuple(devices)
        self._options = options
        self._facts = facts
        self._new = Label(
            media_set_id=new_guid(),
            media_family_id=0,
            media_date=start,
            block_size=options.block_size or facts.sector_size,
            family_count=len(devices),
            media_name=options.media_name,
            media_description=options.media_description,
        )
        self._outputs: list[_Output] = []
        wants = options.compression_default if options.compression is None else options.compression
        key = options.encryption.record if options.encryption else None
        self.packing = Packing(wants and "Express" not in facts.edition, key)

    def __enter__(self) -> BackupDevices:
        existing = [self._existing(device) for device in self.devices]
        self._check_together(existing)
        self.packing = next((media.packing for media in existing if media), self.packing)
        try:
            for number, (device, media) in enumerate(zip(self.devices, existing, strict=True), 1):
                self._outputs.append(self._open(device, media, number))
        except OSError as problem:
            failed = self.devices[len(self._outputs)]
            self._undo()
            raise cannot_open(failed, problem) from None
        finally:
            for media in existing:
                if media:
                    media.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if problem is None:
            return
        self._undo()
        if isinstance(problem, OSError):
            raise self.write_error(problem) from None

    def close(self) -> None:
        """The set is written; what the disk refuses now is refused in time."""
        for output in self._outputs:
            if output.file:
                output.file.close()

    @property
    def families(self) -> list[Family]:
        return [output.family for output in self._outputs]

    @property
    def position(self) -> int:
        """FILE = n of the set that is being written."""
        return len(self._outputs[0].family.entries) + 1

    def write_error(self, problem: OSError) -> SqlError:
        return error(3202, self._outputs[0].device.name, os_error(problem))

    def _existing(self, device: Device) -> MediaFile | None:
        """The medium that is already there, unless it is to be formatted anyway."""
        if device.path is None or self._options.format:
            return None
        try:
            device.faults.opening(device.path)
            if not device.path.stat().st_size:
                return None
            media = MediaFile(device.path, device.faults.reading, device.opener)
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise cannot_open(device, problem) from None
        except (NotMedia, Damaged, Truncated):
            raise error(3241, device.name) from None
        if not media.intact and not self._options.init:
            media.close()
            raise error(3266, device.name)
        return media

    def _check_together(self, existing: Sequence[MediaFile | None]) -> None:
        labels = [media.label for media in existing if media]
        try:
            for device, media in zip(self.devices, existing, strict=True):
                if media:
                    self._check_packing(media)
                if media and media.label.family_count != len(self.devices):
                    raise error(3231, device.name, media.label.family_count, len(self.devices))
                if media and media.label.media_set_id != labels[0].media_set_id:
                    raise error(3258, device.name)
                if labels and not media and device.path is not None:
                    raise error(3254, device.name)
        except SqlError:
            for media in existing:
                if media:
                    media.close()
            raise

    def _check_packing(self, media: MediaFile) -> None:
        """A medium stays as it was formatted; only what the statement asks for can contradict it.

        To encrypted media nothing can be appended, nor an encrypted set to others.
        """
        if self._options.encryption or media.packing.key:
            raise error(3095 if self._options.encryption else 3097)
        wants = self._options.compression
        if wants is not None and wants != media.packing.compressed:
            raise error(3098, "COMPRESSION" if wants else "NO_COMPRESSION")

    def _open(self, device: Device, media: MediaFile | None, number: int) -> _Output:
        label = media.label if media else self._label(number)
        if device.path is None:
            return _Output(device, self._family(_Nowhere(), label))
        append = media is not None and not self._options.init
        device.faults.opening(device.path)
        file = device.path.open("r+b" if append else "wb", buffering=1 << 20)
        family = self._family(_MeteredFile(file, device, device.path, self._facts.capacity), label)
        if media is not None and append:
            file.seek(media.place(media.end))
            family.position, family.filemarks, family.entries = media.end, media.filemarks, media.entries
            if family.packer:
                family.packer.position, family.packer.place = media.end, media.place(media.end)
        return _Output(device, family, file, family.place)

    def _family(self, sink: Sink, label: Label) -> Family:
        packing, sealing = self.packing, self._options.encryption
        if sealing is None:
            return Family(sink, label, packer=Packer(sink) if packing.compressed else None)
        key = sealing.record.packed()
        return Family(sink, label, packer=Packer(sink, seal=sealing.seal, key=key, compressed=packing.compressed))

    def _label(self, number: int) -> Label:
        identity = random.getrandbits(32) or 1
        return replace(self._new, media_family_id=identity, family_sequence_number=number)

    def _undo(self) -> None:
        for output in self._outputs:
            if output.file is None or output.device.path is None:
                continue
            try:
                output.file.close()
            except OSError:
                pass  # what it still held could not be written; it is cut off or removed below
            try:
                if output.keep:
                    os.truncate(output.device.path, output.keep)
                else:
                    output.device.path.unlink(missing_ok=True)
            except OSError:
                pass
