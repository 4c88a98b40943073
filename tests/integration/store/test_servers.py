# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The same on every server that is in the field, plain and with TLS."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import socket
import ssl
import subprocess
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import ftp_login, ftps
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Ftp
from ansible_collections.ics.deadpool.plugins.module_utils.clients.store import Manner
from ansible_collections.ics.deadpool.plugins.module_utils.clients.transfer_run import Line, fetch_files, ship
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    InvalidInput,
    Refused,
    TransferCut,
    TransferFailed,
)
from ansible_collections.ics.deadpool.plugins.modules import ftp_backup_info

from tests.unit.plugins.module_utils.recovery.backup_files.medium import BackupSet, medium, page

from . import moving
from .servers import EACH, Server, kill, running

FULL = medium(BackupSet(pages=[page(1, number) for number in range(2000)], log=b"log!" * 512, checksums=True))
CONTENT = b"." + os.urandom(2_500_000)
ODD = [
    "a b'c\"d;&|$(x)`.bak", "نسخة احتياطية.bak", "備份 💾.trn", "-rf.bak", " leading.bak", "two  spaces.bak",
    "x[1]*?{a}.bak", "back\\slash.bak", "%41.bak", "n" * 243,
]  # fmt: skip
_number = itertools.count()
#: Every ordinary run, and every whole one; the others in the long one, for each costs seconds.
MARKED = {"vsftpd explicit": (), "proftpd explicit": (pytest.mark.slow,), "pure-ftpd explicit": (pytest.mark.slow,)}
SERVERS = [pytest.param(each, marks=MARKED.get(each, (pytest.mark.long,))) for each in EACH]


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with running(*request.param.split()) as made:
        yield made


@pytest.fixture
def ftp(server: Server) -> Iterator[Ftp]:
    with Ftp(server.params()) as connection:
        yield connection


@pytest.fixture
def top(server: Server) -> str:
    """A folder of the store that no other test has used."""
    return f"{server.top}/{next(_number)}"


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    path = tmp_path / "local.bak"
    path.write_bytes(CONTENT)
    return path


def on_disk(server: Server, path: str) -> Path:
    return server.root / path.lstrip("/")


def test_there_and_back(server: Server, ftp: Ftp, top: str, backup: Path, tmp_path: Path) -> None:
    path = f"{top}/SQL1$X/Sales/FULL/a.bak"
    assert moving.store_file(ftp, str(backup), path, verify=True).verified
    assert not moving.store_file(ftp, str(backup), path).changed
    folder = on_disk(server, path).parent
    subprocess.run(["sha256sum", "-c", "--strict", "a.bak.sha256"], cwd=folder, check=True, capture_output=True)
    assert sorted(os.listdir(folder)) == ["a.bak", "a.bak.sha256"]
    assert next((entry.path, entry.size) for entry in ftp.walk(top)) == (path, len(CONTENT))
    assert ftp.read(path, 1_000_000, 10) == CONTENT[1_000_000:1_000_010]
    assert moving.fetch_file(ftp, path, str(tmp_path / "back")).sha256_checked
    assert (tmp_path / "back").read_bytes() == CONTENT


@pytest.mark.parametrize("name", ODD)
def test_odd_names_arrive_as_they_are(server: Server, ftp: Ftp, top: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "x").write_bytes(b"x" * 10)
    path = f"{top}/{name}"
    if server.kind == "pure-ftpd" and "\\" in name:
        with pytest.raises(Refused, match="553 Prohibited file name"):
            moving.store_file(ftp, str(tmp_path / "x"), path)
        return
    moving.store_file(ftp, str(tmp_path / "x"), path)
    assert on_disk(server, path).read_bytes() == b"x" * 10
    assert {entry.path: entry.size for entry in ftp.walk(top)}[path] == 10
    moving.fetch_file(ftp, path, str(tmp_path / "back" / name))
    assert (tmp_path / "back" / name).read_bytes() == b"x" * 10


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a\nb", "a\rb", "a\0b", "n" * 244, "\udcff.bak", "a/"])
def test_names_that_cannot_be_kept_are_refused_in_words(ftp: Ftp, top: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "x").write_bytes(b"x")
    for move, pair in (
        (moving.store_file, (str(tmp_path / "x"), f"{top}/{name}")),
        (moving.fetch_file, (f"{top}/{name}", str(tmp_path / "y"))),
    ):
        with pytest.raises(InvalidInput, match="store path") as caught:
            move(ftp, *pair)
        assert caught.value.hint
    assert ftp.size(f"{top}/none") is None, "the connection goes on"


def test_names_of_others_that_no_path_can_name_are_told(server: Server, ftp: Ftp, top: str) -> None:
    folder = os.fsencode(on_disk(server, top))
    os.makedirs(folder)
    for name in (b"latin\xe9.bak", b"good.bak"):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(b"abc")
    found = {entry.path: entry.size for entry in ftp.listing(top)}
    assert found[f"{top}/good.bak"] == 3 and len(found) == 2


@pytest.mark.parametrize("count", [3, 150])
def test_a_listing_without_mlsd_tells_the_sizes_that_size_tells(
    server: Server, top: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 150 files most sizes are those of LIST itself; among them one behind 4 GB."""
    folder = on_disk(server, top)
    folder.mkdir(parents=True)
    lengths = [number * number * 997 for number in range(count - 1)] + [5_000_000_001]
    for number, length in enumerate(lengths):
        with (folder / f"{number:03} a.bak").open("wb") as file:
            file.truncate(length)
    asked: list[str] = []
    with Ftp(server.params()) as ftp:
        ftp.features().discard("MLST")
        ask = ftp.sizes

        def noting(paths: Iterable[str]) -> list[int | None]:
            wanted = list(paths)
            asked.extend(wanted)
            return ask(wanted)

        monkeypatch.setattr(ftp, "sizes", noting)
        listed = ftp.listing(top)
        assert [one.size for one in listed] == lengths == ask(one.path for one in listed)
    assert len(asked) == (3 if count == 3 else 76)


def test_a_listing_whose_sizes_are_not_those_of_size_is_not_believed(
    server: Server, top: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = on_disk(server, top)
    folder.mkdir(parents=True)
    for number in range(150):
        (folder / f"{number:03}.bak").write_bytes(b"x" * number)
    blocks = re.compile(rb"(^-\S+ +\d+ +\S+ +\S+ +)\d+", re.MULTILINE)
    with Ftp(server.params()) as ftp:
        ftp.features().discard("MLST")
        listed = ftp._listed
        monkeypatch.setattr(ftp, "_listed", lambda verb: blocks.sub(rb"\g<1>8", listed(verb)))
        assert [one.size for one in ftp.listing(top)] == list(range(150))


def test_an_upload_is_taken_up_where_it_broke(server: Server, ftp: Ftp, top: str, backup: Path) -> None:
    moving.store_file(ftp, str(backup), f"{top}/other")  # makes the folder, as an owner that may write to it
    part = on_disk(server, f"{top}/a.bak.part")
    part.write_bytes(CONTENT[:1_500_000])
    os.chown(part, part.parent.stat().st_uid, part.parent.stat().st_gid)
    line = Line(partial(Ftp, server.params(timeout=2)), pause=0.1)
    done, failed = ship(line, [(str(backup), f"{top}/a.bak")], Manner())
    assert not failed and done[0].resumed_at == 1_500_000
    assert on_disk(server, f"{top}/a.bak").read_bytes() == CONTENT


def test_another_beginning_is_written_anew(server: Server, ftp: Ftp, top: str, backup: Path) -> None:
    moving.store_file(ftp, str(backup), f"{top}/other")
    part = on_disk(server, f"{top}/a.bak.part")
    part.write_bytes(b"!" + CONTENT[1:1_500_000])
    os.chown(part, part.parent.stat().st_uid, part.parent.stat().st_gid)
    line = Line(partial(Ftp, server.params(timeout=2)), pause=0.1)
    done, failed = ship(line, [(str(backup), f"{top}/a.bak")], Manner())
    assert not failed and done[0].resumed_at == 0
    assert on_disk(server, f"{top}/a.bak").read_bytes() == CONTENT


@pytest.mark.parametrize("part", [(CONTENT[:900_000], 900_000), (b"!" * 900_000, 0), (CONTENT + b"x", 0)])
def test_a_download_is_taken_up_where_it_broke(
    ftp: Ftp, top: str, backup: Path, tmp_path: Path, part: tuple[bytes, int]
) -> None:
    beginning, taken_up = part
    moving.store_file(ftp, str(backup), f"{top}/a.bak")
    (tmp_path / "a.bak.part").write_bytes(beginning)
    assert moving.fetch_file(ftp, f"{top}/a.bak", str(tmp_path / "a.bak")).resumed_at == taken_up
    assert (tmp_path / "a.bak").read_bytes() == CONTENT


def test_many_files_over_several_connections(server: Server, top: str, tmp_path: Path) -> None:
    source = tmp_path / "from"
    source.mkdir()
    names = [f"{number:03}.trn" for number in range(40)]
    for name in names:
        (source / name).write_bytes(os.urandom(len(name) * 100))
    (source / "000.trn").write_bytes(b"")
    line = Line(partial(Ftp, server.params()), connections=4)
    done, failed = ship(line, [(str(source / name), f"{top}/{name}") for name in names], Manner())
    assert not failed and [Path(one.source).name for one in done] == names
    fetch_files(line, [(f"{top}/{name}", str(tmp_path / "to" / name)) for name in names], Manner())
    for name in names:
        assert (tmp_path / "to" / name).read_bytes() == (source / name).read_bytes()


def test_a_file_is_never_replaced(server: Server, ftp: Ftp, top: str, backup: Path, tmp_path: Path) -> None:
    moving.store_file(ftp, str(backup), f"{top}/a.bak")
    (tmp_path / "short").write_bytes(b"short")
    with pytest.raises(TransferFailed, match="has a file of 2500001 bytes"):
        moving.store_file(ftp, str(tmp_path / "short"), f"{top}/a.bak")
    assert hashlib.sha256(on_disk(server, f"{top}/a.bak").read_bytes()).digest() == hashlib.sha256(CONTENT).digest()


def test_folders_are_walked_to_the_bottom(server: Server, ftp: Ftp, top: str) -> None:
    deep = f"{top}/" + "/".join(str(level) for level in range(20))
    os.makedirs(on_disk(server, deep))
    (on_disk(server, deep) / "a.bak").write_bytes(b"abc")
    assert [(entry.path, entry.size) for entry in ftp.walk(top)] == [(f"{deep}/a.bak", 3)]
    os.makedirs(on_disk(server, deep + "/d" * 50))
    with pytest.raises(TransferFailed, match="more than 64 deep"):
        list(ftp.walk(top))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_of_tls(
    server: Server, top: str, backup: Path, version: ssl.TLSVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    if server.tls == "none":
        pytest.skip("a server without TLS")

    def context(params: dict[str, str]) -> ssl.SSLContext:
        made = ftps.tls_context(params)
        made.minimum_version = made.maximum_version = version
        return made

    monkeypatch.setattr(ftp_login, "tls_context", context)
    with Ftp(server.params()) as ftp:
        moving.store_file(ftp, str(backup), f"{top}/a.bak", verify=True)


def test_a_truncated_listing_is_an_error() -> None:
    with running("pure-ftpd", "none", limit="20:5") as server, Ftp(server.params()) as ftp:
        for number in range(30):
            (server.folder / f"{number}.bak").write_bytes(b"x")
        with pytest.raises(TransferFailed, match="truncated"):
            ftp.listing(server.top)


def test_a_server_that_says_nothing_after_a_cut_is_logged_in_to_again() -> None:
    with running("pyftpdlib", "explicit", silent="yes") as server:
        (server.folder / "full.bak").write_bytes(FULL)
        (server.folder / "next.bak").write_bytes(FULL)
        defaults = {**dict.fromkeys(ftp_backup_info.ARGUMENT_SPEC), "directory": "/"}
        found = ftp_backup_info.backup_info({**defaults, **server.params(timeout=3), "verify": True}, False)
    assert [one["path"] for one in found["history"]] == ["/store/full.bak", "/store/next.bak"]
    assert [one["verdict"] for one in found["verifications"]] == ["sound", "sound"] and not found["unreadable"]


def test_a_server_that_does_not_let_in_again_is_told_in_words() -> None:
    with running("pyftpdlib", "explicit", silent="yes") as server:
        (server.folder / "full.bak").write_bytes(FULL)
        with pytest.raises(TransferCut, match="no FTP server answers"), Ftp(server.params()) as ftp:
            conn = ftp.begin_read("/store/full.bak", 0)
            conn.recv(10)
            kill(server)
            ftp.end_read(conn, cut_by_us=True)


def test_ipv6(tmp_path: Path, backup: Path) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this host has no IPv6")
    with (
        running("pyftpdlib", "explicit", address="::1") as server,
        Ftp(server.params(host="::1", validate_certs=False)) as ftp,
    ):
        moving.store_file(ftp, str(backup), "/store/a.bak", verify=True)
        assert ftp.listing("/store")[0].size == len(CONTENT)
