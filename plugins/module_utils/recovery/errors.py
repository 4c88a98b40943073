# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong, in the operator's words: a fact, then what to do next."""

from __future__ import annotations


class RecoveryError(Exception):
    """A refusal or a failure that an operator can act on.

    ``msg`` is the fact, with the database or host first and the values that matter (LSN, file, time).
    ``hint`` is the next thing to do, one sentence or more. Both are required: an error without a hint is half an error.
    """

    def __init__(self, msg: str, *, hint: str) -> None:
        super().__init__(msg)
        self.msg = msg
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.msg}\nHINT: {self.hint}"


class InvalidInput(RecoveryError):
    """What was asked for cannot be meant: an unknown name, an impossible time, options that exclude each other."""


class HistoryUnusable(InvalidInput):
    """The file that remembers what was read of the backups is locked, broken or may not be written. It is a cache."""


class NotABackup(RecoveryError):
    """The bytes are not a SQL Server backup that we read: text, empty, encrypted, another container."""


class EncryptedBackup(NotABackup):
    """A backup that is whole, and that nothing but a SQL Server with the right certificate can read."""


class DamagedBackup(RecoveryError):
    """The bytes are a backup, and something in them is wrong or missing."""


class NoFullBackup(RecoveryError):
    """Nothing to begin a restore with."""


class BrokenLogChain(RecoveryError):
    """A log, a differential or a stripe that is needed is missing."""


class TargetOutOfReach(RecoveryError):
    """The target time, LSN or mark lies outside of what the backups reach."""


class DatabaseInUse(RecoveryError):
    """The restore would overwrite a database that is there, and nobody decided so."""


class ServerUnreachable(RecoveryError):
    """No SQL Server answered at the address, or it does not let us in."""


class NoAnswer(ServerUnreachable):
    """Nothing answered at all: the host or the service is down, or the network between. A refused login is no such."""


class StatementFailed(RecoveryError):
    """SQL Server refused or aborted a statement; ``number`` is the first error's number, 0 where the client hid it."""

    def __init__(self, msg: str, *, hint: str, number: int = 0) -> None:
        super().__init__(msg, hint=hint)
        self.number = number


class StoreUnreachable(RecoveryError):
    """The backup store does not answer, or it does not let us in."""


class TransferFailed(RecoveryError):
    """A file could not be stored or fetched whole; nothing stands under its final name."""


class TransferCut(TransferFailed):
    """The connection broke or froze on the way: the same again may succeed."""


class Refused(TransferFailed):
    """The store answers and refuses this file to this account, for good."""


class NoSpace(RecoveryError):
    """Not enough free disk for what is about to be written."""


class RepointRefused(RecoveryError):
    """A configuration file cannot be edited safely; nothing was changed."""


class NotProven(RecoveryError):
    """The work was done, but the proof of it failed: this is never a success."""
