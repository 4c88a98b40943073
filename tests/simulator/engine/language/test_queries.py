# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SELECT: what it finds, in what order, with which columns."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from .conftest import Client, Refused

VALUES = [
    ("SELECT 1 + 2 * 3", 7),
    ("SELECT 7 / 2", 3),
    ("SELECT -7 / 2", -3),
    ("SELECT 7 % 3", 1),
    ("SELECT 7.0 / 2", Decimal("3.500000")),
    ("SELECT 1.10 + 2.2", Decimal("3.30")),
    ("SELECT 0.1 + 0.2", Decimal("0.3")),
    ("SELECT CAST(2 AS decimal(5,2)) * 1.5", Decimal("3.000")),
    ("SELECT 5 & 3", 1),
    ("SELECT 5 | 3", 7),
    ("SELECT 5 ^ 3", 6),
    ("SELECT ~5", -6),
    ("SELECT 'a' + 'b'", "ab"),
    ("SELECT 'a' + NULL", None),
    ("SELECT '5' + 3", 8),
    ("SELECT CONCAT('a', NULL, 5)", "a5"),
    ("SELECT CONCAT_WS('-', 'a', NULL, 'b')", "a-b"),
    ("SELECT LEN('abc  ')", 3),
    ("SELECT DATALENGTH(N'abc')", 6),
    ("SELECT DATALENGTH('abc')", 3),
    ("SELECT LEFT('abcdef', 2) + RIGHT('abcdef', 2)", "abef"),
    ("SELECT SUBSTRING('abcdef', 2, 3)", "bcd"),
    ("SELECT SUBSTRING('abcdef', 0, 3)", "ab"),
    ("SELECT CHARINDEX('C', 'abcdef')", 3),
    ("SELECT PATINDEX('%[0-9]%', 'ab3')", 3),
    ("SELECT REPLACE('aXbxc', 'x', '-')", "a-b-c"),
    ("SELECT STUFF('abcdef', 2, 3, 'X')", "aXef"),
    ("SELECT REPLICATE('ab', 3)", "ababab"),
    ("SELECT REVERSE('abc')", "cba"),
    ("SELECT UPPER('aé') + LOWER('ABC')", "AÉabc"),
    ("SELECT LTRIM('  a') + RTRIM('b  ') + TRIM('  c ')", "abc"),
    ("SELECT QUOTENAME('a]b')", "[a]]b]"),
    ("SELECT QUOTENAME('a''b', '''')", "'a''b'"),
    ("SELECT PARSENAME('a.b.c', 2)", "b"),
    ("SELECT ISNULL(NULL, 'x')", "x"),
    ("SELECT COALESCE(NULL, NULL, 3)", 3),
    ("SELECT NULLIF(3, 3)", None),
    ("SELECT IIF(1 > 2, 'a', 'b')", "b"),
    ("SELECT CHOOSE(2, 'a', 'b')", "b"),
    ("SELECT CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", "b"),
    ("SELECT CASE WHEN 1 = 2 THEN 1 ELSE 2.5 END", Decimal("2.5")),
    ("SELECT ROUND(2.567, 2)", Decimal("2.570")),
    ("SELECT ABS(-3), 1", 3),
    ("SELECT FLOOR(2.7)", Decimal(2)),
    ("SELECT CEILING(2.1)", Decimal(3)),
    ("SELECT POWER(2, 10)", 1024),
    ("SELECT SIGN(-4)", -1),
    ("SELECT DATEADD(month, 1, CAST('2024-01-31' AS date))", date(2024, 2, 29)),
    ("SELECT DATEADD(minute, -5, CAST('2024-01-01T00:00:00' AS datetime2(0)))", datetime(2023, 12, 31, 23, 55)),
    ("SELECT DATEDIFF(day, '2024-01-01T23:59:59', '2024-01-02T00:00:00')", 1),
    ("SELECT DATEDIFF(year, '2023-12-31', '2024-01-01')", 1),
    ("SELECT DATEDIFF_BIG(millisecond, '2000-01-01', '2024-01-01')", 757382400000),
    ("SELECT DATEPART(weekday, '2024-01-07')", 1),
    ("SELECT DATENAME(month, '2024-03-01')", "March"),
    ("SELECT YEAR('2024-03-01') + MONTH('2024-03-01') + DAY('2024-03-01')", 2028),
    ("SELECT EOMONTH('2024-02-10')", date(2024, 2, 29)),
    ("SELECT CONVERT(varchar(10), CAST('2024-03-01' AS datetime), 112)", "20240301"),
    ("SELECT CONVERT(varchar(30), CAST('2024-03-01T10:11:12.5' AS datetime), 126)", "2024-03-01T10:11:12.500"),
    ("SELECT CONVERT(varchar(30), CAST('2024-03-01T10:11:12.5' AS datetime2(3)), 121)", "2024-03-01 10:11:12.500"),
    ("SELECT CAST(CAST('2024-03-01T10:11:12' AS datetime) AS varchar(30))", "Mar  1 2024 10:11AM"),
    ("SELECT CONVERT(varchar(20), 0x0AFF, 1)", "0x0AFF"),
    ("SELECT CONVERT(varbinary(4), '0x0AFF', 1)", b"\x0a\xff"),
    ("SELECT CAST('abc' AS varbinary(10))", b"abc"),
    ("SELECT CAST(N'ab' AS varbinary(10))", b"a\0b\0"),
    ("SELECT CAST(5 AS bit)", True),
    ("SELECT TRY_CONVERT(int, 'x')", None),
    ("SELECT TRY_CAST('12' AS int)", 12),
    ("SELECT CAST('2024-02-30' AS varchar(4))", "2024"),
    ("SELECT CONVERT(varchar(64), HASHBYTES('SHA2_256', 'a'), 2)",
     "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB"),
    ("SELECT 'a' WHERE 'ABC' LIKE 'a[b-d]_'", "a"),
    ("SELECT 'a' WHERE '50%' LIKE '50!%' ESCAPE '!'", "a"),
    ("SELECT 'a' WHERE 'x' NOT LIKE '[^x]'", "a"),
    ("SELECT 'a' WHERE 'Ani' = 'ANI'", "a"),
    ("SELECT COUNT(*) FROM (SELECT 1 AS x WHERE 'Ani' = 'ANI' COLLATE Latin1_General_BIN2) AS q", 0),
    ("SELECT SUM(v) FROM (VALUES (1), (2), (3)) AS t(v)", 6),
    ("SELECT AVG(v) FROM (VALUES (1), (2), (2)) AS t(v)", 1),
    ("SELECT AVG(v) FROM (VALUES (1.0), (2.0)) AS t(v)", Decimal("1.500000")),
    ("SELECT STRING_AGG(v, ',') WITHIN GROUP (ORDER BY v DESC) FROM (VALUES ('a'), ('c'), ('b')) AS t(v)", "c,b,a"),
    ("SELECT COUNT(DISTINCT v) FROM (VALUES ('a'), ('A'), ('b')) AS t(v)", 2),
    ("SELECT CHECKSUM_AGG(v) FROM (VALUES (5), (3)) AS t(v)", 6),
    ("SELECT MAX(n) FROM (SELECT ROW_NUMBER() OVER (ORDER BY v) AS n FROM (VALUES (9), (8)) AS t(v)) AS q", 2),
    ("SELECT COUNT_BIG(*)", 1),
    ("SELECT (SELECT MAX(v) FROM (VALUES (1), (4)) AS t(v))", 4),
    ("SELECT 1 WHERE 3 > ALL (SELECT v FROM (VALUES (1), (2)) AS t(v))", 1),
    ("SELECT 1 WHERE 2 = ANY (SELECT v FROM (VALUES (1), (2)) AS t(v))", 1),
    ("SELECT 1 WHERE EXISTS (SELECT 1) AND NOT EXISTS (SELECT 1 WHERE 1 = 0)", 1),
    ("WITH n AS (SELECT 1 AS v UNION ALL SELECT v + 1 FROM n WHERE v < 5) SELECT SUM(v) FROM n", 15),
    ("WITH a(x) AS (SELECT 2), b AS (SELECT x * 2 AS y FROM a) SELECT y FROM b", 4),
    ("SELECT COUNT(*) FROM (SELECT 1 AS a UNION SELECT 1 UNION SELECT 2) AS q", 2),
    ("SELECT COUNT(*) FROM (SELECT 1 AS a EXCEPT SELECT 1) AS q", 0),
    ("SELECT ISNUMERIC('12'), ISDATE('2024-01-01')", 1),
    ("SELECT 2147483648", Decimal(2147483648)),
    ("SELECT $5.5", Decimal("5.5000")),
    ("SELECT 1.5e3", 1500.0),
    ("SELECT CAST(1.5e3 AS varchar(20))", "1500"),
    ("SELECT SWITCHOFFSET(CAST('2024-01-01T10:00:00+07:00' AS datetimeoffset(0)), '+00:00')",
     datetime.fromisoformat("2024-01-01T03:00:00+00:00")),
    ("SELECT 1 WHERE CAST('2024-01-01T10:00:00+07:00' AS datetimeoffset) = '2024-01-01T03:00:00+00:00'", 1),
    ("SELECT CAST('{6F9619FF-8B86-D011-B42D-00C04FC964FF}' AS"
    " uniqueidentifier)", UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), VALUES, ids=[query[:60] for query, _ in VALUES])
def test_an_expression_has_its_value(client: Client, query: str, expected: Any) -> None:
    found = client.value(query)
    assert found == expected and type(found) is type(expected)


def test_rows_come_in_the_order_asked(hospital: Client) -> None:
    assert hospital.rows("SELECT Name FROM Patients ORDER BY Fee DESC") == [("Ani",), ("Citra",), ("Budi",)]
    assert hospital.rows("SELECT Name AS n, Fee FROM Patients ORDER BY n DESC, 2")[0][0] == "Citra"
    assert hospital.rows("SELECT Born FROM Patients ORDER BY Born")[0] == (None,)


def test_top_and_offset(hospital: Client) -> None:
    assert hospital.rows("SELECT TOP (2) Id FROM Patients ORDER BY Id DESC") == [(3,), (2,)]
    assert hospital.rows("SELECT Id FROM Patients ORDER BY Id OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY") == [(2,)]
    assert hospital.rows("DECLARE @n int = 1; SELECT TOP (@n) Id FROM Patients ORDER BY Id") == [(1,)]


def test_joins(hospital: Client) -> None:
    hospital.run(
        "CREATE TABLE Visits (PatientId int, Ward varchar(10)); INSERT Visits VALUES (1, 'A'), (1, 'B'), (9, 'C')"
    )
    inner = "SELECT p.Name, v.Ward FROM Patients AS p JOIN Visits v ON v.PatientId = p.Id ORDER BY v.Ward"
    assert hospital.rows(inner) == [("Ani", "A"), ("Ani", "B")]
    left = (
        "SELECT p.Id, COUNT(v.Ward) FROM Patients p LEFT JOIN Visits v ON v.PatientId = p.Id GROUP BY p.Id"
        " ORDER BY p.Id"
    )
    assert hospital.rows(left) == [(1, 2), (2, 0), (3, 0)]
    full = "SELECT COUNT(*) FROM Patients p FULL OUTER JOIN Visits v ON v.PatientId = p.Id"
    assert hospital.value(full) == 5
    assert hospital.value("SELECT COUNT(*) FROM Patients, Visits") == 9
    assert hospital.value("SELECT COUNT(*) FROM Patients CROSS JOIN Visits") == 9


def test_group_and_having(hospital: Client) -> None:
    query = (
        "SELECT LEN(Name) AS length, COUNT(*) AS n FROM Patients GROUP BY LEN(Name) HAVING COUNT(*) > 0 ORDER BY length"
    )
    assert hospital.rows(query) == [(3, 1), (4, 1), (5, 1)]


def test_star_and_names(hospital: Client) -> None:
    answer = hospital.run("SELECT p.*, 1, 'x' AS [a b], y = 2 FROM Patients AS p")
    assert answer.names == ["Id", "Name", "Born", "Fee", "Seen", "", "a b", "y"]
    assert answer.types == ["int", "nvarchar", "date", "decimal", "datetime2", "int", "varchar", "int"]


def test_columns_carry_their_declared_types(hospital: Client) -> None:
    columns, _ = hospital.run("SELECT Name, Fee, Seen, SUM(Fee) OVER () AS s FROM Patients").results[0]
    assert (columns[0].type.length, columns[0].nullable) == (50, False)
    assert (columns[1].type.precision, columns[1].type.scale) == (10, 2)
    assert columns[2].type.scale == 3
    assert (columns[3].type.name, columns[3].type.precision, columns[3].type.scale) == ("decimal", 38, 2)


def test_other_databases_are_read_by_three_part_names(hospital: Client) -> None:
    hospital.run("CREATE DATABASE Lab")
    hospital.run("CREATE TABLE Lab.dbo.Tests (PatientId int, Result float); INSERT INTO Lab.dbo.Tests VALUES (1, 5.5)")
    hospital.run("USE master")
    query = "SELECT p.Name, t.Result FROM Hospital.dbo.Patients p JOIN Lab..Tests t ON t.PatientId = p.Id"
    assert hospital.rows(query) == [("Ani", 5.5)]


def test_views_are_queries(hospital: Client) -> None:
    hospital.run("CREATE VIEW dbo.Dear AS SELECT Id, Name FROM dbo.Patients WHERE Fee > 5")
    assert hospital.rows("SELECT Name FROM Dear AS d WHERE d.Id > 1") == [("Citra",)]


def test_a_subquery_with_two_rows_is_refused(hospital: Client) -> None:
    with pytest.raises(Refused, match="512"):
        hospital.run("SELECT (SELECT Id FROM Patients)")


def test_correlated_subqueries(hospital: Client) -> None:
    query = (
        "SELECT Name, (SELECT COUNT(*) FROM Patients AS q WHERE q.Fee > p.Fee) AS dearer FROM Patients AS p"
        " WHERE p.Id IN (SELECT Id FROM Patients AS r WHERE r.Name = p.Name) ORDER BY dearer"
    )
    assert hospital.rows(query) == [("Ani", 0), ("Citra", 1), ("Budi", 2)]


def test_temporary_tables_and_table_variables(hospital: Client) -> None:
    hospital.run("SELECT Id, Name INTO #few FROM Patients WHERE Id < 3")
    assert hospital.value("SELECT COUNT(*) FROM #few JOIN dbo.Patients p ON p.Id = #few.Id") == 2
    hospital.run("CREATE TABLE #more (x int); INSERT #more SELECT Id FROM #few")
    assert hospital.value("SELECT SUM(x) FROM #more") == 3
    batch = "DECLARE @t TABLE (x int PRIMARY KEY); INSERT @t VALUES (1), (2); SELECT SUM(x) FROM @t"
    assert hospital.value(batch) == 3
    assert hospital.refused("SELECT * FROM @t") == [1087]
    hospital.run("DROP TABLE #few, #more")
    assert hospital.refused("SELECT * FROM #few") == [208]
