# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""application.yml, docker-compose and other YAML, line by line: mappings, lists, quotes and block scalars.

Anchors, tags and aliases are passed over. What is found keeps the path of keys above it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..connection_grammars.place import Place, Reading
from ..spanned_text import SpannedText
from .detection import detected_format, format_by_name
from .settings import OPTIONS, Group, Hint, Setting, group_reading
from .yaml_flow import Flow
from .yaml_scalars import ENVIRONMENT, Document, Malformed, line_end, next_line, quoted, skip_blanks

_KEY = re.compile(
    r"""(?P<key>"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\r\n]|'')*'|[^\s"'\[\]{},#&*!|>%@`-][^\r\n]*?|-[^\s][^\r\n]*?)"""
    r"""[ \t]*:(?=[ \t\r\n]|\Z)"""
)
_ITEM = re.compile(r"-(?:[ \t]+|(?=[\r\n]|\Z))")
_BLOCK = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
_PROPERTY = re.compile(r"[&!][^\s]*[ \t]+")
_PLAIN_END = re.compile(r"[ \t]#|[\r\n]|\Z")
#: Comments, document marks, directives, and the lines of a template engine.
_NO_CONTENT = ("#", "---", "...", "%", "{{", "{%")


def yaml_reading(root: SpannedText, hints: Sequence[Hint]) -> Reading:
    document = Document()
    try:
        _Lines(root, document).read()
    except Malformed as error:
        why = "is not YAML that can be read from here on, so that nothing in the file is sure"
        return Reading([Place("file", root.position(error.args[0]), None, refused=why, raw=root.text)])
    reading = Reading()
    by_path = {path.lower(): settings for path, settings in document.groups.items()}
    for path, settings in document.groups.items():
        files = [setting for setting in settings if format_by_name(setting.key.lower())]
        for setting in files:
            reading += _file_inside(setting, hints)
        flat = path.endswith(ENVIRONMENT)
        rest = [one for one in settings if one not in files]
        reading += group_reading(Group(rest, path, flat=flat, beneath=_options_below(by_path, path)), hints)
    return reading


def _options_below(by_path: Mapping[str, list[Setting]], path: str) -> list[Setting]:
    first, second = OPTIONS[0], OPTIONS[1]
    below = [f"{path.lower()}:{name}" for name in (first, second, f"{second}:{first}")]
    return [setting for one in below if path for setting in by_path.get(one, ())]


def _file_inside(setting: Setting, hints: Sequence[Hint]) -> Reading:
    """A whole file as a block, as Kubernetes' ConfigMaps hold them: ``appsettings.json: |``."""
    from ..config_file import read_file

    return read_file(setting.value, detected_format(setting.key, setting.value.text), hints)


@dataclass
class Level:
    indentation: int
    key: str
    is_item: bool = False


@dataclass
class _Lines:
    """Reads line by line; ``levels`` are the keys and list items that the present line stands under."""

    root: SpannedText = field(repr=False)
    document: Document = field(repr=False)
    levels: list[Level] = field(default_factory=list)
    items: int = 0

    def read(self) -> None:
        text, position = self.root.text, 0
        while position < len(text):
            start, end = position, line_end(text, position)
            content = skip_blanks(text, start)
            position = next_line(text, end)
            if content < end and not text.startswith(_NO_CONTENT, content):
                position = max(position, self._line(start, content, end))

    def _line(self, start: int, content: int, end: int) -> int:
        """One line with content; the result is how far it was read, where a value went on over lines."""
        text = self.root.text
        content = self._items(start, content, end)
        indentation = content - start
        self._leave(indentation)
        key = _KEY.match(text, content, end)
        name = key.group("key").strip("\"'") if key else ""
        value = self._value_start(key.end() if key else content, end)
        if key and value >= end:
            self.levels.append(Level(indentation, name))
            return end
        return self._value([level.key for level in self.levels], name, value, indentation)

    def _items(self, start: int, content: int, end: int) -> int:
        """Past the dashes of list items: each item is a level of its own."""
        item = _ITEM.match(self.root.text, content, end)
        while item:
            self._leave(content - start)
            # A list may stand at the very indentation of its key.
            self.items += 1
            self.levels.append(Level(content - start, f"[{self.items}]", is_item=True))
            content = item.end()
            item = _ITEM.match(self.root.text, content, end)
        return content

    def _leave(self, indentation: int) -> None:
        while self.levels and self.levels[-1].indentation >= indentation:
            self.levels.pop()

    def _value_start(self, position: int, end: int) -> int:
        """Past anchors and tags; the end of the line where only a comment follows."""
        text = self.root.text
        position = skip_blanks(text, position)
        match = _PROPERTY.match(text, position, end)
        while match:
            position = match.end()
            match = _PROPERTY.match(text, position, end)
        return end if text[position : position + 1] == "#" else position

    def _value(self, path: list[str], name: str, start: int, indentation: int) -> int:
        text = self.root.text
        first = text[start : start + 1]
        block = _BLOCK.match(text, start)
        if block:
            view, end = self._block_scalar(block.end(), indentation)
            self.document.add_scalar(path, name, view)
            return end
        if first in ("{", "["):
            end = Flow(self.root, self.document, [*path, name] if name else path).read(start)
            return next_line(text, line_end(text, end))
        if first in ('"', "'"):
            view, end = quoted(self.root, start)
            self.document.add_scalar(path, name, view)
            return next_line(text, line_end(text, end))
        match = _PLAIN_END.search(text, start)
        end = match.start() if match else len(text)
        if first not in ("#", "*", ""):
            self.document.add_scalar(path, name, self.root.part(start, end).stripped())
        return end

    def _block_scalar(self, start: int, indentation: int) -> tuple[SpannedText, int]:
        """``|`` and ``>``: the lines that are indented deeper, without their indentation."""
        text = self.root.text
        begin = position = next_line(text, line_end(text, start))
        while position < len(text):
            end = line_end(text, position)
            content = skip_blanks(text, position)
            if content < end and content - position <= indentation:
                break
            position = next_line(text, end)
        view = self.root.part(begin, position)
        return view.unescaped(re.compile(r"(?m)^[ \t]+"), lambda match: "", str).stripped(), position
