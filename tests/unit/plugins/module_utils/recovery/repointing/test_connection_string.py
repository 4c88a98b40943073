# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connection strings: 98 cases that were tried with Microsoft's own parsers and drivers, and more of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.connection_string import (
    repoint_string,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.endpoint import (
    Endpoint,
    parse_endpoint,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput

CASES = [json.loads(line) for line in (Path(__file__).parent / "cases.jsonl").read_text("utf-8").splitlines()]
STRINGS = [case for case in CASES if case["ctx"] in ("raw", "xml-attr", "value")]


@pytest.mark.parametrize("guess", [False, True], ids=["told", "guessed"])
@pytest.mark.parametrize("case", STRINGS, ids=lambda case: case["id"])
def test_every_case_byte_for_byte(case: dict[str, Any], guess: bool) -> None:
    escape = "xml" if case["ctx"] == "xml-attr" else "none"
    result = repoint_string(case["input"], case["old"], case["new"], "auto" if guess else case["kind"], escape=escape)
    assert (result.text, result.status) == (case["expected"], case["status"])


def changed(before: str, after: str, new: str = "NEW", old: str = "OLD", status: str = "changed") -> tuple[str, ...]:
    return before, after, old, new, status


def kept(text: str, status: str = "unchanged", new: str = "NEW", old: str = "OLD") -> tuple[str, ...]:
    return text, text, old, new, status


# fmt: off
OURS = [
    kept("Server=[OLD];Database=h", "refused"),
    changed("Server=[fe80::1],1433;Database=h", "Server=NEW;Database=h", old="fe80::1"),
    changed("Server=OLD,1433;Database=h", "Server=fe80::2,1500;Database=h", "[fe80::2],1500"),
    changed(
        "jdbc:sqlserver://OLD:1433;databaseName=h",
        "jdbc:sqlserver://[fe80::2]:1500;databaseName=h", "[fe80::2],1500",
    ),
    changed("jdbc:sqlserver://[fe80::1]:1433;databaseName=h", "jdbc:sqlserver://NEW;databaseName=h", old="fe80::1"),
    changed(
        "Driver={ODBC Driver 17 for SQL Server};Server=OLD;Port=1433;UID=x",
        "Driver={ODBC Driver 17 for SQL Server};Server=NEW,14330;Port=14330;UID=x", "NEW,14330",
    ),
    changed("Driver={FreeTDS};Server=OLD;Port=1433;UID=x", r"Driver={FreeTDS};Server=NEW\DR;UID=x", r"NEW\DR"),
    changed(
        "DRIVER={SQL Server};Network=DBMSSOCN;Address=OLD,1433;UID=x",
        "DRIVER={SQL Server};Network=DBMSSOCN;Address=NEW;UID=x",
    ),
    kept("DRIVER={ODBC Driver 18 for SQL Server};SERVER =OLD;UID=x", "refused"),
    kept("DRIVER={SQL Server};Data Source=OLD;UID=x", "refused"),
    changed(
        'Provider=MSDASQL.1;Persist Security Info=False;Extended Properties="DRIVER={SQL Server};SERVER=OLD;UID=x"',
        'Provider=MSDASQL.1;Persist Security Info=False;Extended Properties="DRIVER={SQL Server};SERVER=NEW;UID=x"',
    ),
    kept("Provider=MSDASQL;Data Source=OLD;User ID=x", "unchanged+warn"),
    kept("Provider=MSOLAP;Data Source=OLD;Initial Catalog=x"),
    kept(r"Provider=Microsoft.ACE.OLEDB.12.0;Data Source=C:\OLD\x.accdb"),
    changed("jdbc:sqlserver://OLD;instanceName=PROD;databaseName=h", "jdbc:sqlserver://NEW;databaseName=h"),
    changed(
        "jdbc:sqlserver://OLD;instanceName=PROD;databaseName=h",
        "jdbc:sqlserver://NEW;instanceName=DR;databaseName=h", r"NEW\DR",
    ),
    changed(
        "jdbc:sqlserver://OLD;databaseName=h;portNumber=1433",
        "jdbc:sqlserver://NEW;databaseName=h;portNumber=14330", "NEW,14330",
    ),
    changed(
        "jdbc:sqlserver://;databaseName=h;serverName=OLD;portNumber=50123;instanceName=PROD",
        "jdbc:sqlserver://;databaseName=h;serverName=NEW;portNumber=1433",
    ),
    changed(
        "jdbc:sqlserver://;databaseName=h;serverName=OLD;portNumber=50123;instanceName=PROD",
        "jdbc:sqlserver://;databaseName=h;serverName=NEW;instanceName=DR", r"NEW\DR",
    ),
    changed(
        "jdbc:sqlserver://;serverName=OLD;databaseName=h",
        "jdbc:sqlserver://;serverName=NEW;portNumber=14330;databaseName=h", "NEW,14330",
    ),
    changed("jdbc:p6spy:sqlserver://OLD:1433;databaseName=h", "jdbc:p6spy:sqlserver://NEW;databaseName=h"),
    kept("jdbc:sqlserver:OLD", "refused"),
    kept("jdbc:sqlserver://OLD:1433/h", "refused"),
    changed(
        "jdbc:sqlserver://OLD;databaseName=h;failoverPartner=OLD",
        "jdbc:sqlserver://NEW;databaseName=h;failoverPartner=OLD", status="changed+warn",
    ),
    changed("jdbc:jtds:sqlserver://OLD/h", "jdbc:jtds:sqlserver://NEW/h;instance=DR", r"NEW\DR"),
    changed("jdbc:jtds:sqlserver://OLD:1433", "jdbc:jtds:sqlserver://NEW;instance=DR", r"NEW\DR"),
    changed(
        "jdbc:jtds:sqlserver://OLD/h;instance=PROD;user={x",
        "jdbc:jtds:sqlserver://NEW:14330/h;user={x", "NEW,14330",
    ),
    kept("jdbc:jtds:sybase://OLD:5000/h"),
    changed("mssql+pyodbc://u:p@OLD:1433/h?driver=X", "mssql+pyodbc://u:p@NEW/h?driver=X"),
    changed(r"mssql+pyodbc://u:p@OLD\PROD/h?driver=X", r"mssql+pyodbc://u:p@NEW\DR/h?driver=X", r"NEW\DR"),
    changed("mssql+pyodbc://u:p@OLD%5CPROD/h?driver=X", "mssql+pyodbc://u:p@NEW%5CDR/h?driver=X", r"NEW\DR"),
    changed("mssql+pyodbc://u:p/w:x@OLD/h?driver=X", "mssql+pyodbc://u:p/w:x@NEW/h?driver=X"),
    changed("mssql+pymssql://OLD/h", "mssql+pymssql://NEW/h"),
    kept("mssql+pyodbc://OLD/h", "unchanged+warn"),
    changed(
        "mssql+pyodbc:///?odbc_connect=DRIVER={X SQL Server};SERVER=OLD;DATABASE=h",
        "mssql+pyodbc:///?odbc_connect=DRIVER={X SQL Server};SERVER=NEW,14330;DATABASE=h", "NEW,14330",
    ),
    changed(
        "mssql+pyodbc:///?odbc_connect=DRIVER%3D%7BSQL%20Server%7D%3BSERVER%3DOLD%5CPROD%3BDATABASE%3Dh",
        "mssql+pyodbc:///?odbc_connect=DRIVER%3D%7BSQL%20Server%7D%3BSERVER%3DNEW%5CDR%3BDATABASE%3Dh", r"NEW\DR",
    ),
    changed("sqlserver://OLD?database=h", "sqlserver://NEW?database=h"),
    changed("sqlserver://u:p@OLD:1433/PROD?database=h", "sqlserver://u:p@NEW:14330?database=h", "NEW,14330"),
    changed("sqlserver://u:p@OLD?database=h", "sqlserver://u:p@NEW/DR?database=h", r"NEW\DR"),
    changed(
        "sqlserver://OLD:1433;database=h;user=sa;password={p;w}",
        "sqlserver://NEW;database=h;user=sa;password={p;w}",
    ),
    kept("sqlserver://u:p/w@OLD:1433?database=h", "refused"),
    changed("server=OLD;port=1433;user id=sa", r"server=NEW\DR;user id=sa", r"NEW\DR"),
    changed("odbc:server={OLD};user id={sa};password={x}", "odbc:server={NEW};user id={sa};password={x}"),
    changed("sqlsrv:Server={OLD};Database=h", "sqlsrv:Server={NEW};Database=h"),
    changed("dblib:host=OLD:1433;dbname=h", "dblib:host=NEW:14330;dbname=h", "NEW,14330"),
    changed("dblib:host=OLD;dbname=h", "dblib:host=NEW:14330;dbname=h", "NEW,14330"),
    kept("odbc:OLD", "unchanged+warn"),
    changed("odbc:Driver=FreeTDS;Server=OLD;Port=1433", "odbc:Driver=FreeTDS;Server=NEW;Port=1433"),
    changed("DBMSSOCN,OLD", "DBMSSOCN,NEW,14330", "NEW,14330"),
    kept("mysql:host=OLD;dbname=h"),
    kept("Server=OLD;Port=3307;Database=h;Uid=a;Pwd=b"),
    kept("Server=OLD;Port=3306;Database=h;User Id=a"),
    kept("Data Source=OLD:1521/XE;User Id=a;Password=b"),
    kept("Data Source=(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=OLD)(PORT=1521)));User Id=a"),
    kept("Host=OLD;Database=h;Username=a"),
    kept(r"Data Source=\\OLD\share\x.db;Version=3"),
    kept(r"Data Source=\\OLD\share\x.db"),
    changed(r"Server=OLD\MSSQLSERVER;Database=h", "Server=NEW;Database=h", old="OLD,1433"),
    kept("Server=OLD,1500;Database=h", old="OLD,1433"),
    changed(
        "Server=127.0.0.1,14331;Database=h",
        "Server=127.0.0.1,14332;Database=h", "127.0.0.1,14332", old="127.0.0.1,14331",
    ),
    kept("Server=127.0.0.1,14332;Database=h", new="127.0.0.1,14332", old="127.0.0.1,14331"),
    kept("Server=127.0.0.1,14332;Database=h", new="127.0.0.1,14332", old="127.0.0.1"),
    kept("Server=OLD;Database", "refused"),
    kept("Server=OLD:1433;Database=h", "refused"),
    kept("Server=OLD,abc;Database=h", "refused"),
    kept("Server=admin:OLD;Database=h", "refused"),
    kept('Data\tSource=OLD;Database=h', "refused"),
    changed(
        "Server=OLD;ServerSPN=MSSQLSvc/OLD:1433;Database=h",
        "Server=NEW;ServerSPN=MSSQLSvc/OLD:1433;Database=h", status="changed+warn",
    ),
    changed("Server=${DB:-OLD};Database=h", "Server=${DB:-NEW};Database=h", status="changed+warn"),
    kept("Server=${OLDHOST};Database=h"),
    kept("Server=$(OLD);Database=h", "refused"),
    changed(
        "java -Durl=jdbc:sqlserver://OLD:1433;databaseName=h -jar x",
        "java -Durl=jdbc:sqlserver://NEW;databaseName=h -jar x",
    ),
    changed('"Server=OLD;Database=h"', '"Server=NEW;Database=h"'),
    changed(
        'Provider=SQLOLEDB;Data Source="OLD";User ID=a;Password=b"',
        'Provider=SQLOLEDB;Data Source="NEW";User ID=a;Password=b"',
    ),
    changed(
        'metadata=M;provider=System.Data.SqlClient;provider connection string="Data Source=\'OLD\';Password=""x;y"""',
        'metadata=M;provider=System.Data.SqlClient;provider connection string="Data Source=\'NEW\';Password=""x;y"""',
    ),
    kept('metadata=res://*/M.csdl;provider=MySql.Data.MySqlClient;provider connection string="server=OLD;database=h"'),
    changed(
        'metadata=M;provider=System.Data.SqlClient;provider connection string="Data Source=""OLD"";Initial Catalog=h"',
        'metadata=M;provider=System.Data.SqlClient;provider connection string="Data Source=""NEW"";Initial Catalog=h"',
    ),
    changed(r"Server=tcp:OLD\PROD,1433;Database=h", r"Server=tcp:NEW\DR,14330;Database=h", r"NEW\DR,14330"),
    changed(
        "DRIVER={ODBC Driver 18 for SQL Server};SERVER={OLD,1433};UID=a",
        "DRIVER={ODBC Driver 18 for SQL Server};SERVER={NEW};UID=a",
    ),
    changed(
        "Server=OLD;Encrypt=True;HostNameInCertificate=OLD",
        "Server=NEW;Encrypt=True;HostNameInCertificate=OLD", status="changed+warn",
    ),
    changed(
        "DSN=x;Server=OLD;Failover_Partner=NEW;Driver={SQL Server}",
        "DSN=x;Server=NEW;Failover_Partner=NEW;Driver={SQL Server}", status="changed+warn",
    ),
]
# fmt: on


@pytest.mark.parametrize(("before", "after", "old", "new", "status"), OURS, ids=[row[0] for row in OURS])
def test_our_own_cases(before: str, after: str, old: str, new: str, status: str) -> None:
    result = repoint_string(before, [old], new)
    assert (result.text, result.status) == (after, status)


def test_go_keeps_its_port_under_a_keyword_of_its_own() -> None:
    result = repoint_string("server=OLD;user id=sa;database=h", ["OLD"], "NEW,14330", "go")
    assert result.text == "server=NEW;port=14330;user id=sa;database=h"


@pytest.mark.parametrize(
    "text", ["", "a b", "SQL01,port", "SQL01,99999", "SQL01\\", "\\\\SQL01\\pipe", "a;b", "x=y", "OLD,"]
)
def test_what_names_no_server_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_endpoint(text)
    assert error.value.hint


def test_endpoints_are_read_as_operators_write_them() -> None:
    assert parse_endpoint("SQL01:1433") == Endpoint("SQL01", None, 1433)
    assert parse_endpoint(" SQL01\\HIS , 1500") == Endpoint("SQL01", "HIS", 1500)
    assert parse_endpoint("fe80::1") == Endpoint("fe80::1")
    assert parse_endpoint("(local)") == Endpoint("(local)")


@pytest.mark.parametrize(
    ("name", "other", "covered"),
    [
        ("OLD", "old\\X,1500", True),
        ("OLD,1433", "OLD", True),
        ("OLD,1433", "OLD\\X", False),
        ("OLD\\X", "OLD\\x,1500", True),
        ("OLD\\X", "OLD,1500", False),
        ("OLD\\X,1500", "OLD,1500", True),
        ("OLD\\MSSQLSERVER", "OLD", True),
        ("OLD", "OLD2", False),
    ],
)
def test_what_an_old_name_covers(name: str, other: str, covered: bool) -> None:
    assert parse_endpoint(name).covers(parse_endpoint(other)) is covered
