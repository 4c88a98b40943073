# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lines of listings, in the forms of the servers."""

from __future__ import annotations

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp_listing import (
    Entry,
    NotUnderstood,
    lines_of,
    list_entry,
    mlsd_entry,
)


@pytest.mark.parametrize(
    "line, name, is_directory",
    [
        ("-rw-r--r--    1 0        0            4321 Nov 24 03:15 a  b.bak", "a  b.bak", False),
        ("drwxr-xr-x    2 ftp      ftp          4096 Nov 24  2025 SQL1$X", "SQL1$X", True),
        ("11-24-26  03:15AM                 4321 a.bak", "a.bak", False),
        ("11-24-2026  15:15       <DIR>          SQL1", "SQL1", True),
    ],
)
def test_a_line_of_list(line: str, name: str, is_directory: bool) -> None:
    assert list_entry("/top", line) == Entry(f"/top/{name}", is_directory, -1)


@pytest.mark.parametrize(
    "line", ["total 12", "lrwxrwxrwx 1 root root 5 Nov 24 03:15 x -> y", "drwxr-xr-x 2 a b 1 Nov 24 03:15 .."]
)
def test_lines_that_name_nothing_to_read(line: str) -> None:
    assert list_entry("/top", line) is None


def test_a_line_of_mlsd() -> None:
    assert mlsd_entry("", "Type=file;Size=12;Modify=20261124031500; a;b=c .bak ") == Entry(
        "/a;b=c .bak ", False, 12, "20261124031500"
    )
    assert mlsd_entry("", "type=cdir;modify=20261124031500; .") is None
    assert mlsd_entry("", "type=file; a.bak") == Entry("/a.bak", False, -1)


@pytest.mark.parametrize("line", ["", "no facts", "550 Denied."])
def test_a_line_that_is_not_understood_is_an_error(line: str) -> None:
    with pytest.raises(NotUnderstood):
        mlsd_entry("/top", line)


def test_line_ends_in_names_split_no_line() -> None:
    assert lines_of(b"a\nb\r\nc\rd\r\n\xff\r\n") == ["a\nb", "c\rd", "\udcff"]
    assert lines_of(b"a\nb\n") == ["a", "b"]
    assert lines_of(b"") == []
