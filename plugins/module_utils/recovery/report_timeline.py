# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The clocks T0 to T7 as a picture: one for a desk and for paper, one for a phone, both of the same stops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from html import escape
from typing import Any

from .report_words import CLOCKS

Clock = dict[str, Any]


def timeline(clocks: Sequence[Clock], targets: Sequence[dict[str, Any]], zone: tzinfo) -> str:
    """Both pictures; the page shows the one that fits. Their words stand in the table below them, too."""
    told = "; ".join(f"{one['clock']} {_time(one, zone)}" for one in clocks)
    label = f'role="img" aria-label="{escape(told)}"'
    wide = f'<svg class="wide" viewBox="0 0 1000 250" {label}>{_wide(clocks, targets, zone)}</svg>'
    return f'{wide}\n<svg class="tall" viewBox="0 0 340 {len(clocks) * 62 + 10}" {label}>{_tall(clocks, zone)}</svg>'


def _time(one: Clock, zone: tzinfo) -> str:
    if not one["at"]:
        return "–"
    local = datetime.fromisoformat(one["at"]).astimezone(zone)
    return f"{'' if one['known'] else '≥ '}{local:%H:%M:%S} {local:%Z}"


def _wide(clocks: Sequence[Clock], targets: Sequence[dict[str, Any]], zone: tzinfo) -> str:
    parts, x, step = [], 65.0, 870.0 / max(len(clocks) - 1, 1)
    for number, one in enumerate(clocks):
        if number:
            passed = "gone" if one["at"] and clocks[number - 1]["at"] else "road"
            parts.append(f'<line class="{passed}" x1="{x - step:.0f}" y1="50" x2="{x:.0f}" y2="50"/>')
            parts.append(_text(x - step / 2, 38, _between(clocks[number - 1], one), "soft"))
        x += step
    for number, one in enumerate(clocks):
        indonesian, english = CLOCKS[one["clock"]]
        at = 65.0 + number * step
        parts.append(f'<circle class="stop{" seen" if one["at"] else ""}" cx="{at:.0f}" cy="50" r="9"/>')
        parts += [_text(at, 20, one["clock"], "name"), _text(at, 84, _time(one, zone), "")]
        parts += [_text(at, 106, indonesian, "label"), _text(at, 124, english, "soft")]
    return "".join([*parts, _bar(clocks, targets)])


def _between(first: Clock, second: Clock) -> str:
    if not (first["at"] and second["at"]):
        return ""
    seconds = (datetime.fromisoformat(second["at"]) - datetime.fromisoformat(first["at"])).total_seconds()
    return f"+{_short(seconds)}" if seconds >= 0 else ""


def _short(seconds: float) -> str:
    """12 s, 3:20, 2:05:00: short enough for a picture."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _bar(clocks: Sequence[Clock], targets: Sequence[dict[str, Any]]) -> str:
    """From T1 on, true to scale, and the time that was allowed where it was not enough."""
    seen = [(one["clock"], datetime.fromisoformat(one["at"])) for one in clocks[1:] if one["at"]]
    allowed = next((row["seconds"] for row in targets if row["target"] == "rto"), None)
    if len(seen) < 2:
        return ""
    start, total = seen[0][1], max((moment - seen[0][1]).total_seconds() for _name, moment in seen)
    scale = 940.0 / max(total, 0.001)
    parts, done = [_text(30, 160, "T1", "soft", 0)], 0.0
    for number, (name, moment) in enumerate(seen[1:]):
        end = max((moment - start).total_seconds(), done)
        kind = ' class="other"' if number % 2 else ""
        parts.append(
            f'<rect{kind} x="{30 + done * scale:.1f}" y="168" width="{(end - done) * scale:.1f}" height="22"/>'
        )
        if (end - done) * scale > 28:
            parts.append(_text(30 + end * scale, 160, name, "soft", end * scale))
        done = end
    parts.append(_text(970, 212, f"T1 – {seen[-1][0]}: {_short(total)}", "", 940))
    if allowed and allowed < total:
        at = allowed * scale
        parts.append(f'<line class="limit" x1="{30 + at:.1f}" y1="158" x2="{30 + at:.1f}" y2="216"/>')
        parts.append(_text(30 + at, 236, f"RTO {_short(allowed)}", "soft", at))
    return "".join(parts)


def _tall(clocks: Sequence[Clock], zone: tzinfo) -> str:
    parts = []
    for number, one in enumerate(clocks[1:], 1):
        passed = "gone" if one["at"] and clocks[number - 1]["at"] else "road"
        parts.append(f'<line class="{passed}" x1="20" y1="{number * 62 - 34}" x2="20" y2="{number * 62 + 28}"/>')
        parts.append(f'<text class="soft" x="34" y="{number * 62 + 1}">{_between(clocks[number - 1], one)}</text>')
    for number, one in enumerate(clocks):
        indonesian, english = CLOCKS[one["clock"]]
        y = number * 62 + 28
        parts.append(f'<circle class="stop{" seen" if one["at"] else ""}" cx="20" cy="{y}" r="8"/>')
        parts.append(
            f'<text x="44" y="{y - 4}"><tspan class="name">{one["clock"]}</tspan> {escape(_time(one, zone))}</text>'
        )
        parts.append(f'<text class="soft" x="44" y="{y + 14}">{escape(indonesian)} / {escape(english)}</text>')
    return "".join(parts)


def _text(x: float, y: float, words: str, kind: str, along: float = -1.0) -> str:
    """Centred; where it belongs to a point of the bar it stays inside the picture."""
    anchor = "middle"
    if along >= 0:
        anchor = "start" if along < 150 else "end" if along > 790 else "middle"
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(words)}</text>'
