# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which format a file has, by its name, and by its first lines where the name does not say or says otherwise."""

from __future__ import annotations

import re

_BY_NAME = {
    "odbc.ini": "ini",
    ".odbc.ini": "ini",
    "freetds.conf": "freetds",
    ".freetds.conf": "freetds",
    "hosts": "hosts",
}
_BY_EXTENSION = {
    "xml": "config xml rdl rds rdlc settings csproj vbproj dtsconfig resx xaml",
    "json": "json jsonc json5",
    "yaml": "yaml yml",
    "properties": "properties",
    "env": "env",
    "ini": "ini cfg conf cnf dsn toml inf",
    "udl": "udl",
    "reg": "reg",
    "php": "php inc phtml php5",
    "vbscript": "asa asp vbs",
}
_EXTENSIONS = {extension: kind for kind, extensions in _BY_EXTENSION.items() for extension in extensions.split()}
#: What a file of a kind begins with, in the order to try.
_BEGINNINGS = [
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("php", r"<\?php|<\?=|\$\w+\s*=|\w+_connect\s*\("),
        ("xml", r"<"),
        ("json", r"\{\s*(?:\"|//|/\*|\})|\[\s*(?:[{\"]|\[(?![A-Za-z_]))"),
        ("reg", r"Windows Registry Editor Version|REGEDIT4"),
        ("udl", r"\[oledb\]"),
    )
]


def detected_format(path: str, text: str) -> str:
    """The format's name, or nothing where neither name nor content tell it."""
    name = re.split(r"[\\/]", path)[-1].lower()
    by_content = _by_content(text)
    by_name = format_by_name(name)
    # Content that shows itself wins over a name: a .config may hold JSON, and a .ini an XML.
    if by_content in ("xml", "json", "reg", "udl", "php") and by_name in ("", "xml", "json", "ini", "properties"):
        return by_content
    return by_name or by_content


def format_by_name(name: str) -> str:
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name.startswith(".env") or name.endswith(".env"):
        return "env"
    stem = re.sub(r"\.(example|sample|dist|template|bak|old|orig)$", "", name)
    return _EXTENSIONS.get(stem.rpartition(".")[2], "") if "." in stem else ""


def _by_content(text: str) -> str:
    head = text[:4000].lstrip("\ufeff \t\r\n")
    for kind, beginning in _BEGINNINGS:
        if beginning.match(head):
            return kind
    lines = [line.strip() for line in head.splitlines()]
    live = [line for line in lines if line and line[0] not in "#;!"]
    if any(re.fullmatch(r"\[[^\]]+\]", line) for line in live[:20]):
        return "ini"
    return _by_lines(live[:40])


def _by_lines(live: list[str]) -> str:
    """Flat lines: variables in capitals are an .env, ``key: value`` is YAML, other ``key=value`` are properties."""
    if not live:
        return ""
    if live[0].startswith("---"):
        return "yaml"
    if all(re.match(r"(export\s+)?[A-Z_][A-Z0-9_]*=", line) for line in live):
        return "env"
    if sum(bool(re.match(r"(- )?[\w.\"'-]+:(\s|$)", line)) for line in live) * 2 > len(live):
        return "yaml"
    if sum(bool(re.match(r"[\w.\\-]+\s*=", line)) for line in live) * 2 > len(live):
        return "properties"
    return ""
