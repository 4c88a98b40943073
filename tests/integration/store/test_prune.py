# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ftp_prune against a real FTP server with backups that the simulated SQL Server took, and everything that goes wrong
between the first deletion and the last."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, RecoveryError

from .broken_store import Manners, broken_store
from .conftest import Store
from .pruned import DAY, NOW, first_instant, names, old_store, run, take

MAY_DELETE = "elrd"


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return take(tmp_path_factory.mktemp("taken"))


@pytest.fixture
def folder(taken: Path, tmp_path: Path) -> Path:
    return old_store(taken, tmp_path / "store")


def test_what_no_instant_of_the_window_needs_goes_and_nothing_else(folder: Path) -> None:
    before = names(folder)
    with broken_store(folder.parents[1], Manners(), MAY_DELETE) as store:
        looked = run(store, check_mode=True)
        assert looked["changed"] and not looked["deleted"] and names(folder) == before
        done = run(store)
        again = run(store)
    gone = {Path(path).name for path in done["deleted"]}
    assert done["deleted"] == looked["to_delete"] and before - names(folder) == gone
    assert gone >= {"00_full.bak", "00_full.bak.sha256", "old.bak.part"} and "07_full.bak" in gone
    assert {"14_full.bak", "14_full.bak.sha256", "todo.txt", "new.bak.part"} <= names(folder)
    assert first_instant(folder) <= NOW - 14 * DAY
    assert not again["changed"] and again["deleted"] == []
    assert any("stays restorable" in line for line in done["table"])
    assert any("todo.txt" in line and "never touched" in line for line in done["table"])


def test_an_account_of_the_site_with_tls(store: Store, folder: Path) -> None:
    """The writer of the simulated store may not read; the reader may not delete."""
    before = names(folder)
    assert store.folder == folder.parents[1]
    done = run(store.params("reader"))
    assert done["failed"] and "0 of" in done["msg"] and "right to delete" in done["hint"] and not done["changed"]
    with pytest.raises(RecoveryError) as refused:
        run(store.params("writer"))
    assert "could be read" in refused.value.msg and "Nothing was deleted" in refused.value.hint
    assert names(folder) == before


@pytest.mark.parametrize("cut", [False, True], ids=["refused", "cut"])
def test_wherever_the_deletions_break_off_the_window_stays_and_the_next_run_ends_it(folder: Path, cut: bool) -> None:
    whole = folder.parents[1]
    with broken_store(whole, Manners(), MAY_DELETE) as store:
        order = run(store, check_mode=True)["to_delete"]
    for at in range(len(order)):
        left = whole.with_name(f"store{at}")
        shutil.copytree(whole, left)
        manners = Manners(**{"deletes_cut" if cut else "deletes_refused": (order[at],)})
        with broken_store(left, manners, MAY_DELETE) as store:
            done = run(store)
            assert done["failed"] and done["deleted"] == order[:at] and done["hint"], done["msg"]
            assert first_instant(left / "HIS01/Ward") <= NOW - 14 * DAY
            manners.deletes_cut = manners.deletes_refused = ()
            assert set(run(store)["deleted"]) == set(order[at:])


def test_a_listing_that_breaks_off_deletes_nothing(folder: Path) -> None:
    before = names(folder)
    with broken_store(folder.parents[1], Manners(mlsd=False, lines=("?? no line of a listing",)), MAY_DELETE) as store:
        with pytest.raises(RecoveryError):
            run(store)
        with pytest.raises(RecoveryError):
            run(store, directory="/not-there")
    assert names(folder) == before


def test_an_empty_store_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    with broken_store(tmp_path / "store", Manners(), MAY_DELETE) as store, pytest.raises(InvalidInput) as refused:
        run(store)
    assert "no file" in refused.value.msg


def test_a_damaged_full_is_not_counted_on(folder: Path) -> None:
    """The full before the window has a flipped byte in its data: the one before it has to stay."""
    victim = folder / "14_full.bak"
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 255
    victim.write_bytes(content)
    with broken_store(folder.parents[1], Manners(), MAY_DELETE) as store:
        done = run(store)
    assert {"07_full.bak", "14_full.bak"} <= names(folder) and "00_full.bak" not in names(folder), done["table"]


def test_one_run_deletes_no_more_than_its_limit(folder: Path) -> None:
    before = names(folder)
    with broken_store(folder.parents[1], Manners(), MAY_DELETE) as store:
        done = run(store, limit_percent=10)
        assert done["failed"] and "one run may delete 10 %" in done["msg"] and names(folder) == before
        assert run(store, limit_percent=10, check_mode=True)["refusal"]


def test_holds_and_old_servers(folder: Path) -> None:
    hold = {"path": "/HIS01/Ward/03_differential.bak", "reason": "audit", "until": "2099-01-01"}
    with broken_store(folder.parents[1], Manners(), MAY_DELETE) as store:
        run(store, holds=[hold])
        assert {"00_full.bak", "03_differential.bak"} <= names(folder) and "07_full.bak" not in names(folder)
        with pytest.raises(InvalidInput):
            run(store, holds=[{"path": "/x", "reason": "no date"}])
        for young in folder.glob("2*.bak"):
            young.unlink()
        stopped = run(store)
    assert not stopped["deleted"] or all(".bak" not in Path(path).suffix for path in stopped["deleted"])
    assert any("days old" in verdict["reason"] for verdict in stopped["verdicts"])


def test_by_age_tells_what_it_costs(folder: Path) -> None:
    with broken_store(folder.parents[1], Manners(), MAY_DELETE) as store:
        done = run(store, policy="age", limit_percent=100)
    assert "14_full.bak" not in names(folder)
    told = [line for line in done["table"] if "CONSEQUENCE" in line]
    assert any("of the last 14 days stay restorable" in line for line in told), done["table"]
    assert any("restore nothing" in line for line in told), done["table"]
