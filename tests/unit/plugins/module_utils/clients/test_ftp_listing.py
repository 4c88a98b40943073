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
    sample,
    sized,
)


@pytest.mark.parametrize(
    "line, name, is_directory, size",
    [
        ("-rw-r--r--    1 0        0            4321 Nov 24 03:15 a  b.bak", "a  b.bak", False, 4321),
        ("-rw-r--r--    1 0        0      5000000000 Nov 24 03:15 12 a.bak", "12 a.bak", False, 5_000_000_000),
        ("drwxr-xr-x    2 ftp      ftp          4096 Nov 24  2025 SQL1$X", "SQL1$X", True, -1),
        ("11-24-26  03:15AM                 4321 a.bak", "a.bak", False, 4321),
        ("11-24-2026  15:15       <DIR>          SQL1", "SQL1", True, -1),
    ],
)
def test_a_line_of_list(line: str, name: str, is_directory: bool, size: int) -> None:
    assert list_entry("/top", line) == Entry(f"/top/{name}", is_directory, size)


def test_of_a_large_folder_some_files_are_asked_for_their_size_and_the_largest() -> None:
    files = [Entry(f"/{number:04}", False, 7 if number != 1234 else 8) for number in range(2000)]
    some = sample(files)
    assert len(some) == 101 and some[0] == files[0] and files[1234] in some
    assert sample(files[:100]) == files[:100]
    assert sample([]) == []


def test_a_size_that_was_asked_for_counts_before_that_of_the_listing() -> None:
    files = [Entry("/a", False, 1), Entry("/b", False, 2), Entry("/c", False, 3)]
    odd, folder = Entry("/d\r", False, 4), Entry("/e", True, -1)
    assert [one.size for one in sized([*files, odd, folder], files, {"/a": 9, "/b": None})] == [9, -1, 3, -1, -1]


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
