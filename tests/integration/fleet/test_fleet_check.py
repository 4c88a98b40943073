# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites that cannot be checked: none is missing from the fleet's page, and none stands there as it stood yesterday."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.integration.status_page.test_browser import CHROMIUM, shown

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
LONG = "RS Ibu dan Anak " + "Kasih" * 20


def run(fleet: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", fleet, "playbooks/fleet_check.yml", *words],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, " ".join(done.stdout.split())


def well(site: str, level: str = "OK") -> str:
    """What a check leaves that is still to be believed."""
    now = datetime.now(timezone.utc)
    fact = {"id": "penuh " + "x" * 80, "en": "full"}
    line = {"item": "disk", "subject": "", "level": level, "fact": fact}
    at = {"checked_at": now.isoformat(), "valid_until": (now + timedelta(hours=20)).isoformat()}
    return json.dumps({"site": site, "level": level, "recoverable_to": now.isoformat(), "lines": [line], **at})


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """One site has no inventory; that of the other is a program that never answers. Yesterday both were well."""
    hanging = tmp_path / "hanging"
    hanging.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 300\n")
    hanging.chmod(0o755)
    (tmp_path / "told").mkdir()
    for name in ("gone", "hanging"):
        (tmp_path / f"told/{name}.json").write_text(well(f"RS {name}"))
    group = {
        "hosts": {"gone": None, "hanging": {"fleet_minutes": 0.1}},
        "vars": {"fleet_inventory": f"{tmp_path}/{{{{ inventory_hostname }}}}"},
    }
    places = {"fleet_directory": f"{tmp_path}/told", "fleet_page": f"{tmp_path}/fleet.html"}
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps({"all": {"vars": places, "children": {"fleet": group}}}))
    return path


def test_what_could_not_be_checked_is_not_known_and_a_run_that_hangs_is_ended(fleet: Path) -> None:
    code, text = run(fleet)
    page = (fleet.parent / "fleet.html").read_text()
    assert code != 0 and "gone, hanging: not checked" in text, text
    assert "2 of 2 sites need somebody" in page
    assert "could not be checked (code" in page and "its check did not end, and was ended" in page
    assert "never ago" not in page and "RS gone" not in page and "RS hanging" not in page
    assert not Path(f"/proc/{(fleet.parent / 'pid').read_text().strip()}").exists(), "it was left running"


def test_check_mode_changes_nothing_and_a_part_of_the_list_is_refused(fleet: Path) -> None:
    before = {path: path.read_bytes() for path in fleet.parent.rglob("*") if path.is_file()}
    code, text = run(fleet, "--check")
    assert code == 0, text
    code, text = run(fleet, "--limit", "gone")
    assert code != 0 and "without --limit" in text, text
    assert {path: path.read_bytes() for path in fleet.parent.rglob("*") if path.is_file()} == before


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: install the package chromium")
def test_the_page_is_readable_on_phone_desktop_and_wall(tmp_path: Path) -> None:
    from ansible_collections.ics.deadpool.plugins.modules import fleet_page

    for number, level in enumerate(("OK", "WARNING", "CRITICAL", "OK")):
        (tmp_path / f"{number}.json").write_text(well(f"{LONG} {number}", level))
    states = [str(tmp_path / "*.json"), str(tmp_path / "never.json")]
    page = tmp_path / "fleet.html"
    sites = fleet_page.run({"states": states, "page": str(page), "time_zone": "Asia/Jakarta"}, False)["sites"]
    assert [one["level"] for one in sites] == ["CRITICAL", "UNKNOWN", "WARNING", "OK", "OK"]
    for dark in (False, True):
        for frame in shown(tmp_path, page.read_text(), dark=dark):
            assert frame["scroll"] <= frame["width"], frame["name"]
            assert frame["bad"] == [], f"{frame['name']}: contrast below 4.5"
            assert "3 dari 5 rumah sakit perlu perhatian" in frame["text"]
