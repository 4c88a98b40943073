# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log sequence numbers: a position in the log, in bytes since it began, spelled as virtual log file, block and slot."""

from __future__ import annotations

SECTOR = 512  # log blocks begin at sectors
_VLF_SIZE = 1 << 20
_FIRST_VLF = 34
_FIRST_BLOCK = 16  # a VLF's header takes its first 8 KB
_SLOT = 1
START = 5 * SECTOR


def numeric(position: int) -> int:
    """A position as numeric(25,0), the form in which SQL Server shows LSNs."""
    vlf, rest = divmod(position, _VLF_SIZE)
    return (_FIRST_VLF + vlf) * 10**15 + (_FIRST_BLOCK + rest // SECTOR) * 10**5 + _SLOT


def position(lsn: int) -> int:
    """The reverse of :func:`numeric`."""
    vlf, rest = divmod(lsn, 10**15)
    return (vlf - _FIRST_VLF) * _VLF_SIZE + (rest // 10**5 - _FIRST_BLOCK) * SECTOR


def shown(lsn: int | None) -> int | None:
    return None if lsn is None else numeric(lsn)
