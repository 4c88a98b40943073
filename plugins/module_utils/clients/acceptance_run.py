# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One run of the acceptance test, as an operator would start it: a process of its own, with a journal of its own."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..recovery.acceptance import Ended, Wanted, verdicts
from ..recovery.acceptance_lines import LINES
from ..recovery.errors import InvalidInput
from ..recovery.journal_check import seal
from . import journal_file


def carry_out(params: Mapping[str, Any]) -> dict[str, Any]:
    """Starts the command, waits for it, and judges the journal that it left."""
    line, output, reports = str(params["line"]), Path(params["output"]), Path(params["reports_directory"])
    if line not in LINES or line == "equal":
        raise InvalidInput(f"line: there is no line {line!r}.", hint=f"Use one of {', '.join(LINES)}, without equal.")
    before = _runs(reports, LINES[line][1])
    began = time.monotonic()
    code = _started(params["command"], params["chdir"], output, float(params["minutes"]) * 60)
    printed = output.read_bytes()
    folder = _own(_runs(reports, LINES[line][1]) - before, printed)
    entries = journal_file.read(str(folder / journal_file.NAME)) if folder else []
    wanted = Wanted(tuple(params["databases"]), params["rpo_minutes"], params["rto_minutes"], params["language"])
    found = verdicts(line, Ended(code, entries, str(output)), wanted)
    return {
        "changed": False,
        "verdicts": [one.to_dict() for one in found],
        "lines": ["equal", line] if line == "daily_check" else [line],
        "run": str(folder or ""),
        "seal": seal(entries).to_dict(),
        "code": code,
        "seconds": round(time.monotonic() - began, 1),
        "output": str(output),
        "output_sha256": hashlib.sha256(printed).hexdigest(),
    }


def _runs(reports: Path, kind: str) -> set[Path]:
    return {path.parent for path in reports.glob(f"*-{kind}/{journal_file.NAME}")}


def _own(new: set[Path], printed: bytes) -> Path | None:
    """Timers may have begun a run of the same kind meanwhile: the one that was named in what was printed is ours."""
    named = [folder for folder in new if str(folder).encode() in printed]
    return max(named or new, default=None)


def _started(command: Sequence[str], chdir: str, output: Path, seconds: float) -> int:
    """The exit code; 124 for a run that had to be ended, with all that it had started."""
    output.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1"}
    with output.open("wb") as file:
        process = subprocess.Popen(
            list(command), cwd=chdir, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            return process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return 124
