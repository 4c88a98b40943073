# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules' own reading of their configuration files."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.apps.configuration import READERS, read_configuration
from simulator.apps.connection import ConfigurationError, ado_net, jdbc, odbc, server_address
from simulator.apps.installed_files import WRITERS, Endpoint
from simulator.apps.more_files import MORE_FILES, beside


@pytest.mark.parametrize("module", sorted(READERS))
def test_a_module_reads_the_file_that_was_installed_for_it(module: str, tmp_path: Path) -> None:
    awkward = {"registration": "a+/'b&", "pharmacy": 'a&<"b', "laboratory": "a;=b}c'", "billing": "a\\:=#!b"}
    password = awkward.get(module, "a-_9b")
    endpoint = Endpoint("127.0.10.1", 14331, "MyHospitalX", "someone", password, "MyHospital X")
    file, write = WRITERS[module] if module in WRITERS else MORE_FILES[module][:2]
    path = tmp_path / file
    path.write_bytes(write(endpoint))
    path.with_name("login.json").write_bytes(beside(endpoint))
    got = read_configuration(module, path)
    assert (got.host, got.port, got.database) == ("127.0.10.1", 14331, "MyHospitalX")
    assert (got.login, got.password, got.program, got.encrypt) == ("someone", password, "MyHospital X", True)


def test_the_files_have_the_encodings_and_line_ends_of_their_technology() -> None:
    endpoint = Endpoint("h", 1, "d", "u", "p", "a")
    files = {name: writer(endpoint) for name, (_, writer) in WRITERS.items()}
    assert files["registration"].startswith(b"\xef\xbb\xbf{") and b"\r" not in files["registration"]
    assert files["pharmacy"].startswith(b"\xef\xbb\xbf<?xml") and files["pharmacy"].count(b"\r\n") > 15
    assert files["laboratory"].startswith(b"\xff\xfe;\x00") and b"\r\x00\n\x00" in files["laboratory"]
    assert b"r\xe9sum\xe9" in files["billing"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("SQL01", ("SQL01", 1433)),
        ("tcp:SQL01,1444", ("SQL01", 1444)),
        (" SQL01\\MYH , 1444 ", ("SQL01", 1444)),
    ],
)
def test_a_server_address_is_read(text: str, address: tuple[str, int]) -> None:
    assert server_address(text) == address


@pytest.mark.parametrize("text", ["np:SQL01", "\\\\SQL01\\pipe\\sql\\query", "SQL01\\MYH", "SQL01:1433", ""])
def test_an_address_that_tcp_cannot_use_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        server_address(text)


def test_ado_net_takes_the_last_of_two_servers_and_odbc_the_first() -> None:
    rest = "Database=d;Uid=u;Pwd=p;App=a"
    assert ado_net(f"Server=one;Data Source=two;{rest}").host == "two"
    assert odbc(f"Server=one;Server=two;{rest}").host == "one"


@pytest.mark.parametrize(
    "text",
    [
        "Server=h;Database=d;User ID=u;Password=p;App=a;Sevrer=x",
        "Server=h;Database=d;User ID=u;Password='p;App=a",
        "Server=h;Database=d;User ID=u;App=a",
        "Server;Database=d",
    ],
)
def test_a_damaged_ado_net_string_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        ado_net(text)


def test_a_jdbc_property_may_stand_there_once() -> None:
    url = "jdbc:sqlserver://h:1;databaseName=d;applicationName=a"
    assert jdbc(url, "u", "p").port == 1
    with pytest.raises(ConfigurationError):
        jdbc(f"{url};DatabaseName=e", "u", "p")


def test_utf_16_without_its_mark_is_not_understood(tmp_path: Path) -> None:
    path = tmp_path / "laboratory.ini"
    path.write_bytes(WRITERS["laboratory"][1](Endpoint("h", 1, "d", "u", "p", "a"))[2:])
    with pytest.raises(ConfigurationError, match=r"laboratory\.ini"):
        read_configuration("laboratory", path)
