# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who accepts a site, on which acceptance test: a record like a decision's."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..recovery.acceptance import lacking
from ..recovery.check_words import at_site
from ..recovery.decision_policy import require_another_person
from ..recovery.decision_statement import ACCEPTANCE, NAMESPACE, Statement
from ..recovery.errors import InvalidInput
from ..recovery.journal import first_flaw
from ..recovery.report_outcome import data_of, last_run
from . import journal_file, signature
from .deciding import Site

Entry = dict[str, Any]
_POLL_SECONDS = 1.0


def statement(site: Site, folder: str) -> Statement:
    """What is accepted. Raises where the test does not show all that it is to show."""
    journal = journal_file.place(folder)
    entries = journal_file.read(str(journal))
    run = last_run(entries)
    closed = next((entry["hash"] for entry in reversed(run) if entry["event"] == "closed"), "")
    flaw, missing = first_flaw(entries), list(lacking(entries))
    kind = data_of(run, "opened").get("kind")
    if kind != "uat" or data_of(run, "opened").get("site") != site.name:
        raise InvalidInput(
            f"{folder}: this is no acceptance test of {site.name}.",
            hint="Name the folder that playbooks/uat.yml printed.",
        )
    if flaw or missing or not closed or data_of(run, "failed"):
        why = flaw or (f"not passed: {', '.join(missing)}" if missing else "it did not end well")
        raise InvalidInput(
            f"{site.name}: the acceptance test shows less than it must ({why}), so there is nothing to accept.",
            hint=f"Read {journal.with_name('report.html')}, mend, and run playbooks/uat.yml again.",
        )
    servers = str(data_of(run, "opened").get("choices", {}).get("servers", ""))
    return Statement(ACCEPTANCE, site.name, journal.parent.name, site.name, servers, closed)


def want(folder: str, about: Statement) -> Path:
    """Lays the text that is to be signed beside the report."""
    path = Path(folder, about.file_name)
    path.write_text(about.text(), encoding="utf-8")
    return path


def take(
    site: Site, folder: str, about: Statement, named: tuple[str, str], wait: float, *, inventory: Sequence[str] = ()
) -> Entry:
    """The record of the acceptance, once. ``named``: what was typed, and what was said beforehand."""
    journal = str(journal_file.place(folder))
    entries = journal_file.read(journal)
    there = [entry for entry in last_run(entries) if entry["event"] == "accepted"]
    if there:
        return there[-1]
    starters = [*site.starters, str(data_of(last_run(entries), "opened").get("user", ""))]
    record = _signed(site, folder, about, starters, wait) or _named(site, folder, about, named, inventory)
    base = {"number": ACCEPTANCE, "persons": site.policy.persons, "starters": list(dict.fromkeys(starters))}
    told = {"statement": about.to_dict(), "seen": about.seen, "target": about.target}
    return journal_file.append(journal, "accepted", {**base, **told, **record})


def _signed(site: Site, folder: str, about: Statement, starters: Sequence[str], wait: float) -> Entry | None:
    until = time.monotonic() + wait
    while True:
        text = signature.read(Path(folder, about.file_name + ".sig"))
        if text is not None:
            who = signature.signer(about.text(), text, site.policy.signers, site.policy.givers)
            if site.policy.persons == 2:
                require_another_person(who, starters)
            return {"who": who, "how": "signed", "signature": text}
        if time.monotonic() >= until:
            return None
        time.sleep(_POLL_SECONDS)


def _named(site: Site, folder: str, about: Statement, named: tuple[str, str], inventory: Sequence[str]) -> Entry:
    typed, beforehand = (" ".join(one.split()) for one in named)
    path = Path(folder, about.file_name)
    command = f"ansible-playbook playbooks/uat.yml -e run={folder}"
    again = at_site((command, command), inventory)[0]
    if site.policy.persons == 2:
        raise InvalidInput(
            f"{site.name}: nobody has signed the acceptance. This site demands another person than the one who ran it.",
            hint=f"One of {', '.join(site.policy.givers)} reads {path} and signs it: "
            f"ssh-keygen -Y sign -f KEY -n {NAMESPACE} {path} Then run: {again}",
        )
    who, how = (typed, "typed at the terminal") if typed else (beforehand, "named beforehand")
    # A name, not a yes: whoever accepts is to be found again.
    if sum(letter.isalpha() for letter in who) < 3:
        raise InvalidInput(
            f"{site.name}: every line is passed, and nobody has accepted the site.",
            hint=f"Read the report; whoever accepts types his full name: {again}",
        )
    return {"who": who, "how": how, "signature": ""}
