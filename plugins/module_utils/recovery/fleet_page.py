# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many sites on one page, those that need somebody first. A site whose check is out of date is not known to be well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from html import escape
from typing import Any

from .check_line import EXIT_CODES, OK, UNKNOWN, WORST_FIRST, Words
from .check_words import ITEMS, LEVELS, span
from .html_page import both, document
from .status_style import LEVEL_CLASSES, SIGNS, style


@dataclass(frozen=True)
class SiteStanding:
    """One site: ``level`` is UNKNOWN where its check is out of date or cannot be read."""

    site: str
    level: str
    told: Words
    recoverable_to: datetime | None = None
    checked_at: datetime | None = None


def standings(kept: Iterable[tuple[str, Any]], now: datetime) -> list[SiteStanding]:
    """From what each site's check left behind, under the name of its file; those that need somebody first."""
    found = [_standing(name, values, now) for name, values in kept]
    return sorted(found, key=lambda one: (WORST_FIRST.index(one.level), one.checked_at or now, one.site))


def _standing(name: str, values: Any, now: datetime) -> SiteStanding:
    try:
        if "not_checked" in values:
            told = (str(values["not_checked"]["id"]), str(values["not_checked"]["en"]))
            return SiteStanding(str(values["site"]), UNKNOWN, told)
        checked, until = (datetime.fromisoformat(values[key]) for key in ("checked_at", "valid_until"))
        end = datetime.fromisoformat(values["recoverable_to"]) if values["recoverable_to"] else None
        bad = [line for line in values["lines"] if line["level"] != OK]
        level = str(values["level"]) if values["level"] in EXIT_CODES else UNKNOWN
        if until < now:
            age = span((now - checked).total_seconds())
            told = (f"tidak diperiksa sejak {age[0]}", f"not checked for {age[1]}")
            return SiteStanding(str(values["site"]), UNKNOWN, told, end, checked)
        return SiteStanding(str(values["site"]), level, _told(bad), end, checked)
    except (AttributeError, KeyError, TypeError, ValueError):
        return SiteStanding(name, UNKNOWN, ("pemeriksaannya tidak terbaca", "its check cannot be read"))


def _told(bad: Sequence[Mapping[str, Any]]) -> Words:
    """The worst line in full, and how many more there are."""
    if not bad:
        return ("semua baik", "all is well")
    first = min(bad, key=lambda line: WORST_FIRST.index(line["level"]))
    title, subject = ITEMS.get(first["item"], (first["item"],) * 2), f" {first['subject']}" if first["subject"] else ""
    more = f" (+{len(bad) - 1})" if len(bad) > 1 else ""
    return (
        f"{title[0]}{subject}: {first['fact']['id']}{more}",
        f"{title[1]}{subject}: {first['fact']['en']}{more}",
    )


def fleet_page(sites: Sequence[SiteStanding], now: datetime, zone: tzinfo) -> str:
    """The page; it loads itself anew every five minutes."""
    bad = [one for one in sites if one.level != OK]
    level = sites[0].level if sites else UNKNOWN
    count = f"{len(bad)} dari {len(sites)}", f"{len(bad)} of {len(sites)}"
    head = f"{count[0]} rumah sakit perlu perhatian", f"{count[1]} sites need somebody"
    rows = "".join(_row(one, now, zone) for one in sites)
    body = (
        f'<main>\n<header class="{LEVEL_CLASSES[level]}"><h1>{escape(head[0])}</h1>'
        f'<p class="en" lang="en">{escape(head[1])}</p>'
        f"<p>{now.astimezone(zone):%d-%m-%Y %H:%M %Z}</p></header>\n"
        f'<ul class="do">{rows}</ul>\n</main>'
    )
    return document(f"{SIGNS[level]} {head[0]}", style(), body, head='<meta http-equiv="refresh" content="300">\n')


def _row(one: SiteStanding, now: datetime, zone: tzinfo) -> str:
    end = f"{one.recoverable_to.astimezone(zone):%d-%m %H:%M %Z}" if one.recoverable_to else "–"
    kind = LEVEL_CLASSES[one.level]
    sign = f'<span class="sign {kind}">{SIGNS[one.level]} {escape(LEVELS[one.level][0])}</span>'
    until = both(f"Bisa dipulihkan sampai {end}", f"recoverable to {end}")
    checked = ""
    if one.checked_at:
        age = span((now - one.checked_at).total_seconds())
        checked = f" {both(f'Diperiksa {age[0]} yang lalu', f'checked {age[1]} ago')}"
    return (
        f'<li class="card {kind}">{sign} <strong>{escape(one.site)}</strong>: {both(*one.told)}'
        f'<p class="key">{until}.{checked}</p></li>'
    )
