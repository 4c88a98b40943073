# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""INSERT, UPDATE, DELETE, MERGE, constraints, identities and what OUTPUT says of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from simulator.engine.events import Parameter, SqlType

from .conftest import Client


def test_identity_and_defaults(hospital: Client) -> None:
    answer = hospital.run("INSERT INTO Patients (Name) OUTPUT inserted.Id, inserted.Fee VALUES (N'Dewi')")
    assert answer.rows == [(4, Decimal("1.50"))] and answer.counts == [1]
    assert hospital.value("SELECT SCOPE_IDENTITY()") == 4
    assert hospital.value("SELECT @@IDENTITY") == 4
    assert hospital.value("SELECT IDENT_CURRENT('dbo.Patients')") == 4


def test_default_values_and_the_word_default(hospital: Client) -> None:
    hospital.run(
        "CREATE TABLE Notes (Id uniqueidentifier NOT NULL DEFAULT NEWID(), At datetime2 NOT NULL DEFAULT"
        " SYSDATETIME(), N int DEFAULT 7)"
    )
    hospital.run("INSERT Notes DEFAULT VALUES; INSERT Notes (N) VALUES (DEFAULT), (1)")
    assert hospital.rows("SELECT N FROM Notes ORDER BY N") == [(1,), (7,), (7,)]
    assert hospital.value("SELECT COUNT(DISTINCT Id) FROM Notes") == 3


def test_the_clock_is_the_servers_own(hospital: Client) -> None:
    local, universal, offset = hospital.rows(
        "SELECT SYSDATETIME(), SYSUTCDATETIME(), DATEPART(tzoffset, SYSDATETIMEOFFSET())"
    )[0]
    assert local - universal == timedelta(hours=7) and offset == 420
    assert abs(hospital.instance.local_now() - local) < timedelta(seconds=5)
    at_once = hospital.rows("SELECT GETDATE(), GETDATE()")[0]
    assert at_once[0] == at_once[1]


def test_insert_select_takes_identities_in_order(hospital: Client) -> None:
    hospital.run("INSERT INTO Patients (Name, Fee) SELECT Name + N'!', Fee * 2 FROM Patients ORDER BY Id")
    assert hospital.rows("SELECT Id, Name, Fee FROM Patients WHERE Id > 3 ORDER BY Id")[0] == (
        4,
        "Ani!",
        Decimal("20.00"),
    )


def test_identity_insert(hospital: Client) -> None:
    assert hospital.refused("INSERT Patients (Id, Name) VALUES (9, N'x')") == [544]
    hospital.run("SET IDENTITY_INSERT dbo.Patients ON; INSERT Patients (Id, Name) VALUES (9, N'x')")
    assert hospital.refused("INSERT Patients (Name) VALUES (N'x')") == [545]
    hospital.run("SET IDENTITY_INSERT dbo.Patients OFF; INSERT Patients (Name) VALUES (N'y')")
    assert hospital.value("SELECT Id FROM Patients WHERE Name = N'y'") == 10


def test_update_by_join_and_compound_assignment(hospital: Client) -> None:
    hospital.run(
        "CREATE TABLE Discounts (PatientId int, Share decimal(3,2)); INSERT Discounts VALUES (1, 0.5), (2, 0.1)"
    )
    answer = hospital.run(
        "UPDATE p SET p.Fee = p.Fee * d.Share, Name += N'*' FROM dbo.Patients AS p JOIN Discounts d ON"
        " d.PatientId = p.Id"
    )
    assert answer.counts == [2]
    assert hospital.rows("SELECT Name, Fee FROM Patients ORDER BY Id") == [
        ("Ani*", Decimal("5.00")), ("Budi*", Decimal("0.23")), ("Citra", Decimal("7.00")),
    ]  # fmt: skip


def test_update_and_delete_with_output_and_top(hospital: Client) -> None:
    assert hospital.rows("UPDATE Patients SET Fee = 1 OUTPUT inserted.Name, inserted.Fee WHERE Id = 2") == [
        ("Budi", Decimal("1.00"))
    ]
    assert hospital.rows("DELETE FROM Patients OUTPUT deleted.Name WHERE Id = 3") == [("Citra",)]
    assert hospital.run("DELETE TOP (1) FROM Patients").counts == [1]
    assert hospital.value("SELECT @@ROWCOUNT") == 1
    assert hospital.value("SELECT COUNT(*) FROM Patients") == 1


def test_delete_by_join(hospital: Client) -> None:
    hospital.run("DELETE p FROM Patients AS p JOIN (VALUES (1), (2)) AS v(i) ON v.i = p.Id")
    assert hospital.rows("SELECT Name FROM Patients") == [("Citra",)]


def test_merge(hospital: Client) -> None:
    answer = hospital.run(
        "MERGE INTO dbo.Patients AS t USING (VALUES (1, N'Ani B', 3), (7, N'Eka', 4)) AS s(Id, Name, Fee) ON"
        " t.Id = s.Id"
        " WHEN MATCHED THEN UPDATE SET Name = s.Name, Fee = t.Fee + s.Fee"
        " WHEN NOT MATCHED THEN INSERT (Name, Fee) VALUES (s.Name, s.Fee)"
        " WHEN NOT MATCHED BY SOURCE AND t.Id = 3 THEN DELETE;"
    )
    assert answer.counts == [3]
    assert hospital.rows("SELECT Id, Name, Fee FROM Patients ORDER BY Id") == [
        (1, "Ani B", Decimal("13.00")), (2, "Budi", Decimal("2.25")), (4, "Eka", Decimal("4.00")),
    ]  # fmt: skip


def test_merge_refuses_to_change_a_row_twice(hospital: Client) -> None:
    merge = (
        "MERGE Patients AS t USING (VALUES (1, N'x'), (1, N'y')) AS s(Id, Name) ON t.Id = s.Id"
        " WHEN MATCHED THEN UPDATE SET Name = s.Name;"
    )
    assert hospital.refused(merge)[0] == 8672
    assert hospital.value("SELECT Name FROM Patients WHERE Id = 1") == "Ani"


def test_constraints_have_their_numbers(hospital: Client) -> None:
    hospital.run(
        "CREATE TABLE Beds (Id int CONSTRAINT PK_Beds PRIMARY KEY, Code char(3) CONSTRAINT UQ_Code UNIQUE, Size"
        " int CONSTRAINT CK_Size"
        " CHECK (Size BETWEEN 1 AND 9), PatientId int CONSTRAINT FK_Patient REFERENCES dbo.Patients (Id))"
    )
    hospital.run("INSERT Beds VALUES (1, 'A', 1, 1)")
    for statement, number, name in (
        ("INSERT Beds VALUES (1, 'B', 1, 1)", 2627, "PK_Beds"),
        ("INSERT Beds VALUES (2, 'A', 1, 1)", 2627, "UQ_Code"),
        ("INSERT Beds VALUES (2, 'B', 0, 1)", 547, "CK_Size"),
        ("UPDATE Beds SET Size = 10", 547, "CK_Size"),
        ("INSERT Beds VALUES (2, 'B', 1, 99)", 547, "FK_Patient"),
        ("DELETE FROM Patients WHERE Id = 1", 547, ""),
        ("INSERT Beds VALUES (NULL, 'B', 1, 1)", 515, "Id"),
    ):
        answer = hospital.ask(statement)
        assert (answer.errors[0].number, name in answer.errors[0].text) == (number, True), statement
        assert answer.numbers[-1] == 3621
    hospital.run("INSERT Beds VALUES (3, NULL, NULL, NULL)")
    assert hospital.value("SELECT COUNT(*) FROM Beds") == 2


def test_a_unique_index(hospital: Client) -> None:
    hospital.run("CREATE UNIQUE INDEX IX_Name ON dbo.Patients (Name DESC) INCLUDE (Fee)")
    assert hospital.refused("INSERT Patients (Name) VALUES (N'ANI')") == [2601]
    hospital.run("DROP INDEX IX_Name ON dbo.Patients; INSERT Patients (Name) VALUES (N'ANI')")
    assert hospital.refused("CREATE UNIQUE INDEX IX_Name ON dbo.Patients (Name)")[0] == 1505


def test_text_that_does_not_fit_is_not_cut(hospital: Client) -> None:
    hospital.run("CREATE TABLE Short (x varchar(3), y varbinary(2), n tinyint, d decimal(4,1))")
    assert hospital.refused("INSERT Short (x) VALUES ('abcd')")[0] == 2628
    hospital.run("INSERT Short (x) VALUES ('abc  ')")
    assert hospital.refused("INSERT Short (y) VALUES (0x010203)")[0] == 2628
    assert hospital.refused("INSERT Short (n) VALUES (256)")[0] == 220
    assert hospital.refused("INSERT Short (d) VALUES (1234.5)")[0] == 8115
    hospital.run("DECLARE @v varchar(3) = 'abcdef'; INSERT Short (x) VALUES (@v)")
    assert hospital.rows("SELECT x FROM Short ORDER BY x DESC")[0] == ("abc",)


def test_columns_and_values_must_agree(hospital: Client) -> None:
    hospital.run("CREATE TABLE Two (a int, b int)")
    assert hospital.refused("INSERT Two (a, b) VALUES (1)") == [109]
    assert hospital.refused("INSERT Two (a) VALUES (1, 2)") == [110]
    assert hospital.refused("INSERT Two (a, b) SELECT 1") == [120]
    assert hospital.refused("INSERT Two (a) SELECT 1, 2") == [121]
    assert hospital.refused("INSERT Two (a, a) VALUES (1, 2)") == [264]
    assert hospital.refused("INSERT Two SELECT 1, 2, 3") == [213]


def test_parameters_keep_their_types(hospital: Client) -> None:
    seen = datetime(2026, 1, 2, 3, 4, 5, 678000)
    parameters = {
        "a": Parameter("@P1", SqlType("nvarchar", 50), "Zo\u00eb \u2603"),
        "b": Parameter("@P2", SqlType("decimal", precision=10, scale=2), Decimal("12345.67")),
        "c": Parameter("@P3", SqlType("datetime2", scale=7), seen),
        "d": Parameter("@P4", SqlType("date"), None),
    }
    hospital.run("INSERT INTO Patients (Name, Fee, Seen, Born) VALUES (@P1, @P2, @P3, @P4)", **parameters)
    row = hospital.rows("SELECT Name, Fee, Seen, Born FROM Patients WHERE Name = @P1", a=parameters["a"])[0]
    assert row == ("Zo\u00eb \u2603", Decimal("12345.67"), seen, None)


def test_decimals_are_exact_or_refused(hospital: Client) -> None:
    hospital.run("CREATE TABLE Money (a decimal(18,2), b bigint, c money)")
    hospital.run("INSERT Money VALUES (9999999999999.99, 9223372036854775807, 922337203.5807)")
    assert hospital.rows("SELECT a, b, c FROM Money") == [
        (Decimal("9999999999999.99"), 2**63 - 1, Decimal("922337203.5807"))
    ]
    assert hospital.refused("INSERT Money (a) VALUES (1234567890123456.78)")[0] == 8115
    hospital.run("DELETE FROM Money; INSERT Money (a) SELECT 0.1 FROM (VALUES (1),(2),(3)) AS t(v)")
    assert hospital.value("SELECT COUNT(*) FROM (SELECT SUM(a) AS s FROM Money) AS q WHERE s = 0.3") == 1


def test_a_statement_is_whole_or_not_at_all(hospital: Client) -> None:
    assert hospital.refused("INSERT Patients (Name, Fee) VALUES (N'good', 1), (NULL, 2)") == [515]
    assert hospital.value("SELECT COUNT(*) FROM Patients") == 3
    assert hospital.refused("UPDATE Patients SET Fee = 1 / (Id - 2)") == [8134]
    assert hospital.value("SELECT SUM(Fee) FROM Patients") == Decimal("19.25")


def test_altering_a_table(hospital: Client) -> None:
    hospital.run("ALTER TABLE Patients ADD Phone varchar(20) NULL, Active bit NOT NULL CONSTRAINT DF_Active DEFAULT 1")
    assert hospital.rows("SELECT Phone, Active FROM Patients WHERE Id = 1") == [(None, True)]
    assert hospital.refused("ALTER TABLE Patients ADD Must int NOT NULL") == [4901]
    assert hospital.refused("ALTER TABLE Patients DROP COLUMN Id") == [5074, 4922]
    hospital.run("ALTER TABLE Patients DROP CONSTRAINT DF_Active; ALTER TABLE Patients DROP COLUMN Phone")
    hospital.run("ALTER TABLE Patients ALTER COLUMN Name nvarchar(100) NULL")
    hospital.run("ALTER TABLE Patients ADD CONSTRAINT CK_Fee CHECK (Fee >= 0)")
    assert hospital.refused("UPDATE Patients SET Fee = -1") == [547]
    hospital.run("INSERT Patients (Name, Active) VALUES (NULL, 0)")
    assert hospital.value("SELECT COUNT(*) FROM Patients") == 4
    assert hospital.refused("ALTER TABLE Nowhere ADD x int") == [4902]


def test_truncate_starts_the_identity_again(hospital: Client) -> None:
    hospital.run("TRUNCATE TABLE Patients; INSERT Patients (Name) VALUES (N'x')")
    assert hospital.rows("SELECT Id FROM Patients") == [(1,)]


def test_nocount_silences_counts(hospital: Client) -> None:
    assert hospital.run("SET NOCOUNT ON; UPDATE Patients SET Fee = 1; SELECT 1").counts == [None, None]


def test_altering_a_table_that_others_refer_to(hospital: Client) -> None:
    hospital.run(
        "CREATE TABLE Beds (Id int PRIMARY KEY, PatientId int CONSTRAINT FK_P REFERENCES Patients (Id)"
        " ON DELETE CASCADE)"
    )
    hospital.run("INSERT Beds VALUES (1, 1), (2, 2)")
    hospital.run("ALTER TABLE Patients ALTER COLUMN Name nvarchar(100) NULL")
    assert hospital.value("SELECT COUNT(*) FROM Beds") == 2
    assert hospital.refused("INSERT Beds VALUES (3, 99)")[0] == 547
    hospital.run("DELETE FROM Patients WHERE Id = 2")
    assert hospital.rows("SELECT Id FROM Beds") == [(1,)]
    assert hospital.refused("BEGIN TRAN; ALTER TABLE Patients ADD x int") == [40510]
    hospital.run("ROLLBACK")
    key = hospital.value("SELECT name FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID('Patients')")
    assert hospital.refused(f"ALTER TABLE Patients DROP CONSTRAINT {key}") == [3725]
    assert hospital.refused("DROP TABLE Patients") == [3726]
    hospital.run("CREATE TABLE Wards (Id int PRIMARY KEY); CREATE TABLE Rooms (WardId int); INSERT Rooms VALUES (5)")
    add = "ALTER TABLE Rooms ADD CONSTRAINT FK_W FOREIGN KEY (WardId) REFERENCES Wards (Id)"
    assert hospital.refused(add)[0] == 547
    hospital.run(f"INSERT Wards VALUES (5); {add}")
