# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the protocol itself refuses, in SQL Server's numbers and words (sys.messages, as documented).

Number 50000 is the one SQL Server leaves to applications: it stands here for "this simulator does not do that".
"""

from __future__ import annotations

from simulator.engine.events import Message


class ProtocolError(Exception):
    """The client sent what we cannot answer: it gets ``message``, and where that is fatal the connection is closed."""

    def __init__(self, message: Message) -> None:
        super().__init__(f"Msg {message.number}: {message.text}")
        self.message = message


class Disconnected(Exception):
    """The other side is gone."""


def bad_login_packet(detail: str = "") -> ProtocolError:
    text = (
        "The login packet used to open the connection is structurally invalid; the connection has been closed. "
        f"Please contact the vendor of the client library. {detail}".rstrip()
    )
    return ProtocolError(Message(17832, 20, 1, text))


def old_client(version: int) -> ProtocolError:
    return bad_login_packet(f"TDS version 0x{version:08X} is older than TDS 7.2.")


def encryption_required() -> ProtocolError:
    text = (
        "Encryption is required to connect to this server but the client library does not support encryption; "
        "the connection has been closed. Please upgrade your client library."
    )
    return ProtocolError(Message(17835, 20, 1, text))


def wrong_length(detail: str) -> ProtocolError:
    text = (
        "Length specified in network packet payload did not match number of bytes read; the connection has been "
        f"closed. Please contact the vendor of the client library. {detail}"
    )
    return ProtocolError(Message(17836, 20, 1, text))


def stream_ended() -> ProtocolError:
    text = "The incoming tabular data stream (TDS) protocol stream is incorrect. The stream ended unexpectedly."
    return ProtocolError(Message(4002, 20, 1, text))


def unknown_type(token: int) -> ProtocolError:
    text = (
        "The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. "
        f"Data type 0x{token:02X} is unknown."
    )
    return ProtocolError(Message(8009, 20, 4, text))


def bad_type_length(token: int, length: int) -> ProtocolError:
    text = (
        "The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. "
        f"Data type 0x{token:02X} has an invalid data length or metadata length: {length}."
    )
    return ProtocolError(Message(8016, 20, 1, text))


def unsupported(what: str) -> ProtocolError:
    return ProtocolError(Message(50000, 20, 1, f"This simulated SQL Server does not support {what}."))


def refused(what: str) -> ProtocolError:
    """As `unsupported`, and the connection may go on."""
    return ProtocolError(Message(50000, 16, 1, f"This simulated SQL Server does not support {what}."))


def too_many_connections(limit: int) -> ProtocolError:
    text = f"Could not connect because the maximum number of '{limit}' user connections has already been reached."
    return ProtocolError(Message(17809, 20, 1, text))


def integrated_login() -> ProtocolError:
    text = "Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication."
    return ProtocolError(Message(18452, 14, 1, text))


def stale_transaction() -> ProtocolError:
    text = "New request is not allowed to start because it should come with valid transaction descriptor."
    return ProtocolError(Message(3989, 16, 1, text))


def no_prepared_statement(handle: object) -> ProtocolError:
    return ProtocolError(Message(8179, 16, 1, f"Could not find prepared statement with handle {handle}."))


def missing_parameter(statement: str, name: str) -> ProtocolError:
    text = f"The parameterized query '{statement}' expects the parameter '{name}', which was not supplied."
    return ProtocolError(Message(8178, 16, 1, text))


def surplus_parameter(procedure: str) -> ProtocolError:
    text = f"Procedure or function {procedure} has too many arguments specified."
    return ProtocolError(Message(8144, 16, 1, text))


def unknown_parameter(procedure: str, name: str) -> ProtocolError:
    return ProtocolError(Message(8145, 16, 1, f"{name} is not a parameter for procedure {procedure}."))


def bad_declaration(near: str) -> ProtocolError:
    return ProtocolError(Message(102, 15, 1, f"Incorrect syntax near '{near}'."))


def internal_failure(detail: str) -> Message:
    return Message(50000, 20, 1, f"This simulated SQL Server failed: {detail}")


def too_many_parameters(limit: int) -> ProtocolError:
    text = (
        "The incoming request has too many parameters. "
        f"The server supports a maximum of {limit} parameters. Reduce the number of parameters and resend the request."
    )
    return ProtocolError(Message(8003, 16, 1, text))


def statement_expected(procedure: str) -> ProtocolError:
    text = f"Procedure expects parameter 'statement' of type 'ntext/nchar/nvarchar'. ({procedure})"
    return ProtocolError(Message(214, 16, 2, text))


def unsendable(values: str, why: str) -> ProtocolError:
    """The engine gave a value that its own column type cannot hold: an error of this simulator, told as one."""
    return ProtocolError(Message(50000, 16, 1, f"This simulated SQL Server cannot send the row {values}: {why}."))


def invalid_value(type_name: str, why: str) -> ProtocolError:
    text = (
        "The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. "
        f"The supplied value is not a valid instance of data type {type_name}. "
        f"Check the source data for invalid values. ({why})"
    )
    return ProtocolError(Message(8023, 16, 1, text))
