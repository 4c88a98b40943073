# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text that remembers which bytes of its file every character came from.

Configuration files nest: an ODBC string, percent-encoded in a URL, escaped in a JSON string, in a UTF-16 file. Each
layer is decoded into a new :class:`SpannedText` that still knows the bytes in the file, and how new text must be
escaped on its way back. So an edit at the innermost layer is a span of bytes, and nothing else is ever written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Callable

from .errors import RepointRefused


@dataclass(frozen=True)
class Change:
    """Bytes ``start`` to ``end`` of the file become ``new``; ``before`` and ``after`` are the same, decoded."""

    start: int
    end: int
    new: bytes
    before: str
    after: str


@dataclass(frozen=True)
class SpannedText:
    """``text[i]`` stands in bytes ``starts[i]:ends[i]`` of the file; ``encode`` turns new text into the file's bytes.

    ``text`` is kept out of ``repr``: it may hold a password, and a traceback prints ``repr``.
    """

    text: str = field(repr=False)
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)
    origin: int
    encode: Callable[[str], bytes] = field(repr=False)

    def __len__(self) -> int:
        return len(self.text)

    def part(self, start: int, end: int) -> SpannedText:
        return SpannedText(
            self.text[start:end], self.starts[start:end], self.ends[start:end], self.position(start), self.encode
        )

    def stripped(self, blanks: str | None = None) -> SpannedText:
        """Without the white space around it."""
        start = len(self.text) - len(self.text.lstrip(blanks))
        return self.part(start, max(start, len(self.text.rstrip(blanks))))

    def position(self, index: int) -> int:
        """The byte in the file where character ``index`` begins."""
        if index < len(self.starts):
            return self.starts[index]
        return self.ends[-1] if len(self.ends) else self.origin

    def change(self, start: int, end: int, text: str) -> Change:
        """Characters ``start:end`` replaced by ``text``; an empty span is an insertion behind what is before it."""
        if start < end:
            first, last = self.starts[start], self.ends[end - 1]
        else:
            first = last = self.ends[start - 1] if start else self.position(0)
        try:
            new = self.encode(text)
        except UnicodeError:
            raise RepointRefused(
                f"{text}: cannot be written in the encoding of this file",
                hint="Use a name of plain ASCII letters for the new server.",
            ) from None
        return Change(first, last, new, self.text[start:end], text)

    def escaped_by(self, escape: Callable[[str], str]) -> SpannedText:
        """The same text, where new text goes through ``escape`` first."""
        outer = self.encode
        return replace(self, encode=lambda text: outer(escape(text)))

    def unescaped(
        self, escapes: re.Pattern[str], meaning: Callable[[re.Match[str]], str], escape: Callable[[str], str]
    ) -> SpannedText:
        """One layer deeper: every match of ``escapes`` read as its ``meaning``; ``escape`` is the way back."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        for match in escapes.finditer(self.text):
            pieces.append(self.text[position : match.start()])
            starts.extend(self.starts[position : match.start()])
            ends.extend(self.ends[position : match.start()])
            text = meaning(match)
            pieces.append(text)
            starts.extend([self.starts[match.start()]] * len(text))
            ends.extend([self.ends[match.end() - 1]] * len(text))
            position = match.end()
        if not position:
            return self.escaped_by(escape)
        pieces.append(self.text[position:])
        starts.extend(self.starts[position:])
        ends.extend(self.ends[position:])
        inner = SpannedText("".join(pieces), starts, ends, self.position(0), self.encode)
        return inner.escaped_by(escape)


def plain_text(text: str) -> SpannedText:
    """A string that stands in no file: its positions are its own UTF-8 bytes."""
    starts = [0]
    for character in text:
        starts.append(starts[-1] + len(character.encode("utf-8", "surrogatepass")))
    return SpannedText(text, starts[:-1], starts[1:], 0, lambda new: new.encode("utf-8", "surrogatepass"))


def applied(data: bytes, changes: Sequence[Change]) -> bytes:
    """``data`` with every change made; two changes of the same bytes are refused, never merged by guess."""
    pieces: list[bytes] = []
    position = 0
    for change in sorted(set(changes), key=lambda change: (change.start, change.end)):
        if change.start < position:
            raise RepointRefused(
                f"byte {change.start}: two edits would touch the same bytes",
                hint="Edit this file by hand; report the form of its connection string.",
            )
        pieces += [data[position : change.start], change.new]
        position = change.end
    return b"".join([*pieces, data[position:]])
