# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a batch says to its client: the engine yields these, the protocol turns them into tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, Union


@dataclass(frozen=True)
class SqlType:
    """A T-SQL type. ``name`` is lower case as in sys.types; ``length`` in characters or bytes, -1 for max."""

    name: str
    length: int = 0
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True)
class Column:
    name: str
    type: SqlType
    nullable: bool = True


@dataclass(frozen=True)
class Columns:
    """A result set begins."""

    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Row:
    """One row: int, str, bytes, bool, float, Decimal, datetime, date, time, UUID or None per column."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Message:
    """An informational message (severity <= 10) or an error (severity >= 11)."""

    number: int
    severity: int
    state: int
    text: str
    procedure: str = ""
    line: int = 1


@dataclass(frozen=True)
class Done:
    """A statement, or one message of BACKUP and RESTORE, is finished. ``rowcount`` None: no count (NOCOUNT, DDL)."""

    rowcount: int | None = None
    error: bool = False
    is_select: bool = False


@dataclass(frozen=True)
class DatabaseChanged:
    old: str
    new: str


@dataclass(frozen=True)
class TransactionBegan:
    descriptor: int


@dataclass(frozen=True)
class TransactionEnded:
    descriptor: int
    committed: bool


@dataclass(frozen=True)
class ReturnStatus:
    value: int


@dataclass(frozen=True)
class ReturnValue:
    """An output parameter of a procedure."""

    name: str
    type: SqlType
    value: Any


Event = Union[
    Columns, Row, Message, Done, DatabaseChanged, TransactionBegan, TransactionEnded, ReturnStatus, ReturnValue
]


@dataclass(frozen=True)
class Parameter:
    """A parameter of an RPC or of sp_executesql: ``name`` with its @ (may be empty), value as in :class:`Row`."""

    name: str
    type: SqlType
    value: Any
    output: bool = False


@dataclass(frozen=True)
class LoginRequest:
    login: str
    password: str
    database: str
    program: str
    host: str
    client_interface: str
    client_address: str
    client_pid: int = 0
    encrypted: bool = False


class SqlError(Exception):
    """A login or a statement is refused; the protocol sends ``messages`` as ERROR tokens."""

    def __init__(self, *messages: Message) -> None:
        super().__init__("; ".join(f"Msg {m.number}: {m.text}" for m in messages))
        self.messages = messages


class Session(Protocol):
    """What the protocol layer needs of the engine's session. All methods are called from one worker thread at a time,
    except ``cancel``, which may be called from any thread while a batch runs."""

    spid: int
    database: str
    killed: bool  # by KILL or ROLLBACK IMMEDIATE of another session: it says 596 and the connection is closed

    @property
    def transaction_descriptor(self) -> int:
        """0 outside of a transaction."""

    def execute(self, batch: str, parameters: tuple[Parameter, ...] = ()) -> Iterator[Event]:
        """Runs a batch; parameters are its declared variables (sp_executesql). Errors are yielded, not raised."""

    def call(self, procedure: str, parameters: tuple[Parameter, ...]) -> Iterator[Event]:
        """Runs a system or stored procedure called by RPC, other than the sp_executesql / sp_prepare family."""

    def begin(self, name: str = "") -> Iterator[Event]: ...

    def commit(self) -> Iterator[Event]: ...

    def rollback(self) -> Iterator[Event]: ...

    def reset(self) -> None:
        """RESETCONNECTION: roll back, back to the login's database and settings."""

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class Server(Protocol):
    """What the protocol layer needs of the instance."""

    name: str  # @@SERVERNAME
    version: tuple[int, int, int]  # 15, 0, 4385

    def login(self, request: LoginRequest) -> Session:
        """Opens a session, or raises SqlError (18456, 4060, ...)."""
