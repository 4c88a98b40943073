# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""40 real configuration files, their marked results, and what happens when they are damaged."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.config_file import (
    FileForm,
    Hint,
    RepointedFile,
    repoint_file,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.endpoint import parse_endpoint
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError

PROJECT = Path(__file__).resolve().parents[6]
CONFIGS = Path(os.environ.get("DEADPOOL_FIXTURES") or PROJECT.parent / "shared" / "fixtures") / "configs"
INDEX = CONFIGS / "index.json"
FILES: list[dict[str, Any]] = json.loads(INDEX.read_text("utf-8"))["files"] if INDEX.is_file() else []
#: Two of the files keep the server under a key that nothing but their operator can know.
KEYS = {"55-.env.example": [Hint("SQL_SERVER")], "56-conexion.ini": [Hint("SERVERBASE")]}
TARGETS = ["FAILOVER01", "FAILOVER01\\DR", "FAILOVER01,14330"]
#: What the passwords of all of the files are made of.
SECRET = "Dummy_Pw1"

pytestmark = pytest.mark.skipif(not FILES, reason=f"no real files at {CONFIGS}; DEADPOOL_FIXTURES names another folder")


def each_file() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("entry", FILES, ids=[entry["file"] for entry in FILES])


def repointed(entry: dict[str, Any], data: bytes, old: list[str], new: str) -> RepointedFile:
    form = FileForm(entry["file"], keys=KEYS.get(entry["file"], []))
    return repoint_file(data, [parse_endpoint(name) for name in old], parse_endpoint(new), form)


def content(entry: dict[str, Any]) -> bytes:
    return (CONFIGS / entry["file"]).read_bytes()


def with_line_ends(data: bytes, newline: str) -> bytes:
    mark, encoding = (data[:2], "utf-16-le") if data[:2] == b"\xff\xfe" else (b"", "utf-8")
    text = data[len(mark) :].decode(encoding).replace("\r\n", "\n").replace("\n", newline)
    return mark + text.encode(encoding)


def rebuilt(data: bytes, result: RepointedFile) -> bytes:
    """The new file put together from the old one and the listed spans alone."""
    pieces, position = [], 0
    assert len(result.edits) == len(result.outcome.edits)
    for listed, edit in zip(result.edits, result.outcome.edits):
        pieces += [data[position : listed["offset"]], edit.change.new]
        position = listed["offset"] + listed["length"]
    return b"".join([*pieces, data[position:]])


@each_file()
def test_every_file_byte_for_byte(entry: dict[str, Any]) -> None:
    result = repointed(entry, content(entry), entry["old_hosts"], entry["target"])
    assert result.data == (CONFIGS / entry["expected_file"]).read_bytes()
    assert result.changed == entry["changed"]
    assert len(result.edits) == sum(edit["count"] for edit in entry["edits"])


@pytest.mark.parametrize("target", TARGETS)
@each_file()
def test_line_ends_make_no_difference(entry: dict[str, Any], target: str) -> None:
    data = content(entry)
    result = repointed(entry, data, entry["old_hosts"], target).data
    for newline in ("\n", "\r\n"):
        ended = with_line_ends(data, newline)
        assert repointed(entry, ended, entry["old_hosts"], target).data == with_line_ends(result, newline)


@pytest.mark.parametrize("target", TARGETS)
@each_file()
def test_there_and_back_is_the_original(entry: dict[str, Any], target: str) -> None:
    data = content(entry)
    there = repointed(entry, data, entry["old_hosts"], target)
    assert rebuilt(data, there) == there.data
    servers = {edit["before"] for edit in there.edits}
    if not servers:
        assert there.data == data
        return
    assert len(servers) == 1
    assert repointed(entry, there.data, [target], servers.pop()).data == data


@each_file()
def test_what_cannot_be_changed_is_told(entry: dict[str, Any]) -> None:
    result = repointed(entry, content(entry), entry["old_hosts"], entry["target"])
    if entry["file"] == "38-appsettings.json":
        assert [finding["line"] for finding in result.told("refused")] == [3]
    else:
        assert not result.told("refused")
    if entry["file"].startswith("46-"):
        assert "SQLSERVER_URL" in result.told("warning")[0]["text"]


@pytest.mark.parametrize("seed", range(60))
def test_damaged_files_are_edited_at_servers_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    for _unused in range(10):
        entry = chance.choice(FILES)
        data = damaged(content(entry), chance)
        try:
            result = repointed(entry, data, entry["old_hosts"], chance.choice(TARGETS))
        except RecoveryError as error:
            assert SECRET not in str(error)
            continue
        assert rebuilt(data, result) == result.data
        assert SECRET not in repr((result, result.edits, result.findings, result.before, result.after))
        hosts = {name.lower() for name in entry["old_hosts"]}
        assert all(edit["before"].lower().startswith(tuple(hosts)) for edit in result.edits)


PIECES = [
    *(
        b'"',
        b"'",
        b";",
        b"=",
        b"{",
        b"}",
        b"<",
        b">",
        b"\\",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b",",
        b":",
        b"@",
        b" ",
        b"#",
    ),
    *(b"//", b"/*", b"<!--", b"-->", b"<![CDATA[", b"${", b"%", b"[", b"&quot;", b"&#", b"np:", b"(localdb)"),
    *(b"Server=", b"Data Source=", b"Driver=", b"Password=", b"jdbc:sqlserver://", b"localhost"),
]


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Bytes lost, inserted, altered, or pieces of the file repeated elsewhere in it."""
    content = bytearray(data)
    for _unused in range(chance.choice([1, 1, 2, 5])):
        here, there = chance.randrange(len(content) + 1), chance.randrange(len(content) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            del content[here : here + chance.choice([1, 2, 5, 40])]
        elif kind == 1:
            content[here:here] = chance.choice(PIECES)
        elif kind == 2:
            content[here : here + 1] = bytes([chance.randrange(256)])
        else:
            content[here:here] = content[there : there + chance.choice([1, 10, 100])]
    return bytes(content)
