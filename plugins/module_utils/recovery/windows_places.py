# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names and protection of files on Windows hosts, as text: what a controller can know without asking the host."""

from __future__ import annotations

import re

from .errors import InvalidInput

_DRIVE = re.compile(r"[A-Za-z]:\\")
_SHARE = re.compile(r"\\\\[^\\/?.][^\\/]*\\[^\\/]+\\")
_FORBIDDEN = re.compile(r'[<>"|?*\x00-\x1f]')
_ENTRY = re.compile(r"\(([^()]*)\)")
_PART = re.compile(r"([OGDS]):")


def windows_path(path: str, what: str = "path") -> str:
    """``path`` with backslashes, where it is a whole path of a drive or a share; refused otherwise."""
    told = path.replace("/", "\\")
    inside = told[2:]
    if not (_DRIVE.match(told) or _SHARE.match(told)) or _FORBIDDEN.search(inside) or ":" in inside:
        raise InvalidInput(
            f"{what} {path}: not the whole path of a file on a Windows host",
            hint=r"Write it as C:\folder\file or \\server\share\file, without wildcards and streams.",
        )
    if any(part in (".", "..") for part in told.split("\\")):
        raise InvalidInput(f"{what} {path}: leads through . or ..", hint="Write the path as it is without them.")
    return told.rstrip("\\") if len(told) > 3 else told


def parent(path: str) -> str:
    folder = path.rpartition("\\")[0]
    return f"{folder}\\" if len(folder) == 2 else folder


def name(path: str) -> str:
    return path.rpartition("\\")[2]


def within(path: str, folder: str) -> bool:
    """Whether ``path`` is the folder or lies below it; Windows compares names without case."""
    return f"{path.lower()}\\".startswith(f"{folder.lower().rstrip(chr(92))}\\")


def same_access(before: str, after: str) -> bool:
    """Whether two security descriptors let the same accounts do the same. How an entry came to be there (inherited or
    not) and the order in which SDDL writes the flags are no difference; the order of the entries is."""
    return _access(before) == _access(after)


def same_owner(before: str, after: str) -> bool:
    first, second = _parts(before), _parts(after)
    return (first.get("O"), first.get("G")) == (second.get("O"), second.get("G"))


def _access(sddl: str) -> list[tuple[str, ...]]:
    entries = _ENTRY.findall(_parts(sddl).get("D", ""))
    return [(kind, _flags(flags), *rest) for kind, flags, *rest in (entry.split(";") for entry in entries if entry)]


def _flags(flags: str) -> str:
    pairs = [flags[at : at + 2] for at in range(0, len(flags), 2)]
    return "".join(sorted(pair for pair in pairs if pair != "ID"))


def _parts(sddl: str) -> dict[str, str]:
    """Owner, group, DACL and SACL of a security descriptor in SDDL."""
    found = _PART.split(sddl)
    return dict(zip(found[1::2], found[2::2]))
