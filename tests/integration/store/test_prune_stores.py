# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pruning on what is in the field: every FTP server, plain and with TLS, a folder, and two stores with one command."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Ftp
from ansible_collections.ics.deadpool.plugins.module_utils.clients.store_reading import ListedFolder
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    RecoveryError,
    StoreUnreachable,
    TransferCut,
)

from .conftest import free_port
from .pruned import DAY, NOW, first_instant, names, old_store, run, take
from .servers import EACH, Server, running

#: Every ordinary run, and every whole one; the others in the long one, for each costs seconds.
MARKED = {"vsftpd explicit": (), "proftpd explicit": (pytest.mark.slow,), "pure-ftpd explicit": (pytest.mark.slow,)}
SERVERS = [pytest.param(each, marks=MARKED.get(each, (pytest.mark.long,))) for each in EACH]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return take(tmp_path_factory.mktemp("taken"))


@pytest.fixture
def store(taken: Path, tmp_path: Path) -> Path:
    """A folder as store."""
    return old_store(taken, tmp_path / "store").parents[1]


def ward(store: Path) -> Path:
    return store / "HIS01/Ward"


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with running(*request.param.split()) as made:
        yield made


def served(server: Server, taken: Path, name: str) -> Path:
    """The same backups below a folder of the server, owned by who serves them."""
    folder = old_store(taken, server.folder / name)
    owner = server.folder.stat()
    for path in [server.folder / name, *(server.folder / name).rglob("*")]:
        os.chown(path, owner.st_uid, owner.st_gid)
    return folder


def test_every_server_is_pruned_of_what_the_window_does_not_need(server: Server, taken: Path) -> None:
    folder = served(server, taken, "whole")
    before = names(folder)
    params = server.params(directory=f"{server.top}/whole")
    looked = run(params, check_mode=True)
    assert looked["changed"] and not looked["deleted"] and names(folder) == before
    done = run(params)
    assert done["deleted"] == looked["to_delete"] and not done.get("failed")
    assert before - names(folder) == {Path(path).name for path in done["deleted"]} >= {"00_full.bak", "07_full.bak"}
    assert {"14_full.bak", "14_full.bak.sha256", "todo.txt", "new.bak.part"} <= names(folder)
    # Only MLSD says how old a file is.
    assert ("old.bak.part" in names(folder)) == (server.kind == "vsftpd")
    assert first_instant(folder) <= NOW - 14 * DAY
    assert not run(params)["changed"]


def test_a_server_that_is_cut_off_between_two_deletions(
    server: Server, taken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = served(server, taken, "cut")
    params = server.params(directory=f"{server.top}/cut")
    order = run(params, check_mode=True)["to_delete"]
    delete, left = Ftp.delete, [3]

    def cut(ftp: Ftp, path: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            ftp._ftp.sock.shutdown(socket.SHUT_RDWR)
        delete(ftp, path)

    monkeypatch.setattr(Ftp, "delete", cut)
    done = run(params)
    assert done["failed"] and done["error"] == "TransferCut" and done["deleted"] == order[:3], done["msg"]
    assert first_instant(folder) <= NOW - 14 * DAY
    monkeypatch.undo()
    assert run(params)["deleted"] == order[3:]


def test_a_folder_is_pruned_as_a_server_is(store: Path) -> None:
    folder = ward(store)
    before = names(folder)
    looked = run({"folder": str(store)}, check_mode=True)
    assert looked["changed"] and names(folder) == before
    done = run({"folder": str(store)}, history_file=str(store.with_name("history.sqlite")))
    assert done["deleted"] == looked["to_delete"] and "old.bak.part" not in names(folder)
    assert {"14_full.bak", "todo.txt", "new.bak.part"} <= names(folder) and "00_full.bak" not in names(folder)
    assert first_instant(folder) <= NOW - 14 * DAY
    again = run({"folder": str(store)}, history_file=str(store.with_name("history.sqlite")))
    assert not again["changed"] and again["store"] == f"store {store}"


def test_a_share_that_is_not_mounted_or_not_readable_deletes_nothing(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = names(ward(store))
    with pytest.raises(StoreUnreachable):
        run({"folder": str(store.with_name("unmounted"))})
    with pytest.raises(RecoveryError):
        run({"folder": str(store)}, directory="/not-there")

    def gone(*_unused: Any) -> bytes:
        raise TransferCut("the share went away", hint="Mount it.")

    monkeypatch.setattr(ListedFolder, "read", gone)
    with pytest.raises(TransferCut):
        run({"folder": str(store)})
    assert names(ward(store)) == before


def test_links_and_pipes_in_a_folder_are_not_followed(store: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.bak.part").write_bytes(b"x")
    os.utime(outside / "x.bak.part", (0, 0))
    (ward(store) / "link").symlink_to(outside)
    (ward(store) / "00_link.bak").symlink_to(ward(store) / "00_full.bak")
    os.mkfifo(ward(store) / "pipe.bak")
    done = run({"folder": str(store)})
    assert (outside / "x.bak.part").exists() and stat.S_ISFIFO((ward(store) / "pipe.bak").stat().st_mode)
    assert "/HIS01/Ward/pipe.bak" in done["unknown"] and "00_full.bak" not in names(ward(store))


@pytest.fixture
def second(taken: Path, tmp_path: Path) -> Path:
    """Off-site: the files of the last four weeks have not arrived there, but for the newest three days."""
    made = old_store(taken, tmp_path / "offsite/copies")
    return made.parents[1]


def test_a_store_is_judged_by_what_it_holds_and_not_by_what_is_missing_at_home(store: Path, second: Path) -> None:
    """At home the second full is damaged, off-site the third is missing: each keeps what it needs itself."""
    victim = ward(store) / "14_full.bak"
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 255
    victim.write_bytes(content)
    for path in ward(second).glob("07_*"):
        path.unlink()
    for path in ward(store).glob("0[0-3]*"):
        path.unlink()
    done = run({"folder": str(store)}, other_stores=[other(second)])
    assert not done.get("failed"), done["msg"]
    assert {"07_full.bak", "14_full.bak"} <= names(ward(store))
    (offsite,) = done["stores"]
    assert "14_full.bak" in names(ward(second)) and "00_full.bak" not in names(ward(second)), offsite["table"]
    assert first_instant(ward(second)) <= NOW - 14 * DAY
    assert "HIS01/Ward/00_full.bak" in done["gone"]


def other(folder: Path, **options: Any) -> dict[str, Any]:
    return {"folder": str(folder), "directory": "/", "limit_percent": 90, **options}


def test_a_store_that_keeps_longer_still_receives(store: Path, second: Path) -> None:
    """Off-site keeps 90 days and has not received the first full's log: the server that took it must not lose it."""
    for path in ward(second).glob("03_*"):
        path.unlink()
    done = run({"folder": str(store)}, other_stores=[other(second, window_days=90)])
    assert not done.get("failed") and done["stores"][0]["deleted"] == ["/HIS01/Ward/old.bak.part"], done["stores"]
    assert "/HIS01/Ward/03_differential.bak" in done["deleted"]
    assert "HIS01/Ward/03_differential.bak" not in done["gone"] and "HIS01/Ward/00_full.bak" in done["gone"]


def test_a_store_that_cannot_be_reached_leaves_the_servers_their_files(store: Path) -> None:
    nobody = {"host": "127.0.0.1", "port": free_port(), "username": "x", "password": "y", "tls": "none", "timeout": 2}
    done = run({"folder": str(store)}, other_stores=[nobody])
    assert done["failed"] and "00_full.bak" not in names(ward(store)) and done["gone"] == []
    assert done["stores"][0]["failed"] and "HINT" in done["msg"] and any("NOT DELETED" in row for row in done["table"])


def test_where_the_first_store_is_not_pruned_nothing_goes_elsewhere(store: Path, second: Path) -> None:
    before = names(ward(second))
    done = run({"folder": str(store)}, limit_percent=1, other_stores=[other(second)])
    assert done["failed"] and not done["deleted"] and not done["stores"][0]["deleted"], done["msg"]
    shutil.rmtree(ward(store))
    with pytest.raises(RecoveryError, match="there is no file"):
        run({"folder": str(store)}, other_stores=[other(second)])
    assert names(ward(second)) == before


def test_a_hold_holds_the_same_file_on_every_store(store: Path, second: Path) -> None:
    hold = {"path": "/HIS01/Ward/00_full.bak", "reason": "audit", "until": "2099-01-01"}
    moved = second.with_name("moved")
    (moved / "rs").mkdir(parents=True)
    second.rename(moved / "rs/site")
    run({"folder": str(store)}, holds=[hold], other_stores=[other(moved, directory="/rs/site")])
    assert "00_full.bak" in names(ward(store)) and "00_full.bak" in names(ward(moved / "rs/site"))
    assert "03_differential.bak" not in names(ward(moved / "rs/site"))
