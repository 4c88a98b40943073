# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Java's .properties: ``key=value``, ``key:value`` or ``key value``, with escapes and continued lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..connection_grammars.place import Reading
from ..spanned_text import SpannedText
from .settings import Group, Hint, Setting, group_reading

_BLANK = re.compile(r"[ \t\f]*(?:[#!][^\r\n]*)?(?:\r\n|\r|\n)|[ \t\f]*[#!][^\r\n]*\Z|[ \t\f]+\Z")
#: A logical line: an odd number of backslashes before the line's end continues it.
_LOGICAL = re.compile(r"(?:[^\\\r\n]|\\(?:\r\n|[\s\S]))*\\?")
_KEY = re.compile(r"[ \t\f]*(?P<key>(?:[^\\=:\s]|\\(?:\r\n[ \t\f]*|[\s\S]))*)(?:[ \t\f]*[=:])?[ \t\f]*")
_ESCAPE = re.compile(r"\\(?:\r\n[ \t\f]*|[\r\n][ \t\f]*|u([0-9A-Fa-f]{4})|(.)|\Z)")
_PLAIN = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def properties_reading(root: SpannedText, hints: Sequence[Hint]) -> Reading:
    return group_reading(Group(list(_settings(root)), flat=True), hints)


def _settings(root: SpannedText) -> Iterator[Setting]:
    text, position = root.text, 0
    while position < len(text):
        blank = _BLANK.match(text, position)
        if blank and blank.end() > position:
            position = blank.end()
            continue
        line = _LOGICAL.match(text, position)
        end = line.end() if line else len(text)
        key = _KEY.match(text, position, end)
        if key and key.group("key"):
            value = root.part(key.end(), end)
            yield Setting(_unescaped(root.part(*key.span("key"))).text, _unescaped(value))
        position = max(end, position + 1)


def _unescaped(view: SpannedText) -> SpannedText:
    escapes_colons = bool(re.search(r"\\[:=]", view.text))
    return view.unescaped(_ESCAPE, _meaning, lambda text: _escaped(text, escapes_colons))


def _meaning(match: re.Match[str]) -> str:
    code, letter = match.groups()
    if code:
        return chr(int(code, 16))
    return _PLAIN.get(letter, letter) if letter else ""


def _escaped(text: str, colons: bool) -> str:
    """As Properties.store() writes it: beyond ISO-8859-1 by number; ``:`` and ``=`` as this value has them."""
    text = text.replace("\\", "\\\\")
    if colons:
        text = re.sub(r"([:=])", r"\\\1", text)
    return "".join(character if character < "\u0100" else f"\\u{ord(character):04X}" for character in text)
