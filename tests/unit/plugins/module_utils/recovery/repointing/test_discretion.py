# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A password that slipped into a server's place is not shown; an honest name is."""

from __future__ import annotations

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.config_file import FileForm, repoint_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.endpoint import parse_endpoint

FILES = [
    ("a.env", "A=Server=SQL09Hunter2secret;Database=h\nB=Server=OLD;Database=h;Password=Hunter2secret\n"),
    ("a.json", '{"a": "Server=SQL09Hunter2sec;Database=h", "b": "Server=OLD;Password=\'Hunter2secret\'"}'),
    ("a.xml", '<a><c connectionString="Server=Hunter2secret"/><add key="Pwd" value="Hunter2secret"/></a>'),
    ("a.properties", "a=jdbc:sqlserver://SQL09\\\\Hunter2secret\nb.password=Hunter2secret\n"),
    ("a.env", "A=Server=OLD\\Hunter2secret;Database=h;Password=Hunter2secret\n"),
]


@pytest.mark.parametrize(("path", "text"), FILES)
def test_names_that_resemble_a_password_are_not_shown(path: str, text: str) -> None:
    result = repoint_file(text.encode(), [parse_endpoint("OLD")], parse_endpoint("NEW"), FileForm(path))
    told = repr((result.edits, result.findings, result.before, result.after, result))
    assert "Hunter2" not in told
    assert "not shown" in told


def test_other_names_are_shown() -> None:
    text = b"A=Server=SQL09,1500;Database=h;Password=Hunter2secret\n"
    result = repoint_file(text, [parse_endpoint("OLD")], parse_endpoint("NEW"), FileForm("a.env"))
    assert result.before == ["SQL09,1500"]
