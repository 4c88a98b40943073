# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MOVE lists: other systems, drive layouts, names; and room for what is moved."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import DatabaseFile
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.disk_room import refuse_without_room
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, NoSpace
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import DatabaseState, Relocation
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.relocation import moves

from .hospital_life import Database
from .stories import plan_of

WINDOWS = (
    DatabaseFile("Sales", "D:\\Data\\Sales.mdf", "D", 100, 1),
    DatabaseFile("Sales2", "E:\\Data\\Sales.mdf", "D", 100, 3),
    DatabaseFile("Sales_log", "L:\\Log\\Sales_log.ldf", "L", 50, 2),
    DatabaseFile("Documents", "F:\\FileStream\\Sales_Documents", "S", 70, 4),
    DatabaseFile("Catalog", "F:\\FullText\\Sales_Catalog", "F", 30, 5),
)
LINUX = (
    DatabaseFile("Sales", "/var/opt/mssql/data/Sales.mdf", "D", 100, 1),
    DatabaseFile("Sales_log", "/var/opt/mssql/log/Sales_log.ldf", "L", 50, 2),
)


def places(files: tuple[DatabaseFile, ...], relocation: Relocation, database: str = "Sales") -> dict[str, str]:
    return dict(moves(files, relocation, "Sales", database))


def test_windows_to_linux_with_colliding_names_and_containers() -> None:
    relocation = Relocation(data_directory="/data", log_directory="/log/", filestream_directory="/fs")
    assert places(WINDOWS, relocation) == {
        "Sales": "/data/Sales.mdf",
        "Sales2": "/data/Sales_3.mdf",
        "Sales_log": "/log/Sales_log.ldf",
        "Documents": "/fs/Sales_Documents",
        "Catalog": "/fs/Sales_Catalog",
    }


def test_linux_to_windows() -> None:
    relocation = Relocation(data_directory="D:\\Data\\", log_directory="L:")
    assert places(LINUX, relocation) == {"Sales": "D:\\Data\\Sales.mdf", "Sales_log": "L:\\Sales_log.ldf"}


def test_logs_and_containers_go_with_the_data_where_nothing_is_said_of_them() -> None:
    assert set(places(WINDOWS, Relocation(data_directory="/data")).values()) == {
        "/data/Sales.mdf",
        "/data/Sales_3.mdf",
        "/data/Sales_log.ldf",
        "/data/Sales_Documents",
        "/data/Sales_Catalog",
    }


def test_the_same_layout_where_nothing_is_said() -> None:
    assert places(WINDOWS, Relocation()) == {file.logical_name: file.physical_name for file in WINDOWS}


@pytest.mark.parametrize(
    ("database", "name"), [("Training", "Training.mdf"), ("A/B: c?", "A_B_ c_.mdf")], ids=["name", "letters"]
)
def test_a_renamed_database_does_not_lie_on_the_original(database: str, name: str) -> None:
    assert places(LINUX, Relocation(database=database), database)["Sales"] == f"/var/opt/mssql/data/{name}"
    strange = (replace(LINUX[0], physical_name="D:\\x\\primary.mdf"),)
    assert places(strange, Relocation(database="T"), "T") == {"Sales": "D:\\x\\T_primary.mdf"}


def test_the_file_map_wins_and_others_keep_clear_of_it() -> None:
    relocation = Relocation(data_directory="/data", files={"Sales2": "/data/Sales.mdf"})
    assert places(WINDOWS[:2], relocation) == {"Sales": "/data/Sales_1.mdf", "Sales2": "/data/Sales.mdf"}


@pytest.mark.parametrize(
    ("files", "message"),
    [({"Nonsense": "/x"}, "Nonsense"), ({"Sales": "/x", "Sales_log": "/X"}, "two files at /X")],
    ids=["unknown", "twice"],
)
def test_a_wrong_file_map_is_refused(week: Database, files: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        plan_of(week, relocation=Relocation(files=files))


def test_a_file_that_was_added_later_is_moved_by_the_log_that_brings_it(week: Database) -> None:
    added = DatabaseFile("Archive", "G:\\Archive.ndf", "D", 10, 3)
    sets = [
        replace(one, files=(*one.files, added)) if one.backup_set_guid in ("log-1-4", "log-1-5") else one
        for one in week.sets
    ]
    plan = plan_of(week, sets=sets, relocation=Relocation(data_directory="/data", files={"Archive": "/big/a.ndf"}))
    assert [step.moves for step in plan.steps[1:]] == [(), (("Archive", "/big/a.ndf"),), (), ()]
    assert ("/big/a.ndf", 10) in plan.database_files


def test_files_of_unknown_names_cannot_be_moved(week: Database) -> None:
    nameless = [replace(one, files=()) for one in week.sets]
    assert plan_of(week, sets=nameless).steps[0].moves == ()
    with pytest.raises(InvalidInput, match="which files"):
        plan_of(week, sets=nameless, relocation=Relocation(data_directory="/data"))


def test_room_is_counted_by_volume_for_all_databases_together(week: Database) -> None:
    plan = plan_of(week, relocation=Relocation(data_directory="D:\\Data", log_directory="D:\\Log"))
    volumes = [
        {"volume_mount_point": "C:\\", "available_bytes": 1},
        {"volume_mount_point": "D:\\", "available_bytes": 0},
    ]
    for free, enough in ((96 << 20, True), ((96 << 20) - 1, False)):
        volumes[1]["available_bytes"] = free
        if enough:
            assert refuse_without_room([plan], {}, volumes) == []
            continue
        with pytest.raises(NoSpace, match=r"need 96\.0 MiB on D:"):
            refuse_without_room([plan], {}, volumes)
    with pytest.raises(NoSpace):
        refuse_without_room([plan, plan], {}, [{"volume_mount_point": "D:\\", "available_bytes": 100 << 20}])


def test_files_that_are_replaced_make_room(week: Database) -> None:
    state = DatabaseState(state="SUSPECT", files=(("/data/old.mdf", 90 << 20),))
    relocation = Relocation(data_directory="/data")
    plan = plan_of(week, relocation=relocation, restored_to=state, replace=True)
    assert (
        refuse_without_room([plan], {"Sales": state}, [{"volume_mount_point": "/", "available_bytes": 7 << 20}]) == []
    )


def test_the_deepest_mount_counts_and_unknown_volumes_are_told(week: Database) -> None:
    plan = plan_of(week, relocation=Relocation(data_directory="/data/sql", log_directory="E:\\Log"))
    volumes = [{"volume_mount_point": "/data", "available_bytes": 1 << 40}]
    assert refuse_without_room([plan], {}, volumes) == [
        "Sales: nothing is known of the free disk under E:\\Log\\Sales_log.ldf."
    ]
    with pytest.raises(NoSpace, match="on /data/sql"):
        refuse_without_room([plan], {}, [*volumes, {"volume_mount_point": "/data/sql", "available_bytes": 5}])
