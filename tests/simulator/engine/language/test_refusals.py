# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is no T-SQL, names nothing, or is not known here: a number each, never silence."""

from __future__ import annotations

import pytest

from .conftest import Client

REFUSALS = [
    ("SELEC 1", [2812]),  # a word at the beginning of a batch calls a procedure
    ("SELECT 1; SELEC 2", [102]),
    ("SELECT", [156]),
    ("SELECT 1 FROM", [156]),
    ("SELECT 1 +", [102]),
    ("SELECT (1", [102]),
    ("SELECT 1)", [102]),
    ("SELECT 'abc", [105]),
    ("SELECT [abc", [105]),
    ("SELECT 1 /* never closed", [113]),
    ("SELECT ?", [102]),
    ("SELECT * FROM sys.databases LIMIT 5", [102]),
    ("SELECT a::int", [102]),
    ("SELECT 'a' || 'b'", [102]),
    ("SELECT `a`", [102]),
    ("SELECT 1 = 1", [102]),
    ("SELECT 1 WHERE 1", [4145]),
    ("SELECT 1 WHERE 1 = 1 AND 2", [4145]),
    ("IF 1 PRINT 'x'", [4145]),
    ("SELECT * FROM Nowhere", [208]),
    ("SELECT * FROM dbo.Nowhere", [208]),
    ("SELECT * FROM Missing.dbo.T", [208]),
    ("SELECT * FROM sys.no_such_view", [208]),
    ("SELECT * FROM sys.no_function(1)", [208]),
    ("SELECT * FROM other.master.sys.databases", [7202]),
    ("SELECT Nothing FROM Patients", [207]),
    ("SELECT p.Nothing FROM Patients AS p", [207]),
    ("SELECT Patients.Id FROM Patients AS p", [4104]),
    ("SELECT q.Id FROM Patients AS p", [4104]),
    ("SELECT Id FROM Patients AS p, Patients AS q", [209]),
    ("SELECT 1 FROM Patients, Patients", [1013]),
    ("SELECT 1 FROM Patients AS a, sys.objects AS a", [1011]),
    ("SELECT q.* FROM Patients AS p", [107]),
    ("SELECT *", [263]),
    ("SELECT NO_SUCH_FUNCTION(1)", [195]),
    ("SELECT dbo.MyFunction(1)", [4121]),
    ("SELECT LEN()", [174]),
    ("SELECT LEN('a', 'b')", [174]),
    ("SELECT CHARINDEX('a')", [189]),
    ("SELECT @@NOTHING", [137]),
    ("SELECT DATEADD(fortnight, 1, GETDATE())", [155]),
    ("SELECT CAST('x' AS int)", [245]),
    ("SELECT CAST('x' AS date)", [241]),
    ("SELECT CAST('x' AS uniqueidentifier)", [8169]),
    ("SELECT CAST('x' AS decimal(5,2))", [8114]),
    ("SELECT CAST(300 AS tinyint)", [220]),
    ("SELECT CAST(1000 AS decimal(3,1))", [8115]),
    ("SELECT CAST('1700-01-01' AS datetime)", [242]),
    ("SELECT CAST(1 AS nothing)", [2715]),
    ("SELECT CAST('a' AS varchar(9000))", [131]),
    ("SELECT CAST(1 AS int(4))", [2716]),
    ("SELECT 1 / 0", [8134]),
    ("SELECT 1 % 0", [8134]),
    ("SELECT 'a' - 'b'", [402]),
    ("SELECT -'a'", [8117]),
    ("SELECT SUM(Name) FROM Patients", [8117]),
    ("SELECT Name, COUNT(*) FROM Patients", [8120]),
    ("SELECT Name FROM Patients GROUP BY Id", [8120]),
    ("SELECT SUM(COUNT(*)) FROM Patients", [130]),
    ("SELECT DISTINCT Name FROM Patients ORDER BY Id", [145]),
    ("SELECT Id FROM Patients ORDER BY 5", [108]),
    ("SELECT Id FROM Patients UNION SELECT Id FROM Patients ORDER BY Name", [104]),
    ("SELECT 1, 2 UNION SELECT 1", [205]),
    ("SELECT 1 WHERE 1 IN (SELECT 1, 2)", [116]),
    ("SELECT (SELECT 1, 2)", [116]),
    ("SELECT * FROM (SELECT 1) AS q", [8155]),
    ("SELECT * FROM (SELECT 1 AS a, 2 AS a) AS q", [8156]),
    ("SELECT * FROM (SELECT 1 AS a) AS q(x, y)", [8159]),
    ("SELECT * FROM (SELECT 1 AS a)", [102]),
    ("SELECT * FROM (VALUES (1), (2, 3)) AS v(a)", [10709]),
    ("SELECT ROW_NUMBER() FROM Patients", [10753]),
    ("SELECT ROW_NUMBER() OVER (PARTITION BY Id) FROM Patients", [4112]),
    ("SELECT Name COLLATE Nonsense FROM Patients", [448]),
    ("SELECT Id COLLATE Latin1_General_BIN2 FROM Patients", [447]),
    ("SELECT 1 FROM Patients WITH (NOSUCHHINT)", [321]),
    ("SELECT Name FROM Patients FOR XML AUTO", [40514]),
    ("SELECT 1 FROM Patients AS p CROSS APPLY (SELECT TOP 1 q.Id FROM Patients AS q WHERE q.Id > p.Id) AS n", [40514]),
    ("SELECT 1 FROM Patients WHERE COUNT(*) > 1", [147]),
    ("SELECT TOP (1.5) Name FROM Patients", [1060]),
    ("SELECT TOP (10) PERCENT Name FROM Patients", [40514]),
    ("INSERT Nowhere VALUES (1)", [208]),
    ("INSERT sys.databases VALUES (1)", [208]),
    ("INSERT Patients (Nothing) VALUES (1)", [207]),
    ("UPDATE Patients SET Nothing = 1", [207]),
    ("UPDATE Patients SET Id = 1", [8102]),
    ("DELETE FROM Nowhere", [208]),
    ("UPDATE Patients SET Seen = 5", [206]),
    ("MERGE Patients AS t USING Patients AS s ON 1 = 0 WHEN MATCHED THEN DELETE", [10713]),
    ("CREATE TABLE Patients (x int)", [2714]),
    ("CREATE TABLE T (x int, X int)", [2705]),
    ("CREATE TABLE T (x nothing)", [2715]),
    ("CREATE TABLE nowhere.T (x int)", [2760]),
    ("CREATE TABLE T (x int PRIMARY KEY, y int PRIMARY KEY)", [1779]),
    ("CREATE TABLE T (x int REFERENCES Nowhere (a))", [1767]),
    ("CREATE TABLE T (x int REFERENCES Patients (Fee))", [1776]),
    ("CREATE TABLE T (x int, CONSTRAINT c CHECK (y > 1))", [207]),
    ("CREATE TABLE T (x xml)", [40514]),
    ("CREATE INDEX i ON Patients (Nothing)", [1911]),
    ("CREATE INDEX i ON Nowhere (x)", [1088]),
    ("CREATE PROCEDURE p AS SELECT 1", [40510]),
    ("CREATE FUNCTION f() RETURNS int AS BEGIN RETURN 1 END", [40510]),
    ("CREATE TRIGGER t ON Patients AFTER INSERT AS SELECT 1", [40510]),
    ("SELECT 1; CREATE VIEW v AS SELECT 1 AS x", [111]),
    ("DROP TABLE Nowhere", [3701]),
    ("DROP VIEW Patients", [3705]),
    ("DROP TABLE sys.databases", [3708]),
    ("DROP INDEX i ON Patients", [3701]),
    ("DROP SCHEMA nowhere", [15151]),
    ("EXEC nothing", [2812]),
    ("EXEC dbo.nothing 1, @x = 2", [2812]),
    ("EXEC master.dbo.xp_create_subdir", [201]),
    ("EXEC xp_create_subdir @other = 'x'", [8145]),
    ("EXEC xp_fixeddrives 1, 2", [8144]),
    ("EXEC sp_configure 'nothing at all', 1", [15123]),
    ("EXEC sp_configure 'remote access', 7", [15129]),
    ("EXEC xp_cmdshell 'dir'", [2812]),
    ("USE Nowhere", [911]),
    ("SET NOTHING ON", [195]),
    ("SET ROWCOUNT 5", [40510]),
    ("SET TRANSACTION ISOLATION LEVEL CHAOS", [102]),
    ("DECLARE c CURSOR FOR SELECT 1", [40510]),
    ("OPEN c", [40510]),
    ("GOTO there", [40510]),
    ("BULK INSERT x FROM 'y'", [40510]),
    ("SHUTDOWN", [40510]),
    ("BEGIN DISTRIBUTED TRANSACTION", [40510]),
    ("EXECUTE AS USER = 'x'", [40510]),
    ("KILL 'x'", [102]),
    ("DBCC NOTHING", [2526]),
    ("DBCC CHECKDB WITH NOTHING", [155]),
    ("ALTER DATABASE Hospital REMOVE FILE x", [40510]),
    ("ALTER DATABASE Hospital ADD LOG FILE (NAME = x)", [40510]),
    ("ALTER DATABASE Hospital SET EMERGENCY", [40510, 5069]),
    ("CREATE DATABASE x AS SNAPSHOT OF y", [40510]),
    ("SELECT 1 BEGIN END", [156]),
]  # fmt: skip


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    from .conftest import start

    instance = start(tmp_path_factory.mktemp("refusals") / "prod")
    client = Client(instance)
    client.run("CREATE DATABASE Hospital; USE Hospital")
    client.run(
        "CREATE TABLE dbo.Patients (Id int IDENTITY(1,1) PRIMARY KEY, Name nvarchar(50), Fee decimal(10,2),"
        " Seen datetime2(3))"
    )
    yield client
    instance.stop()


@pytest.mark.parametrize(("batch", "numbers"), REFUSALS, ids=[batch for batch, _ in REFUSALS])
def test_it_is_refused_with_its_number(shared: Client, batch: str, numbers: list[int]) -> None:
    assert shared.refused(batch) == numbers
    assert shared.value("SELECT COUNT(*) FROM Hospital.dbo.Patients") == 0


def test_the_text_names_what_is_wrong(shared: Client) -> None:
    assert shared.ask("SELECT 1 FROM a b c").errors[0].text == "Incorrect syntax near 'c'."
    assert shared.ask("SELECT * FROM [no such] WHERE 1 = 1").errors[0].text == "Invalid object name 'no such'."
    assert shared.ask("SELECT WHERE").errors[0].text == "Incorrect syntax near the keyword 'WHERE'."
    assert shared.ask("SELECT CAST('a1' AS int)").errors[0].text == (
        "Conversion failed when converting the varchar value 'a1' to data type int."
    )
