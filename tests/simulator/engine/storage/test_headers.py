# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a backup says of itself: LSNs that link, times, flags, chains; and that a file says the same as the result."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from simulator.engine.facts import BackupResult
from simulator.engine.pages import PAGE, is_sound, is_stamped, page_id_of
from simulator.engine.restore import file_list_rows, header_rows, label_row
from simulator.media.reader import MediaFile
from tests.simulator.engine.storage.ward import Ward


def chain(ward: Ward) -> list[BackupResult]:
    results = []
    for number, kind in enumerate(("full", "log", "differential", "log", "full", "log", "differential", "log")):
        results.append(ward.backup(kind, f"{number}.{kind}", checksum=bool(number % 2)))
        ward.admit(3)
    return results


def test_the_file_says_what_the_result_says(ward: Ward) -> None:
    for number, result in enumerate(chain(ward)):
        (device,) = result.devices
        assert header_rows([device]) == (result.header,), number
        assert file_list_rows([device]) == result.file_list
        assert label_row([device]) == result.label


def test_logs_are_linked(ward: Ward) -> None:
    results = chain(ward)
    logs = [one.header for one in results if one.header["BackupType"] == 2]
    for before, after in pairwise(logs):
        assert before["LastLSN"] == after["FirstLSN"]
    assert [log["BeginsLogChain"] for log in logs] == [True, False, False, False]
    assert logs[0]["FirstLSN"] == results[0].header["FirstLSN"]


def test_differentials_name_their_base(ward: Ward) -> None:
    results = [one.header for one in chain(ward)]
    for differential, full in ((results[2], results[0]), (results[6], results[4])):
        assert differential["DifferentialBaseGUID"] == full["BackupSetGUID"]
        assert differential["DifferentialBaseLSN"] == full["FirstLSN"]
        assert differential["DatabaseBackupLSN"] == full["CheckpointLSN"]
    assert results[0]["DatabaseBackupLSN"] == 0
    assert results[4]["DatabaseBackupLSN"] == results[0]["CheckpointLSN"]


def test_lsns_grow(ward: Ward) -> None:
    for result in chain(ward):
        header = result.header
        first, last = int(str(header["FirstLSN"])), int(str(header["LastLSN"]))
        assert 10**15 < first <= last < 10**25
        assert first % 10**5 == 1


def test_numbers_in_front_are_preliminary(ward: Ward) -> None:
    """A reader that trusts the front of a full backup gets LSNs that do not link."""
    ward.backup("full", "full.bak")
    with MediaFile(ward.folder / "full.bak") as media:
        front, end = media.sets[0].preliminary, media.sets[0].final
    assert front
    assert end
    assert (front.first_lsn, front.last_lsn, front.finish_date) != (end.first_lsn, end.last_lsn, end.finish_date)
    assert front.finish_date is None
    assert (front.first_lsn or 0) < (end.first_lsn or 0)


def test_times_are_local_and_carry_their_zone(ward: Ward) -> None:
    before = ward.clock.local().replace(microsecond=0)
    header = ward.backup("full", "full.bak").header
    assert before <= header["BackupStartDate"] <= header["BackupFinishDate"]  # type: ignore[operator]
    assert header["BackupFinishDate"] <= ward.clock.local() + timedelta(seconds=1)  # type: ignore[operator]
    with MediaFile(ward.folder / "full.bak") as media:
        assert media.sets[0].header.time_zone == 28


def test_flags(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    assert ward.backup("full", "a", copy_only=True).header["IsCopyOnly"]
    checked = ward.backup("full", "b", checksum=True).header
    assert (checked["HasBackupChecksums"], checked["Flags"]) == (True, 16)
    ward.source.set_options(user_access="SINGLE_USER", is_read_only=True)
    restricted = ward.backup("full", "c").header
    assert (restricted["IsSingleUser"], restricted["IsReadOnly"]) == (True, True)
    ward.source.set_options(user_access="MULTI_USER", is_read_only=False)
    tail = ward.backup("log", "d", norecovery=True).header
    assert (tail["IsForceOffline"], tail["Flags"]) == (True, 64 | 256)


def test_recovery_models(ward: Ward) -> None:
    shown = []
    for model in ("FULL", "BULK_LOGGED", "SIMPLE"):
        ward.source.set_recovery_model(model)
        shown.append(ward.backup("full", f"{model}.bak").header["RecoveryModel"])
        ward.restore(f"copy{model}", f"{model}.bak", recovery=True)
        assert ward.restored[f"copy{model}"].info.recovery_model == model
    assert shown == ["FULL", "BULK-LOGGED", "SIMPLE"]


def test_names_and_texts(ward: Ward) -> None:
    ward.backup("full", "full.bak", name="malam", description="cadangan penuh Ω", media_name="rak 3")
    (header,) = header_rows([ward.device("full.bak")])
    assert (header["BackupName"], header["BackupDescription"]) == ("malam", "cadangan penuh Ω")
    assert (header["ServerName"], header["MachineName"], header["UserName"]) == ("HIS01", "HIS01", "sa")
    assert label_row([ward.device("full.bak")])["MediaName"] == "rak 3"


def test_every_page_is_stamped_and_in_order(ward: Ward) -> None:
    """Page headers as SQL Server's: type, page id, checksum."""
    ward.write(*["INSERT INTO visit (note) VALUES (hex(randomblob(900)))"] * 200)
    ward.backup("full", "full.bak")
    with MediaFile(ward.folder / "full.bak") as media:
        data = b"".join(media.data(media.sets[0].streams[0]))
    pages = [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
    assert [page_id_of(page) for page in pages] == list(range(len(pages)))
    assert all(is_stamped(page) and is_sound(page) for page in pages)


def test_a_differential_is_small(ward: Ward) -> None:
    ward.write(*["INSERT INTO visit (note) VALUES (hex(randomblob(900)))"] * 1000)
    full = ward.backup("full", "full.bak")
    ward.admit()
    differential = ward.backup("differential", "diff.bak")
    assert differential.pages < full.pages / 20


def test_log_is_cut_after_its_backup(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(200)
    used = ward.source.info.log_used
    ward.backup("log", "log.trn")
    assert ward.source.info.log_used < used / 10
    assert ward.source.info.log_reuse_wait == "NOTHING"


def test_log_of_a_simple_database_stays_small(ward: Ward) -> None:
    ward.source.set_recovery_model("SIMPLE")
    for _ in range(40):
        ward.write(*["INSERT INTO visit (note) VALUES (hex(randomblob(900)))"] * 50)
    assert ward.source.info.log_used < 3 << 20


def test_vacuum_keeps_the_room_for_page_headers(ward: Ward) -> None:
    ward.write(*["INSERT INTO visit (note) VALUES (hex(randomblob(900)))"] * 300)
    ward.write("DELETE FROM visit WHERE id > 10")
    ward.source.vacuum()
    ward.source.checkpoint()
    assert ward.source.data_file.read_bytes()[20] == 96
    assert ward.source.check() == []
