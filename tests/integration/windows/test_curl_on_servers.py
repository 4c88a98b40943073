# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The configurations that a Windows host's curl.exe would get, against the FTP servers that are in the field."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_transfer import transfer_windows
from ansible_collections.ics.deadpool.plugins.modules.ftp_transfer import ARGUMENT_SPEC

from tests.windows_double import transfers

from .in_process import Direct, checked

servers = pytest.importorskip("tests.integration.store.servers")
pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
SOURCE, CONTENT = "D:\\Backup\\a b'c%41[1].bak", bytes(range(256)) * 1000


ORDINARY = ("vsftpd explicit", "pyftpdlib explicit")
ALL = [each if each in ORDINARY else pytest.param(each, marks=pytest.mark.long) for each in servers.EACH]


@pytest.mark.parametrize("each", ALL)
def test_there_and_back(tmp_path: Path, each: str) -> None:
    his = Direct(tmp_path / "disk")
    his.double.twins.update(transfers.TWINS)
    his.double.disk.put(SOURCE, CONTENT)
    (his.double.disk.root / "E").mkdir()
    with servers.running(*each.split()) as server:
        his.double.disk.put("C:\\ca.pem", Path(server.params()["ca_path"]).read_bytes())
        store = server.params(ca_path="C:\\ca.pem")
        on_store = f"{server.top}/SQL1/FULL/a b'c%41[1].bak"
        there = [{"source": SOURCE, "destination": on_store}]
        back = [{"source": on_store, "destination": "E:\\a.bak"}]
        sent = checked(ARGUMENT_SPEC, **store, direction="store", files=there)
        assert transfer_windows(his.host, sent, False)["transfers"][0]["sha256_checked"], each
        assert not transfer_windows(his.host, sent, False)["changed"]
        got = checked(ARGUMENT_SPEC, **store, direction="fetch", files=back)
        assert transfer_windows(his.host, got, False)["transfers"][0]["sha256_checked"]
    assert his.double.disk.read("E:\\a.bak") == CONTENT
