# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""T-SQL text into tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.engine.events import SqlError
from simulator.engine.messages import message

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*)
  | (?P<nstring>[nN]'(?:[^']|'')*')
  | (?P<string>'(?:[^']|'')*')
  | (?P<name>\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*")
  | (?P<binary>0[xX][0-9a-fA-F]*)
  | (?P<float>(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+)
  | (?P<decimal>\d+\.\d*|\.\d+)
  | (?P<money>\$-?\d+(?:\.\d*)?)
  | (?P<integer>\d+)
  | (?P<variable>@@?[\w$\#@]*)
  | (?P<word>[^\W\d]|[\#_])(?:[\w$\#@]*)
  | (?P<operator><>|!=|<=|>=|!<|!>|\+=|-=|\*=|/=|%=|&=|\|=|\^=|::|[-+*/%<>=(),.;&|^~:])
    """,
    re.VERBOSE,
)
_UNCLOSED = re.compile(r"[nN]?'|\[|\"")


@dataclass(frozen=True)
class Token:
    """``text`` as written; ``value`` without quotes; ``key`` upper case for bare words and operators, else empty."""

    kind: str
    text: str
    value: str
    key: str
    start: int
    line: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def tokens(batch: str) -> list[Token]:
    """All tokens of a batch, closed by one of kind ``end``."""
    found: list[Token] = []
    position, line = 0, 1
    while position < len(batch):
        if batch.startswith("/*", position):
            end = _comment_end(batch, position)
        else:
            match = _TOKEN.match(batch, position)
            if match is None:
                raise _refusal(batch, position, line)
            end = match.end()
            if match.lastgroup != "space":
                found.append(_token(str(match.lastgroup), match.group(), position, line))
        line += batch.count("\n", position, end)
        position = end
    found.append(Token("end", "", "", "", len(batch), line))
    return found


def _token(kind: str, text: str, start: int, line: int) -> Token:
    if kind == "string":
        return Token(kind, text, text[1:-1].replace("''", "'"), "", start, line)
    if kind == "nstring":
        return Token(kind, text, text[2:-1].replace("''", "'"), "", start, line)
    if kind == "name":
        closing = text[-1]
        return Token(kind, text, text[1:-1].replace(closing * 2, closing), "", start, line)
    key = text.upper() if kind in {"word", "operator"} else ""
    return Token(kind, text, text, key, start, line)


def _comment_end(batch: str, position: int) -> int:
    """Block comments nest in T-SQL."""
    depth, at = 0, position
    for match in re.finditer(r"/\*|\*/", batch[position:]):
        depth += 1 if match.group() == "/*" else -1
        at = position + match.end()
        if depth == 0:
            return at
    raise SqlError(message(113))


def _refusal(batch: str, position: int, line: int) -> SqlError:
    if _UNCLOSED.match(batch, position):
        return SqlError(message(105, batch[position + 1 : position + 129], line=line))
    return SqlError(message(102, batch[position], line=line))
