# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""/etc/hosts: the address that stands for the name under which applications know their server.

A name is one thing for all ports: only the address moves, and the new server must listen on the old one's port.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..connection_grammars.place import Place, Reading
from ..dns_record import address_of, require_same_port
from ..endpoint import Endpoint
from ..errors import InvalidInput, RepointRefused
from ..spanned_text import SpannedText
from .settings import Hint

_ENTRY = re.compile(r"^[ \t]*(?P<address>[0-9A-Fa-f:.]+(?:%\w+)?)[ \t]+(?P<names>[^#\r\n]+)", re.MULTILINE)


def hosts_reading(root: SpannedText, hints: Sequence[Hint]) -> Reading:
    """The entries of the names that ``keys`` gives as ``server``; every other name is somebody else's."""
    wanted = {hint.server.lower() for hint in hints if hint.server}
    if not wanted:
        raise InvalidInput(
            "format hosts needs keys: which of the file's names the applications use is not to be guessed",
            hint="Give the name as keys: [{server: NAME}].",
        )
    places = []
    for match in _ENTRY.finditer(root.text):
        names = match.group("names").split()
        mine = [name for name in names if name.lower() in wanted]
        if mine and address_of(match.group("address")):
            places.append(_place(root, match, mine[0], [name for name in names if name.lower() not in wanted]))
    return Reading(places)


def _place(root: SpannedText, match: re.Match[str], key: str, others: Sequence[str]) -> Place:
    start, end = match.span("address")
    caution = f"other names of this entry move with it: {', '.join(others)}" if others else ""
    return Place(
        key,
        root.position(start),
        Endpoint(match.group("address")),
        lambda new: [root.change(start, end, new.host)],
        caution=caution,
    )


def addresses_only(old: Sequence[Endpoint], new: Endpoint) -> tuple[tuple[Endpoint, ...], Endpoint]:
    """Both servers as a hosts file can name them; refused where it cannot lead from one to the other."""
    if not address_of(new.host):
        raise RepointRefused(
            f"a hosts file needs an address, and the new server is called {new.host}",
            hint="Give the new server's address as new.host.",
        )
    known = [name for name in old if address_of(name.host)]
    require_same_port(known, new, "a hosts file")
    return tuple(Endpoint(name.host) for name in known), Endpoint(new.host)
