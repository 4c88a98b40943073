# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A decision counts by a real signature of another person under these very facts, or at one person by his word."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import deciding, incident_file, journal_file
from ansible_collections.ics.deadpool.plugins.module_utils.clients.deciding import Answer, Question, Site
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision_policy import Policy
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision_statement import NAMESPACE, Statement
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.incident import Incident

with_keys = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen (openssh-client) is not installed")
DIGEST = "a" * 64
INPUTS = {"target": "failover", "target_time": "2026-11-24T03:00:00+07:00"}


def plan(*guids: str) -> dict[str, Any]:
    actions = ["restore_full", *["restore_log"] * (len(guids) - 1)]
    steps = [{"action": action, "backup_set_guid": guid} for action, guid in zip(actions, guids)]
    return {"database": "Pharmacy", "reaches": "03:00", "already_there": False, "steps": steps}


PLAN = plan("full-1", "log-1")
PROVEN: list[tuple[str, dict[str, Any]]] = [
    ("planned", {"plans": [PLAN], "digest": [DIGEST], "server": "SQL2"}),
    ("decided", {"who": "dewi"}),
    ("restored", {}),
    ("verified", {"verdicts": [{"verdict": "proven"}]}),
    ("repointed", {}),
    ("proven", {"modules": [{"ok": True}], "verdicts": []}),
    ("closed", {}),
]


@dataclass(frozen=True)
class Place:
    """An incident on a disk, and people with keys."""

    root: Path
    site: Site

    @property
    def incident(self) -> Incident:
        folder = str(self.root / "reports/k3x9")
        return Incident("k3x9", "RS Contoh", "budi", "fire", "2026-11-24T03:00:00+07:00", folder)

    @property
    def journal(self) -> str:
        return str(incident_file.journal_of(self.incident))

    def opened(self, *entries: tuple[str, dict[str, Any]]) -> None:
        opened = {"kind": "recovery", "starters": list(self.site.starters), "choices": {"target": "failover"}}
        for event, data in [("opened", opened), *entries]:
            journal_file.append(self.journal, event, data)
        incident_file.remember(self.site.reports, self.incident)

    def asked(self, plans: list[Any] | None = None, digest: str = DIGEST, site: Site | None = None) -> Question:
        """The plan is made, and its text is laid down to be signed."""
        site, plans = site or self.site, plans or [PLAN]
        if not Path(self.journal).is_file():
            self.opened()
        journal_file.append(self.journal, "planned", {"plans": plans, "digest": [digest], "server": "SQL2"})
        statement = deciding.choice(site, "k3x9", "failover", "SQL2", [digest])
        deciding.want(self.incident.folder, statement, site.policy.may_decide(1))
        return Question(site, self.incident.folder, statement, plans)

    def sign(
        self, question: Question, who: str, statement: Statement | None = None, namespace: str = NAMESPACE
    ) -> None:
        """Under the text that was asked for, or under another one that is then put in its place."""
        text = self.root / "signed.txt"
        text.write_text((statement or question.statement).text(), encoding="utf-8")
        made = Path(f"{text}.sig")
        made.unlink(missing_ok=True)
        ssh_keygen("-Y", "sign", "-f", str(self.root / who), "-n", namespace, str(text))
        made.rename(Path(question.folder, f"{question.statement.file_name}.sig"))

    def decisions(self) -> list[str]:
        return [one["event"] for one in journal_file.read(self.journal) if one["event"] in ("decided", "go")]


def ssh_keygen(*arguments: str) -> None:
    subprocess.run(["ssh-keygen", "-q", *arguments], check=True, timeout=20, capture_output=True)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of three who are allowed signers, and of a stranger. Budi starts recoveries; Edi may decide nothing."""
    folder = tmp_path_factory.mktemp("keys")
    for who in ("dewi", "budi", "edi", "stranger"):
        ssh_keygen("-t", "ed25519", "-N", "", "-f", str(folder / who))
    lines = [f"{who}@rs-contoh {(folder / f'{who}.pub').read_text('utf-8')}" for who in ("dewi", "budi", "edi")]
    (folder / "signers").write_text("".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def two(tmp_path: Path, keys: Path) -> Iterator[Place]:
    """A site of two persons."""
    for file in keys.iterdir():
        shutil.copy(file, tmp_path)
    deciders = ("dewi@rs-contoh", "budi@rs-contoh")
    policy = Policy(2, str(tmp_path / "signers"), deciders, deciders)
    yield Place(tmp_path, Site("RS Contoh", str(tmp_path / "reports"), policy, INPUTS, ("budi",)))


@pytest.fixture
def one(tmp_path: Path) -> Place:
    """A site where whoever starts a recovery decides."""
    return Place(tmp_path, Site("RS Contoh", str(tmp_path / "reports"), Policy(), INPUTS, ("budi",)))


def refused(place: Place, question: Question, said: str, answer: Answer | None = None) -> None:
    with pytest.raises(InvalidInput, match=said) as error:
        deciding.take(question, answer or Answer())
    assert error.value.hint and not place.decisions()


@with_keys
def test_the_right_signature_counts_and_is_kept(two: Place) -> None:
    question = two.asked()
    two.sign(question, "dewi")
    record = deciding.take(question, Answer())["data"]
    assert (record["who"], record["how"], record["seen"]) == ("dewi@rs-contoh", "signed", question.statement.seen)
    assert record["signature"].startswith("-----BEGIN SSH SIGNATURE-----") and two.decisions() == ["decided"]
    deciding.require_choice(two.site, [PLAN])


@with_keys
@pytest.mark.parametrize("who", ["stranger", "edi"])
def test_a_signature_of_somebody_who_may_not_decide_is_refused(two: Place, who: str) -> None:
    question = two.asked()
    two.sign(question, who)
    refused(two, question, "nobody who may decide")


@with_keys
@pytest.mark.parametrize("starter", ["budi", "BUDI", "budi@another-host"])
def test_a_signature_of_the_starter_is_refused(two: Place, starter: str) -> None:
    question = two.asked(site=replace(two.site, starters=("root", starter)))
    two.sign(question, "budi")
    refused(two, question, "started this recovery")


@with_keys
def test_who_started_an_earlier_run_of_the_incident_cannot_decide_on_a_later_one(two: Place) -> None:
    question = two.asked()
    question = replace(question, site=replace(two.site, starters=("ani",)))
    two.sign(question, "budi")
    refused(two, question, "started this recovery")


@with_keys
@pytest.mark.parametrize(
    "other",
    [
        {"seen": "b" * 64},
        {"inputs": {**INPUTS, "recovery_replace": "true"}},
        {"inputs": {}},
        {"server": "SQL3"},
        {"target": "primary"},
        {"site": "RS Lain"},
        {"incident": "p7q2"},
        {"number": 2},
    ],
    ids=str,
)
def test_a_signature_under_other_facts_is_refused(two: Place, other: dict[str, Any]) -> None:
    question = two.asked()
    two.sign(question, "dewi", replace(question.statement, **other))
    refused(two, question, "nobody who may decide")


@with_keys
def test_a_signature_for_something_else_is_refused(two: Place) -> None:
    question = two.asked()
    two.sign(question, "dewi", namespace="git")
    refused(two, question, "nobody who may decide")


@with_keys
@pytest.mark.parametrize("content", [b"", b"yes", b"\xff\xfe"])
def test_what_is_no_signature_is_refused(two: Place, content: bytes) -> None:
    question = two.asked()
    Path(question.folder, f"{question.statement.file_name}.sig").write_bytes(content)
    refused(two, question, "signature")


@with_keys
def test_after_the_plan_changed_an_older_signature_counts_no_more(two: Place) -> None:
    two.sign(two.asked(), "dewi")
    later = two.asked([plan("full-2", "log-1")], "c" * 64)
    refused(two, later, "has changed since the decision")


@with_keys
def test_a_signature_counts_for_the_rest_of_its_plan(two: Place) -> None:
    """After an interrupted run: what is done is gone from the plan, and a log backup came since."""
    first = two.asked()
    two.sign(first, "dewi")
    rest = {**PLAN, "steps": [PLAN["steps"][1], {"action": "restore_log", "backup_set_guid": "log-2"}]}
    record = deciding.take(two.asked([rest], "c" * 64), Answer())["data"]
    assert record["seen"] == first.statement.seen


@with_keys
def test_what_overwrites_asks_again_for_the_decision(two: Place) -> None:
    question = two.asked()
    with pytest.raises(InvalidInput, match="nobody has signed"):
        deciding.require_choice(two.site, [PLAN])
    two.sign(question, "dewi")
    deciding.take(question, Answer())
    with pytest.raises(InvalidInput, match="has changed since the decision"):
        deciding.require_choice(two.site, [plan("full-2")])
    with pytest.raises(InvalidInput, match="nobody who may decide"):
        deciding.require_choice(replace(two.site, given={**INPUTS, "recovery_replace": True}), [PLAN])


def test_at_one_person_his_word_counts(one: Place) -> None:
    record = deciding.take(one.asked(), Answer(" SQL2\n", "SQL2"))["data"]
    assert (record["who"], record["how"], record["persons"]) == ("budi", "typed at the terminal", 1)


def test_at_one_person_a_drill_confirms(one: Place) -> None:
    assert deciding.take(one.asked(), Answer("", "SQL2", True))["data"]["how"] == "recovery_confirmed=true"


@pytest.mark.parametrize("answer", [Answer(), Answer("", ""), Answer("sql2", "SQL2"), Answer("yes", "SQL2")])
def test_at_one_person_another_word_is_none(one: Place, answer: Answer) -> None:
    refused(one, one.asked(), "nobody has taken decision 1", answer)


@pytest.mark.parametrize("answer", [Answer("SQL2", "SQL2"), Answer(confirmed=True), Answer("SQL2", "SQL2", True)])
def test_at_two_persons_the_word_of_the_starter_is_none(one: Place, answer: Answer) -> None:
    policy = Policy(2, str(one.root / "signers"), ("dewi@rs-contoh",), ("dewi@rs-contoh",))
    refused(one, one.asked(site=replace(one.site, policy=policy)), "demands another person", answer)


@pytest.mark.parametrize("missing", [event for event, _data in PROVEN])
def test_no_go_without_every_proof(one: Place, missing: str) -> None:
    one.opened(*(entry for entry in PROVEN if entry[0] != missing))
    with pytest.raises(InvalidInput, match="nothing that could be announced") as error:
        deciding.go(one.site, one.incident)
    assert error.value.hint


def test_no_go_on_a_module_that_does_not_work(one: Place) -> None:
    one.opened(*PROVEN[:-2], ("proven", {"modules": [{"ok": True}, {"ok": False}]}), ("closed", {}))
    with pytest.raises(InvalidInput, match="says failed"):
        deciding.go(one.site, one.incident)


def test_no_go_on_a_journal_with_a_flaw(one: Place) -> None:
    one.opened(*PROVEN)
    text = Path(one.journal).read_text(encoding="utf-8")
    Path(one.journal).write_text(text.replace('"who": "dewi"', '"who": "edi"'), encoding="utf-8")
    with pytest.raises(InvalidInput, match="changed after it was written"):
        deciding.go(one.site, one.incident)


@with_keys
def test_the_go_on_a_proven_report_is_signed_by_another_person_and_ends_the_incident(two: Place) -> None:
    two.opened(*PROVEN)
    statement = deciding.go(two.site, two.incident)
    assert (statement.server, statement.target) == ("SQL2", "failover")
    deciding.want(two.incident.folder, statement, two.site.policy.may_decide(2))
    question = Question(two.site, two.incident.folder, statement)
    with pytest.raises(InvalidInput, match="demands another person"):
        deciding.take(question, Answer("GO", "GO", True))
    two.sign(question, "dewi")
    assert deciding.take(question, Answer())["event"] == "go"
    assert incident_file.open_one(two.site.reports, "RS Contoh") is None


def test_the_go_of_a_drill_has_a_variable_of_its_own_and_the_hint_names_that_one(one: Place) -> None:
    one.opened(*PROVEN)
    statement = deciding.go(one.site, one.incident)
    deciding.want(one.incident.folder, statement, one.site.policy.may_decide(2))
    question = Question(one.site, one.incident.folder, statement)
    with pytest.raises(InvalidInput, match="nobody has taken decision 2") as refusal:
        deciding.take(question, Answer(word="lanjut"))
    assert "-e go_confirmed=true" in refusal.value.hint
    assert deciding.take(question, Answer(word="lanjut", confirmed=True))["data"]["how"] == "go_confirmed=true"
