# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report in a few lines, for a mail. Its last line is the journal's seal: a mail is out of reach of whoever would
change the journal later."""

from __future__ import annotations

from typing import Any

from .report_words import OUTCOMES, span_words


def summary(report: dict[str, Any]) -> list[str]:
    """What a person who was not there wants to know first."""
    indonesian, english, _colour = OUTCOMES[report["outcome"]]
    lines = [f"Hasil / outcome: {indonesian} / {english}"]
    if report["target"]:
        lines.append(f"Server: {report['target']} ({report['server']})")
    if report["data_loss_seconds"] is not None:
        lines.append(f"Data hilang / data lost: {span_words(report['data_loss_seconds'])}")
    lines.append(f"Lama / took: {span_words(report['seconds'])}")
    for row in report["modules"]:
        lines.append(f"{'OK' if row.get('ok') is True else 'TIDAK / NOT'}: {row['name']}")
    sealed = report["journal"]
    return [*lines, f"Journal: {sealed['entries']} entri / entries, sha256 {sealed['head']}"]
