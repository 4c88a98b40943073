# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decisions as records: who, when, having seen what, by which means. Nothing here believes what a variable says."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..recovery.decision_policy import Policy, decided_inputs, require_another_person
from ..recovery.decision_statement import CHOICE, GO, NAMESPACE, Statement
from ..recovery.errors import InvalidInput
from ..recovery.incident import Incident
from ..recovery.journal import first_flaw
from ..recovery.plan_change import plans_digest, require_decided
from ..recovery.report_outcome import ENDED_WELL, data_of, last_run, outcome
from . import incident_file, journal_file, signature

Entry = dict[str, Any]
_WANTED = {CHOICE: "decision_wanted", GO: "go_wanted"}
_TAKEN = {CHOICE: "decided", GO: "go"}
#: What a drill says instead of typing a word, in the words of playbooks/recovery.yml and playbooks/go.yml.
_BEFOREHAND = {CHOICE: "recovery_confirmed=true", GO: "go_confirmed=true"}
_POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Site:
    """What holds wherever somebody decides: from the inventory, from the system, and what was typed with -e."""

    name: str
    reports: str
    policy: Policy
    given: Mapping[str, Any]
    starters: tuple[str, ...]

    @property
    def inputs(self) -> dict[str, str]:
        return decided_inputs(self.given)


@dataclass(frozen=True)
class Answer:
    """What the starter of the run has to offer: a typed word, or a variable for drills. Neither is a second person."""

    typed: str = ""
    word: str = ""
    confirmed: bool = False


@dataclass(frozen=True)
class Question:
    """What is to be decided, where its journal is, and the plans that would be carried out."""

    site: Site
    folder: str
    statement: Statement
    plans: Sequence[Any] = ()


def choice(site: Site, incident: str, target: str, server: str, digests: Sequence[str]) -> Statement:
    """Decision 1, as it is to be taken on the plans of these digests."""
    return Statement(CHOICE, site.name, incident, target, server, plans_digest(digests), site.inputs)


def go(site: Site, incident: Incident) -> Statement:
    """Decision 2, on the report of an incident. Raises where the report does not prove what it would announce."""
    entries = incident_file.entries(incident)
    flaw, run = first_flaw(entries), last_run(entries)
    found = outcome(entries, flaw)
    if found not in ENDED_WELL:
        raise InvalidInput(
            f"{site.name}: the report of incident {incident.id} says {found}"
            f"{f' ({flaw})' if flaw else ''}, so there is nothing that could be announced.",
            hint=f"Look at {Path(incident.folder, 'report.html')}; run the recovery again until every proof is there.",
        )
    closed = next(entry["hash"] for entry in reversed(run) if entry["event"] == "closed")
    target = str(data_of(run, "opened").get("choices", {}).get("target", ""))
    return Statement(GO, site.name, incident.id, target, str(data_of(run, "planned").get("server", "")), closed)


def want(folder: str, statement: Statement, who: Sequence[str], bills: Sequence[Entry] = ()) -> Path:
    """Lays the text that is to be signed into the folder, and writes into the journal, once, that it is wanted."""
    path = Path(folder, statement.file_name)
    path.write_text(statement.text(), encoding="utf-8")
    wanted = [entry["data"].get("statement") for entry in _of(folder, _WANTED[statement.number])]
    if statement.to_dict() not in wanted:
        data = {"number": statement.number, "statement": statement.to_dict(), "of": list(who), "bills": list(bills)}
        journal_file.append(str(_journal(folder)), _WANTED[statement.number], data)
    return path


def take(question: Question, answer: Answer, wait: float = 0.0) -> Entry:
    """The record of a decision, as it now stands in the journal. Raises InvalidInput where there is none."""
    site, number = question.site, question.statement.number
    record = _signed(question, wait) or _answered(question, answer)
    record = {"number": number, "starters": list(site.starters), "persons": site.policy.persons, **record}
    return journal_file.append(str(_journal(question.folder)), _TAKEN[number], record)


def _answered(question: Question, answer: Answer) -> Entry:
    site, statement = question.site, question.statement
    beforehand = _BEFOREHAND[statement.number]
    wanted = f"{site.name}: nobody has taken decision {statement.number}, so nothing was done."
    if site.policy.persons == 2:
        path = Path(question.folder, statement.file_name)
        named = ", ".join(site.policy.may_decide(statement.number))
        also = f" {beforehand} is for drills, and is none here." if answer.confirmed else ""
        raise InvalidInput(
            f"{wanted}{also} This site demands another person than the one who runs it.",
            hint=f"One of {named} reads {path} and signs it: ssh-keygen -Y sign -f KEY -n {NAMESPACE} {path} "
            "Then run the same command again.",
        )
    if answer.word and answer.typed.strip() == answer.word:
        how = "typed at the terminal"
    elif answer.confirmed:
        how = beforehand
    else:
        raise InvalidInput(
            f'{wanted} Nobody typed "{answer.word}".',
            hint=f"Run it at a terminal and type {answer.word}; a drill may say -e {beforehand}.",
        )
    return {"who": site.starters[0], "how": how, "signature": "", **_about(statement)}


def _signed(question: Question, wait: float) -> Entry | None:
    """The newest signature that lies in the folder, if it is good for what is to be done now."""
    until = time.monotonic() + wait
    while True:
        for wanted in _asked(question):
            text = signature.read(Path(question.folder, wanted.file_name + ".sig"))
            if text is not None:
                return _counted(question, wanted.seen, text)
        if time.monotonic() >= until:
            return None
        time.sleep(_POLL_SECONDS)


def _asked(question: Question) -> list[Statement]:
    """The statements that this incident has asked signatures for, the newest first. A report is signed as it is now."""
    number = question.statement.number
    asked = [Statement.from_dict(entry["data"]["statement"]) for entry in _of(question.folder, _WANTED[number])]
    return [one for one in reversed(asked) if number == CHOICE or one.seen == question.statement.seen]


def _counted(question: Question, seen: str, text: str) -> Entry:
    """A signature counts where it is under this very statement, or under one whose plan is being carried on with."""
    about = replace(question.statement, seen=seen)
    entries = journal_file.read(str(_journal(question.folder)))
    who = _signer(question.site, about, text, _starters(question.site, entries))
    if about.number == CHOICE:
        require_decided(_plans(entries, seen), question.plans)
    return {"who": who, "how": "signed", "signature": text, **_about(about)}


def _signer(site: Site, statement: Statement, text: str, starters: Sequence[str]) -> str:
    who = signature.signer(statement.text(), text, site.policy.signers, site.policy.may_decide(statement.number))
    if site.policy.persons == 2:
        require_another_person(who, starters)
    return who


def require_choice(site: Site, plans: Sequence[Any]) -> None:
    """Raises unless decision 1 was taken in the open incident, by somebody who may, on what these plans do.

    For the module that overwrites: it is asked whatever way a run has come to it."""
    incident = incident_file.last(site.reports, site.name)
    entries = incident_file.entries(incident) if incident else []
    flaw = first_flaw(entries)
    record = data_of(last_run(entries), "decided")
    if incident is None or flaw or not record.get("signature"):
        raise InvalidInput(
            f"{site.name}: nobody has signed decision 1 of a recovery that is under way{f' ({flaw})' if flaw else ''}.",
            hint="Start playbooks/recovery.yml from its beginning; it says who is to sign what.",
        )
    told = Statement.from_dict(record["statement"])
    about = Statement(CHOICE, site.name, incident.id, told.target, told.server, told.seen, site.inputs)
    _signer(site, about, record["signature"], _starters(site, entries))
    require_decided(_plans(entries, about.seen), plans)


def _about(statement: Statement) -> Entry:
    return {"statement": statement.to_dict(), "seen": statement.seen, "target": statement.target}


def _plans(entries: Sequence[Entry], seen: str) -> list[Any]:
    for entry in reversed(entries):
        if entry["event"] == "planned" and plans_digest(_list(entry["data"].get("digest"))) == seen:
            return list(entry["data"]["plans"])
    raise InvalidInput(
        "The plan that was decided on is not in the journal of this incident.",
        hint="Run the same command again, look at the plan and decide again.",
    )


def _list(value: Any) -> list[str]:
    """As mssql_restore_plan returns digests: with commas between them."""
    return [str(one) for one in value] if isinstance(value, list) else str(value).split(",")


def _starters(site: Site, entries: Sequence[Entry]) -> list[str]:
    """Whoever ran any part of this incident."""
    return [
        *site.starters,
        *(str(name) for e in entries if e["event"] == "opened" for name in e["data"].get("starters", [])),
    ]


def _of(folder: str, event: str) -> list[Entry]:
    return [entry for entry in journal_file.read(str(_journal(folder))) if entry["event"] == event]


def _journal(folder: str) -> Path:
    return Path(folder, journal_file.NAME)
