# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What BACKUP and RESTORE refuse, by SQL Server's numbers; and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from simulator.engine.database import Database
from simulator.engine.events import SqlError
from simulator.engine.facts import Device, RestoreOptions
from simulator.engine.restore import file_list_rows, header_rows, label_row, restore_database, verify
from tests.simulator.engine.storage.ward import Ward, numbers


def refused(action: Callable[[], object]) -> list[int]:
    with pytest.raises(SqlError) as problem:
        action()
    return numbers(problem)


@pytest.fixture
def backed_up(ward: Ward) -> Ward:
    """A full backup, a log, a differential, two logs."""
    ward.backup("full", "full.bak", checksum=True)
    ward.admit(3)
    ward.backup("log", "log1.trn")
    ward.admit(2)
    ward.backup("differential", "diff.bak")
    ward.admit(2)
    ward.backup("log", "log2.trn")
    ward.admit(2)
    ward.backup("log", "log3.trn")
    return ward


# -- backup -----------------------------------------------------------------------------------------------------------


def test_log_needs_a_full_backup(ward: Ward) -> None:
    assert refused(lambda: ward.backup("log", "x.trn")) == [4214, 3013]
    ward.backup("full", "copy.bak", copy_only=True)
    assert refused(lambda: ward.backup("log", "x.trn")) == [4214, 3013]
    assert not (ward.folder / "x.trn").exists()


def test_log_in_simple_recovery_model(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.source.set_recovery_model("SIMPLE")
    assert refused(lambda: ward.backup("log", "x.trn")) == [4208, 3013]
    ward.source.set_recovery_model("FULL")
    assert refused(lambda: ward.backup("log", "x.trn")) == [4214, 3013]
    ward.backup("differential", "diff.bak")  # bridges the gap
    ward.backup("log", "x.trn")


def test_differential_needs_a_base(ward: Ward) -> None:
    assert refused(lambda: ward.backup("differential", "x.bak")) == [3035, 3013]
    ward.backup("full", "copy.bak", copy_only=True)
    assert refused(lambda: ward.backup("differential", "x.bak")) == [3035, 3013]


def test_express_does_not_compress(ward: Ward) -> None:
    ward.facts = replace(ward.facts, edition="Express Edition (64-bit)")
    ward.backup("full", "plain.bak", compression_default=True)
    assert refused(lambda: ward.backup("full", "x.bak", compression=True)) == [1844, 3013]


def test_devices(ward: Ward) -> None:
    assert refused(lambda: ward.backup("full", "missing/x.bak")) == [3201, 3013]
    (ward.folder / "folder").mkdir()
    assert refused(lambda: ward.backup("full", "folder")) == [3201, 3013]
    (ward.folder / "text.bak").write_text("not a backup at all, but long enough to be one\n" * 50)
    assert refused(lambda: ward.backup("full", "text.bak")) == [3241, 3013]
    assert refused(lambda: ward.backup("full", "text.bak", init=True)) == [3241, 3013]
    ward.backup("full", "text.bak", format=True)


def test_stripes_stay_together(ward: Ward) -> None:
    ward.backup("full", "a.bak", "b.bak")
    ward.backup("full", "c.bak", "d.bak")
    assert refused(lambda: ward.backup("full", "a.bak")) == [3231, 3013]
    assert refused(lambda: ward.backup("full", "a.bak", "d.bak")) == [3258, 3013]
    assert refused(lambda: ward.backup("full", "a.bak", "new.bak")) == [3254, 3013]
    ward.backup("full", "a.bak", "b.bak")
    assert len(header_rows([ward.device("a.bak")])) == 2


def test_backup_while_restoring(backed_up: Ward) -> None:
    backed_up.restore("copy", "full.bak")
    copy = backed_up.restored["copy"]
    assert refused(lambda: backed_up.backup("full", "x.bak", database=copy)) == [927, 3013]
    backed_up.restore_log("copy", "log1.trn", standby=backed_up.folder / "undo.tuf")
    assert refused(lambda: backed_up.backup("full", "x.bak", database=copy)) == [3036, 3013]
    assert refused(lambda: backed_up.backup("log", "x.bak", database=copy)) == [3036, 3013]


# -- restore: the order of things -------------------------------------------------------------------------------------


def test_no_database_to_roll_forward(backed_up: Ward) -> None:
    assert refused(lambda: backed_up.restore_log("new", "log1.trn")) == [3118, 3013]
    assert refused(lambda: backed_up.restore("new", "diff.bak")) == [3118, 3013]
    assert refused(lambda: backed_up.restore("new", "log1.trn")) == [3118, 3013]
    assert refused(lambda: backed_up.recover("new")) == [3118, 3013]


def test_database_not_waiting(backed_up: Ward) -> None:
    backed_up.restore("copy", "full.bak", recovery=True)
    assert refused(lambda: backed_up.restore_log("copy", "log1.trn")) == [3117, 3013]
    assert refused(lambda: backed_up.restore("copy", "diff.bak")) == [3117, 3013]
    assert refused(lambda: backed_up.recover("copy")) == [3153, 3013]


def test_log_too_recent_and_too_early(backed_up: Ward) -> None:
    backed_up.restore("copy", "full.bak")
    assert refused(lambda: backed_up.restore_log("copy", "log2.trn")) == [4305, 3013]
    backed_up.restore_log("copy", "log1.trn")
    backed_up.restore_log("copy", "log2.trn")
    assert refused(lambda: backed_up.restore_log("copy", "log1.trn")) == [4326, 3013]
    backed_up.restore_log("copy", "log3.trn")
    backed_up.recover("copy")
    assert backed_up.rows("copy") == backed_up.rows()


def test_refused_log_changes_nothing(backed_up: Ward) -> None:
    backed_up.restore("copy", "full.bak")
    before = backed_up.restored["copy"].info
    refused(lambda: backed_up.restore_log("copy", "log3.trn"))
    assert replace(backed_up.restored["copy"].info, log_size=0) == replace(before, log_size=0)


def test_differential_on_another_base(backed_up: Ward) -> None:
    backed_up.backup("full", "full2.bak")
    backed_up.restore("copy", "full2.bak")
    assert refused(lambda: backed_up.restore("copy", "diff.bak")) == [3136, 3013]
    backed_up.backup("full", "copy_only.bak", copy_only=True)
    backed_up.backup("differential", "diff2.bak")
    backed_up.restore("copy", "copy_only.bak")
    assert refused(lambda: backed_up.restore("copy", "diff2.bak")) == [3136, 3013]


def test_wrong_kind(backed_up: Ward) -> None:
    backed_up.restore("copy", "full.bak")
    assert refused(lambda: backed_up.restore_log("copy", "full.bak")) == [3135, 3013]
    assert refused(lambda: backed_up.restore("copy", "log1.trn")) == [3135, 3013]


def test_stop_point_too_early(backed_up: Ward) -> None:
    now = backed_up.clock.local()
    assert refused(lambda: backed_up.restore("copy", "full.bak", stop_at=now - timedelta(hours=1))) == [4338, 3013]
    assert "copy" not in backed_up.restored
    backed_up.restore("copy", "full.bak")
    backed_up.restore_log("copy", "log1.trn")
    early = now - timedelta(hours=1)
    assert refused(lambda: backed_up.restore_log("copy", "log2.trn", stop_at=early)) == [4335, 3013]


def test_another_databases_log(backed_up: Ward, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Ward(tmp_path / "other")
    other.backup("full", "full.bak")
    other.backup("log", "log.trn")
    backed_up.restore("copy", "full.bak")
    assert refused(lambda: backed_up.restore_log("copy", "other/log.trn")) == [4330, 3013]
    other.close()


# -- restore: over what is there --------------------------------------------------------------------------------------


def test_over_another_database(backed_up: Ward, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Ward(tmp_path / "other")
    backed_up.restored["Ward"] = other.source
    options = {"move": (("Ward", str(other.source.data_file)), ("Ward_log", str(other.source.log_file)))}
    assert refused(lambda: backed_up.restore("Ward", "full.bak", **options)) == [3154, 3013]
    assert other.rows() == []  # still there
    backed_up.restore("Ward", "full.bak", replace=True, recovery=True, **options)
    assert backed_up.restored["Ward"].info.family_guid == backed_up.source.info.family_guid


def test_tail_not_backed_up(backed_up: Ward) -> None:
    backed_up.restore("copy", "full.bak", recovery=True)
    assert refused(lambda: backed_up.restore("copy", "full.bak")) == [3159, 3013]
    assert backed_up.restored["copy"].info.state == "ONLINE"
    backed_up.backup("log", "tail.trn", norecovery=True, database=backed_up.restored["copy"])
    backed_up.restore("copy", "full.bak")


def test_newer_version(backed_up: Ward) -> None:
    older = replace(backed_up.facts, database_version=869, version=(14, 0, 3456))
    device = [backed_up.device("full.bak")]

    def restore() -> None:
        restore_database("x", None, device, RestoreOptions(), older, database_id=1, register=lambda _: None)

    assert refused(restore) == [3169, 3013]
    assert refused(lambda: verify(device, 1, older)) == [3169, 3013]


def test_files(backed_up: Ward, tmp_path: Path) -> None:
    def moving(*move: tuple[str, str]) -> Callable[[], object]:
        return lambda: backed_up.restore("copy", "full.bak", move=move)

    data, log = backed_up.moved("copy")
    assert refused(moving(("Wrong", "x"), log)) == [3234, 3013]
    assert refused(moving(data, data, log)) == [4353, 3013]
    assert refused(moving(data, ("Ward_log", data[1]))) == [3176, 3119, 3013]
    assert refused(moving(("Ward", str(tmp_path / "no" / "x.mdf")), log)) == [5133, 3156, 3119, 3013]
    (tmp_path / "copy.mdf").write_text("somebody's file")
    assert refused(moving(data, log)) == [3142, 3119, 3013]
    assert (tmp_path / "copy.mdf").read_text() == "somebody's file"
    used = {tmp_path / "copy.mdf": "Pharmacy"}
    options = RestoreOptions(move=(data, log), replace=True)

    def over_used() -> None:
        device = [backed_up.device("full.bak")]
        facts, register = backed_up.facts, lambda _database: None
        restore_database("x", None, device, options, facts, database_id=1, register=register, used_by=used.get)

    assert refused(over_used) == [1834, 3156, 3119, 3013]


def test_no_room(backed_up: Ward) -> None:
    backed_up.facts = replace(backed_up.facts, capacity=lambda _path: 1000)
    assert refused(lambda: backed_up.restore("copy", "full.bak")) == [3257, 3119, 3013]
    assert "copy" not in backed_up.restored


# -- media ------------------------------------------------------------------------------------------------------------


def test_media(backed_up: Ward) -> None:
    def rows(*names: str) -> Callable[[], object]:
        return lambda: header_rows([backed_up.device(name) for name in names])

    assert refused(rows("missing.bak")) == [3201, 3013]
    (backed_up.folder / "text.bak").write_text("hello " * 1000)
    assert refused(rows("text.bak")) == [3241, 3013]
    (backed_up.folder / "empty.bak").write_bytes(b"")
    assert refused(rows("empty.bak")) == [3241, 3013]
    assert refused(lambda: backed_up.restore("x", "full.bak", position=2)) == [4038, 3013]
    assert refused(lambda: file_list_rows([backed_up.device("full.bak")], 7)) == [4038, 3013]


def test_stripe_missing_or_twice(backed_up: Ward) -> None:
    backed_up.backup("full", "a.bak", "b.bak")
    assert refused(lambda: backed_up.restore("x", "a.bak")) == [3132, 3013]
    assert refused(lambda: backed_up.restore("x", "a.bak", "a.bak")) == [3227, 3013]
    assert refused(lambda: backed_up.restore("x", "a.bak", "full.bak")) == [3258, 3013]
    assert refused(lambda: verify([backed_up.device("b.bak")], 1, backed_up.facts)) == [3132, 3013]
    assert label_row([backed_up.device("b.bak")])["FamilySequenceNumber"] == 2
    backed_up.restore("x", "b.bak", "a.bak", recovery=True)
    assert backed_up.rows("x") == backed_up.rows()


def test_checksum_asked_for_and_not_there(backed_up: Ward) -> None:
    device = [backed_up.device("log1.trn")]
    assert refused(lambda: verify(device, 1, backed_up.facts, checksum=True)) == [3187, 3013]


def test_two_instances_do_not_share_a_database(ward: Ward) -> None:
    second = Database.open(ward.source.data_file, ward.source.log_file, clock=ward.clock, database_id=6)
    assert second.info.state == "RECOVERY_PENDING"
    assert refused(second.connect) == [945]
    ward.admit()


def test_nul_is_no_medium(ward: Ward) -> None:
    assert refused(lambda: header_rows([Device("NUL", None)])) == [3254, 3013]
