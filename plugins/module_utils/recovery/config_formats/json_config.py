# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""appsettings.json and other JSON, with the comments and trailing commas that .NET lets pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..connection_grammars.place import Place, Reading
from ..spanned_text import SpannedText
from .settings import OPTIONS, Group, Hint, Setting, group_reading

_TOKEN = re.compile(
    r"""(?P<blank>[\s\ufeff]+|//[^\r\n]*|/\*.*?\*/)|"(?P<string>(?:[^"\\\r\n]|\\.)*)"|(?P<mark>[{}\[\]:,])"""
    r"""|(?P<word>[^\s,:{}\[\]"/]+)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Malformed(Exception):
    """No JSON here; the argument is the position."""


@dataclass
class Container:
    """An object or array that is open: ``expects`` key, colon, value, or comma."""

    closing: str
    path: str
    expects: str
    key: str = ""
    index: int = -1
    settings: list[Setting] = field(default_factory=list, repr=False)
    beneath: list[Setting] = field(default_factory=list, repr=False)

    def child_path(self) -> str:
        name = self.key if self.closing == "}" else str(self.index)
        return f"{self.path}:{name}" if self.path else name


def json_reading(root: SpannedText, hints: Sequence[Hint]) -> Reading:
    reading = Reading()
    try:
        for container in _containers(root):
            group = Group(container.settings, container.path, beneath=container.beneath)
            reading += group_reading(group, hints)
    except Malformed as error:
        why = "is not well-formed JSON from here on, so that nothing in the file is sure"
        return Reading([Place("file", root.position(error.args[0]), None, refused=why, raw=root.text)])
    return reading


def _containers(root: SpannedText) -> Iterator[Container]:
    """Every object and array with the strings and numbers that it holds itself, as it closes."""
    outside = Container("", "", "value")
    stack = [outside]
    for kind, token, position in _tokens(root):
        top = stack[-1]
        if kind == "mark" and token.text in "{[" and top.expects == "value":
            closing, expects = ("}", "key") if token.text == "{" else ("]", "value")
            top.index += 1
            stack.append(Container(closing, top.child_path() if top.closing else "", expects))
        elif kind == "mark" and token.text == top.closing and top.expects != "colon" and not _dangling(top):
            stack[-2].expects = "comma"
            if stack[-2].key.lower() in OPTIONS:
                stack[-2].beneath += top.settings + top.beneath
            yield stack.pop()
        elif not _taken(top, kind, token):
            raise Malformed(position)
    if len(stack) > 1 or outside.expects == "value":
        raise Malformed(len(root.text))
    yield outside


def _dangling(container: Container) -> bool:
    """``{"a":}`` is no object; an empty array and a trailing comma are taken as they are."""
    return container.closing == "}" and container.expects == "value"


def _taken(top: Container, kind: str, token: SpannedText) -> bool:
    """Whether the token may stand here; the container takes note of it."""
    if kind == "mark":
        if token.text == ":" and top.expects == "colon":
            top.expects = "value"
        elif token.text == "," and top.expects == "comma" and top.closing:
            top.expects = "key" if top.closing == "}" else "value"
        else:
            return False
        return True
    if top.expects == "key" and kind == "string":
        top.key, top.expects = token.text, "colon"
        return True
    if top.expects != "value":
        return False
    top.index += 1
    top.expects = "comma"
    top.settings.append(Setting(top.key if top.closing == "}" else str(top.index), token, top.child_path()))
    return True


def _tokens(root: SpannedText) -> Iterator[tuple[str, SpannedText, int]]:
    position = 0
    while position < len(root.text):
        match = _TOKEN.match(root.text, position)
        if not match:
            raise Malformed(position)
        kind = match.lastgroup or ""
        if kind == "string":
            yield kind, unescaped(root.part(*match.span("string"))), position
        elif kind != "blank":
            yield kind, root.part(*match.span(kind)), position
        position = match.end()


def unescaped(view: SpannedText) -> SpannedText:
    return view.unescaped(_ESCAPE, _meaning, _escape)


def _meaning(match: re.Match[str]) -> str:
    code, letter = match.groups()
    return chr(int(code, 16)) if code else _PLAIN.get(letter, letter)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
