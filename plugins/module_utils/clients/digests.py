# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The digest of a file of this host, and the one that stands beside a file of the store."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..recovery.errors import Refused, TransferFailed
from ..recovery.leftovers import DIGEST
from .store import Store

_BLOCK = 1024 * 1024


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def digest_on_store(store: Store, path: str) -> str:
    """The first word of ``path.sha256``."""
    words = store.read(path + DIGEST, 0, 4096).split()
    if not words or len(words[0]) != 64:
        raise TransferFailed(
            f"{path}.sha256: it holds no sha256 digest", hint="Look at it on the store; it is not ours or damaged."
        )
    return words[0].decode("ascii", "replace").lower()


def read_if_allowed(store: Store, path: str, length: int) -> bytes | None:
    try:
        return store.read(path, 0, length)
    except Refused:
        return None
