# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A file of the same name and length on the store: is it this one? Tools that take every backup under one name write
files of equal length, and the newer one would never be shipped."""

from __future__ import annotations

from pathlib import Path

from ..recovery.errors import Refused, TransferFailed
from .digests import digest_on_store, sha256_of
from .shipped_record import Shipped
from .store import Manner, Store, Transfer

#: The digest of a file that was there before this host knew of it.
_UNKNOWN = "not known"


def already_there(store: Store, path: Path, destination: str, has_digest: bool, manner: Manner) -> Transfer:
    """What this host remembers decides, as long as its file is unchanged; then the digest on the store. Where there is
    none, or this account may not read it, the file counts as shipped, without a sha256: what changes later is found."""
    now, known = Shipped.as_it_is(path, None), manner.record.known(store.where, destination)
    if known is not None and (known.written, known.bytes) == (now.written, now.bytes):
        return Transfer(str(path), destination, now.bytes, known.sha256, changed=False)
    expected = _digest_if_allowed(store, destination) if has_digest else None
    checked = expected is not None
    if expected is None and known is not None:
        expected = known.sha256 or _UNKNOWN
    sha256 = sha256_of(path) if expected else None
    if sha256 != expected:
        since = " since it was shipped" if known else ""
        raise TransferFailed(
            f"{destination}: {store.where} has another file of the same length under this name: its sha256 is "
            f"{str(expected)[:16]}…, that of {path}{since} is {str(sha256)[:16]}…",
            hint="Nothing was sent and nothing overwritten. Give every backup a name of its own, with its time; rename "
            "this file after looking at both, then run again.",
        )
    manner.record.note(store.where, destination, Shipped.as_it_is(path, sha256))
    return Transfer(str(path), destination, now.bytes, sha256, changed=False, sha256_checked=checked)


def _digest_if_allowed(store: Store, destination: str) -> str | None:
    try:
        return digest_on_store(store, destination)
    except Refused:
        return None
