# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of a run, against each other: journal, report, signatures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..recovery.decision_statement import Statement
from ..recovery.errors import InvalidInput
from ..recovery.journal_check import Flaw, Seal, flaws, seal
from ..recovery.report import report
from ..recovery.report_page import page
from . import journal_file, signature

Entry = dict[str, Any]


def check(path: str, entries: int | None, head: str | None, signers: str | None) -> dict[str, Any]:
    """What journal_verify returns; ``failed`` where anything is wrong."""
    journal = journal_file.place(path)
    found = journal_file.read(str(journal))
    told = [Seal(entries, head.strip().lower(), "what was given")] if entries is not None and head is not None else []
    kept, doubts = _sealed_report(journal.parent, found)
    signed = list(_signatures(found, signers)) if signers else []
    wrong = [*flaws(found, [*told, *kept]), *doubts, *(flaw for flaw in signed if flaw)]
    now = {"flaws": [one.to_dict() for one in wrong], **seal(found).to_dict()}
    if not wrong:
        by = ", ".join(one.source for one in [*told, *kept]) or "nothing: no report lies beside it"
        good = f"; {len(signed)} signatures are good" if signed else ""
        return {**now, "told": f"{len(found)} entries, unchanged since they were written; sealed by {by}{good}."}
    error = InvalidInput(
        f"{journal}: {len(wrong)} things are wrong:\n" + "\n".join(f"{one.kind}: {one.fact}" for one in wrong),
        hint="This is no evidence any more. Keep these files as they are, and compare them with a copy from elsewhere.",
    )
    return {**now, "failed": True, "msg": str(error), "hint": error.hint}


def _sealed_report(folder: Path, entries: Sequence[Entry]) -> tuple[list[Seal], list[Flaw]]:
    """The seal in the report, and whether both forms of the report are what the journal gave when it was sealed."""
    try:
        machine = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        kept = Seal(int(machine["journal"]["entries"]), str(machine["journal"]["head"]), "the report")
    except FileNotFoundError:
        return [], []
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [], [Flaw("report", 0, f"report.json cannot be read, or has no seal ({type(error).__name__})")]
    if kept.entries > len(entries):
        return [kept], []
    try:
        expected = report(entries[: kept.entries])
        shown = page(expected)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # Somebody changed what the report is made of; which line it was, the chain tells.
        return [kept], [Flaw("report", kept.entries, f"the journal gives no report any more ({type(error).__name__})")]
    doubts = []
    if machine != json.loads(json.dumps(expected)):
        doubts.append(Flaw("report", kept.entries, "report.json is not what the journal gives"))
    html = folder / "report.html"
    if html.is_file() and html.read_bytes() != shown.encode("utf-8"):
        doubts.append(Flaw("report", kept.entries, "report.html is not what the journal gives"))
    return [kept], doubts


def _signatures(entries: Sequence[Entry], signers: str) -> Iterator[Flaw | None]:
    for number, entry in enumerate(entries, 1):
        data = entry["data"]
        if entry["event"] not in ("decided", "go", "accepted") or not data.get("signature"):
            continue
        try:
            text = Statement.from_dict(data["statement"]).text()
            signature.signer(text, data["signature"], signers, [str(data.get("who"))])
        except (InvalidInput, KeyError, TypeError, ValueError) as error:
            fact = str(error).split("\n", maxsplit=1)[0]
            yield Flaw("signature", number, f"line {number} ({entry['event']}): {fact}")
        else:
            yield None
