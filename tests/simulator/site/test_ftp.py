# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store, driven by the standard library's client and by curl."""

from __future__ import annotations

import contextlib
import ftplib
import hashlib
import io
import json
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.certificates import make_authority, make_server_certificate


@dataclass
class Store:
    port: int
    folder: Path
    journal: Path
    faults: Path
    ca: Path

    def uploads(self) -> list[dict]:
        return [json.loads(line) for line in self.journal.read_text().splitlines()] if self.journal.exists() else []

    def client(self, kind: str) -> ftplib.FTP_TLS:
        ftp = ftplib.FTP_TLS(context=ssl.create_default_context(cafile=str(self.ca)), timeout=30)
        ftp.connect("127.0.0.1", self.port)
        ftp.login(kind, f"{kind}-password")
        ftp.prot_p()
        return ftp

    def put(self, name: str, data: bytes) -> None:
        with self.client("writer") as ftp:
            ftp.storbinary(f"STOR {name}.part", io.BytesIO(data))
            ftp.rename(f"{name}.part", name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start_store(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    processes: list[subprocess.Popen] = []

    def start(*options: str) -> Store:
        ca = make_authority(tmp_path / "ca", "test CA")
        certificate = make_server_certificate(tmp_path / "ca", "store", ["127.0.0.1"])
        accounts = tmp_path / "secrets.json"
        logins = {kind: {"login": kind, "password": f"{kind}-password"} for kind in ("writer", "reader")}
        accounts.write_text(json.dumps({"store": logins}))
        store = Store(free_port(), tmp_path / "files", tmp_path / "ftp.jsonl", tmp_path / "faults.json", ca)
        command = [sys.executable, "-m", "simulator.ftp", "--folder", store.folder, "--port", store.port]
        command += ["--certificate", certificate, "--accounts", accounts, "--journal", store.journal]
        command += ["--faults", store.faults, *options]
        processes.append(subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL))
        _wait_for_port(store.port)
        return store

    yield start
    for process in processes:
        process.terminate()
        process.wait(30)


def _wait_for_port(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the store did not open its port")


def test_an_upload_is_witnessed_with_its_hash_when_it_gets_its_name(start_store: Callable[..., Store]) -> None:
    store = start_store()
    data = b"not really a backup" * 100_000
    with store.client("writer") as ftp:
        ftp.mkd("SQL01")
        ftp.storbinary("STOR SQL01/a.bak.part", io.BytesIO(data))
        assert store.uploads() == []
        ftp.rename("SQL01/a.bak.part", "SQL01/a.bak")
        (line,) = store.uploads()
        assert ftp.size("SQL01/a.bak") == len(data)
        assert [name for name, _ in ftp.mlsd("SQL01")] == ["a.bak"]
    assert (line["path"], line["size"]) == ("/SQL01/a.bak", len(data))
    assert line["sha256"] == hashlib.sha256(data).hexdigest()
    assert "not_a_backup" in line


@pytest.mark.parametrize(
    "verbs",
    [
        ["RETR a.bak"],
        ["DELE a.bak"],
        ["DELE b.part"],
        ["RNFR a.bak"],
        ["RNFR b.part", "RNTO a.bak"],
        ["STOR a.bak"],
        ["STOR new.bak"],
        ["APPE a.bak"],
        ["STOU"],
        ["RMD ."],
        ["MFMT 20200101000000 a.bak"],
        ["SITE CHMOD 777 a.bak"],
    ],
)
def test_the_write_only_account_neither_reads_nor_destroys(start_store: Callable[..., Store], verbs: list[str]) -> None:
    store = start_store()
    store.put("a.bak", b"precious")
    (store.folder / "b.part").write_bytes(b"other")
    with store.client("writer") as ftp:
        for before in verbs[:-1]:
            assert ftp.sendcmd(before).startswith("350")
        with pytest.raises(ftplib.error_perm):
            ftp.ntransfercmd(verbs[-1])
    files = {file.name: file.read_bytes() for file in store.folder.iterdir()}
    assert files == {"a.bak": b"precious", "b.part": b"other"}
    assert len(store.uploads()) == 1


@pytest.mark.parametrize("verb", ["STOR x.part", "APPE a.bak", "RNFR a.bak", "MKD d", "DELE a.bak"])
def test_the_read_only_account_writes_nothing(start_store: Callable[..., Store], verb: str) -> None:
    store = start_store()
    store.put("a.bak", b"precious")
    with store.client("reader") as ftp, pytest.raises(ftplib.error_perm):
        ftp.ntransfercmd(verb)
    assert [file.name for file in store.folder.iterdir()] == ["a.bak"]


def test_the_read_only_account_reads_from_any_offset(start_store: Callable[..., Store]) -> None:
    store = start_store()
    store.put("a.bak", bytes(range(256)) * 1000)
    got: list[bytes] = []
    with store.client("reader") as ftp:
        ftp.retrbinary("RETR a.bak", got.append, rest=255_744)
        assert ftp.size("a.bak") == 256_000
    assert b"".join(got) == bytes(range(256))


def test_an_upload_goes_on_where_it_was_cut(start_store: Callable[..., Store]) -> None:
    store = start_store()
    with store.client("writer") as ftp:
        ftp.storbinary("STOR a.part", io.BytesIO(b"first half,"))
    with store.client("writer") as ftp:
        ftp.storbinary("APPE a.part", io.BytesIO(b" second half"))
        ftp.storbinary("STOR a.part", io.BytesIO(b"SECOND HALF"), rest=12)
        ftp.rename("a.part", "a")
    assert (store.folder / "a").read_bytes() == b"first half, SECOND HALF"


def test_without_tls_nobody_logs_in_unless_it_is_allowed(start_store: Callable[..., Store]) -> None:
    with ftplib.FTP() as ftp:
        ftp.connect("127.0.0.1", start_store().port)
        with pytest.raises(ftplib.error_perm):
            ftp.login("reader", "reader-password")
    with ftplib.FTP() as ftp:
        ftp.connect("127.0.0.1", start_store("--plain-allowed").port)
        ftp.login("reader", "reader-password")
        assert ftp.nlst() == []


def test_a_client_that_trusts_another_authority_is_refused(start_store: Callable[..., Store], tmp_path: Path) -> None:
    store = start_store()
    store.ca = make_authority(tmp_path / "other", "other CA")
    with pytest.raises(ssl.SSLCertVerificationError):
        store.client("reader")


def test_a_full_store_says_so_and_keeps_what_it_has(start_store: Callable[..., Store]) -> None:
    store = start_store()
    store.put("a.bak", bytes(50_000))
    store.faults.write_text(json.dumps({"quota_bytes": 100_000}))
    with store.client("writer") as ftp:
        with contextlib.suppress(OSError):  # the server closes the data connection while we send
            ftp.transfercmd("STOR b.part").sendall(bytes(20_000_000))
        with pytest.raises(ftplib.error_perm, match="552"):
            ftp.voidresp()
        store.faults.write_text(json.dumps({"quota_bytes": 1}))
        with pytest.raises(ftplib.error_perm, match="552"):
            ftp.transfercmd("STOR c.part")
    assert 0 < (store.folder / "b.part").stat().st_size <= 50_000
    store.faults.unlink()
    store.put("b.bak", bytes(2_000_000))


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_uploads_as_the_recipe_says(start_store: Callable[..., Store], tmp_path: Path) -> None:
    store = start_store()
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login writer password writer-password\n")
    (tmp_path / "a.bak").write_bytes(b"x" * 300_000)
    command: list[object] = ["curl", "-sS", "--ssl-reqd", "--cacert", store.ca, "--netrc-file", tmp_path / "netrc"]
    command += ["--ftp-create-dirs", "-T", tmp_path / "a.bak", "-Q", "-RNFR a.part", "-Q", "-RNTO a.bak"]
    subprocess.run([*map(str, command), f"ftp://127.0.0.1:{store.port}/d/a.part"], check=True, timeout=20)
    assert [line["path"] for line in store.uploads()] == ["/d/a.bak"]
