# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules' configuration files, each read the way its own technology reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from simulator.apps.connection import ConfigurationError, Connection, ado_net, jdbc, odbc
from simulator.apps.more_files import MORE_FILES


def read_registration(path: Path) -> Connection:
    """appsettings.json: UTF-8 with or without BOM, comments allowed, as .NET's configuration reads it."""
    settings: Any = json.loads(_without_comments(path.read_bytes().decode("utf-8-sig")))
    return ado_net(settings["ConnectionStrings"]["MyHospital"])


def _without_comments(text: str) -> str:
    """Comments become blanks; what looks like a comment inside a string stays."""
    tokens = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
    return tokens.sub(lambda match: match.group() if match.group()[0] == '"' else " ", text)


def read_pharmacy(path: Path) -> Connection:
    """web.config: XML."""
    entry = ElementTree.fromstring(path.read_bytes()).find("connectionStrings/add[@name='PharmacyDb']")
    if entry is None:
        raise ConfigurationError("There is no connection string PharmacyDb.")
    return ado_net(entry.get("connectionString", ""))


def read_laboratory(path: Path) -> Connection:
    """An .ini as GetPrivateProfileString reads it: UTF-16 only behind its BOM, else the ANSI code page."""
    data = path.read_bytes()
    text = data.decode("utf-16") if data.startswith(b"\xff\xfe") else data.decode("cp1252")
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[] \t").lower()
        key, _, value = line.partition("=")
        if section == "database" and key.strip().lower() == "connectionstring":
            return odbc(value.strip())
    raise ConfigurationError("Section [Database] has no ConnectionString.")


def read_billing(path: Path) -> Connection:
    """Java's .properties: ISO-8859-1, continued lines, backslash escapes, separators = : and blank."""
    entries = _properties(path.read_bytes().decode("iso-8859-1"))
    try:
        url, login, password = (entries[f"billing.datasource.{key}"] for key in ("url", "username", "password"))
    except KeyError as error:
        raise ConfigurationError(f"Property {error} is missing.") from error
    return jdbc(url, login, password)


def _properties(text: str) -> dict[str, str]:
    entries: dict[str, str] = {}
    lines = iter(re.split(r"\r\n|\n|\r", text))
    for line in lines:
        logical = line.lstrip()
        if not logical or logical[0] in "#!":
            continue
        while len(logical) - len(logical.rstrip("\\")) & 1:
            logical = logical[:-1] + next(lines, "").lstrip()
        match = re.match(r"((?:[^\\=:\s]|\\.)*)\s*[=:]?\s*(.*)", logical)
        assert match
        entries[_unescaped(match[1])] = _unescaped(match[2])
    return entries


def _unescaped(text: str) -> str:
    plain = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
    return re.sub(
        r"\\(?:u([0-9a-fA-F]{4})|(.))",
        lambda match: chr(int(match[1], 16)) if match[1] else plain.get(match[2], match[2]),
        text,
    )


READERS: dict[str, Callable[[Path], Connection]] = {
    "registration": read_registration,
    "pharmacy": read_pharmacy,
    "laboratory": read_laboratory,
    "billing": read_billing,
    **{name: read for name, (_file, _write, read) in MORE_FILES.items()},
}


def read_configuration(module: str, path: Path) -> Connection:
    """What the module's file says; ConfigurationError, with the file's name, where it cannot be used."""
    try:
        return READERS[module](path)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    except (OSError, ValueError, KeyError, TypeError, ElementTree.ParseError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {type(error).__name__}: {error}") from error
