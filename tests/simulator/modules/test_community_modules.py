# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_script and mssql_db of community.general, unmodified, on the engine: programs that nobody here wrote."""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from simulator.engine.instance import Instance, Settings
from simulator.tds.server import serve

pytest.importorskip("pymssql")
PASSWORD = "Sa-Secret-1"
MODULES = "ansible_collections.community.general.plugins.modules"
Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    state = tmp_path_factory.mktemp("modules") / "prod"
    instance = Instance.start(Settings(state, "PROD", sa_password=PASSWORD, closing_pause=0.0))
    with serve(instance, "127.0.0.1") as server:
        yield server.port
    instance.stop()


@pytest.fixture
def run(port: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the module as its file stands; what it prints is its answer."""

    def call(module: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
        found = importlib.import_module(f"{MODULES}.{module}")
        login = {"login_host": "127.0.0.1", "login_user": "sa", "login_password": PASSWORD}
        login["login_port"] = str(port)
        monkeypatch.setattr("sys.stdin", io.StringIO())
        with patch_module_args({**login, **options, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            found.main()
        return dict(json.loads(capsys.readouterr().out))

    return call


@pytest.fixture
def ward(run: Run) -> Iterator[str]:
    assert run("mssql_db", name="Ward")["changed"]
    run("mssql_script", name="Ward", script="CREATE TABLE dbo.Bed (Id int PRIMARY KEY, Name nvarchar(20) NULL)")
    yield "Ward"
    run("mssql_db", name="Ward", state="absent")


def beds(run: Run) -> list[Any]:
    (batch,) = run("mssql_script", name="Ward", script="SELECT Id, Name FROM dbo.Bed ORDER BY Id")["query_results"]
    return list(batch[0]) if batch else []


# ------------------------------------------------------------------------------------------------ mssql_script


def test_one_value(run: Run) -> None:
    result = run("mssql_script", script="SELECT 1")
    assert result["changed"] and result["query_results"] == [[[[1]]]]


def test_batches_and_their_results(run: Run) -> None:
    script = "SELECT 'Batch 0 - Select 0'\nSELECT 'Batch 0 - Select 1'\n  go \nSELECT 'Batch 1 - Select 0'\n"
    assert run("mssql_script", script=script)["query_results"] == [
        [[["Batch 0 - Select 0"]], [["Batch 0 - Select 1"]]],
        [[["Batch 1 - Select 0"]]],
    ]


def test_rows_as_dictionaries(run: Run) -> None:
    script = "SELECT 'a' AS b0s0\nSELECT 'b' AS b0s1\nGO\nSELECT 'c' AS b1s0"
    assert run("mssql_script", script=script, output="dict")["query_results_dict"] == [
        [[{"b0s0": "a"}], [{"b0s1": "b"}]],
        [[{"b1s0": "c"}]],
    ]


def test_a_column_without_a_name_is_refused_by_its_dictionaries(run: Run) -> None:
    assert "as_dict" in run("mssql_script", script="SELECT 1", output="dict")["error"]


def test_parameters(run: Run) -> None:
    script = "SELECT name, state_desc FROM sys.databases WHERE name = %(dbname)s OR database_id = %(id)s ORDER BY name"
    result = run("mssql_script", script=script, params={"dbname": "msdb", "id": 1})
    assert result["query_results"] == [[[["master", "ONLINE"], ["msdb", "ONLINE"]]]]


def test_a_parameter_cannot_break_out(run: Run, ward: str) -> None:
    name = "O'Hara'; DROP --"
    run("mssql_script", name=ward, script="INSERT dbo.Bed VALUES (1, %(name)s)", params={"name": name})
    assert beds(run) == [[1, name]]


def test_types_that_json_does_not_know(run: Run) -> None:
    script = (
        "SELECT CAST('2024-02-29' AS date), CAST(1.50 AS decimal(9,2)), CAST('2024-02-29T01:02:03' AS datetime),"
        " CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS uniqueidentifier), NULL, CAST(1 AS bit), CAST(2.5 AS float)"
    )
    assert run("mssql_script", script=script)["query_results"][0][0][0] == [
        "2024-02-29", "1.50", "2024-02-29 01:02:03", "6f9619ff-8b86-d011-b42d-00c04fc964ff", None, True, 2.5,
    ]  # fmt: skip


def test_a_statement_without_a_result(run: Run, ward: str) -> None:
    result = run("mssql_script", name=ward, script="UPDATE dbo.Bed SET Name = N'x'\nGO\nSELECT COUNT(*) FROM dbo.Bed")
    assert result["query_results"] == [[], [[[0]]]]


def test_check_mode_touches_nothing(run: Run, ward: str) -> None:
    result = run("mssql_script", name=ward, script="INSERT dbo.Bed VALUES (1, N'x')", check=True)
    assert result["changed"] and "query_results" not in result
    assert beds(run) == []


def test_a_transaction_is_kept_whole(run: Run, ward: str) -> None:
    script = "INSERT dbo.Bed VALUES (1, N'one')\nGO\nINSERT dbo.Bed VALUES (2, N'two')"
    assert not run("mssql_script", name=ward, script=script, transaction=True).get("failed")
    assert beds(run) == [[1, "one"], [2, "two"]]


def test_a_transaction_that_fails_leaves_nothing(run: Run, ward: str) -> None:
    script = "INSERT dbo.Bed VALUES (1, N'one')\nGO\nINSERT dbo.Bed VALUES (1, N'again')"
    result = run("mssql_script", name=ward, script=script, transaction=True)
    assert result["failed"] and "2627" in result["error"]
    assert beds(run) == []


def test_without_a_transaction_the_first_batch_stays(run: Run, ward: str) -> None:
    script = "INSERT dbo.Bed VALUES (1, N'one')\nGO\nINSERT dbo.Bed VALUES (1, N'again')\nGO\nDELETE dbo.Bed"
    assert run("mssql_script", name=ward, script=script)["failed"]
    assert beds(run) == [[1, "one"]]


def test_a_backup_and_its_refusals(run: Run, ward: str, tmp_path: Path) -> None:
    script = f"BACKUP DATABASE Ward TO DISK = '{tmp_path}/ward.bak' WITH CHECKSUM, STATS = 10"
    run("mssql_script", script=script)
    assert (tmp_path / "ward.bak").stat().st_size > 0
    refused = run("mssql_script", script=script, transaction=True)
    assert refused["failed"] and "3021" in refused["error"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"script": "SELEC 1"}, "2812"),
        ({"script": "SELECT * FROM nowhere.dbo.x"}, "208"),
        ({"script": "SELECT 1", "login_password": "wrong"}, "unable to connect"),
        ({"script": "SELECT 1", "name": "Nowhere"}, "unable to connect"),
    ],
)
def test_what_is_refused(run: Run, options: dict[str, str], words: str) -> None:
    result = run("mssql_script", **options)
    assert result["failed"] and words in result["msg"] + result.get("error", "")


# ------------------------------------------------------------------------------------------------ mssql_db


def names(run: Run) -> list[str]:
    (batch,) = run("mssql_script", script="SELECT name FROM sys.databases WHERE database_id > 4")["query_results"]
    return [row[0] for row in batch[0]] if batch else []


def test_a_database_comes_and_goes_once(run: Run) -> None:
    asked = [run("mssql_db", name="Lab", state=state)["changed"] for state in ("present", "present")]
    assert asked == [True, False] and names(run) == ["Lab"]
    asked = [run("mssql_db", name="Lab", state=state)["changed"] for state in ("absent", "absent")]
    assert asked == [True, False] and names(run) == []


@pytest.mark.parametrize("autocommit", [False, True])
def test_import_of_a_script(run: Run, tmp_path: Path, autocommit: bool) -> None:
    script = tmp_path / "lab.sql"
    script.write_text(
        "CREATE TABLE dbo.Test (Id int)\nGO\nINSERT dbo.Test VALUES (1)\nINSERT dbo.Test VALUES (2)\nGO\n"
    )
    result = run("mssql_db", name="Lab", state="import", target=str(script), autocommit=autocommit)
    assert result["changed"] and result["msg"] == "import successful"
    count = run("mssql_script", name="Lab", script="SELECT COUNT(*) FROM dbo.Test")["query_results"]
    assert run("mssql_db", name="Lab", state="absent")["changed"]
    assert count == [[[[2]]]]


def test_import_that_fails_in_the_middle(run: Run, tmp_path: Path, ward: str) -> None:
    script = tmp_path / "ward.sql"
    script.write_text("INSERT dbo.Bed VALUES (1, N'one')\nGO\nINSERT dbo.Nowhere VALUES (2)\nGO\n")
    with pytest.raises(Exception, match="208"):  # the module has no answer for it
        run("mssql_db", name=ward, state="import", target=str(script))
    assert beds(run) == []


def test_a_missing_file_is_no_import(run: Run, ward: str) -> None:
    result = run("mssql_db", name=ward, state="import", target="/nowhere/x.sql")
    assert result["failed"] and "cannot find" in result["msg"]


def test_a_database_in_use_is_dropped_all_the_same(run: Run, port: int) -> None:
    import pymssql

    run("mssql_db", name="Lab")
    with pymssql.connect("127.0.0.1", "sa", PASSWORD, "Lab", port=str(port)) as connection:
        connection.cursor().execute("SELECT 1")
        assert run("mssql_db", name="Lab", state="absent")["changed"]
    assert names(run) == []
