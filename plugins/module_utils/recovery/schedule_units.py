# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The site's runs as units of systemd: a service for each kind of run, and a timer for those that are due at a time.

A unit that still runs is not started again, so a run never overlaps with itself. Runs that would disturb each other
stand in one queue: a lock that the next one waits for. Runs by hand meet the run lock, which refuses.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .errors import InvalidInput
from .schedule import Timing

_PLAIN = re.compile(r"[A-Za-z0-9_@+=:,./-]+")
_HEAD = (
    "# Written by the role ics.deadpool.schedule. Change the inventory and run playbooks/schedule.yml, not this file.\n"
)


@dataclass(frozen=True)
class Kind:
    """What is run. ``minutes`` after which a run that has not ended is ended. Runs of one ``queue`` wait for each
    other. ``warm`` ones work on the failover, and have no business there while the hospital does."""

    playbook: str
    minutes: int
    queue: str = ""
    extra: tuple[str, ...] = ()
    warm: bool = False


#: Backups of all types share the folder that they ship from; standby, prune and drill share the lock of a recovery.
KINDS: Mapping[str, Kind] = {
    "full": Kind("backup_in_use.yml", 480, "backup", ("backup_type=full",)),
    "differential": Kind("backup_in_use.yml", 240, "backup", ("backup_type=differential",)),
    "log": Kind("backup_in_use.yml", 60, "backup", ("backup_type=log",)),
    "ship": Kind("backup_in_use.yml", 60, "backup", ("backup_type=ship",)),
    "standby": Kind("standby.yml", 240, "site", warm=True),
    "prune": Kind("prune.yml", 240, "site"),
    "drill": Kind("drill.yml", 480, "site", warm=True),
    "daily_check": Kind("daily_check.yml", 60),
    "fence": Kind("fence.yml", 15),
}


@dataclass(frozen=True)
class Place:
    """How the controller runs a playbook, and for which site. ``left`` is the file that stands while the failover is in
    use; ``arguments`` go to every run (an inventory, a vault's password file)."""

    site: str
    project: str
    ansible_playbook: str
    reports: str
    left: str
    user: str = ""
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    on_failure: str = ""
    spread_seconds: int = 0

    @property
    def prefix(self) -> str:
        """What the names of all units of this site begin with."""
        words = re.sub(r"[^a-z0-9]+", "-", self.site.casefold()).strip("-")
        return f"deadpool-{words or hashlib.sha256(self.site.encode()).hexdigest()[:12]}"

    def queue(self, name: str) -> str:
        """The file of a queue."""
        return f"{self.reports}/.queue-{hashlib.sha256(self.site.encode()).hexdigest()[:12]}-{name}.lock"

    def unit(self, kind: str, what: str = "service") -> str:
        return f"{self.prefix}-{kind}.{what}"


def units(
    timed: Sequence[Timing], then: Mapping[str, Sequence[str]], minutes: Mapping[str, int], place: Place
) -> dict[str, str]:
    """File name -> text. ``then``: kind -> the kinds that follow where it ended well; ``minutes``: kind -> limit."""
    kinds = kinds_of(timed, then)
    for kind in [*kinds, *minutes]:
        if kind not in KINDS:
            raise InvalidInput(
                f"schedule: there is no run of the kind {kind!r}.", hint=f"The kinds are {', '.join(KINDS)}."
            )
    limits = {kind: minutes.get(kind, KINDS[kind].minutes) for kind in kinds}
    result = {place.unit(kind): _service(kind, then.get(kind, ()), limits, place) for kind in kinds}
    for kind in dict.fromkeys(one.kind for one in timed):
        result[place.unit(kind, "timer")] = _timer(kind, [one for one in timed if one.kind == kind], place)
    return result


def kinds_of(timed: Iterable[Timing], then: Mapping[str, Sequence[str]]) -> list[str]:
    """Those that have a time, and those that follow one of them."""
    kinds = list(dict.fromkeys(one.kind for one in timed))
    for kind in kinds:  # grows while it is walked: what follows a follower
        kinds += [one for one in then.get(kind, ()) if one not in kinds]
    return kinds


def _service(kind: str, then: Sequence[str], limits: Mapping[str, int], place: Place) -> str:
    what = KINDS[kind]
    waits = [minutes for one, minutes in limits.items() if what.queue and KINDS[one].queue == what.queue]
    unit = {
        "Description": _escaped(f"{kind} of {place.site}"),
        "Wants": "network-online.target",
        "After": "network-online.target",
        # Without this the failover would be asked to follow while the hospital works on it.
        "ConditionPathExists": f"!{_escaped(place.left)}" if what.warm else "",
        "OnSuccess": " ".join(place.unit(one) for one in then),
        "OnFailure": place.on_failure,
    }
    service = {
        "Type": "oneshot",
        "User": place.user,
        "WorkingDirectory": _escaped(place.project),
        "ExecStart": command(kind, limits[kind], place),
        # The command ends a run that hangs; this ends one that waits for ever, or that will not be ended.
        "TimeoutStartSec": f"{sum(waits) + (0 if waits else limits[kind]) + 5}min",
        "UMask": "0077",
    }
    environment = [f"Environment={_quoted(f'{name}={value}')}" for name, value in sorted(place.environment.items())]
    return f"{_HEAD}[Unit]\n{_lines(unit)}\n[Service]\n{_lines(service)}" + "".join(f"{one}\n" for one in environment)


def command(kind: str, minutes: int, place: Place) -> str:
    """flock keeps the queue, and its file closed to children: an SSH connection that is kept open would hold it on."""
    what = KINDS[kind]
    words = ["/usr/bin/timeout", "--kill-after=60", f"{minutes}m", place.ansible_playbook, *place.arguments]
    words += [f"playbooks/{what.playbook}", *(word for value in what.extra for word in ("-e", value))]
    queue = ["/usr/bin/flock", "--close", place.queue(what.queue)] if what.queue else []
    return " ".join(_quoted(word) for word in [*queue, *words])


def _timer(kind: str, timed: Iterable[Timing], place: Place) -> str:
    expressions = "".join(f"OnCalendar={one.on_calendar()}\n" for one in timed)
    timer = {
        # A controller that was off runs what it missed, once.
        "Persistent": "true",
        "AccuracySec": "1s",
        "RandomizedDelaySec": f"{place.spread_seconds}s" if place.spread_seconds else "",
    }
    description = _escaped(f"{kind} of {place.site}, when it is due")
    return (
        f"{_HEAD}[Unit]\nDescription={description}\n\n[Timer]\n{expressions}{_lines(timer)}\n"
        "[Install]\nWantedBy=timers.target\n"
    )


def _lines(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items() if value)


def _escaped(text: str) -> str:
    """A line of a unit file: one line, and no specifier in it."""
    return " ".join(text.split()).replace("%", "%%")


def _quoted(word: str) -> str:
    """A word of a command line of systemd.service(5)."""
    if any(ord(sign) < 32 for sign in word):
        raise InvalidInput(f"schedule: {word!r} holds a control character.", hint="Write it without.")
    if _PLAIN.fullmatch(word):
        return word
    inside = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{inside}"'
