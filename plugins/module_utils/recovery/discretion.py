# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names from a file that may be told, and those that may not because they resemble one of its secrets.

A damaged file can carry its password where a server is expected: ``Server=SQL01Secret``. Such a name is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .endpoint import Endpoint, host_key

NOT_SHOWN = "(a name that is not shown, because it resembles a password of this file)"
_WINDOW = 6
_SECRET = re.compile(
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key)[\w.:\-\"' ]{0,40}?(?:[=:>]|\bvalue\b)[\s\"'{=]*"
    r"(?P<value>[^\s;\"'<>&,}]{3,200})",
    re.IGNORECASE,
)
#: ``user:password@`` of a URL.
_USERINFO = re.compile(r"://[^\s:/@]*:(?P<value>[^\s@]{3,200})@")


class Discretion:
    """Knows the secrets of one file, and the servers that the operator named himself."""

    def __init__(self, text: str, known: Iterable[Endpoint]) -> None:
        secrets = {match.group("value").lower() for found in (_SECRET, _USERINFO) for match in found.finditer(text)}
        self._pieces = {piece for secret in secrets for piece in _pieces(secret)}
        self._hosts = {host_key(endpoint.host) for endpoint in known}

    def server(self, endpoint: Endpoint) -> str:
        """The server as it is written, where nothing of it looks like a secret."""
        if host_key(endpoint.host) in self._hosts and not endpoint.instance:
            return str(endpoint)
        shown = self.name(f"{endpoint.host}\\{endpoint.instance or ''}")
        return shown if shown == NOT_SHOWN else str(endpoint)

    def name(self, name: str) -> str:
        lowered = name.lower()
        if any(piece in self._pieces for piece in _pieces(lowered)) or any(
            piece in lowered for piece in self._pieces if len(piece) < _WINDOW
        ):
            return NOT_SHOWN
        return name


def _pieces(text: str) -> set[str]:
    return {text[start : start + _WINDOW] for start in range(max(1, len(text) - _WINDOW + 1))}
