# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The backup devices of a RESTORE, seen together: all stripes of one media set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType

from simulator.engine.devices import cannot_open, media_error
from simulator.engine.events import SqlError
from simulator.engine.facts import Device
from simulator.engine.log_record import ReadLog
from simulator.engine.messages import error
from simulator.engine.pages import PAGE
from simulator.media.blocks import Damaged, MediaError, NotMedia, Truncated
from simulator.media.configuration import Configuration
from simulator.media.reader import DataStream, MediaFile, MediaSet


@dataclass(frozen=True)
class Piece:
    """A stream on one of the devices."""

    device: Device
    media: MediaFile
    stream: DataStream


class RestoreMedia:
    """``whole``: every family of the media set must be there; HEADERONLY and the like are content with one."""

    def __init__(self, devices: Sequence[Device], *, whole: bool = True) -> None:
        if not devices:
            raise error(3207)
        self._devices = tuple(devices)
        self._whole = whole
        self.media: list[tuple[Device, MediaFile]] = []

    def __enter__(self) -> RestoreMedia:
        try:
            for device in self._devices:
                self.media.append((device, _open(device)))
            if self._whole:
                self._check_families()
        except BaseException:
            self._close()
            raise
        self.media.sort(key=lambda one: one[1].label.family_sequence_number)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        for _, media in self.media:
            media.close()

    def _check_families(self) -> None:
        first = self.media[0][1].label
        seen: dict[int, str] = {}
        for device, media in self.media:
            number = media.label.family_sequence_number
            if media.label.media_set_id != first.media_set_id:
                raise error(3258, device.name)
            if number in seen:
                raise error(3227, device.name, number, seen[number])
            seen[number] = device.name
        if len(seen) < first.family_count:
            raise error(3132, first.family_count, len(seen))

    def set_at(self, position: int) -> BackupSetOnMedia:
        """FILE = n, on every stripe; it must be finished."""
        parts = []
        for device, media in self.media:
            if not 1 <= position <= len(media.sets):
                raise error(4038, position, device.name)
            found = media.sets[position - 1]
            if not found.complete:
                raise _incomplete(device, found)
            parts.append((device, media, found))
        return BackupSetOnMedia(parts)


def _incomplete(device: Device, found: MediaSet) -> SqlError:
    return media_error(device, found.broken) if found.broken else error(3256, device.name)


def _open(device: Device) -> MediaFile:
    if device.path is None:
        raise error(3254, device.name)
    try:
        device.faults.opening(device.path)
        media = MediaFile(device.path, device.faults.reading, device.opener)
    except (NotMedia, Damaged, Truncated) as problem:
        raise media_error(device, problem) from None
    except OSError as problem:
        raise cannot_open(device, problem) from None
    if not media.sets:
        media.close()
        raise error(3254, device.name)
    return media


class BackupSetOnMedia:
    """One finished backup set over all its stripes."""

    def __init__(self, parts: Sequence[tuple[Device, MediaFile, MediaSet]]) -> None:
        self._parts = parts
        self.device = parts[0][0]
        self.first = parts[0][2]
        configuration = self.first.final
        assert configuration is not None
        self.configuration: Configuration = configuration

    @property
    def guid(self) -> str:
        return self.first.header.backup_set_guid

    @property
    def family_count(self) -> int:
        return len(self._parts)

    def pieces(self, kind: str) -> list[Piece]:
        return [
            Piece(device, media, stream)
            for device, media, found in self._parts
            for stream in found.streams
            if stream.kind == kind
        ]

    @property
    def size(self) -> int:
        return sum(piece.stream.length for kind in ("MQDA", "MQTL") for piece in self.pieces(kind))

    def pages(self, progress: Callable[[int], None], *, checked: bool) -> Iterator[list[memoryview]]:
        """All pages, a megabyte at a time, header in front. A wrong CSUM shows after a stream's last piece."""
        for piece in self.pieces("MQDA"):
            for data in read_piece(piece, progress, checked=checked):
                view = memoryview(data)
                yield [view[at : at + PAGE] for at in range(0, len(view), PAGE)]

    def log_reader(self, start: int) -> ReadLog:
        """Reads at log positions; the set's log begins at ``start``."""
        spans: list[tuple[int, Piece]] = []
        for piece in self.pieces("MQTL"):
            spans.append((start, piece))
            start += piece.stream.length

        def read(position: int, length: int) -> bytes:
            found = b""
            for begin, piece in spans:
                inside = position + len(found) - begin
                if 0 <= inside < piece.stream.length and len(found) < length:
                    take = min(length - len(found), piece.stream.length - inside)
                    found += _read(piece, piece.stream.offset + inside, take)
            return found

        return read

    def log_length(self) -> int:
        return sum(piece.stream.length for piece in self.pieces("MQTL"))


def read_piece(piece: Piece, progress: Callable[[int], None], *, checked: bool) -> Iterator[bytes]:
    """A stream's bytes; what is wrong with the medium comes as the server's error."""
    try:
        stream = piece.stream
        if not checked:
            stream = DataStream(stream.kind, stream.offset, stream.length, None)
        yield from piece.media.data(stream, progress)
    except Damaged:
        raise error(3189) from None
    except (MediaError, OSError) as problem:
        raise media_error(piece.device, problem) from None


def _read(piece: Piece, offset: int, length: int) -> bytes:
    try:
        return piece.media.read(offset, length)
    except (MediaError, OSError) as problem:
        raise media_error(piece.device, problem) from None
