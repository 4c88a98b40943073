# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Coverage-guided fuzzing of the reader and of verify, on both containers: ``python fuzz_target.py [atheris options]``.

Run from the root of the collection in a Python that has atheris. The seeds are small media of each kind; the fuzzer
changes bytes anywhere. Block and stream headers carry XOR checksums that random changes never hit, so before each run
the checksums of what looks like a header are put right: else the fuzzer would see nothing but refusals.
"""

from __future__ import annotations

import random
import re
import struct
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import atheris

# The repository has a link to itself; an installed collection lies in its place already.
sys.path.insert(0, str(Path(__file__).resolve().parents[6] / "../../.."))
sys.path.insert(0, str(Path(__file__).resolve().parents[6] / "collections"))

with atheris.instrument_imports(include=["ansible_collections.ics.deadpool.plugins.module_utils.recovery"]):
    from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import read_backup_file
    from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_verify import verify_backup_file
    from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError

from ansible_collections.ics.deadpool.tests.unit.plugins.module_utils.recovery.backup_files.medium import (
    BackupSet,
    medium,
    page,
    rotated,
)
from ansible_collections.ics.deadpool.tests.unit.plugins.module_utils.recovery.backup_files.packer import packed

_BLOCKS = re.compile(rb"TAPE|SFMB|SSET|VOLB|MSCI|MSDA|MSTL|MSLS|ESET")
_STREAMS = re.compile(rb"RAID|SPAD|APAD|MQCI|MQDA|MQTL|CSUM|OTCP|TSMP")
#: No input may take longer: seconds, and seconds for each of its bytes.
_PATIENCE, _PATIENCE_PER_BYTE = 2.0, 1e-4


def _xor(data: bytes) -> int:
    total = 0
    for (word,) in struct.iter_unpack("<H", data):
        total ^= word
    return total


def mended(data: bytes) -> bytes:
    """With right header and chunk checksums wherever a header seems to stand."""
    raw = bytearray(data)
    for pattern, size in ((_BLOCKS, 50), (_STREAMS, 20)):
        for found in pattern.finditer(data):
            at = found.start()
            if at + size + 2 <= len(raw):
                struct.pack_into("<H", raw, at + size, _xor(bytes(raw[at : at + size])))
    at = 0x1E0
    while data.startswith(b"MSSQLBAK") and at + 28 < len(raw):
        length = struct.unpack_from("<H", raw, at + 2)[0]
        if raw[at] == 0x21:
            _mend_chunk(raw, at, length)
            at += 28 + length
        elif raw[at] == 0x24:
            at += 24 + length + 512  # a filemark follows
        else:
            break
    return bytes(raw)


def _mend_chunk(raw: bytearray, at: int, length: int) -> None:
    payload = bytes(raw[at + 28 : at + 28 + length])
    total = 0
    for (word,) in struct.iter_unpack("<I", payload + bytes(-len(payload) % 4)):
        total = rotated(total) ^ word
    struct.pack_into("<I", raw, at + 24, total)


def _piece(content: bytes, offset: int, length: int) -> bytes:
    return content[offset : offset + length]


def one_input(data: bytes) -> None:
    """The two entrances, with the bytes as they are and mended. Only errors of the collection's own may come out."""
    for content in (data, mended(data)):
        begun = time.perf_counter()
        for work in (read_backup_file, verify_backup_file):
            try:
                work(partial(_piece, content), len(content), "fuzz").to_dict()
            except RecoveryError as error:
                assert error.msg and error.hint
        took = time.perf_counter() - begun
        assert took < _PATIENCE + _PATIENCE_PER_BYTE * len(content), f"{took:.1f} s for {len(content)} bytes"


def seeds() -> list[bytes]:
    chance = random.Random(1)
    pages = [page(1, number, chance.randbytes(9) * 90, checksum=number < 2) for number in range(3)]
    one = BackupSet(pages=pages, log=b"log!" * 128, checksums=True)
    log = BackupSet(kind=b"L", log=b"more" * 128)
    plain = [medium(BackupSet()), medium(one, log), medium(log, log, log), medium(one, block_size=4096)]
    return [*plain, packed(plain[0], 512), packed(plain[1], 512), packed(plain[2], 512)]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="backup_fuzz_") as corpus:
        for number, seed in enumerate(seeds()):
            Path(corpus, f"seed{number}").write_bytes(seed)
        # A single input is tried again by naming its file.
        inputs = [] if any(Path(each).is_file() for each in sys.argv[1:]) else [corpus, "-max_len=60000"]
        atheris.Setup([*sys.argv, *inputs], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
