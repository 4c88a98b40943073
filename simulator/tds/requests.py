# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a client asks for once it is in: SQL batches, RPC calls, transaction requests (MS-TDS 2.2.6.6 to 2.2.6.9)."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.engine.events import Parameter
from simulator.tds import refusals
from simulator.tds.parameter_types import read_typed_value
from simulator.tds.reading import FieldReader, utf16

_TRANSACTION_HEADER = 2

_BY_REFERENCE = 0x01
_DEFAULT = 0x02
_ENCRYPTED = 0x08
_NEXT_CALL = (0x80, 0xFF)
_NO_EXECUTE = 0xFE
_NUMBERED_PROCEDURE = 0xFFFF
_LARGEST_PARAMETER_COUNT = 2100

# Procedures that have a number of their own (MS-TDS 2.2.6.6).
_NUMBERED = {
    1: "sp_cursor",
    2: "sp_cursoropen",
    3: "sp_cursorprepare",
    4: "sp_cursorexecute",
    5: "sp_cursorprepexec",
    6: "sp_cursorunprepare",
    7: "sp_cursorfetch",
    8: "sp_cursoroption",
    9: "sp_cursorclose",
    10: "sp_executesql",
    11: "sp_prepare",
    12: "sp_execute",
    13: "sp_prepexec",
    14: "sp_prepexecrpc",
    15: "sp_unprepare",
}


@dataclass(frozen=True)
class Batch:
    text: str
    descriptor: int


@dataclass(frozen=True)
class Call:
    procedure: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Calls:
    """One RPC request may call several procedures."""

    calls: tuple[Call, ...]
    descriptor: int


@dataclass(frozen=True)
class TransactionRequest:
    """``then_begin``: commit or roll back and begin the next transaction at once."""

    kind: int
    name: str
    isolation: int
    descriptor: int
    then_begin: bool = False


BEGIN, COMMIT, ROLLBACK, SAVE = 5, 7, 8, 9


def parse_batch(payload: bytes) -> Batch:
    reader = FieldReader(payload)
    descriptor = _transaction_descriptor(reader)
    return Batch(utf16(reader.rest()), descriptor)


def _transaction_descriptor(reader: FieldReader) -> int:
    """ALL_HEADERS stands before every request since TDS 7.2."""
    headers = FieldReader(reader.take(reader.u32() - 4))
    descriptor = 0
    while not headers.at_end:
        header = FieldReader(headers.take(headers.u32() - 4))
        if header.u16() == _TRANSACTION_HEADER:
            descriptor = header.u64()
    return descriptor


def parse_calls(payload: bytes) -> Calls:
    reader = FieldReader(payload)
    descriptor = _transaction_descriptor(reader)
    calls = [_call(reader)]
    while not reader.at_end:
        if reader.u8() == _NO_EXECUTE:
            raise refusals.unsupported("RPC calls without execution")
        if not reader.at_end:
            calls.append(_call(reader))
    return Calls(tuple(calls), descriptor)


def _call(reader: FieldReader) -> Call:
    length = reader.u16()
    if length == _NUMBERED_PROCEDURE:
        number = reader.u16()
        if number not in _NUMBERED:
            raise refusals.unsupported(f"the procedure number {number}")
        procedure = _NUMBERED[number]
    else:
        procedure = reader.text(length)
    reader.u16()  # options: recompile, no metadata, reuse metadata; none changes what we answer
    parameters: list[Parameter] = []
    while not reader.at_end and reader.peek() not in (*_NEXT_CALL, _NO_EXECUTE):
        parameters.append(_parameter(reader))
    if len(parameters) > _LARGEST_PARAMETER_COUNT:
        raise refusals.too_many_parameters(_LARGEST_PARAMETER_COUNT)
    return Call(procedure, tuple(parameters))


def _parameter(reader: FieldReader) -> Parameter:
    name = reader.b_varchar()
    flags = reader.u8()
    if flags & _ENCRYPTED:
        raise refusals.unsupported("encrypted parameters")
    sql_type, value = read_typed_value(reader)
    return Parameter(name, sql_type, None if flags & _DEFAULT else value, bool(flags & _BY_REFERENCE))


def parse_transaction(payload: bytes) -> TransactionRequest:
    reader = FieldReader(payload)
    descriptor = _transaction_descriptor(reader)
    kind = reader.u16()
    if kind == BEGIN:
        isolation = reader.u8()
        return TransactionRequest(kind, reader.text(reader.u8() // 2), isolation, descriptor)
    if kind not in (COMMIT, ROLLBACK, SAVE):
        raise refusals.unsupported(f"the transaction manager request {kind} (distributed transactions)")
    name = reader.text(reader.u8() // 2)
    isolation, then_begin = 0, False
    if kind != SAVE and not reader.at_end and reader.u8() & 1:
        then_begin, isolation = True, reader.u8()
        reader.text(reader.u8() // 2)
    return TransactionRequest(kind, name, isolation, descriptor, then_begin)
