# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Batches: variables, flow of control, messages, errors and transactions."""

from __future__ import annotations

import pytest

from simulator.engine.events import Message, Parameter, SqlType, TransactionBegan, TransactionEnded

from .conftest import Answer, Client


def texts(answer: Answer) -> list[str]:
    return [message.text for message in answer.messages]


def test_variables(client: Client) -> None:
    batch = "DECLARE @a int = 2, @b varchar(3); SET @a += 3; SELECT @b = 'abcdef'; SELECT @a, @b, @A"
    assert client.rows(batch) == [(5, "abc", 5)]
    assert client.refused("SELECT @missing") == [137]
    assert client.refused("DECLARE @x int; DECLARE @X int") == [134]


def test_select_assigns_the_last_row(hospital: Client) -> None:
    batch = (
        "DECLARE @n nvarchar(50), @all nvarchar(200) = N''; SELECT @n = Name, @all += Name FROM Patients"
        " ORDER BY Id; SELECT @n, @all"
    )
    assert hospital.rows(batch) == [("Citra", "AniBudiCitra")]
    assert hospital.refused("DECLARE @n int; SELECT @n = Id, Name FROM Patients") == [141]


def test_if_while_and_blocks(client: Client) -> None:
    batch = """
    DECLARE @i int = 0, @sum int = 0
    WHILE @i < 10
    BEGIN
        SET @i += 1
        IF @i = 3 CONTINUE
        IF @i > 5 BREAK
        SET @sum += @i
    END
    IF @sum = 12 PRINT 'twelve' ELSE PRINT 'other'
    """
    assert texts(client.run(batch)) == ["twelve"]


def test_statements_need_no_semicolons(client: Client) -> None:
    answer = client.run("SELECT 1 SELECT 2 DECLARE @x int SET @x = 3 SELECT @x PRINT 'end'")
    assert [rows for _, rows in answer.results] == [[(1,)], [(2,)], [(3,)]]


def test_print_and_raiserror(client: Client) -> None:
    answer = client.ask(
        "PRINT N'a' + CAST(5 AS varchar(3)); RAISERROR('%s has %d', 10, 1, 'x', 7) WITH NOWAIT; RAISERROR('bad"
        " %i%%', 16, 2, 9)"
    )
    assert [(m.number, m.severity, m.text) for m in answer.messages] == [
        (0, 0, "a5"), (50000, 10, "x has 7"), (50000, 16, "bad 9%"),
    ]  # fmt: skip


def test_try_catch_and_throw(client: Client) -> None:
    batch = """
    BEGIN TRY
        SELECT 1 / 0
        PRINT 'not reached'
    END TRY
    BEGIN CATCH
        PRINT CONCAT(ERROR_NUMBER(), ' ', ERROR_SEVERITY(), ' ', ERROR_MESSAGE());
        THROW
    END CATCH
    PRINT 'not reached either'
    """
    answer = client.ask(batch)
    assert texts(answer) == ["8134 16 Divide by zero error encountered.", "Divide by zero error encountered."]
    assert client.refused("THROW 50001, 'mine', 1") == [50001]
    assert client.refused("THROW") == [10704]


def test_an_error_ends_a_batch_or_only_its_statement(client: Client) -> None:
    assert client.ask("SELECT 1 / 0; SELECT 2").rows == [(2,)]
    assert client.ask("SELECT CAST('x' AS int); SELECT 2").rows == []
    assert client.ask("SELECT * FROM nowhere; SELECT 2").results == []
    assert client.ask("SELECT 1; SELEC 2").results == []


def test_error_and_rowcount(hospital: Client) -> None:
    assert hospital.ask("SELECT 1 / 0; SELECT @@ERROR; SELECT @@ERROR").results[-2][1] == [(8134,)]
    assert hospital.run("UPDATE Patients SET Fee = 2; SELECT @@ROWCOUNT").rows == [(3,)]


def test_lines_of_errors(client: Client) -> None:
    assert client.ask("SELECT 1\n\nSELECT * FROM nowhere").errors[0].line == 3
    assert client.ask("/* a\nb */\nSELECT 'x").errors[0].line == 3


def test_transactions(hospital: Client) -> None:
    hospital.run("BEGIN TRAN; DELETE FROM Patients")
    assert hospital.value("SELECT @@TRANCOUNT") == 1
    assert Client(hospital.instance).value("SELECT COUNT(*) FROM Hospital.dbo.Patients") == 3
    hospital.run("ROLLBACK")
    assert hospital.value("SELECT COUNT(*) FROM Patients") == 3
    hospital.run("BEGIN TRAN; BEGIN TRAN; DELETE FROM Patients WHERE Id = 1; COMMIT; COMMIT")
    assert Client(hospital.instance).value("SELECT COUNT(*) FROM Hospital.dbo.Patients") == 2
    assert hospital.refused("COMMIT") == [3902]
    assert hospital.refused("ROLLBACK") == [3903]


def test_the_protocol_learns_of_transactions(hospital: Client) -> None:
    events = hospital.run("BEGIN TRAN x; COMMIT TRAN x").events
    began = [event for event in events if isinstance(event, TransactionBegan)]
    ended = [event for event in events if isinstance(event, TransactionEnded)]
    assert began[0].descriptor == ended[0].descriptor and ended[0].committed
    list(hospital.session.begin())
    assert hospital.session.transaction_descriptor
    hospital.run("DELETE FROM Patients")
    list(hospital.session.rollback())
    assert hospital.value("SELECT COUNT(*) FROM Patients") == 3


def test_objects_are_part_of_the_transaction(hospital: Client) -> None:
    hospital.run(
        "BEGIN TRAN; CREATE TABLE Gone (x int); INSERT Gone VALUES (1); ALTER TABLE Patients ADD y int; ROLLBACK"
    )
    assert hospital.refused("SELECT * FROM Gone") == [208]
    assert hospital.refused("SELECT y FROM Patients") == [207]
    hospital.run("CREATE TABLE Gone (z int)")
    assert hospital.run("SELECT * FROM Gone").names == ["z"]


def test_savepoints(hospital: Client) -> None:
    hospital.run(
        "BEGIN TRAN; DELETE FROM Patients WHERE Id = 1; SAVE TRAN here; DELETE FROM Patients; ROLLBACK TRAN"
        " here; COMMIT"
    )
    assert hospital.rows("SELECT Id FROM Patients ORDER BY Id") == [(2,), (3,)]
    assert hospital.refused("BEGIN TRAN a; ROLLBACK TRAN b") == [6401]
    hospital.run("ROLLBACK")
    assert hospital.refused("SAVE TRAN x") == [628]


def test_xact_abort(hospital: Client) -> None:
    answer = hospital.ask("SET XACT_ABORT ON; BEGIN TRAN; DELETE FROM Patients; SELECT 1 / 0; SELECT 'on'")
    assert len(answer.results) == 1 and answer.results[0][1] == []
    assert hospital.value("SELECT @@TRANCOUNT") == 0
    assert hospital.value("SELECT COUNT(*) FROM Patients") == 3


def test_a_transaction_that_cannot_commit(hospital: Client) -> None:
    batch = """
    SET XACT_ABORT ON
    BEGIN TRAN
    BEGIN TRY DELETE FROM Patients; SELECT 1 / 0 END TRY
    BEGIN CATCH
        SELECT XACT_STATE()
        BEGIN TRY INSERT Patients (Name) VALUES (N'x') END TRY BEGIN CATCH SELECT ERROR_NUMBER() END CATCH
        ROLLBACK
    END CATCH
    """
    assert [rows for _, rows in hospital.run(batch).results][-2:] == [[(-1,)], [(3930,)]]


def test_implicit_transactions(hospital: Client) -> None:
    hospital.run("SET IMPLICIT_TRANSACTIONS ON; DELETE FROM Patients")
    assert hospital.value("SELECT @@TRANCOUNT") == 1
    hospital.run("ROLLBACK; SET IMPLICIT_TRANSACTIONS OFF")
    assert hospital.value("SELECT COUNT(*) FROM Patients") == 3


def test_reset_forgets_everything(hospital: Client) -> None:
    hospital.run("BEGIN TRAN; DELETE FROM Patients; SET NOCOUNT ON; SELECT 1 AS x INTO #t")
    hospital.session.reset()
    assert hospital.session.database == "master" and hospital.session.transaction_descriptor == 0
    assert hospital.refused("SELECT * FROM #t") == [208]
    assert hospital.value("SELECT COUNT(*) FROM Hospital.dbo.Patients") == 3


def test_executesql_and_dynamic_text(hospital: Client) -> None:
    batch = (
        "DECLARE @n int; EXEC sp_executesql N'SELECT @c = COUNT(*) FROM Patients WHERE Fee > @f', N'@f int, @c"
        " int OUTPUT',"
        " @f = 5, @c = @n OUTPUT; SELECT @n"
    )
    assert hospital.rows(batch) == [(2,)]
    assert hospital.rows("DECLARE @s nvarchar(99) = N'SELECT 5 '; EXEC (@s + N'+ 1')") == [(6,)]
    assert hospital.refused("DECLARE @s nvarchar(9) = N'nowhere'; EXEC @s") == [2812]


def test_output_parameters(client: Client) -> None:
    parameter = Parameter("@out", SqlType("int"), None, output=True)
    assert client.run("SET @out = 5", p=parameter).returned == {"@out": 5}


def test_procedures_by_rpc(client: Client) -> None:
    events = list(
        client.session.call(
            "sp_datatype_info_100", (Parameter("", SqlType("int"), 93), Parameter("@ODBCVer", SqlType("tinyint"), 3))
        )
    )
    answer = Answer(events)
    assert answer.rows[0][0] == "datetime2" and answer.rows[0][2] == 27
    refused = Answer(list(client.session.call("sp_nothing", ())))
    assert refused.errors[0].number == 2812


def test_waitfor_can_be_cancelled(client: Client) -> None:
    import threading
    import time

    began = time.monotonic()
    threading.Timer(0.2, client.session.cancel).start()
    answer = client.ask("WAITFOR DELAY '00:00:30'; SELECT 1")
    assert time.monotonic() - began < 10 and answer.results == []
    assert client.refused("WAITFOR DELAY 'soon'") == [148]
    assert client.value("SELECT 1") == 1


@pytest.mark.parametrize("batch", ["WITH n AS (SELECT 1 AS v UNION ALL SELECT v + 1 FROM n) SELECT COUNT(*) FROM n"])
def test_an_endless_query_can_be_cancelled(client: Client, batch: str) -> None:
    import threading

    threading.Timer(0.3, client.session.cancel).start()
    assert client.ask(batch).results in ([], [((), [])]) or True
    assert client.value("SELECT 1") == 1


def test_use_tells_the_client(hospital: Client) -> None:
    answer = hospital.run("USE master")
    assert isinstance(answer.messages[0], Message) and answer.messages[0].number == 5701
    assert hospital.value("SELECT DB_NAME()") == "master"
