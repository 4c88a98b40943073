# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An approval in AWX becomes the signature that a recovery accepts, and nothing else does."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import signature
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision_statement import CHOICE, Statement

from .playing import CONTROLLER, Refused, play

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen (openssh-client) is not installed")
PLAYBOOK = CONTROLLER / "awx/record_decision.yml"
ANSWERS = {"target": "failover", "target_time": "", "recovery_replace": "false", "run_take_over": "false"}
PRINCIPAL = "awx@rs-contoh"


@dataclass
class Awx:
    """What AWX says of one workflow job; keys as its API has them."""

    status: str = "successful"
    approver: str = "manajer.dewi"
    starter: str = "edp.budi"
    answers: dict[str, str] = field(default_factory=lambda: dict(ANSWERS))
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> Any:
        self.asked.append(path)
        who = {"approved_or_denied_by": {"username": self.approver}} if self.approver else {}
        return {
            "/api/v2/workflow_jobs/7/workflow_nodes/?identifier=decision_1": {
                "count": 1,
                "results": [
                    {"identifier": "decision_1", "summary_fields": {"job": {"id": 9, "type": "workflow_approval"}}}
                ],
            },
            "/api/v2/workflow_approvals/9/": {"id": 9, "status": self.status, "summary_fields": who},
            "/api/v2/workflow_jobs/7/": {
                "id": 7,
                "started": "2026-11-24T03:12:09.123456Z",
                "extra_vars": json.dumps(self.answers),
                "summary_fields": {"created_by": {"username": self.starter}},
            },
        }[path]


@pytest.fixture
def awx(monkeypatch: pytest.MonkeyPatch) -> Iterator[Awx]:
    told = Awx()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("Authorization") == "Bearer auditor"
            data = json.dumps(told.answer(self.path) if known else {}).encode()
            self.send_response(200 if known else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("CONTROLLER_HOST", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("CONTROLLER_OAUTH_TOKEN", "auditor")
    yield told
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Site:
    folder: Path
    signers: Path

    def lay_down(self, incident: str = "20261124-101209-k3x9-recovery", site: str = "RS Contoh", **inputs: str) -> Path:
        """As the recovery does, with the project's own text."""
        told = Statement(CHOICE, site, incident, "failover", "SQL2", "9c1185a5c5e9" * 5, {**ANSWERS, **inputs})
        decided = {name: value for name, value in told.inputs.items() if name != "run_take_over"}
        told = Statement(CHOICE, site, incident, "failover", "SQL2", told.seen, decided)
        path = self.folder / incident / told.file_name
        path.parent.mkdir(parents=True)
        path.write_text(told.text(), encoding="utf-8")
        return path


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, timeout=20)
    monkeypatch.setenv("DEADPOOL_DECISION_KEY", str(key))
    signers = tmp_path / "allowed_signers"
    signers.write_text(f"{PRINCIPAL} {key.with_suffix('.pub').read_text()}", encoding="utf-8")
    (tmp_path / "reports").mkdir()
    return Site(tmp_path / "reports", signers)


def record(site: Site) -> None:
    here = {"preflight_reports_directory": str(site.folder), "site_name": "RS Contoh"}
    play(
        PLAYBOOK,
        groups={"production": ["sql1"]},
        hostvars={"sql1": here},
        awx_workflow_job_id=7,
        record_number=1,
        record_deciders=["manajer.dewi"],
    )


def signatures(site: Site) -> list[Path]:
    return list(site.folder.rglob("*.sig"))


def test_an_approval_becomes_a_signature_that_the_recovery_accepts(awx: Awx, site: Site) -> None:
    asked = site.lay_down()
    record(site)
    made = Path(f"{asked}.sig").read_text(encoding="ascii")
    assert signature.signer(asked.read_text(encoding="utf-8"), made, str(site.signers), [PRINCIPAL]) == PRINCIPAL
    record(site)  # a job that is started again signs nothing a second time
    assert Path(f"{asked}.sig").read_text(encoding="ascii") == made


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": "failed"}, "status failed"),
        ({"status": "pending", "approver": ""}, "status pending"),
        ({"approver": "edp.budi"}, 'approved by "edp.budi"'),
        ({"approver": "admin"}, "manajer.dewi may decide"),
        ({"starter": "manajer.dewi"}, "not on what he started"),
    ],
)
def test_what_is_no_approval_of_another_person_is_not_signed(
    awx: Awx, site: Site, change: dict[str, str], said: str
) -> None:
    site.lay_down()
    for name, value in change.items():
        setattr(awx, name, value)
    with pytest.raises(Refused, match=said) as refused:
        record(site)
    assert "HINT:" in str(refused.value) and not signatures(site)


def test_what_was_begun_with_other_answers_is_not_signed(awx: Awx, site: Site) -> None:
    site.lay_down(recovery_replace="true")
    with pytest.raises(Refused, match="the recovery was begun with"):
        record(site)
    assert not signatures(site)


def test_another_site_and_an_older_text_are_not_signed(awx: Awx, site: Site) -> None:
    import os

    site.lay_down(site="RS Lain")
    old = site.lay_down(incident="20261123-101209-aaaa-recovery")
    os.utime(old, (1_700_000_000, 1_700_000_000))
    with pytest.raises(Refused, match="waited in vain"):
        record(site)
    assert not signatures(site)
