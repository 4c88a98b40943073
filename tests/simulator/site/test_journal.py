# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module's journal: what is on disk when its process is killed is what can be believed."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from simulator.apps.journal import Journal, read_journal
from simulator.apps.modules import MODULES, as_json


def test_numbers_go_on_after_a_restart_also_those_that_were_only_attempted(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    change = {"op": "insert", "sequence": 7, "values": {}}
    journal.write("attempt", 3, "A", changes=[change])
    journal.close()
    again = Journal(tmp_path / "j")
    assert (again.transaction, again.sequence) == (3, 7)


def test_a_line_that_was_cut_is_ignored_and_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(json.dumps({"event": "attempt", "transaction": 1, "changes": []}).encode() + b'\n{"event": "comm')
    journal = Journal(path)
    journal.write("attempt", 2, "A", changes=[])
    journal.close()
    assert [entry["transaction"] for entry in read_journal(path)] == [1, 2]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_row_has_the_columns_of_its_table_and_survives_json(name: str) -> None:
    module = MODULES[name]
    row = module.row(Random(1), 5, 2, datetime(2026, 1, 2, 3, 4, 5, 678000))
    assert list(row) == [column for column, _ in module.definition()]
    told = {column: as_json(value) for column, value in row.items()}
    assert json.loads(json.dumps(told)) == told


def test_equal_values_are_told_equally() -> None:
    assert as_json(Decimal("1200.00")) == "1200.00"
    assert as_json(datetime(2026, 1, 2, 3, 4, 5)) == "2026-01-02T03:04:05.000"
    assert as_json(b"\x00\xff") == "0x00ff"
