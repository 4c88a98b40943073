# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Repoints DNS records from the controller: looked at, changed and put back like the files that they stand among.

Several hosts may list one record, and each of them is told that it moved: whoever comes first moves it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..recovery.dns_record import LONG_TTL, NamedRecords, RecordSet, leads_to, repointed
from ..recovery.endpoint import Endpoint
from ..recovery.errors import RecoveryError, RepointRefused
from .dns_server import DnsServer, NoDnsAnswer
from .windows_host import WindowsHost

Told = Mapping[str, Any]


class Writer(Protocol):
    """Whoever changes a record: the server itself, or its Windows host."""

    def replace(self, before: NamedRecords, after: NamedRecords) -> None: ...


@dataclass(frozen=True)
class WindowsDns:
    """Windows' own DNS server, whose zones only take updates of members of the domain: by its own host."""

    host: WindowsHost

    def replace(self, before: NamedRecords, after: NamedRecords) -> None:
        relative = before.name[: -len(before.zone)].rstrip(".") or "@"
        for one in after.sets if after != before else ():
            asked = {"name": relative, "zone": before.zone, "type": one.kind, "value": list(one.values), "ttl": one.ttl}
            self.host.run("ansible.windows.win_dns_record", asked, f"the record {before.name} was not changed")


@dataclass(frozen=True)
class RecordWish:
    """What is asked for one record, and who changes it."""

    path: str
    name: str
    zone: str
    server: DnsServer
    writer: Writer
    required: bool = True


@dataclass(frozen=True)
class Sides:
    old: Sequence[Endpoint]
    new: Endpoint
    new_names: Sequence[Endpoint]


@dataclass
class RecordPlan:
    wish: RecordWish
    before: NamedRecords
    after: NamedRecords
    status: str
    warnings: list[str] = field(default_factory=list)
    #: Moved already by another host of this run: told as changed, and not written again.
    moved: bool = False

    @property
    def changed(self) -> bool:
        return self.moved or self.before != self.after

    def to_dict(self) -> dict[str, Any]:
        pairs = zip(self.before.sets, self.after.sets)
        return {
            "path": self.wish.path,
            "real_path": f"{self.before.name} on {self.wish.server}",
            "changed": self.changed,
            "status": self.status,
            "format": "dns",
            "encoding": "",
            "edits": [
                {"line": 0, "key": one.kind, "before": ", ".join(one.values), "after": ", ".join(other.values)}
                for one, other in pairs
                if one != other
            ],
            "before": self.before.values,
            "after": self.after.values,
            "sha256_before": self.before.sha256,
            "sha256_after": self.after.sha256,
            "backup": "",
            "warnings": self.warnings,
            "left": [],
            "records": {"before": _told(self.before), "after": _told(self.after)},
        }


def planned(wish: RecordWish, sides: Sides, seen: Told | None) -> RecordPlan:
    """What would become of one record, and that its server would take the change. ``seen`` is what an earlier look at
    it returned."""
    try:
        return _planned(wish, sides, seen)
    except RecoveryError as error:
        raise type(error)(f"{wish.path}: {error.msg}", hint=error.hint) from None


def _planned(wish: RecordWish, sides: Sides, seen: Told | None) -> RecordPlan:
    now = wish.server.records(wish.name, wish.zone)
    after = repointed(now, sides.old, sides.new, sides.new_names)
    if seen and now.sha256 != seen["sha256_before"]:
        if after != now or now.sha256 != seen["sha256_after"]:
            raise RepointRefused("is not the record that was looked at", hint="Look again: it was changed since.")
        return RecordPlan(wish, _records(seen["records"]["before"]), now, "repointed", moved=True)
    if after == now:
        return _still(wish, sides, now)
    wish.writer.replace(now, now)
    warning = (
        f"clients keep the old answer for up to {now.ttl} s, and some (Java, connection pools) until they are "
        "restarted; lower its time to live to a minute while nothing is on fire"
    )
    return RecordPlan(wish, now, after, "repointed", [warning] if now.ttl > LONG_TTL else [])


def _still(wish: RecordWish, sides: Sides, now: NamedRecords) -> RecordPlan:
    if all(leads_to([sides.new, *sides.new_names], value) for value in now.values):
        return RecordPlan(wish, now, now, "already")
    fact = f"leads neither to the old server nor to the new one, but to {', '.join(now.values)}"
    if wish.required:
        raise RepointRefused(fact, hint="Check the name, and mssql_application_names of both servers.")
    return RecordPlan(wish, now, now, "not_concerned", [f"{wish.path}: {fact}"])


def apply(plans: Sequence[RecordPlan]) -> None:
    """Change every record, and read each back; what fails takes those before it back."""
    done: list[RecordPlan] = []
    for plan in plans:
        if plan.before == plan.after or plan.moved:
            continue
        try:
            _replace(plan.wish, plan.before, plan.after)
            done.append(plan)
        except RecoveryError as error:
            told = take_back(done)
            state = "not everything could be taken back" if told else "no record of this run is left changed"
            raise RepointRefused("\n".join([f"{plan.wish.path}: {error.msg}", *told, state]), hint=error.hint) from None


def take_back(done: Sequence[RecordPlan]) -> list[str]:
    """Put records back; a sentence for each that could not be."""
    told = []
    for plan in done:
        try:
            _replace(plan.wish, plan.after, plan.before)
        except RecoveryError as error:
            told.append(f"{plan.wish.path}: COULD NOT BE PUT BACK: {error.msg}")
    return told


def _replace(wish: RecordWish, before: NamedRecords, after: NamedRecords) -> None:
    """Another host of the same run may have been quicker, and an answer may be lost: the server is asked again."""
    failure: RecoveryError | None = None
    try:
        now = wish.server.records(wish.name, wish.zone)
        if now.sha256 not in (before.sha256, after.sha256):
            raise RepointRefused("was changed by another program meanwhile", hint="Find out who changes it.")
        if now.sha256 != after.sha256:
            wish.writer.replace(before, after)
    except RecoveryError as error:
        failure = error
    try:
        now = wish.server.records(wish.name, wish.zone)
    except NoDnsAnswer as error:
        said = failure.msg if failure else error.msg
        raise RepointRefused(f"whether it was changed is not known: {said}", hint=error.hint) from None
    if now.sha256 != after.sha256:
        raise failure or RepointRefused(
            f"still leads to {', '.join(now.values)}", hint="Look at the DNS server's log, then run again."
        )


def restoration(wish: RecordWish, sides: Sides, written: Told | None) -> RecordPlan:
    """How a record goes back to what the run of ``written`` found; changed by others since, it is refused."""
    now = wish.server.records(wish.name, wish.zone)
    if not written:
        if repointed(now, [sides.new, *sides.new_names], sides.old[0], sides.old[1:]) == now:
            return RecordPlan(wish, now, now, "never_repointed")
        raise RepointRefused(
            f"{wish.path}: leads to the new server, and what it was before is not known",
            hint="Give the files of the run that changed it as validated, or repoint it the other way instead.",
        )
    before = _records(written["records"]["before"])
    if now.sha256 == before.sha256:
        return RecordPlan(wish, now, now, "original")
    if now.sha256 != written["sha256_after"]:
        raise RepointRefused(
            f"{wish.path}: was changed after it was repointed; it leads to {', '.join(now.values)}",
            hint="Look at it by hand, and repoint it the other way instead.",
        )
    return RecordPlan(wish, now, before, "restored")


def _told(records: NamedRecords) -> dict[str, Any]:
    sets = [{"kind": one.kind, "ttl": one.ttl, "values": list(one.values)} for one in records.sets]
    return {"name": records.name, "zone": records.zone, "sets": sets}


def _records(told: Told) -> NamedRecords:
    sets = [RecordSet(one["kind"], int(one["ttl"]), tuple(one["values"])) for one in told["sets"]]
    return NamedRecords(told["name"], told["zone"], tuple(sets))
