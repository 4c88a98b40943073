# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What modules return, against their pages: those that need no hospital here, the others in a whole week of one."""

from __future__ import annotations

import importlib
import io
import json
from collections import defaultdict
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.ics.deadpool.plugins.module_utils.clients import journal_file

from benchmarks.life.__main__ import week

from .documented import COMMON, faults, fits, page

MODULES = "ansible_collections.ics.deadpool.plugins.modules"
RUN = {"project": "/opt/deadpool", "ansible_playbook": "/usr/bin/ansible-playbook", "reports_directory": "/reports"}
FAMILY = "b6290e9f-1080-46c8-a3f7-6bfcbd1290a5"
ONLINE = {"name": "Pharmacy", "database_id": 5, "state": "ONLINE", "family_guid": FAMILY, "recovery_fork_guid": FAMILY}


def journal(folder: Path) -> str:
    path = folder / "journal.jsonl"
    opened = {"kind": "backup", "site": "RS Contoh", "time_zone": "Asia/Jakarta", "user": "budi", "choices": {}}
    for event, data in (("opened", opened), ("backed_up", {"backups": [], "left": []}), ("closed", {})):
        journal_file.append(str(path), event, data)
    return str(path)


def _twins(_folder: Path) -> dict[str, Any]:
    answer = {"reachable": True, "databases": [ONLINE]}
    return {"server_names": ["SQL1", "SQL2"], "answers": [answer, answer], "databases": ["Pharmacy"]}


def _due(_folder: Path) -> dict[str, Any]:
    runs = [{"kind": "full", "at": "Sun 02:00"}, {"kind": "fence", "at": "*:03/10"}]
    return {"site": "RS Contoh", "time_zone": "Asia/Jakarta", "runs": runs, "left": "/reports/.left", **RUN}


WITHOUT_HOSPITAL: dict[str, Callable[[Path], dict[str, Any]]] = {
    "schedule_info": _due,
    "database_twins_info": _twins,
    "host_paths_info": lambda folder: {"paths": [str(folder)]},
    "restore_rates": lambda folder: {"path": str(folder / "rates.json")},
    "journal_verify": lambda folder: {"path": journal(folder)},
    "recovery_report": lambda folder: {"path": journal(folder)},
    "backup_file_info": lambda folder: {"path": str(folder), "verify": True},
}


def returned(module: str, arguments: dict[str, Any]) -> dict[str, Any]:
    said = io.StringIO()
    with redirect_stdout(said), patch_module_args(arguments), suppress(SystemExit):
        importlib.import_module(f"{MODULES}.{module}").main()
    answer: dict[str, Any] = json.loads(said.getvalue().strip().splitlines()[-1])
    assert not answer.get("failed"), answer
    return answer


@pytest.mark.parametrize("module", WITHOUT_HOSPITAL)
def test_a_module_returns_what_its_page_says(module: str, tmp_path: Path) -> None:
    assert not list(faults(module, [returned(module, WITHOUT_HOSPITAL[module](tmp_path))]))


def test_every_key_of_every_page_has_a_sample() -> None:
    for path in sorted(page_file for page_file in (Path(__file__).parents[3] / "plugins/modules").glob("*.py")):
        assert not [key for key, about in page(path.stem).items() if "sample" not in about], path.stem


@pytest.mark.parametrize(
    ("sample", "value", "fit"),
    [
        ({"a": 1}, {"a": 2.5, "b": "x"}, True),
        ({"a": 1, "c": 1}, {"a": 2}, False),
        ({"Pharmacy": {"state": "x"}}, {"Billing": {"state": "y", "more": 1}}, True),
        ([{"a": 1}], [{"b": 1}, {"a": 2}], True),
        (True, 1, False),
        ("text", 1, False),
    ],
)
def test_a_sample_may_leave_out_and_make_nothing_up(sample: Any, value: Any, fit: bool) -> None:
    assert fits(sample, value) is fit


def test_a_key_that_no_page_names_is_found() -> None:
    (fault,) = faults(
        "restore_rates", [{"rates": [], "added": 0, "surprise": 1, **dict.fromkeys(COMMON - {"hint"}, 0)}]
    )
    assert "surprise" in fault


@pytest.mark.long
def test_a_week_of_a_hospital_returns_what_the_pages_say(tmp_path: Path) -> None:
    runs = list(week(tmp_path / "state", tmp_path / "returns.jsonl"))
    assert not [(run.words, run.text[-1000:]) for run in runs if run.code]
    seen = defaultdict(list)
    for line in (tmp_path / "returns.jsonl").read_text("utf-8").splitlines():
        said = json.loads(line)
        seen[said["module"]].append(said["returned"])
    assert len(seen) >= 27
    assert not [fault for module, results in seen.items() for fault in faults(module, results)]
