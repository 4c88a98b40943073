# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every statement that the collection can emit, read by Microsoft's own parser.

The parser is not ours to redistribute: it is built from the tool that lies beside the project (or at
``$DEADPOOL_TSQLCHECK``) into the user's cache, once. Without the tool or what it needs these tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery import tsql

PROJECT = Path(__file__).resolve().parents[3]
TOOL = Path(os.environ.get("DEADPOOL_TSQLCHECK", PROJECT.parent / "shared" / "tools" / "tsqlcheck"))
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ics-deadpool" / "tsqlcheck"


def _built() -> Path:
    checker = CACHE / "tsqlcheck"
    if checker.exists() and (CACHE / "bin" / "TsqlCheck.dll").exists():
        return checker
    if not (TOOL / "setup.sh").exists():
        pytest.skip(f"Microsoft's parser is absent: no {TOOL / 'setup.sh'}")
    if not shutil.which("mcs"):
        pytest.skip("Microsoft's parser cannot be built: mcs is missing (Debian: mono-mcs)")
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["sh", str(TOOL / "setup.sh"), str(CACHE)], capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        pytest.skip(f"Microsoft's parser cannot be built: {done.stderr.strip()[-300:]}")
    return checker


@pytest.fixture(scope="module")
def checker() -> Path:
    return _built()


def _verdicts(checker: Path, statements: list[str]) -> list[str]:
    done = subprocess.run(
        [str(checker), "--nul"], input="\0".join(statements), capture_output=True, text=True, timeout=120, check=False
    )
    return [verdict.strip() for verdict in done.stdout.split("\0")][: len(statements)]


def test_microsofts_parser_accepts_every_statement(checker: Path) -> None:
    examples = tsql.examples()
    # ``?`` is the driver's placeholder; on the wire it becomes a parameter
    texts = [text.replace("?", "@P1") for _name, text in examples]
    verdicts = _verdicts(checker, texts)
    assert len(verdicts) == len(examples) > 30
    wrong = [f"{name}: {verdict}\n{text}" for (name, text), verdict in zip(examples, verdicts) if verdict != "ok"]
    assert not wrong, "\n\n".join(wrong)


def test_the_parser_would_notice_a_name_that_breaks_out(checker: Path) -> None:
    texts = ["BACKUP DATABASE [a]b] TO DISK = N'x'", "RESTORE LOG [a] FROM DISK = N'O'Neill' WITH NORECOVERY"]
    assert all("error" in verdict for verdict in _verdicts(checker, texts))
