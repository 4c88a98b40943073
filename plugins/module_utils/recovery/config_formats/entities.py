# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""XML's and HTML's entities, and the way back."""

from __future__ import annotations

import re

from ..spanned_text import SpannedText

_ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def entities_decoded(view: SpannedText, quote: str = "") -> SpannedText:
    """``view`` without entities. ``quote`` delimits the attribute; entities of a DTD of its own stay as they are."""

    def escape(text: str) -> str:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return text.replace('"', "&quot;") if quote == '"' else text.replace("'", "&apos;") if quote else text

    return view.unescaped(_ENTITY, _meaning, escape)


def _meaning(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if code < 0x110000 else match.group(0)
