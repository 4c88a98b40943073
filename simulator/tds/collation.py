# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one collation of the simulated server: SQL_Latin1_General_CP1_CI_AS."""

from __future__ import annotations

# LCID 0x0409, ignoring case, kana and width; sort order 52 (MS-TDS 2.2.5.1.2).
COLLATION = bytes((0x09, 0x04, 0xD0, 0x00, 0x34))
CODE_PAGE = "cp1252"
_UTF8_FLAG = 1 << 26


def code_page(collation: bytes) -> str:
    """How a client's varchar with this collation is encoded: UTF-8 or, for all others, the server's code page."""
    return "utf-8" if int.from_bytes(collation[:4], "little") & _UTF8_FLAG else CODE_PAGE
