# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pieces of the report page: times in two zones, spans, tables that a phone shows as cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone, tzinfo
from html import escape
from typing import Any

from .html_page import both
from .report_words import span_english, span_words

Words = tuple[str, str]


def clock(text: Any, zone: tzinfo) -> str:
    """A time in the site's zone, with UTC behind it."""
    if not text:
        return "–"
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        return escape(f"{moment:%d-%m-%Y %H:%M:%S}")
    local = moment.astimezone(zone)
    utc = moment.astimezone(timezone.utc)
    there = f'<time datetime="{escape(str(text))}">{local:%d-%m-%Y %H:%M:%S} {local:%Z}</time>'
    # The UTC day is another one for seven hours of a day in Jakarta: it is said where it is.
    day = "%H:%M:%S" if utc.date() == local.date() else "%d-%m-%Y %H:%M:%S"
    return f"{there} <small>{utc:{day}} UTC</small>"


def span(seconds: Any) -> str:
    """A span of time in both languages."""
    if seconds is None:
        return "–"
    english = f'<span class="en nb" lang="en">{span_english(seconds)}</span>'
    return f'<span class="nb">{span_words(seconds)}</span> {english}'


def code(text: Any) -> str:
    return f"<code>{escape(str(text))}</code>"


def mark(ok: Any) -> str:
    """A sign, and the word for whoever cannot tell colours apart."""
    if ok is None:
        return "–"
    return f'<b class="ok">✔ {both("ya", "yes")}</b>' if ok is True else f'<b class="no">✘ {both("tidak", "no")}</b>'


def table(heads: Sequence[Words], rows: Iterable[Sequence[str]]) -> str:
    """Cells are HTML already. Each bears its column's name, so that a phone can show rows as cards."""
    head = "".join(f"<th>{both(*one)}</th>" for one in heads)
    names = [escape(" / ".join(dict.fromkeys(one))) for one in heads]
    lines = [
        "<tr>" + "".join(f'<td data-head="{names[i]}"><div>{cell}</div></td>' for i, cell in enumerate(row)) + "</tr>"
        for row in rows
    ]
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(lines) + "\n</tbody>\n</table>"
