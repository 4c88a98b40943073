# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of every format, in ``files.txt``, and as frameworks write them, in ``frameworks.txt`` and ``variants.txt``.

Between ``«old|new»`` stands what must become another server; ``«»`` is short for ``«OLD|NEW-HOST»``. Each file begins
behind a line ``==== name {options}`` and is tried with both kinds of line ends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.config_file import FileForm, Hint, repoint_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.endpoint import parse_endpoint

LISTS = ("files.txt", "frameworks.txt", "variants.txt")
HEADING = re.compile(r"^==== (\S+)(?: (\{.*\}))?\n", re.MULTILINE)
MARK = re.compile("«(.*?)(?:[|](.*?))?»", re.DOTALL)


@dataclass(frozen=True)
class File:
    path: str
    before: str
    after: str
    old: str
    new: str
    status: str
    encoding: str
    form: FileForm = field(repr=False)


def files() -> Iterator[File]:
    text = "".join(Path(__file__).with_name(name).read_text("utf-8") for name in LISTS)
    _unused, *parts = HEADING.split(text)
    for path, options, text in zip(parts[::3], parts[1::3], parts[2::3]):
        wanted = json.loads(options or "{}")
        keys = [Hint(**key) for key in wanted.get("keys", ())]
        yield File(
            path=path,
            before=MARK.sub(lambda match: match[1] or "OLD", text),
            after=MARK.sub(lambda match: match[2] or "NEW-HOST", text),
            old=wanted.get("old", "OLD"),
            new=wanted.get("new", "NEW-HOST"),
            status=wanted.get("status", "changed"),
            encoding=wanted.get("encoding", "utf-8"),
            form=FileForm(path, wanted.get("format", "auto"), "auto", keys, wanted.get("patterns", ())),
        )


FILES = list(files())


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("case", FILES, ids=lambda case: case.path)
def test_only_the_server_changes(case: File, newline: str) -> None:
    before, after = (text.replace("\n", newline).encode(case.encoding) for text in (case.before, case.after))
    result = repoint_file(before, [parse_endpoint(case.old)], parse_endpoint(case.new), case.form)
    assert result.data == after
    assert result.status == case.status


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.path)
def test_twice_is_once(case: File) -> None:
    old, new = [parse_endpoint(case.old)], parse_endpoint(case.new)
    first = repoint_file(case.before.encode(case.encoding), old, new, case.form)
    second = repoint_file(first.data, old, new, case.form)
    assert not second.changed
    assert second.already == first.changed
