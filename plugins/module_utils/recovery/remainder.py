# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lines of a file that hold the old server's name and that nothing was said about: none is passed over in silence."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from .endpoint import Endpoint, host_key
from .repointing import Finding, Repointing
from .spanned_text import SpannedText

#: A log of old names in a comment must not bury what matters.
_MOST = 20
#: Names that stand in every other file for something else, and dots that are no name at all.
_EVERYWHERE = {".", "(local)", "localhost", "127.0.0.1", "::1"}


def with_what_is_left(outcome: Repointing, root: SpannedText, old: Sequence[Endpoint]) -> Repointing:
    """``outcome`` with a finding for each line that names the old server outside of what was understood."""
    names = {host_key(name.host) for name in old} - _EVERYWHERE
    if not names or outcome.refused:
        return outcome
    alternatives = "|".join(map(re.escape, sorted(names)))
    pattern = re.compile(rf"(?<![\w.-])(?:{alternatives})(?![\w-]|\.\w)", re.IGNORECASE)
    starts = [0, *(match.end() for match in re.finditer("\n", root.text))]
    bytes_of_lines = [root.position(start) for start in starts]
    # A file may be one long line: a finding stands for one mention, and an edit for what lies within it.
    told = Counter(bisect_right(bytes_of_lines, finding.position) for finding in outcome.findings)
    edited = [(edit.change.start, edit.change.end) for edit in outcome.edits]
    found: list[Finding] = []
    seen: set[int] = set()
    for match in pattern.finditer(root.text):
        line, position = bisect_right(starts, match.start()), root.position(match.start())
        if any(start <= position < end for start, end in edited):
            continue
        told[line] -= 1
        if told[line] < 0 and line not in seen and len(found) < _MOST:
            seen.add(line)
            text = "the old server's name stands here too, in nothing that was taken for a connection"
            found.append(Finding("left", "text", position, text))
    findings = sorted([*outcome.findings, *found], key=lambda finding: finding.position)
    return replace(outcome, findings=findings)
