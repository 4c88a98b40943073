# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
""".ini, odbc.ini, freetds.conf, file DSNs and .udl: sections of ``key = value``; and .env, which has no sections."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..connection_grammars.keyword_string import SQL_SERVER
from ..connection_grammars.place import Mention, Reading
from ..connection_string import read_connection
from ..spanned_text import Change, SpannedText
from .settings import Group, Hint, Setting, group_reading

_LINE = re.compile(r"[^\r\n]+")
_SECTION = re.compile(r"\s*\[(.*)\][^\]]*")
_KEY = re.compile(r"\s*(?P<key>[^=\s][^=]*?)\s*=[ \t]*")
_COLON_KEY = re.compile(r"\s*(?P<key>[A-Za-z_][\w .-]*?)\s*:(?![/\\])[ \t]*")
_ENV_KEY = re.compile(r"\s*(?:export\s+|set\s+)?(?P<key>[A-Za-z_][\w.-]*)\s*=[ \t]*")
#: What SQL Server's drivers call the server in a DSN; freetds.conf calls it host.
_DSN_SERVERS = frozenset({"server", "address", "addr"})
_DSN_MENTIONS = {
    "servername": "a section of freetds.conf has the old server's name: follow it there",
    "failover_partner": "the failover partner is the old server",
    "serverspn": "ServerSPN still names the old server: check it",
}


@dataclass
class Section:
    name: str
    settings: list[Setting] = field(default_factory=list, repr=False)

    def has(self, key: str) -> bool:
        return any(setting.key.lower() == key for setting in self.settings)


def ini_reading(root: SpannedText, hints: Sequence[Hint], *, freetds: bool = False) -> Reading:
    reading = Reading()
    for section in _sections(root):
        if freetds or (section.has("tds version") and not section.has("driver")):
            # FreeTDS speaks to Sybase too: TDS 5.0 is Sybase's own.
            if not any(setting.value.text.startswith("5") for setting in section.settings if _is_version(setting)):
                reading += group_reading(_freetds(section, root), hints)
        else:
            reading += _section_reading(section, hints)
    return reading


def _is_version(setting: Setting) -> bool:
    return setting.key.lower() == "tds version"


def udl_reading(root: SpannedText, hints: Sequence[Hint]) -> Reading:
    """A data link file: ``[oledb]``, a comment, and one line that is the connection string."""
    reading = Reading()
    for match in _LINE.finditer(root.text):
        line = root.part(*match.span()).stripped()
        if line.text and line.text[0] not in ";[":
            reading += read_connection(line, declared=True)
    return reading


def env_reading(root: SpannedText, hints: Sequence[Hint]) -> Reading:
    settings: list[Setting] = []
    position = 0
    while position < len(root.text):
        line = _LINE.match(root.text, position)
        if not line:
            position += 1
            continue
        position = line.end()
        match = _ENV_KEY.match(root.text, line.start(), line.end())
        if match and not line.group(0).lstrip().startswith("#"):
            value, position = _env_value(root, match.end(), line.end())
            settings.append(Setting(match.group("key"), value))
    return group_reading(Group(settings, flat=True), hints)


def _env_value(root: SpannedText, start: int, end: int) -> tuple[SpannedText, int]:
    """A value with or without quotes; a quoted one may go on over lines, an unquoted one ends at `` #``."""
    quote = root.text[start : start + 1]
    if quote and quote in "\"'":
        close = re.compile(r"(?:[^\\]|\\.)*?" + quote, re.DOTALL).match(root.text, start + 1)
        if close:
            value = root.part(start + 1, close.end() - 1)
            # A lone backslash begins an escape inside double quotes.
            lone = "\\" in value.text.replace("\\\\", "")
            return (value if quote == "'" or lone else value.escaped_by(_doubled)), max(close.end(), start)
    comment = re.compile(r"\s#").search(root.text, start, end)
    return root.part(start, comment.start() if comment else end).stripped(), end


def _doubled(text: str) -> str:
    return re.sub(r"(?<!\\)\\(?!\\)", r"\\\\", text)


def _sections(root: SpannedText) -> Iterator[Section]:
    section = Section("")
    for match in _LINE.finditer(root.text):
        line = match.group(0)
        if line.lstrip()[:1] in ("", ";", "#"):
            continue
        heading = _SECTION.fullmatch(line)
        if heading:
            yield section
            section = Section(heading.group(1).strip())
            continue
        key = _KEY.match(root.text, *match.span()) or _COLON_KEY.match(root.text, *match.span())
        if key:
            value = _percents_undoubled(root.part(key.end(), match.end()).stripped())
            name = key.group("key")
            section.settings.append(Setting(name, value, f"{section.name}:{name}" if section.name else name))
    yield section


def _percents_undoubled(view: SpannedText) -> SpannedText:
    """Python's ConfigParser, as Alembic uses it, doubles the percent signs of a URL."""
    if "%%" not in view.text:
        return view
    return view.unescaped(re.compile("%%"), lambda match: "%", lambda text: text.replace("%", "%%"))


def _section_reading(section: Section, hints: Sequence[Hint]) -> Reading:
    """A section with SQL Server's driver is a DSN, whose keywords are ODBC's; any other is an application's own."""
    if not any(
        setting.key.lower() == "driver" and SQL_SERVER.search(setting.value.text) for setting in section.settings
    ):
        return group_reading(Group(section.settings, section.name), hints)
    named = [
        Mention(setting.key, setting.value.position(0), setting.value.text, _DSN_MENTIONS[setting.key.lower()])
        for setting in section.settings
        if setting.key.lower() in _DSN_MENTIONS
    ]
    settings = [setting for setting in section.settings if setting.key.lower() not in _DSN_MENTIONS]
    return group_reading(Group(settings, section.name, servers=_DSN_SERVERS), hints) + Reading(mentions=named)


def _freetds(section: Section, root: SpannedText) -> Group:
    """freetds.conf: ``host`` alone is a host; a port that is not 1433 gets a line of its own."""
    newline = "\r\n" if "\r\n" in root.text else "\n"

    def add_port(setting: Setting, port: int) -> Change:
        value = setting.value
        start = root.text.rfind("\n", 0, _index(root, value)) + 1
        indentation = re.compile(r"[ \t]*").match(root.text, start)
        return value.change(
            len(value), len(value), f"{newline}{indentation.group(0) if indentation else ''}port = {port}"
        )

    return Group(section.settings, section.name, is_sql_server=True, add_port=add_port, servers=frozenset({"host"}))


def _index(root: SpannedText, value: SpannedText) -> int:
    """Where in the file's text a value begins: positions grow, so that they can be searched by halves."""
    wanted, low, high = value.position(0), 0, len(root.starts)
    while low < high:
        middle = (low + high) // 2
        if root.starts[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low
