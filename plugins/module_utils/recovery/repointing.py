# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a repointing does with the places it was shown: edit, leave, refuse, and what it says about each.

Nothing of a file is ever quoted in a finding but the keyword and a server that could be read as one: what could not
be read may be a password that slipped out of its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .connection_grammars.place import Mention, Place, Reading
from .discretion import Discretion
from .endpoint import Endpoint, meant_by, named_in
from .errors import RepointRefused
from .spanned_text import Change


@dataclass(frozen=True)
class Edit:
    """One span of bytes of one place; ``before`` and ``after`` are the endpoints that it turns into another."""

    key: str
    change: Change
    before: Endpoint
    after: Endpoint


@dataclass(frozen=True)
class Finding:
    """``level``: ``refused`` (names the old server, or may, and was not touched), ``warning`` (look at it) or ``left``
    (seen, and left as it is for the reason given)."""

    level: str
    key: str
    position: int
    text: str
    server: Endpoint | None = None

    def to_dict(self, line: int, discretion: Discretion) -> dict[str, Any]:
        text = f"{discretion.server(self.server)}: {self.text}" if self.server else self.text
        return {"level": self.level, "key": discretion.name(self.key), "line": line, "text": text}


@dataclass(frozen=True)
class Repointing:
    edits: Sequence[Edit] = ()
    findings: Sequence[Finding] = ()
    #: Places that were on the new server already, and every server that was read.
    already: Sequence[Place] = field(default=(), repr=False)
    servers: Sequence[Endpoint] = ()

    @property
    def refused(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == "refused"]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == "warning"]

    @property
    def status(self) -> str:
        state = "refused" if self.refused else "changed" if self.edits else "unchanged"
        return f"{state}+warn" if self.warnings else state


def decide(reading: Reading, old: Sequence[Endpoint], new: Endpoint) -> Repointing:
    """Edits for every place that names a server of ``old``; everything else is told, not touched."""
    edits: list[Edit] = []
    findings: list[Finding] = []
    already: list[Place] = []
    servers: list[Endpoint] = []
    for place in reading.places:
        if place.endpoint is not None and not place.refused:
            servers.append(place.endpoint)
        if place.refused:
            findings += _refusal(place, old)
        elif place.endpoint is None or place.changes is None:
            continue
        elif _is_at(new, place.endpoint):
            already.append(place)
        elif meant_by(old, place.endpoint):
            found, told = _edited(place, new)
            edits += found
            findings += told
        else:
            findings += _near_miss(place, old)
    findings += [finding for mention in reading.mentions for finding in _mentioned(mention, old, new)]
    findings += [
        Finding("refused" if remark.refused else "warning", "", remark.position, remark.text)
        for remark in reading.remarks
    ]
    return Repointing(_once(edits), sorted(findings, key=lambda finding: finding.position), already, servers)


def _is_at(new: Endpoint, endpoint: Endpoint) -> bool:
    """On the new server already: the same address, or its instance with the port that it happens to have."""
    return endpoint.same_as(new) or (bool(new.instance) and not new.port and new.covers(endpoint))


def _edited(place: Place, new: Endpoint) -> tuple[list[Edit], list[Finding]]:
    if place.endpoint is None or place.changes is None:
        raise AssertionError("only a place that names a server is edited")
    try:
        changes = place.changes(new)
    except RepointRefused as error:
        return [], [Finding("refused", place.key, place.position, f"names the old server: {error.msg}")]
    cautions = [place.caution] if place.caution else []
    if place.host_only and new.port:
        cautions.append(f"only a host stood here: make sure that its reader understands {new}")
    told = [Finding("warning", place.key, place.position, caution) for caution in cautions]
    return [Edit(place.key, change, place.endpoint, new) for change in changes], told


def _once(edits: Iterable[Edit]) -> list[Edit]:
    """Two places of one string may share the port's keyword: the same change is made once."""
    kept: dict[tuple[int, int, bytes], Edit] = {}
    for edit in edits:
        kept.setdefault((edit.change.start, edit.change.end, edit.change.new), edit)
    return sorted(kept.values(), key=lambda edit: edit.change.start)


def _refusal(place: Place, old: Sequence[Endpoint]) -> list[Finding]:
    concerns_old = (
        any(
            name.covers(Endpoint(place.endpoint.host)) or name.host.lower() == place.endpoint.host.lower()
            for name in old
        )
        if place.endpoint
        else named_in(old, place.raw)
    )
    if concerns_old:
        return [Finding("refused", place.key, place.position, f"names the old server and {place.refused}")]
    return []


def _near_miss(place: Place, old: Sequence[Endpoint]) -> list[Finding]:
    """The old host under another port or instance is another server; whoever forgot it should read so."""
    if place.endpoint and meant_by([Endpoint(name.host) for name in old], place.endpoint):
        text = "the old host, at another port or instance"
        return [Finding("left", place.key, place.position, text, place.endpoint)]
    return []


def _mentioned(mention: Mention, old: Sequence[Endpoint], new: Endpoint) -> list[Finding]:
    if named_in(old, mention.raw):
        level = "left" if mention.left else "warning"
        return [Finding(level, mention.key, mention.position, mention.old)]
    if mention.new and named_in([new], mention.raw):
        return [Finding("warning", mention.key, mention.position, mention.new)]
    return []
