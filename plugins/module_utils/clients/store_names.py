# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which names may travel between this host and a store: those that both sides hold unchanged."""

from __future__ import annotations

import re

from ..recovery.errors import InvalidInput
from ..recovery.leftovers import DIGEST, PART

#: Bytes of a name: 255 is what file systems take, and the temporary name of the digest is the longest.
LONGEST = 255 - len(DIGEST + PART)


def safe_path(path: str) -> str:
    """A line end in a name would be a second command to the server; ``..`` would leave the folder."""
    if re.search(r"[\r\n\0]", path) or (".." in path and ".." in path.split("/")):
        raise InvalidInput(
            f"store path {path!r}: it holds a line end or '..'", hint="Rename the file; such names are not transferred."
        )
    if re.search("[\ud800-\udfff]", path):
        raise InvalidInput(
            f"store path {path!r}: its bytes are no UTF-8", hint="Rename the file; such names are not transferred."
        )
    return path


def portable_path(path: str) -> str:
    """A path on the store that a file is to get, or has: there must be room for what is appended to its name."""
    name = safe_path(path).rpartition("/")[2]
    length = len(name.encode("utf-8"))
    if not name or name == ".":
        raise InvalidInput(f"store path {path!r}: it names no file", hint="Give the path of a file, not of a folder.")
    if length > LONGEST:
        raise InvalidInput(
            f"store path {path!r}: its name has {length} bytes, {LONGEST} are possible: {DIGEST}{PART} is appended",
            hint="Give the file a shorter name; such names are not transferred.",
        )
    return path


def is_safe(path: str) -> bool:
    """Whether the store can be asked for it at all."""
    try:
        safe_path(path)
    except InvalidInput:
        return False
    return True
