# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""YAML's scalars: where lines end, what quotes mean, and the settings that scalars become."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..connection_grammars.place import Reading
from ..connection_string import read_connection
from ..spanned_text import SpannedText
from .json_config import unescaped
from .settings import Setting

_QUOTED = {
    '"': re.compile(r'"((?:[^"\\]|\\[\s\S])*)"'),
    "'": re.compile(r"'((?:[^']|'')*)'"),
}
#: A list of environment variables, as docker-compose writes it: ``- NAME=value``.
_VARIABLE = re.compile(r"[A-Za-z_][\w.:-]*=")
#: The last part of the path of such a list.
ENVIRONMENT = "[environment]"


class Malformed(Exception):
    """No YAML here; the argument is the position."""


@dataclass
class Document:
    """Settings by the path of the mapping that they stand in."""

    groups: dict[str, list[Setting]] = field(default_factory=dict, repr=False)

    def add(self, path: Sequence[str], key: str, value: SpannedText) -> None:
        parent = ":".join(path)
        setting = Setting(key, value, f"{parent}:{key}" if parent else key)
        self.groups.setdefault(parent, []).append(setting)

    def add_scalar(self, path: Sequence[str], name: str, view: SpannedText) -> None:
        """A value under its key; an item of a list that is ``NAME=value`` is a variable of that name."""
        variable = None if name else _VARIABLE.match(view.text)
        if variable and read_connection(view) == Reading():
            around = [key for key in path if not key.startswith("[")]
            self.add([*around, ENVIRONMENT], view.text[: variable.end() - 1], view.part(variable.end(), len(view)))
        else:
            self.add(path, name or "item", view)


def quoted(root: SpannedText, start: int) -> tuple[SpannedText, int]:
    """A quoted scalar, which may go on over lines, and where it ends."""
    quote = root.text[start]
    match = _QUOTED[quote].match(root.text, start)
    if not match:
        raise Malformed(start)
    inner = root.part(*match.span(1))
    if quote == '"':
        return unescaped(inner), match.end()
    return inner.unescaped(re.compile("''"), lambda found: "'", lambda new: new.replace("'", "''")), match.end()


def skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\ufeff":
        position += 1
    return position


def line_end(text: str, position: int) -> int:
    match = re.compile(r"[\r\n]").search(text, position)
    return match.start() if match else len(text)


def next_line(text: str, end: int) -> int:
    return end + 2 if text.startswith("\r\n", end) else min(end + 1, len(text))
