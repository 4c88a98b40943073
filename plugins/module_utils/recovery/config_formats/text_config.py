# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text of any other kind: string literals of VBScript, and the places that an operator's own pattern points at."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..connection_grammars.place import Place, Reading
from ..connection_grammars.server_value import read_server
from ..connection_string import read_connection
from ..errors import InvalidInput
from ..spanned_text import SpannedText
from .settings import Group, Hint, Setting, group_reading

#: A literal, a comment, or anything else; VBScript doubles the quote inside and knows no other escape.
_VBSCRIPT = re.compile(
    r"""(?P<comment>'[^\r\n]*|\brem\b[^\r\n]*)|"(?P<literal>(?:[^"\r\n]|"")*)"|[\s\S]""", re.IGNORECASE
)
_ASSIGNED = re.compile(r"""(?:(\w+)|\(\s*"([^"\r\n]*)"\s*\))\s*=\s*\Z""")


def vbscript_reading(root: SpannedText, hints: Sequence[Hint]) -> Reading:
    """Classic ASP, global.asa and .vbs: the literals, named by the variable they are assigned to."""
    settings: list[Setting] = []
    for match in _VBSCRIPT.finditer(root.text):
        if match.group("literal") is not None:
            value = root.part(*match.span("literal")).unescaped(
                re.compile('""'), lambda found: '"', lambda text: text.replace('"', '""')
            )
            name = _ASSIGNED.search(root.text, max(0, match.start() - 200), match.start())
            settings.append(Setting((name.group(1) or name.group(2)) if name else "literal", value))
    return group_reading(Group(settings, flat=True), hints)


def pattern_reading(root: SpannedText, patterns: Sequence[str]) -> Reading:
    """Places that the operator points at: the group ``server`` of a regular expression is a server or a string."""
    reading = Reading()
    for pattern in patterns:
        for match in _compiled(pattern).finditer(root.text):
            start, end = match.span("server")
            if start < 0:
                continue
            view = root.part(start, end)
            found = read_connection(view, declared=True)
            reading += found if found != Reading() else Reading([_place(view)])
    return reading


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern, re.MULTILINE)
    except re.error as error:
        raise InvalidInput(
            f"pattern {pattern!r} is no regular expression: {error}", hint="Write it as Python's re module reads it."
        ) from None
    if "server" not in compiled.groupindex:
        raise InvalidInput(
            f"pattern {pattern!r} does not say where the server stands",
            hint=r"Name that group: for example ^dbhost\s+(?P<server>\S+)$.",
        )
    return compiled


def _place(view: SpannedText) -> Place:
    value = read_server(view)
    position = value.view.position(value.start)
    if value.endpoint is None or value.refused:
        return Place("pattern", position, value.endpoint, refused=value.refused, raw=view.text)
    return Place(
        "pattern",
        position,
        value.endpoint,
        lambda new: [value.view.change(value.start, value.end, value.written(new))],
        host_only=not value.has_port,
    )
