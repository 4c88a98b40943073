# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How fast backup files are read and verified: ``python -m benchmarks.backup_files`` from the project's root.

Each figure stands beside its floor from the same run: the same reads without parsing; reading the file, and sha256.
What is in memory is measured in processor time, what comes from a disk or a store by the clock on the wall.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "collections"))

from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Ftp
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp_reading import StoreFile, on_store
from ansible_collections.ics.deadpool.plugins.module_utils.clients.local_files import LocalFile, find_files, reading
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import read_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_verify import verify_backup_file

from benchmarks.backup_files.material import many, write, write_compressed
from benchmarks.backup_files.store import serving

MEGABYTE = 1 << 20
Read = Callable[[int, int], bytes]
Opened = Callable[[], AbstractContextManager[Read]]


class Recorder:
    """Passes reads on and notes them: the floor repeats them without parsing."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.ranges: list[tuple[int, int]] = []

    def __call__(self, offset: int, length: int) -> bytes:
        self.ranges.append((offset, length))
        return self.read(offset, length)


def timed(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    begun = clock()
    work()
    return clock() - begun


def local(folder: Path, *, cold: bool) -> dict[str, Any]:
    """Files per second on this disk: ``cold``, or with all in memory."""
    files = find_files(str(folder))[0]
    ranges: dict[str, list[tuple[int, int]]] = {}

    def whole() -> None:
        for file in files:
            with reading(file.path) as read:
                recorder = Recorder(read)
                assert read_backup_file(recorder, file.size, file.path).complete
                ranges[file.path] = recorder.ranges

    def floor() -> None:
        for file in files:
            with reading(file.path) as read:
                for offset, length in ranges[file.path]:
                    read(offset, length)

    times: dict[Callable[[], None], list[float]] = {whole: [], floor: []}
    for _ in range(2 if cold else 5):  # in turn, so that whatever else the machine does meets both
        for work, taken in times.items():
            if cold:
                forget(files)
            taken.append(timed(work, time.perf_counter if cold else time.process_time))
    return compared(len(files), whole=min(times[whole]), floor=min(times[floor]))


def forget(files: list[LocalFile]) -> None:
    """Asks the system to drop what it has of the files in memory."""
    os.sync()
    for file in files:
        with open(file.path, "rb") as opened:
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def compared(count: int, *, floor: float, whole: float) -> dict[str, Any]:
    return {
        "files": count,
        "files_per_second": round(count / whole),
        "floor_files_per_second": round(count / floor),
        "microseconds_of_parsing": round((whole - floor) / count * 1e6),
        "time_to_floor": round(whole / floor, 2),
    }


def over_ftps(folder: Path, work: Path, count: int) -> dict[str, Any]:
    """Files per second through one FTPS connection on loopback."""
    with serving(folder, work) as params, Ftp(params) as store:
        entries = [entry for entry in store.walk("/") if not entry.is_directory][:count]
        whole = floor = 0.0
        for entry in entries:  # in turn, so that whatever else the machine does meets both
            recorder = Recorder(partial(store.read, entry.path))
            whole += timed(partial(read_backup_file, recorder, entry.size, entry.path))
            floor += timed(partial(_repeat, partial(store.read, entry.path), recorder.ranges))
        return compared(len(entries), floor=floor, whole=whole)


def _repeat(read: Read, ranges: list[tuple[int, int]]) -> None:
    for offset, length in ranges:
        read(offset, length)


def verifying(
    opened: Opened,
    size: int,
    *,
    deep: bool = False,
    rounds: int = 7,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, Any]:
    """Megabytes per second of verify, beside reading alone and sha256 over the same file."""

    def piecewise(use: Callable[[bytes], Any]) -> None:
        with opened() as read:
            for offset in range(0, size, MEGABYTE):
                use(read(offset, min(MEGABYTE, size - offset)))

    verdict = ""

    def verify() -> None:
        nonlocal verdict
        with opened() as read:
            verdict = verify_backup_file(read, size, "measured.bak", deep=deep).verdict

    works: dict[str, Callable[[], Any]] = {
        "read": partial(piecewise, len),
        "sha256": partial(piecewise, hashlib.sha256().update),
        "verify": verify,
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):  # in turn, so that whatever else the machine does meets all
        for name, work in works.items():
            times[name].append(timed(work, clock))
    rates = {name: size / min(taken) / 1e6 for name, taken in times.items()}
    return {
        "megabytes": round(size / 1e6),
        "verdict": verdict,
        **{f"{name}_mb_per_second": round(rate, 1 if rate < 50 else None) for name, rate in rates.items()},
        "verify_to_sha256": round(rates["verify"] / rates["sha256"], 2),
    }


def verifying_kinds(work: Path, megabytes: int, deep_megabytes: int) -> dict[str, Any]:
    """Verify of each kind of medium: on this disk, through FTPS, and ``deep``."""
    served = work / "served"
    served.mkdir()
    for name, checksums in (("with.bak", True), ("without.bak", False)):
        write(served / name, count=megabytes * 128, log=MEGABYTE, checksums=checksums)
    write_compressed(served / "packed.bak", served / "without.bak")
    write(work / "small.bak", count=deep_megabytes * 128, log=4096, checksums=False)
    write_compressed(served / "deep.bak", work / "small.bak")
    kinds = {"with CHECKSUM": "with.bak", "without CHECKSUM": "without.bak", "compressed": "packed.bak"}
    sizes = {path.name: path.stat().st_size for path in served.iterdir()}
    results = {
        f"verify {title}": verifying(partial(reading, str(served / name)), sizes[name]) for title, name in kinds.items()
    }
    results["verify deep"] = verifying(
        partial(reading, str(served / "deep.bak")), sizes["deep.bak"], deep=True, rounds=2
    )
    with serving(served, work) as params, Ftp(params) as store:
        place = on_store(store, "reader")
        for title, name in {**kinds, "deep": "deep.bak"}.items():
            opened = partial(place.stream, StoreFile(f"/{name}", sizes[name], None))
            results[f"verify {title}, FTPS"] = verifying(
                opened, sizes[name], deep=title == "deep", rounds=2, clock=time.perf_counter
            )
    return results


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backup_files", description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--ftps-files", type=int, default=10_000)
    parser.add_argument("--megabytes", type=int, default=256, help="of the files that are verified")
    parser.add_argument("--deep-megabytes", type=int, default=32)
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="backup_files_") as name:
        work = Path(name)
        many(work / "many", options.files)
        results = {"local": local(work / "many", cold=False), "local, cold": local(work / "many", cold=True)}
        if options.ftps_files:
            results["ftps"] = over_ftps(work / "many", work, options.ftps_files)
        results |= verifying_kinds(work, options.megabytes, options.deep_megabytes)
    if options.json:
        print(json.dumps(results, indent=2))
        return
    for title, figures in results.items():
        print(f"{title}: " + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
