# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The instance's error log: what it did, for those who look afterwards. sp_readerrorlog reads it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from simulator.engine.messages import message

_BACKUPS = {1: 18264, 2: 18265, 5: 18270}
_RESTORES = {1: 18267, 2: 18268, 5: 18267}


class ErrorLog:
    """One line per entry: time, who (spid51, Logon, Server), text."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self.path = path
        self.now = now
        self._lock = threading.Lock()

    def write(self, source: str, text: str) -> None:
        moment = self.now().strftime("%Y-%m-%d %H:%M:%S.%f")[:22]
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(f"{moment} {source:<12}{' '.join(text.split())}\n")

    def entries(self) -> Iterator[tuple[datetime, str, str]]:
        if not self.path.exists():
            return
        for line in self.path.read_text("utf-8").splitlines():
            yield datetime.strptime(line[:22], "%Y-%m-%d %H:%M:%S.%f"), line[23:35].strip(), line[35:]

    def backed_up(self, spid: int, header: Mapping[str, object], pages: int, devices: list[str]) -> None:
        self._note(spid, _BACKUPS, header, pages, devices)

    def restored(self, spid: int, header: Mapping[str, object], devices: list[str]) -> None:
        self._note(spid, _RESTORES, header, None, devices)

    def _note(
        self, spid: int, numbers: Mapping[int, int], header: Mapping[str, object], pages: int | None, devices: list[str]
    ) -> None:
        kind = int(str(header["BackupType"]))
        created = header["DatabaseCreationDate"]
        day = created.strftime("%Y/%m/%d") if isinstance(created, datetime) else ""
        clock = created.strftime("%H:%M:%S") if isinstance(created, datetime) else ""
        values: list[object] = [header["DatabaseName"], day, clock]
        if pages is not None and kind != 2:
            values.append(pages)
        values += [header["FirstLSN"], header["LastLSN"]]
        if pages is not None and kind == 5:
            values.append(header["DifferentialBaseLSN"])
        names = ", ".join(f"'{device}'" for device in devices)
        self.write(f"spid{spid}", message(numbers[kind], *values, len(devices), f"TYPE=DISK: {{{names}}}").text)
