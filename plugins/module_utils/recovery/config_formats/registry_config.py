# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Registry exports (.reg): ODBC DSNs, SQL Server's client aliases, and any string that is a connection string."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..connection_grammars.keyword_string import SQL_SERVER
from ..connection_grammars.place import Mention, Place, Reading
from ..connection_string import read_connection
from ..spanned_text import SpannedText
from .settings import Group, Hint, Setting, group_reading

_LINE = re.compile(r"[^\r\n]+")
_KEY = re.compile(r"\[(-?)(.+)\]\s*")
_STRING = re.compile(r'\s*(?:"(?P<name>(?:[^"\\]|\\.)*)"|@)\s*=\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*')
_HEX = re.compile(r'\s*(?:"(?P<name>(?:[^"\\]|\\.)*)"|@)\s*=\s*hex(?:\(\d\))?:(?P<value>[0-9A-Fa-f,\\\s]*)')
_ESCAPE = re.compile(r"\\(.)")
_DSN = re.compile(r"\\odbc\\odbc\.ini\\[^\\]+$", re.IGNORECASE)
_ALIASES = re.compile(r"\\mssqlserver\\client\\connectto$", re.IGNORECASE)


@dataclass
class Key:
    path: str
    settings: list[Setting] = field(default_factory=list, repr=False)
    hexadecimal: list[Setting] = field(default_factory=list, repr=False)


def registry_reading(root: SpannedText, hints: Sequence[Hint]) -> Reading:
    reading = Reading()
    for key in _keys(root):
        if _ALIASES.search(key.path):
            reading += _aliases(key)
        else:
            drivers = [setting.value.text for setting in key.settings if setting.key.lower() == "driver"]
            is_dsn = bool(_DSN.search(key.path)) and all(map(SQL_SERVER.search, drivers))
            section = key.path.rpartition("\\")[2]
            reading += group_reading(
                Group(key.settings, section, is_sql_server=is_dsn, servers=_servers(is_dsn)), hints
            )
        reading += _hexadecimal(key)
    return reading


def _servers(is_dsn: bool) -> frozenset[str]:
    return frozenset({"server"}) if is_dsn else frozenset()


def _aliases(key: Key) -> Reading:
    """Client aliases redirect a name silently: both the name and the address are looked at."""
    reading = Reading()
    for setting in key.settings:
        text = "a client alias has the old server's name: it decides where a correct string leads"
        names = [Mention("alias", setting.value.position(0), setting.key, text)]
        reading += read_connection(setting.value, "alias") + Reading(mentions=names)
    return reading


def _hexadecimal(key: Key) -> Reading:
    """REG_EXPAND_SZ and REG_MULTI_SZ are exported as bytes of UTF-16, which are read and not edited."""
    places = [
        Place(setting.key, setting.value.position(0), None, refused="is written in hexadecimal", raw=text)
        for setting in key.hexadecimal
        for text in [_hex_text(setting.value.text)]
        if read_connection(_plain(setting.value, text), declared=True) != Reading() or _DSN.search(key.path)
    ]
    return Reading(places)


def _hex_text(value: str) -> str:
    digits = re.sub(r"[^0-9A-Fa-f]", "", value)
    return bytes.fromhex(digits[: len(digits) & ~1]).decode("utf-16-le", "replace").replace("\0", " ")


def _plain(view: SpannedText, text: str) -> SpannedText:
    place = view.position(0)
    return SpannedText(text, [place] * len(text), [place] * len(text), place, view.encode)


def _keys(root: SpannedText) -> Iterator[Key]:
    key = Key("")
    for line in _LINE.finditer(root.text):
        heading = _KEY.fullmatch(line.group(0))
        if heading:
            yield key
            # A key with a minus sign is deleted by the import.
            key = Key("" if heading.group(1) else heading.group(2))
            continue
        match = _STRING.fullmatch(line.group(0))
        if match:
            start = line.start() + match.start("value")
            value = _unescaped(root.part(start, line.start() + match.end("value")))
            key.settings.append(Setting(match.group("name") or "@", value))
            continue
        match = _HEX.match(root.text, line.start())
        if match:
            key.hexadecimal.append(Setting(match.group("name") or "@", root.part(*match.span("value"))))
    yield key


def _unescaped(view: SpannedText) -> SpannedText:
    return view.unescaped(
        _ESCAPE, lambda match: match.group(1), lambda text: text.replace("\\", "\\\\").replace('"', '\\"')
    )
