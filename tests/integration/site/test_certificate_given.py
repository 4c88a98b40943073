# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A certificate that the clients of a store would refuse never takes the place of the one in use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from simulator.certificates import make_authority, make_server_certificate
from tests.integration.task_file import LOCAL, ROOT, included

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not (ROOT / "roles/storage").is_dir(), reason="roles are not shipped here"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is missing"),
]
HOST = "192.0.2.13"
FILES = ("ca.pem", "store.pem", "store.key")


def as_it_should_be(_given: Path) -> None:
    """The store's certificate and its key, each in a file of its own."""


def key_of_another(given: Path) -> None:
    shutil.copy(make_server_certificate(given, "other", [HOST]), given / "store.key")


def for_another_name(given: Path) -> None:
    for name in ("store.pem", "store.key"):
        shutil.copy(make_server_certificate(given, "elsewhere", ["192.0.2.99"]), given / name)


def of_another_ca(given: Path) -> None:
    shutil.copy(make_authority(given / "another", "Hospital CA"), given / "ca.pem")


def ended(given: Path) -> None:
    authority: Any = serialization.load_pem_private_key((given / "ca.key").read_bytes(), None)
    now = datetime.now(timezone.utc)
    old = x509.load_pem_x509_certificate((given / "store.pem").read_bytes())
    known = list(old.extensions)
    made = x509.CertificateBuilder(old.issuer, old.subject, old.public_key(), old.serial_number, extensions=known)
    made = made.not_valid_before(now - timedelta(days=9)).not_valid_after(now - timedelta(days=1))
    signed = made.sign(authority, hashes.SHA256())
    (given / "store.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def with_a_passphrase(given: Path) -> None:
    key = serialization.load_pem_private_key((given / "store.key").read_bytes(), None)
    how = serialization.BestAvailableEncryption(b"secret")
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)
    (given / "store.key").write_bytes(text)


REFUSED: dict[Callable[[Path], None], str] = {
    key_of_another: "is not the key of",
    for_another_name: "IP address mismatch",
    of_another_ca: "cannot serve 192.0.2.13",
    ended: "certificate has expired",
    with_a_passphrase: "or has a passphrase",
}


def _host(folder: Path, spoil: Callable[[Path], None]) -> dict[str, Any]:
    given, settings = folder / "given", folder / "settings"
    settings.mkdir(parents=True)
    make_authority(given, "Hospital CA")
    shutil.copy(make_server_certificate(given, "store", [HOST]), given / "store.key")
    spoil(given)
    for name in FILES:
        (settings / name).write_text("in use")
    return {
        **LOCAL, "storage_settings": str(settings), "storage_bare": False, "store_host": HOST,
        "storage_certificate": str(given / "store.pem"), "storage_certificate_key": str(given / "store.key"),
        "storage_certificate_authority": str(given / "ca.pem"),
    }  # fmt: skip


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One play, in which each host is given another certificate; the folder, and what was said."""
    if os.geteuid():
        pytest.skip("files are given to root as root only")
    folder = tmp_path_factory.mktemp("given")
    hosts = {one.__name__: _host(folder / one.__name__, one) for one in (as_it_should_be, *REFUSED)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        _code, text = included(folder, "roles/storage/tasks/certificate_given.yml", hosts, "all")
    return folder, text


@pytest.mark.parametrize("spoil", REFUSED, ids=lambda one: one.__name__)
def test_a_wrong_one_is_refused_and_the_one_in_use_stays(
    tried: tuple[Path, str], spoil: Callable[[Path], None]
) -> None:
    folder, text = tried
    said = text.partition(f"fatal: [{spoil.__name__}]")[2].partition("fatal: [")[0]
    assert REFUSED[spoil] in said and "The certificate in use was not touched" in said and "HINT" in said, text
    assert {(folder / spoil.__name__ / "settings" / name).read_text() for name in FILES} == {"in use"}


def test_the_right_one_takes_its_place_and_no_key_is_left_beside_it(tried: tuple[Path, str]) -> None:
    folder, text = tried
    for name in FILES:
        there = folder / "as_it_should_be/settings" / name
        assert there.read_bytes() == (folder / "as_it_should_be/given" / name).read_bytes(), text
    assert not list(folder.rglob("deadpool-given-*"))
