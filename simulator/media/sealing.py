# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a medium is packed, and what an encrypted one says before its first chunk.

No file of a real server with ENCRYPTION was at hand: the key record is our own. It says which certificate opens the
medium and holds the key of the chunks, sealed with that certificate; all chunks, the label's too, are encrypted.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from simulator.media.blocks import Damaged

CERTIFICATE = "CERTIFICATE"
_FORM = struct.Struct("<?20s32s")


@dataclass(frozen=True)
class KeyRecord:
    algorithm: str
    thumbprint: bytes
    compressed: bool  # as the statement had it; chunks are packed in any case
    sealed_key: bytes

    def packed(self) -> bytes:
        return _FORM.pack(self.compressed, self.thumbprint, self.algorithm.encode("ascii")) + self.sealed_key

    @classmethod
    def unpacked(cls, data: bytes) -> KeyRecord:
        if len(data) <= _FORM.size:
            raise Damaged("the key record of an encrypted medium is too short")
        compressed, thumbprint, algorithm = _FORM.unpack_from(data)
        return cls(algorithm.rstrip(b"\0").decode("ascii", "replace"), thumbprint, compressed, data[_FORM.size :])


@dataclass(frozen=True)
class Packing:
    """Compressed, IsCompressed, KeyAlgorithm, EncryptorThumbprint, EncryptorType."""

    compressed: bool = False
    key: KeyRecord | None = None

    @classmethod
    def of(cls, container: bool, key: bytes) -> Packing:
        record = KeyRecord.unpacked(key) if key else None
        return cls(record.compressed if record else container, record)


PLAIN = Packing()
