# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""``keyword=value;`` strings taken apart as their readers do: ADO.NET and OLE DB by quotes, ODBC and JDBC by braces."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..spanned_text import Change, SpannedText


class Unreadable(Exception):
    """The string breaks its grammar: whoever connects with it fails, and we do not guess."""


@dataclass(frozen=True)
class Pair:
    """One ``keyword=value``: ``name`` in lower case as written, ``start:end`` the segment without its semicolon."""

    name: str
    value: SpannedText
    start: int
    end: int
    quote: str = ""


def quoted_pairs(view: SpannedText, *, strict: bool = True) -> list[Pair]:
    """By ADO.NET's rules: ``'`` and ``"`` quote, doubled inside; ``==`` is an equals sign in a keyword.

    ``strict`` refuses an unquoted value that ends in a quote, as ADO.NET does; OLE DB and Go let it pass.
    """
    text, position = view.text.rstrip("\0"), 0
    pairs: list[Pair] = []
    while True:
        position = _match_end(r"[;\s]*", text, position)
        if position == len(text):
            return pairs
        start = position
        name, position = _quoted_keyword(text, position)
        position = _match_end(r"\s*", text, position)
        quote = text[position : position + 1]
        if quote and quote in "\"'":
            close = _closing(text, position + 1, quote)
            value = _unquoted(view.part(position + 1, close), quote)
            end = close + 1
            position = _match_end(r"\s*", text, end)
            if position < len(text) and text[position] != ";":
                raise Unreadable("text behind a closing quote")
        else:
            quote = ""
            stop = text.find(";", position)
            stop = len(text) if stop < 0 else stop
            end = position + len(text[position:stop].rstrip())
            if strict and end > position and text[end - 1] in "\"'":
                raise Unreadable("a quote in the wrong place")
            value = view.part(position, end)
            position = stop
        pairs.append(Pair(name, value, start, end, quote))


def braced_pairs(view: SpannedText, *, braces: bool = True) -> list[Pair]:
    """By ODBC's rules, which JDBC and PDO share: braces quote, with ``}}`` inside; quotes mean nothing.

    Without ``braces``, as for jTDS, nothing quotes.
    """
    text, position = view.text.rstrip("\0"), 0
    pairs: list[Pair] = []
    while True:
        position = _match_end(r"[;\s]*", text, position)
        if position == len(text):
            return pairs
        start = position
        equals = _equals(text, position)
        name = text[position:equals].lower()
        blanks = _match_end(r"[ \t]*", text, equals + 1)
        if braces and text[blanks : blanks + 1] == "{":
            close = _closing(text, blanks + 1, "}")
            value = _unquoted(view.part(blanks + 1, close), "}")
            end = close + 1
            position = _match_end(r"\s*", text, end)
            if position < len(text) and text[position] != ";":
                raise Unreadable("text behind a closing brace")
            pairs.append(Pair(name, value, start, end, "{"))
            continue
        stop = text.find(";", equals)
        stop = len(text) if stop < 0 else stop
        pairs.append(Pair(name, view.part(equals + 1, stop), start, stop))
        position = stop


def removed(view: SpannedText, pair: Pair) -> Change:
    """The segment taken out, with the semicolon before it, or the one behind it where it is the first."""
    before = view.text.rfind(";", 0, pair.start)
    if before >= 0:
        return view.change(before, pair.end, "")
    behind = _match_end(r"\s*;?", view.text, pair.end)
    return view.change(pair.start, behind, "")


def _match_end(pattern: str, text: str, position: int) -> int:
    match = re.compile(pattern).match(text, position)
    return match.end() if match else position


def _quoted_keyword(text: str, position: int) -> tuple[str, int]:
    """The keyword that begins here, and where its value begins."""
    equals = text.find("=", position)
    while equals >= 0 and text[equals + 1 : equals + 2] == "=":
        equals = text.find("=", equals + 2)
    name = text[position : max(equals, position)].rstrip()
    if not name or ";" in name:
        raise Unreadable("a segment without keyword and value")
    return name.replace("==", "=").lower(), equals + 1


def _equals(text: str, position: int) -> int:
    equals, stop = text.find("=", position), text.find(";", position)
    if equals <= position or 0 <= stop < equals:
        raise Unreadable("a segment without keyword and value")
    return equals


def _closing(text: str, position: int, quote: str) -> int:
    """Where the quote closes; doubled, it stands for itself."""
    while True:
        position = text.find(quote, position)
        if position < 0:
            raise Unreadable("a quote or brace that is not closed")
        if text[position + 1 : position + 2] != quote:
            return position
        position += 2


def _unquoted(view: SpannedText, quote: str) -> SpannedText:
    return view.unescaped(
        re.compile(re.escape(quote * 2)), lambda match: quote, lambda text: text.replace(quote, quote * 2)
    )
