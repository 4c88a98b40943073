# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every fault that can be injected: its name, where it can happen, what it wants to know, and what it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SERVER, STORE, MODULE = "server", "store", "module"
ANYWHERE = (SERVER, STORE, MODULE)
LISTENERS = (SERVER, STORE)


class UnknownFault(Exception):
    """No fault of that name, or it does not take that argument or happen there. The text says what there is."""


@dataclass(frozen=True)
class Argument:
    name: str
    what: str
    kind: type = str
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    """``lasting``: it stays until it is cleared, also over a restart; the others have happened when they are told."""

    name: str
    where: tuple[str, ...]
    what: str
    arguments: tuple[Argument, ...] = ()
    lasting: bool = True
    by_pid: bool = False  # done to the process from outside, not by it


_HOW = Argument("how", "process: stopped as by SIGSTOP; listener: accepts and never answers", default="process",
                choices=("process", "listener"))  # fmt: skip
_CUT = Argument("how", "refused: connections are refused or reset; blackhole: they hang", default="refused",
                choices=("refused", "blackhole"))  # fmt: skip
_DATABASE = Argument("database", "name of a database of that server")
_FILE = Argument("file", "path of a file: absolute, or below the backup folder or the store")
_RATE = Argument("rate", "bytes per second", int, required=True)

FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault("kill", ANYWHERE, "SIGKILL, as a power failure; `start` brings it back.", lasting=False, by_pid=True),
        Fault("freeze", ANYWHERE, "The process stands still, or its listener accepts and is silent.", (_HOW,)),
        Fault("drop_connections", LISTENERS, "Every connection is reset; new ones are welcome.", lasting=False),
        Fault("cut", LISTENERS, "The network between it and another party is cut.", (
            Argument("party", "a host of the site, controller (all others), or all", default="all"), _CUT)),
        Fault("slow_disk", (SERVER,), "Database files, logs and backup media are read and written slowly.", (_RATE,)),
        Fault("full_disk", (SERVER,), "The disk holds little more than it holds now: 3202, 1105, 9002, 3257.", (
            Argument("free", "bytes that still fit", int, 0),
            Argument("area", "all, or the disk of data, log or backup alone", default="all",
                     choices=("all", "data", "log", "backup")))),
        Fault("read_error", (SERVER,), "Bytes that cannot be read: 823, 3271; 3203 for media.", (
            _DATABASE, Argument("table", "which table's pages; its first leaf is meant"), _FILE,
            Argument("offset", "first byte", int), Argument("length", "how many bytes", int, 1))),
        Fault("bit_flip", LISTENERS, "One bit of a file is turned: 824, 3043, CHECKDB; 3183, 3189 for media.", (
            _DATABASE, Argument("table", "which table's pages; its first leaf is meant"), _FILE,
            Argument("offset", "which byte; the middle of the file by default", int),
            Argument("bit", "which bit of the byte", int, 0))),
        Fault("foreign_backup", (SERVER,), "Another tool takes a full or log backup: the base or the chain moves.", (
            Argument("database", "name of a database of that server", required=True),
            Argument("kind", "full or log", default="full", choices=("full", "log")),
            Argument("to", "file, below the backup folder or absolute, or NUL", default="NUL"),
            Argument("tool", "its name, as msdb shows it", default="Nightly Saver 9"),
            Argument("login", "its login, as msdb shows it", default="RS\\svc_saver")), lasting=False),
        Fault("lost_permission", (SERVER,), "A login loses a right (262, 3110), or the service a folder (3201).", (
            Argument("login", "whose right"),
            Argument("right", "backup or restore", default="backup", choices=("backup", "restore")),
            Argument("folder", "folder that SQL Server may not enter any more"))),
        Fault("clock_jump", (SERVER,), "The server's clock is wrong by so many seconds.", (
            Argument("seconds", "may be negative", int, required=True),)),
        Fault("ftp_cut", (STORE,), "A transfer breaks off at byte n, control connection and all.", (
            Argument("at", "byte of the transfer", int, required=True),
            Argument("verb", "STOR or RETR", default="STOR", choices=("STOR", "RETR")))),
        Fault("ftp_reply", (STORE,), "A verb is refused with a code of 4xx or 5xx.", (
            Argument("verb", "e.g. STOR RETR RNTO LIST PASS", required=True),
            Argument("code", "400 to 599", int, 451), Argument("times", "how often; 0: always", int, 0))),
        Fault("ftp_address", (STORE,), "PASV names an address where nobody is (EPSV is not offered).", (
            Argument("address", "which", default="127.0.66.6"),)),
        Fault("ftp_tls_reuse", (STORE,), "Data connections must reuse the control connection's TLS session (522)."),
        Fault("ftp_slow", (STORE,), "Transfers crawl.", (_RATE,)),
        Fault("ftp_quota", (STORE,), "The store is full at so many bytes (552).", (
            Argument("bytes", "what the store holds", int, required=True),)),
        Fault("ftp_local_time", (STORE,), "LIST shows the times of a zone of its own; MLSD keeps UTC.", (
            Argument("hours", "from UTC", int, 7),)),
        Fault("ftp_no_mlsd", (STORE,), "MLSD and MLST are not known (500), and not offered in FEAT."),
    )
}  # fmt: skip


def fault_named(name: str) -> Fault:
    if name not in FAULTS:
        raise UnknownFault(f"{name}: no fault of that name. There are: {', '.join(FAULTS)}")
    return FAULTS[name]


def checked(name: str, kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments whole: known, of their kind, with defaults. ``kind`` is what the process is."""
    fault = fault_named(name)
    if kind not in fault.where:
        raise UnknownFault(f"{name}: it happens to a {' or a '.join(fault.where)}, not to a {kind}")
    known = {argument.name: argument for argument in fault.arguments}
    for key in given:
        if key not in known:
            takes = ", ".join(known) or "none"
            raise UnknownFault(f"{name}: unknown argument {key!r}. It takes: {takes}")
    return {argument.name: _value(name, argument, given.get(argument.name)) for argument in fault.arguments}


def _value(name: str, argument: Argument, given: Any) -> Any:
    if given is None:
        if argument.required:
            raise UnknownFault(f"{name}: {argument.name}= is missing ({argument.what})")
        return argument.default
    try:
        value = argument.kind(given)
    except (TypeError, ValueError):
        raise UnknownFault(f"{name}: {argument.name}={given!r} is not a whole number") from None
    if argument.choices and value not in argument.choices:
        raise UnknownFault(f"{name}: {argument.name}={given!r} is none of {', '.join(argument.choices)}")
    return value
