# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The status page of a site: one file, in Indonesian and English, that says without script what it has to say.

A page cannot know by itself that nobody writes it any more. It says until when to believe it; a small script says so
in red from that moment on and looks for a newer page every minute; without script a page that is left open turns red
by an animation that waits that long, and then loads itself anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape

from .check_line import OK, UNKNOWN, Line, by_weight, worst
from .check_words import ITEMS, LEVELS, hour, span, when
from .html_page import both, document, section
from .status import Status
from .status_picture import days_picture, holes, scale, window_picture
from .status_style import LEVEL_CLASSES, SIGNS, style

_SCRIPT = """(function(){var end=Date.parse(document.body.dataset.until),bar=document.getElementById('stale');
function look(){if(Date.now()>end)bar.className='stale shown'}look();setInterval(look,10000);
setTimeout(function(){location.reload()},60000)})()"""


def page(status: Status) -> str:
    """The whole page."""
    sections = [
        _stale(status),
        _head(status),
        _today(status),
        _clocks(status),
        f'<div class="wide">{_windows(status)}<div>{_cards(status)}{_history(status)}</div></div>',
        _lines(status),
        _foot(status),
    ]
    seconds = max(1, round((status.valid_until - status.now).total_seconds()))
    return document(
        f"{SIGNS[status.level]} {status.site}: {_answer(status)[0]}",
        f"{style()}{_stale_style(seconds)}",
        "<main>\n" + "\n".join(sections) + f"\n</main>\n<script>{_SCRIPT}</script>",
        head=f'<noscript><meta http-equiv="refresh" content="{seconds + 30}"></noscript>\n',
        attributes=f' data-until="{status.valid_until.isoformat(timespec="seconds")}"',
    )


def _stale_style(seconds: int) -> str:
    """Without script: hidden, until the animation's only step, that many seconds after loading."""
    return (
        "@keyframes over{to{visibility:visible;height:auto;padding:.6rem 1.3rem;margin-bottom:.6rem}}\n"
        ".still .stale{display:block;visibility:hidden;height:0;padding:0;margin:0;overflow:hidden;"
        f"animation:over 1ms linear {seconds}s forwards}}\n"
    )


def _stale(status: Status) -> str:
    moment = when(status.valid_until, status.now, status.zone)
    text = both(
        f"HALAMAN INI KEDALUWARSA: berlaku sampai {moment[0]}. Jangan dipercaya; cari mengapa tidak diperiksa lagi.",
        f"This page is out of date: valid until {moment[1]}. Do not trust it; see why the check does not run.",
    )
    band = f'<div id="stale" class="stale" role="alert">{text}</div>'
    return f'{band}<noscript><div class="still"><div class="stale">{text}</div></div></noscript>'


def _answer(status: Status) -> tuple[str, str]:
    end = status.recoverable_to
    if end is not None:
        moment = when(end, status.now, status.zone)
        return f"Bisa dipulihkan sampai {moment[0]}", f"Recoverable to {moment[1]}"
    if status.lost:
        names = ", ".join(status.lost)
        return f"TIDAK BISA dipulihkan: {names}", f"Cannot be recovered: {names}"
    return "Tidak diketahui apakah bisa dipulihkan", "Nobody knows whether it can be recovered"


def _head(status: Status) -> str:
    answer, level = _answer(status), status.level
    bad = sum(line.level != OK for line in status.lines)
    told = (f"{bad} hal perlu perhatian", f"{bad} need somebody") if bad else ("semua baik", "all is well")
    checked, until = (when(one, status.now, status.zone) for one in (status.now, status.valid_until))
    day = status.now.astimezone(status.zone).strftime("%d-%m-%Y")
    verdict = (f"{LEVELS[level][0]}: {told[0]}", f"{LEVELS[level][1]}: {told[1]}")
    validity = (
        f"Diperiksa {checked[0]}. Berlaku sampai {until[0]}; sesudahnya halaman ini kedaluwarsa.",
        f"Checked {checked[1]}. Valid until {until[1]}; after that this page is stale.",
    )
    return (
        f'<header class="{LEVEL_CLASSES[level]}">\n<p>{escape(status.site)} · {day}</p>\n'
        f'<h1>{escape(answer[0])}</h1>\n<p class="en" lang="en">{escape(answer[1])}</p>\n'
        f"<p><strong>{SIGNS[level]} {both(*verdict)}</strong></p>\n<p>{both(*validity)}</p>\n"
        "</header>"
    )


def _sign(level: str) -> str:
    return f'<span class="sign {LEVEL_CLASSES[level]}">{SIGNS[level]} {both(*LEVELS[level])}</span>'


def _title(line: Line) -> str:
    return both(*ITEMS[line.item]) + (f": {escape(line.subject)}" if line.subject else "")


def _today(status: Status) -> str:
    """What is not good, the worst first, each with what to type."""
    rows, now = [], status.now.isoformat()
    for line in by_weight(line for line in status.lines if line.level != OK):
        since = status.since.get(line.key)
        began = when(datetime.fromisoformat(since), status.now, status.zone) if since else None
        age = f'<p class="key">{both(f"sejak {began[0]}", f"since {began[1]}")}</p>' if began and since != now else ""
        fix = line.fix[0] if line.fix[0] == line.fix[1] else f"{line.fix[0]}\n{line.fix[1]}"
        rows.append(
            f'<li class="card {LEVEL_CLASSES[line.level]}">{_sign(line.level)} <strong>{_title(line)}</strong>'
            f"<p>{both(*line.fact)}</p>{age}<code>{escape(fix)}</code></li>"
        )
    content = f'<ul class="do">{"".join(rows)}</ul>' if rows else f"<p>{both('Tidak ada.', 'Nothing.')}</p>"
    return section("Yang harus dilakukan hari ini", "What to do today", content)


def _clocks(status: Status) -> str:
    cards = []
    lines = {line.subject: line for line in status.of("recoverable")}
    for name in status.databases:
        found, line = status.windows.get(name), lines.get(name)
        level = line.level if line else UNKNOWN
        end = found.recoverable_to if found else None
        big = hour(end, status.zone) if end else "–"
        late = span((status.now - end).total_seconds()) if end else ("tidak diketahui", "not known")
        day = end.astimezone(status.zone).strftime("%d-%m-%Y") if end else ""
        cards.append(
            f'<li class="card {LEVEL_CLASSES[level]}"><h3>{escape(name)}</h3><p class="big">{escape(big)}</p>'
            f"<p>{both(f'{late[0]} sebelum pemeriksaan', f'{late[1]} before the check') if end else both(*late)}</p>"
            f'<p class="key">{day}</p><p>{_sign(level)}</p></li>'
        )
    return section(
        "Tiap database bisa dipulihkan sampai", "Clock of each database", f'<ul class="grid">{"".join(cards)}</ul>'
    )


def _windows(status: Status) -> str:
    rows = []
    for name in status.databases:
        found = status.windows.get(name)
        if found is None:
            rows.append(f"<h3>{escape(name)}</h3><p>{both('tidak diketahui', 'not known')}</p>")
            continue
        gaps = [
            f'<li class="key">{_moment(status, start)} – {_moment(status, end)}: '
            f'<span lang="en">{escape(reason)}</span></li>'
            for start, end, reason in holes(found, status.now)[-5:]
        ]
        rows.append(
            f'<div class="strip"><h3>{escape(name)}</h3>{window_picture(found, status.now, status.zone)}'
            f"{scale(status.now, status.zone)}<ul>{''.join(gaps)}</ul></div>"
        )
    words = both(
        "Biru: bisa dipulihkan ke saat mana pun. Merah: lubang.", "Blue: any instant can be reached. Red: a hole."
    )
    key = f'<p class="key">{words}</p>'
    return section("14 hari terakhir", "The last 14 days", key + "".join(rows))


def _moment(status: Status, moment: datetime) -> str:
    return f"{moment.astimezone(status.zone):%d-%m %H:%M}"


_CARDS = (
    (("Server cadangan", "Failover"), ("failover", "version", "plan", "disk", "standby", "logins", "rights", "fence")),
    (("Penyimpanan", "Store"), ("store", "space", "prune", "verified", "hash")),
    (("Latihan terakhir", "Last drill"), ("drill", "rto")),
)


def _cards(status: Status) -> str:
    cards = []
    for title, items in _CARDS:
        lines = status.of(*items)
        level = worst(line.level for line in lines)
        rows = "".join(f"<p>{SIGNS[line.level]} {_title(line)}: {both(*line.fact)}</p>" for line in lines)
        cards.append(f'<li class="card {LEVEL_CLASSES[level]}"><h3>{both(*title)}</h3><p>{_sign(level)}</p>{rows}</li>')
    return section("Keadaan", "How things stand", f'<ul class="grid">{"".join(cards)}</ul>')


def _history(status: Status) -> str:
    key = both("Makin tinggi makin gawat; kosong: tidak diperiksa.", "The taller the worse; empty: nobody checked.")
    picture = days_picture(status.days, status.now, status.zone)
    return section("90 hari terakhir", "The last 90 days", f'<div class="days">{picture}</div><p class="key">{key}</p>')


def _lines(status: Status) -> str:
    return section("Semua pemeriksaan", "Every check", f'<ul class="lines">{"".join(_rows(status.lines))}</ul>')


def _rows(lines: Iterable[Line]) -> Iterable[str]:
    for line in lines:
        yield f"<li>{_sign(line.level)} <strong>{_title(line)}</strong>: {both(*line.fact)}</li>"


def _foot(status: Status) -> str:
    return f"<footer><p>ics.deadpool · {status.now.isoformat(timespec='seconds')}</p></footer>"
