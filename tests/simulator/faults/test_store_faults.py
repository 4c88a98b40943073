# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of the store, as ftplib, curl and lftp meet them."""

from __future__ import annotations

import ftplib
import io
import shutil
import subprocess
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from .conftest import Broken

pytestmark = pytest.mark.slow

DATA = bytes(range(256)) * 1200  # 300 KB
NEEDS_CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
NEEDS_LFTP = pytest.mark.skipif(shutil.which("lftp") is None, reason="lftp is not installed")


def _put(broken: Broken, name: str, data: bytes = DATA) -> None:
    with broken.ftp() as ftp:
        ftp.storbinary(f"STOR {name}.part", io.BytesIO(data))
        ftp.rename(f"{name}.part", name)


def _get(broken: Broken, name: str) -> bytes:
    got = io.BytesIO()
    with broken.ftp("reader") as ftp:
        ftp.retrbinary(f"RETR {name}", got.write)
    return got.getvalue()


def _curl(broken: Broken, *words: str) -> subprocess.CompletedProcess[bytes]:
    account = broken.site.passwords["store"]["reader"]
    command = ["curl", "-sS", "--ssl-reqd", "--cacert", broken.site.facts["ca"], "--max-time", "8", "-K", "-", *words]
    user = f'user = "{account["login"]}:{account["password"]}"'
    return subprocess.run(command, check=False, capture_output=True, timeout=20, input=user.encode())


def _url(broken: Broken, name: str) -> str:
    return f"ftp://{broken.store['address']}:{broken.store['port']}/{name}"


@pytest.fixture(scope="session", autouse=True)
def a_file(running: Broken) -> None:
    _put(running, "whole.bin")


def test_an_upload_is_cut_at_its_byte(broken: Broken) -> None:
    broken.command("ftp_cut", "store", "at=100000")
    with pytest.raises((EOFError, OSError)):
        _put(broken, "cut.bin")
    assert (Path(broken.store["folder"]) / "cut.bin.part").stat().st_size == 100_000
    assert not (Path(broken.store["folder"]) / "cut.bin").exists()
    broken.command("clear", "ftp_cut", "store")
    _put(broken, "cut.bin")


def test_a_download_is_cut_at_its_byte(broken: Broken) -> None:
    got = io.BytesIO()
    with broken.faults.injected("ftp_cut", "store", verb="RETR", at=65_537):
        with pytest.raises((EOFError, OSError)), broken.ftp("reader") as ftp:
            ftp.retrbinary("RETR whole.bin", got.write)
        assert got.getvalue() == DATA[: len(got.getvalue())]
        assert 0 < len(got.getvalue()) <= 65_537
        _put(broken, "other.bin")
    assert _get(broken, "whole.bin") == DATA


@NEEDS_CURL
def test_curl_knows_that_its_download_is_half(broken: Broken) -> None:
    with broken.faults.injected("ftp_cut", "store", verb="RETR", at=50_000):
        assert _curl(broken, _url(broken, "whole.bin")).returncode in (18, 56)
    assert _curl(broken, _url(broken, "whole.bin")).stdout == DATA


@pytest.mark.parametrize(("verb", "code"), [("STOR", 451), ("RNTO", 553), ("PASS", 421), ("LIST", 550)])
def test_a_verb_is_refused_with_its_code(broken: Broken, verb: str, code: int) -> None:
    kind = ftplib.error_temp if code < 500 else ftplib.error_perm

    def everything() -> None:
        _put(broken, f"{verb}-{code}-{time.time_ns()}.bin", b"few")
        with broken.ftp() as ftp:
            ftp.retrlines("LIST", lambda _: None)

    with broken.faults.injected("ftp_reply", "store", verb=verb, code=code), pytest.raises(kind, match=f"^{code}"):
        everything()
    everything()


def test_a_verb_is_refused_so_many_times(broken: Broken) -> None:
    with broken.faults.injected("ftp_reply", "store", verb="STOR", times=2):
        for _ in range(2):
            with pytest.raises(ftplib.error_temp):
                _put(broken, "third.bin", b"few")
        _put(broken, "third.bin", b"few")


def test_passive_mode_names_a_wrong_address(broken: Broken) -> None:
    with broken.ftp("reader") as ftp:
        with broken.faults.injected("ftp_address", "store"):
            assert "(127,0,66,6," in ftp.sendcmd("PASV")
            assert "EPSV" not in ftp.sendcmd("FEAT")
            with pytest.raises(ftplib.error_perm, match=r"^500"):
                ftp.sendcmd("EPSV")
        assert "127,0,66,6" not in ftp.sendcmd("PASV")


@NEEDS_CURL
def test_a_client_that_believes_the_address_ends_nowhere(broken: Broken) -> None:
    with broken.faults.injected("ftp_address", "store"):
        assert _curl(broken, "--no-ftp-skip-pasv-ip", _url(broken, "whole.bin")).returncode == 7
        assert _curl(broken, "--ftp-skip-pasv-ip", _url(broken, "whole.bin")).stdout == DATA


def test_a_session_that_is_not_reused_is_refused(broken: Broken) -> None:
    with broken.faults.injected("ftp_tls_reuse", "store"), pytest.raises(ftplib.error_perm, match=r"^522"):
        _get(broken, "whole.bin")
    assert _get(broken, "whole.bin") == DATA


@NEEDS_CURL
def test_curl_reuses_its_session(broken: Broken) -> None:
    with broken.faults.injected("ftp_tls_reuse", "store"):
        assert _curl(broken, "--tls-max", "1.2", _url(broken, "whole.bin")).stdout == DATA


@NEEDS_LFTP
def test_lftp_reuses_its_session(broken: Broken, tmp_path: Path) -> None:
    account = broken.site.passwords["store"]["reader"]
    script = tmp_path / "script"
    script.write_text(
        f"set ssl:ca-file {broken.site.facts['ca']}\nset ftp:ssl-force yes\nset net:max-retries 1\nset net:timeout 5\n"
        f"open -u {account['login']},{account['password']} {broken.store['address']}:{broken.store['port']}\n"
        f"get whole.bin -o {tmp_path}/got.bin\n"
    )
    with broken.faults.injected("ftp_tls_reuse", "store"):
        done = subprocess.run(["lftp", "-f", str(script)], check=False, capture_output=True, text=True, timeout=30)
    assert (tmp_path / "got.bin").read_bytes() == DATA, done.stderr


@pytest.mark.parametrize("direction", ["up", "down"])
def test_transfers_crawl_and_others_do_not_wait(broken: Broken, direction: str) -> None:
    with broken.faults.injected("ftp_slow", "store", rate=150_000):
        started = time.monotonic()
        _put(broken, "slow.bin") if direction == "up" else _get(broken, "whole.bin")
        assert time.monotonic() - started > 1.2
    started = time.monotonic()
    assert _get(broken, "whole.bin") == DATA
    assert time.monotonic() - started < 1.2
    if direction == "up":
        assert _get(broken, "slow.bin") == DATA


def test_the_store_is_full(broken: Broken) -> None:
    with broken.faults.injected("ftp_quota", "store", bytes=1000), pytest.raises(ftplib.error_perm, match=r"^552"):
        _put(broken, "more.bin")
    _put(broken, "more.bin")


def test_listings_show_the_time_of_a_zone_of_their_own(broken: Broken) -> None:
    def times() -> tuple[datetime, datetime]:
        lines: list[str] = []
        with broken.ftp("reader") as ftp:
            ftp.retrlines("LIST", lines.append)
            facts = dict(ftp.mlsd())["whole.bin"]
        line = next(line for line in lines if line.endswith(" whole.bin"))
        year = datetime.now(timezone.utc).year
        shown = datetime.strptime(f"{year} {' '.join(line.split()[5:8])}", "%Y %b %d %H:%M")
        return shown, datetime.strptime(facts["modify"], "%Y%m%d%H%M%S")

    with broken.faults.injected("ftp_local_time", "store", hours=7):
        shown, modified = times()
        assert timedelta(0) <= modified + timedelta(hours=7) - shown < timedelta(minutes=1)
    shown, modified = times()
    assert timedelta(0) <= modified - shown < timedelta(minutes=1)


def test_a_store_without_machine_listings(broken: Broken) -> None:
    with broken.ftp("reader") as ftp:
        with broken.faults.injected("ftp_no_mlsd", "store"):
            assert "MLST" not in ftp.sendcmd("FEAT")
            with pytest.raises(ftplib.error_perm, match=r"^500"):
                list(ftp.mlsd())
            assert "whole.bin" in ftp.nlst()
        assert "MLST" in ftp.sendcmd("FEAT")
        assert list(ftp.mlsd())


def test_a_bit_of_a_stored_file_turns_and_turns_back(broken: Broken) -> None:
    with broken.faults.injected("bit_flip", "store", file="whole.bin", offset=1000, bit=3):
        wrong = _get(broken, "whole.bin")
        assert [index for index, byte in enumerate(wrong) if byte != DATA[index]] == [1000]
    assert _get(broken, "whole.bin") == DATA
