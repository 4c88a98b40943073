# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What servers answer when asked what a folder holds: MLSD, ``ls -l``, or DOS's ``dir`` (IIS)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

# ls -l: kind and rights, links, owner, group, size, three words of date, name.
_LS_LINE = re.compile(r"([-d])[rwxstST-]{9}\S*\s+\d+\s+\S+\s+\S+\s+(\d+)\s+\S+\s+\S+\s+\S+ (.+)", re.DOTALL)
_DOS_LINE = re.compile(r"\d\d-\d\d-\d{2,4}\s+\d\d:\d\d(?:[AP]M)?\s+(?:(<DIR>)|(\d+)) +(.+)", re.DOTALL)
# The block count above a listing, and links, which are not followed. Any other line must be understood.
_PASSED_OVER = re.compile(r"total \d+|l.*|\s*", re.DOTALL)
#: So many files of a folder are asked for their size although the listing tells one.
_SAMPLE = 100


class NotUnderstood(ValueError):
    """A line of a listing in no form that we know."""


@dataclass(frozen=True)
class Entry:
    """One line of a listing. ``size`` in bytes, -1 for directories and where the server does not say; ``modified`` as
    MLSD writes it (YYYYMMDDHHMMSS in UTC), empty where the server has no MLSD or does not say."""

    path: str
    is_directory: bool
    size: int
    modified: str = ""


def lines_of(data: bytes) -> list[str]:
    """Lines end with CR LF: a single CR or LF belongs to a name. Servers that send LF alone send it everywhere."""
    end = b"\r\n" if b"\r\n" in data else b"\n"
    return [line.decode("utf-8", "surrogateescape") for line in data.split(end) if line]


def mlsd_entry(parent: str, line: str) -> Entry | None:
    """None for the folder itself, its parent, and what is neither file nor folder."""
    facts_text, space, name = line.partition(" ")
    if not space or "=" not in facts_text:
        raise NotUnderstood(line)
    facts = dict(fact.lower().partition("=")[::2] for fact in facts_text.rstrip(";").split(";"))
    kind, size = facts.get("type", ""), facts.get("size", "")
    if kind not in ("file", "dir"):
        return None
    known = int(size) if kind == "file" and size.isdigit() else -1
    return Entry(f"{parent}/{name}", kind == "dir", known, facts.get("modify", ""))


def list_entry(parent: str, line: str) -> Entry | None:
    """The time of the line is not used: it has no zone. The size is a guess in some servers: see ``sample``."""
    match = _LS_LINE.fullmatch(line) or _DOS_LINE.fullmatch(line)
    if match is None:
        if _PASSED_OVER.fullmatch(line):
            return None
        raise NotUnderstood(line)
    kind, size, name = match.groups()
    if name in (".", ".."):
        return None
    is_directory = kind in ("d", "<DIR>")
    return Entry(f"{parent}/{name}", is_directory, -1 if is_directory else int(size))


def sample(files: list[Entry]) -> list[Entry]:
    """The files of a folder whose sizes are asked for, to see whether its listing can be believed about the others:
    all of a small folder; of a large one the largest, and as many as are enough, from the first to the last."""
    step = -(-len(files) // _SAMPLE)
    return files if step <= 1 else [*files[::step], max(files, key=lambda one: one.size)]


def sized(entries: Sequence[Entry], believed: Sequence[Entry], asked: Mapping[str, int | None]) -> list[Entry]:
    """Each with the size that was asked for, else with that of the listing where it is believed, else with -1."""
    sizes: dict[str, int | None] = {**{one.path: one.size for one in believed}, **asked}
    known = [sizes.get(one.path) for one in entries]
    wanted = [-1 if size is None else size for size in known]
    return [one if one.size == size else replace(one, size=size) for one, size in zip(entries, wanted)]
