# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every type, from the engine to each client and, as a parameter, back again."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pyodbc
import pytds
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.engine.events import Column, Columns, Done, Event, Parameter, Row, SqlType
from simulator.tds.column_types import wire_type
from simulator.tds.login import TDS_7_4
from simulator.tds.parameter_types import read_typed_value
from simulator.tds.reading import FieldReader
from simulator.tds.refusals import ProtocolError
from simulator.tds.server import TdsServer
from tests.simulator.tds.clients import OPENERS, open_pytds
from tests.simulator.tds.conftest import Connect
from tests.simulator.tds.scripted import ScriptedServer, ScriptedSession, select

GUID = uuid.UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
MOMENT = dt.datetime(2026, 2, 28, 23, 59, 58, 123456)
WIB = dt.timezone(dt.timedelta(hours=7))

# A type and values that it holds exactly.
VALUES: list[tuple[SqlType, list[Any]]] = [
    (SqlType("tinyint"), [0, 255]),
    (SqlType("smallint"), [-(2**15), 2**15 - 1]),
    (SqlType("int"), [-(2**31), 2**31 - 1]),
    (SqlType("bigint"), [-(2**63), 2**63 - 1]),
    (SqlType("bit"), [True, False]),
    (SqlType("decimal", 0, 25, 0), [Decimal(10**25 - 1), Decimal(0), Decimal(-1)]),
    (SqlType("decimal", 0, 5, 2), [Decimal("-123.45"), Decimal("0.01")]),
    (SqlType("numeric", 0, 38, 10), [Decimal("1234567890123456789012345678.0123456789")]),
    (SqlType("money"), [Decimal("922337203685477.5807"), Decimal("-0.0001")]),
    (SqlType("smallmoney"), [Decimal("-214748.3648"), Decimal("1.5000")]),
    (SqlType("float", 0, 53), [-1.5, 1e300, 0.1]),
    (SqlType("real"), [0.5, -1024.25]),
    (SqlType("char", 5), ["ab   ", "é€x  "]),
    (SqlType("varchar", 20), ["", "Ünïcode €"]),
    (SqlType("varchar", -1), ["", "x" * 70_000]),
    (SqlType("nchar", 3), ["日本 "]),
    (SqlType("nvarchar", 40), ["", "日本 😀", "a" * 40]),
    (SqlType("nvarchar", -1), ["", "ж" * 50_000]),
    (SqlType("sysname"), ["MyHospital"]),
    (SqlType("text"), ["note", "€" * 9000]),
    (SqlType("ntext"), ["catatan ☂", "☂" * 9000]),
    (SqlType("binary", 4), [b"\0\1\2\3"]),
    (SqlType("varbinary", 10), [b"", b"\xff\x00"]),
    (SqlType("varbinary", -1), [b"", bytes(range(256)) * 300]),
    (SqlType("image"), [b"\x89PNG"]),
    (SqlType("date"), [dt.date(1, 1, 1), dt.date(2024, 2, 29), dt.date(9999, 12, 31)]),
    (SqlType("datetime"), [dt.datetime(1753, 1, 1), dt.datetime(2026, 2, 28, 23, 59, 58, 123000)]),
    (SqlType("smalldatetime"), [dt.datetime(1900, 1, 1), dt.datetime(2079, 6, 6, 23, 59)]),
    (SqlType("datetime2", 0, 27, 7), [dt.datetime(1, 1, 1), MOMENT, dt.datetime(9999, 12, 31, 23, 59, 59, 999999)]),
    (SqlType("datetime2", 0, 19, 0), [dt.datetime(2026, 2, 28, 1, 2, 3)]),
    (SqlType("datetime2", 0, 23, 3), [dt.datetime(2026, 2, 28, 1, 2, 3, 456000)]),
    (SqlType("uniqueidentifier"), [GUID]),
]
TIMES: list[tuple[SqlType, list[Any]]] = [
    (SqlType("time", 0, 16, 7), [dt.time(), dt.time(23, 59, 59, 999999)]),
    (SqlType("time", 0, 8, 0), [dt.time(1, 2, 3)]),
    (SqlType("datetimeoffset", 0, 34, 7), [MOMENT.replace(tzinfo=WIB), MOMENT.replace(tzinfo=dt.timezone.utc)]),
]
# Only for these do a column and a parameter differ in form: a column has a text pointer.
ALIKE = [case for case in (*VALUES, *TIMES) if case[0].name not in ("text", "ntext", "image")]


def _name(case: object) -> str | None:
    return f"{case.name}_{case.length or case.precision}" if isinstance(case, SqlType) else None


@pytest.mark.parametrize(("sql_type", "values"), VALUES, ids=_name)
@pytest.mark.parametrize("library", OPENERS)
def test_clients_read_what_the_engine_gave(
    engine: ScriptedServer, listening: TdsServer, library: str, sql_type: SqlType, values: list[Any]
) -> None:
    engine.answer("SELECT it", *select("it", sql_type, *values, None))
    connection = OPENERS[library](listening.port)
    cursor = connection.cursor()
    cursor.execute("SELECT it")
    read = [row[0] for row in cursor.fetchall()]
    connection.close()
    assert read[-1] is None
    for got, sent in zip(read, values, strict=False):
        assert _comparable(got, sent) == sent


def _comparable(got: Any, sent: Any) -> Any:
    """FreeTDS's ODBC driver gives GUIDs as text."""
    return uuid.UUID(got) if isinstance(sent, uuid.UUID) and isinstance(got, str) else got


@pytest.mark.parametrize(("sql_type", "values"), TIMES, ids=_name)
def test_times_with_fractions_and_offsets(
    engine: ScriptedServer, listening: TdsServer, sql_type: SqlType, values: list[Any]
) -> None:
    """Only python-tds reads both without loss; FreeTDS cuts time to seconds and hands datetimeoffset on raw."""
    engine.answer("SELECT it", *select("it", sql_type, *values, None))
    with open_pytds(listening.port) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT it")
        assert [row[0] for row in cursor.fetchall()] == [*values, None]


def test_datetime_shows_thirds_of_hundredths(engine: ScriptedServer, connect: Connect) -> None:
    day = dt.datetime(2026, 3, 1)
    late = dt.datetime(2026, 2, 28, 23, 59, 59, 999000)
    given_values = [day + dt.timedelta(milliseconds=n) for n in (1, 2, 4, 5, 8)]
    engine.answer("SELECT it", *select("it", SqlType("datetime"), *given_values, late))
    rows = connect().execute("SELECT it").fetchall()
    assert [row[0].microsecond // 1000 for row in rows[:-1]] == [0, 3, 3, 7, 7]  # 5 ms lies nearer to .007
    assert rows[-1][0] == day


@pytest.mark.parametrize(("ticks", "milliseconds"), [(0, 0), (1, 3), (2, 7), (3, 10), (299, 997)])
def test_a_tick_of_datetime_as_a_parameter(ticks: int, milliseconds: int) -> None:
    data = bytes([0x3D]) + bytes(4) + ticks.to_bytes(4, "little")
    assert read_typed_value(FieldReader(data))[1] == dt.datetime(1900, 1, 1) + dt.timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize(("sql_type", "values"), ALIKE, ids=_name)
def test_a_value_read_back_is_the_same(sql_type: SqlType, values: list[Any]) -> None:
    wire = wire_type(sql_type, TDS_7_4)
    for value in [*values, None]:
        read_type, read = read_typed_value(FieldReader(wire.info + wire.encode(value)))
        assert read == value
        assert read_type.name == {"sysname": "nvarchar"}.get(sql_type.name, sql_type.name)


def _echo(_session: ScriptedSession, parameters: tuple[Parameter, ...]) -> list[Event]:
    return [
        Columns(tuple(Column(parameter.name, parameter.type) for parameter in parameters)),
        Row(tuple(parameter.value for parameter in parameters)),
        Done(1, is_select=True),
    ]


PARAMETERS: list[tuple[Any, str]] = [
    (1, "int"),
    (2**40, "bigint"),
    (True, "bit"),
    (0.1, "float"),
    ("text with 'quotes' and 日本 😀", "nvarchar"),
    ("ж" * 5000, "nvarchar"),
    (b"\x00\xff", "varbinary"),
    (b"x" * 9000, "varbinary"),
    (Decimal("12345678901234567890.123456"), "numeric"),
    (Decimal("-0.01"), "numeric"),
    (MOMENT, "datetime2"),
    (dt.date(2024, 2, 29), "date"),
    (GUID, "uniqueidentifier"),
    ("", "nvarchar"),
    (None, "varchar"),
]


@pytest.mark.parametrize(("value", "type_name"), PARAMETERS, ids=lambda case: repr(case)[:20])
def test_pyodbc_parameters(engine: ScriptedServer, connect: Connect, value: Any, type_name: str) -> None:
    engine.scripts["SELECT @P1"] = _echo
    got = connect().execute("SELECT ?", value).fetchval()
    assert _comparable(got, value) == value
    (parameter,) = engine.parameters_of("SELECT @P1")[-1]
    assert (parameter.name, parameter.type.name, parameter.value) == ("@P1", type_name, value)


PYTDS_PARAMETERS: list[Any] = [
    1, 2**40, True, 0.1, "日本 😀", "ж" * 5000, pytds.Binary(b"\x00\xff"), Decimal("-12.50"), MOMENT,
    dt.date(2024, 2, 29), dt.time(1, 2, 3, 456789), MOMENT.replace(tzinfo=WIB), GUID,
]  # fmt: skip


@pytest.mark.parametrize("value", PYTDS_PARAMETERS, ids=lambda case: repr(case)[:20])
def test_pytds_parameters(engine: ScriptedServer, listening: TdsServer, value: Any) -> None:
    engine.scripts["SELECT @P1"] = _echo
    with open_pytds(listening.port) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT %s", (value,))
        assert cursor.fetchone()[0] == value


def test_many_parameters_keep_their_places(engine: ScriptedServer, connect: Connect) -> None:
    engine.scripts["SELECT " + ",".join(f"@P{number}" for number in range(1, 101))] = _echo
    row = connect().execute("SELECT " + ",".join("?" * 100), *range(100)).fetchone()
    assert list(row) == list(range(100))


def test_executemany_arrives_row_by_row(engine: ScriptedServer, connect: Connect) -> None:
    engine.scripts["INSERT t VALUES (@P1,@P2)"] = lambda _session, _parameters: [Done(1)]
    connect().cursor().executemany("INSERT t VALUES (?,?)", [(number, str(number)) for number in range(25)])
    inserts = engine.parameters_of("INSERT t VALUES (@P1,@P2)")
    assert [[p.value for p in parameters] for parameters in inserts] == [[n, str(n)] for n in range(25)]


NONSENSE: list[tuple[SqlType, object]] = [
    (SqlType("int"), 2**31),
    (SqlType("int"), "seven"),
    (SqlType("nvarchar", 2), "three"),
    (SqlType("decimal", 0, 3, 1), Decimal("100.0")),
    (SqlType("datetime2", 0, 27, 7), MOMENT.replace(tzinfo=WIB)),
    (SqlType("uniqueidentifier"), "not one"),
]


@pytest.mark.parametrize(("sql_type", "value"), NONSENSE, ids=_name)
def test_what_a_column_cannot_hold_is_an_error_and_the_session_lives(
    engine: ScriptedServer, connect: Connect, sql_type: SqlType, value: object
) -> None:
    engine.answer("SELECT it", *select("it", sql_type, value))
    engine.answer("SELECT 1", *select("one", SqlType("int"), 1))
    connection = connect()
    with pytest.raises(pyodbc.Error, match="cannot send the row"):
        connection.execute("SELECT it").fetchall()
    assert connection.execute("SELECT 1").fetchval() == 1


def test_a_type_nobody_knows_is_an_error(engine: ScriptedServer, connect: Connect) -> None:
    engine.answer("SELECT it", *select("it", SqlType("hologram"), 1))
    with pytest.raises(pyodbc.Error, match="hologram"):
        connect().execute("SELECT it")


def test_dates_reach_old_clients_as_text(engine: ScriptedServer, connect: Connect) -> None:
    """TDS 7.2 has no date; SQL Server sends it as nvarchar."""
    engine.answer("SELECT it", *select("it", SqlType("date"), dt.date(2024, 2, 29)))
    assert connect(TDS_Version="7.2").execute("SELECT it").fetchval() == "2024-02-29"


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_a_refusal(data: bytes) -> None:
    try:
        read_typed_value(FieldReader(data))
    except ProtocolError as refusal:
        assert refusal.message.severity >= 16
