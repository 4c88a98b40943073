# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What reading a connection string gives: the places that name a server, and things worth a remark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Callable

from ..endpoint import Endpoint
from ..spanned_text import Change


@dataclass(frozen=True)
class Place:
    """One place that names a SQL Server, and how it would be written for another.

    ``refused`` says why it must not be touched. ``raw`` is what was there when it could not be read: it is only
    searched for names of the old server, and never shown.
    """

    key: str
    position: int
    endpoint: Endpoint | None
    changes: Callable[[Endpoint], Sequence[Change]] | None = field(default=None, repr=False)
    refused: str = ""
    caution: str = ""
    #: Only a host was kept here so far: whoever reads it must understand ``host,port``.
    host_only: bool = False
    raw: str = field(default="", repr=False)


@dataclass(frozen=True)
class Mention:
    """A server named where it is not connected to: a failover partner, a DSN, an SPN.

    ``old`` is what to say when it names the old server, ``new`` when it names the new one.
    ``left`` mentions are listed as untouched; the others are warnings.
    """

    key: str
    position: int
    raw: str = field(repr=False)
    old: str
    new: str = ""
    left: bool = False


@dataclass(frozen=True)
class Remark:
    """Something to say whatever the server's names are."""

    position: int
    text: str
    refused: bool = False


@dataclass(frozen=True)
class Reading:
    places: Sequence[Place] = ()
    mentions: Sequence[Mention] = ()
    remarks: Sequence[Remark] = ()

    def __add__(self, other: Reading) -> Reading:
        return Reading(
            (*self.places, *other.places), (*self.mentions, *other.mentions), (*self.remarks, *other.remarks)
        )
