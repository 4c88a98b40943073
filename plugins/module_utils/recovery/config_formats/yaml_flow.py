# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""YAML's flow style: ``{key: value}`` and ``[item]``, nested, over any number of lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..errors import RepointRefused
from ..spanned_text import SpannedText
from .yaml_scalars import Document, Malformed, line_end, quoted

_PLAIN = re.compile(r"""[^\s,\[\]{}"'][^,\[\]{}\r\n]*""")
_PLAIN_KEY = re.compile(r"([^:]*):(?:\s+|\Z)")
_COLON = re.compile(r"\s*:")
_BRACKETS = {"{": "}", "[": "]"}


@dataclass
class Flow:
    """``closing`` are the brackets that are open, ``keys`` the key that each of them is at."""

    root: SpannedText = field(repr=False)
    document: Document = field(repr=False)
    path: list[str]
    closing: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def read(self, start: int) -> int:
        """From the opening bracket; the result is the position behind the closing one."""
        text, position = self.root.text, start
        while position < len(text):
            character = text[position]
            if character in _BRACKETS:
                self.closing.append(_BRACKETS[character])
                self.keys.append("")
            elif character in "}]":
                if self.closing.pop() != character:
                    raise Malformed(position)
                self.keys.pop()
                if not self.closing:
                    return position + 1
            elif character == ",":
                self.keys[-1] = ""
            elif character == "#":
                position = line_end(text, position) - 1
            elif not character.isspace() and character != ":":
                position = self._scalar(position) - 1
            position += 1
        raise Malformed(start)

    def _scalar(self, start: int) -> int:
        """A key where a colon follows, else a value."""
        text = self.root.text
        if text[start] in "\"'":
            view, end = quoted(self.root, start)
            is_key = bool(_COLON.match(text, end))
        else:
            match = _PLAIN.match(text, start)
            end = match.end() if match else start + 1
            view = self.root.part(start, end).stripped().escaped_by(_without_comma)
            key = _PLAIN_KEY.match(text, start, end)
            is_key = key is not None
            if key:
                view, end = self.root.part(*key.span(1)).stripped(), key.end()
        if is_key and self.closing[-1] == "}" and not self.keys[-1]:
            self.keys[-1] = view.text
        else:
            self.document.add_scalar([*self.path, *filter(None, self.keys[:-1])], self.keys[-1], view)
            self.keys[-1] = ""
        return end


def _without_comma(text: str) -> str:
    if "," in text:
        raise RepointRefused(
            "a comma cannot be written into an unquoted value between brackets",
            hint="Put quotes round this value in the file first.",
        )
    return text
