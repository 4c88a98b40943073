# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines of the daily check for who reads them: aloud, as a Nagios plugin's output, as a Prometheus textfile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from .check_line import EXIT_CODES, OK, Line, by_weight, worst
from .check_words import ITEMS, LEVELS

LANGUAGES = ("id", "en")
_HELP = {
    "deadpool_line_level": "Level of a line of the daily check: 0 OK, 1 warning, 2 critical, 3 unknown.",
    "deadpool_level": "Level of the whole daily check.",
    "deadpool_checked_at_seconds": "When the daily check ran, in Unix time.",
    "deadpool_recoverable_to_seconds": "The latest instant that a database can be recovered to, in Unix time.",
}


def aloud(lines: Iterable[Line], language: str) -> list[str]:
    """Sentences, those that need somebody first, each with what to do."""
    which = LANGUAGES.index(language)
    result = []
    for line in by_weight(lines):
        result.append(f"{LEVELS[line.level][which]}: {_told(line, which)}")
        if line.fix[which]:
            result.append(f"    {('Lakukan', 'Do')[which]}: {line.fix[which]}")
    return result


def summary(lines: Sequence[Line], language: str) -> str:
    """How many lines are not good, in a sentence."""
    which = LANGUAGES.index(language)
    bad = [line for line in lines if line.level != OK]
    if not bad:
        return (f"Semua {len(lines)} pemeriksaan baik", f"All {len(lines)} checks are OK")[which]
    told = _told(by_weight(bad)[0], which)
    return (
        f"{len(bad)} dari {len(lines)} perlu perhatian. {told}",
        f"{len(bad)} of {len(lines)} need somebody. {told}",
    )[which]


def _told(line: Line, which: int) -> str:
    subject = f", {line.subject}" if line.subject else ""
    return f"{ITEMS[line.item][which]}{subject}: {line.fact[which]}"


def nagios(lines: Sequence[Line], language: str) -> str:
    """One line with perfdata, then every line that is not good; a bar would end the text."""
    text = f"{worst(line.level for line in lines)}: {summary(lines, language)}".replace("|", "/")
    perfdata = " ".join(measure.text() for line in lines for measure in line.measures)
    more = [text.replace("|", "/") for text in aloud([line for line in lines if line.level != OK], language)]
    return "\n".join([f"{text} | {perfdata}", *more])


def exit_code(lines: Iterable[Line]) -> int:
    return EXIT_CODES[worst(line.level for line in lines)]


def prometheus(site: str, lines: Sequence[Line], now: datetime, clocks: Iterable[tuple[str, datetime]]) -> str:
    """A file for the textfile collector of node_exporter."""
    about = f'site="{_escaped(site)}"'
    levels = [
        f'deadpool_line_level{{{about},item="{line.item}",subject="{_escaped(line.subject)}"}} {EXIT_CODES[line.level]}'
        for line in lines
    ]
    measures: dict[str, list[str]] = {}
    for line in lines:
        for one in line.measures:
            name, subject = f"deadpool_{line.item}{_UNITS.get(one.unit, '')}", f'subject="{_escaped(one.label)}"'
            measures.setdefault(name, []).append(f"{name}{{{about},{subject}}} {one.value:.10g}")
    told = [
        f'deadpool_recoverable_to_seconds{{{about},database="{_escaped(name)}"}} {at.timestamp():.0f}'
        for name, at in clocks
    ]
    families = {
        "deadpool_level": [f"deadpool_level{{{about}}} {exit_code(lines)}"],
        "deadpool_checked_at_seconds": [f"deadpool_checked_at_seconds{{{about}}} {now.timestamp():.0f}"],
        "deadpool_line_level": levels,
        "deadpool_recoverable_to_seconds": told,
        **measures,
    }
    return "".join(_family(name, rows) for name, rows in families.items() if rows)


_UNITS = {"s": "_seconds", "B": "_bytes"}


def _family(name: str, rows: Sequence[str]) -> str:
    text = _HELP.get(name, "A figure of the daily check.")
    return f"# HELP {name} {text}\n# TYPE {name} gauge\n" + "\n".join(rows) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
