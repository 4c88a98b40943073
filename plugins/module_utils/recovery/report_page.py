# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report of a run as one HTML page, in Indonesian and English: no script, nothing fetched, fit for phone and A4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone, tzinfo
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from .report_words import ITEMS, OUTCOMES, STAGES, STYLE, TITLES, size_words, span_words


def page(report: dict[str, Any]) -> str:
    """The page of :func:`report.report`'s value."""
    zone = ZoneInfo(report["time_zone"])
    kind = TITLES.get(report["kind"], (report["kind"], report["kind"]))
    sections = [
        _head(report, zone, kind),
        _failures(report),
        _databases(report, zone),
        _modules(report),
        _backups(report),
        _retention(report),
        _timeline(report, zone),
        _files(report),
        _verdicts(report),
        _held_back(report),
        _evidence(report),
    ]
    body = "\n".join(section for section in sections if section)
    return (
        '<!doctype html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(kind[0])} {escape(report['site'])}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def both(indonesian: str, english: str) -> str:
    """Indonesian first, English after it in small type."""
    return f'{escape(indonesian)} <span class="en" lang="en">{escape(english)}</span>'


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
    return f"{there} <small>{utc:%H:%M:%S} UTC</small>"


def _section(indonesian: str, english: str, content: str) -> str:
    return f"<section>\n<h2>{both(indonesian, english)}</h2>\n{content}\n</section>"


def _table(heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]]) -> str:
    """Cells are HTML already. Each bears its column's name, so that a phone can show rows as cards."""
    head = "".join(f"<th>{both(*one)}</th>" for one in heads)
    lines = [
        "<tr>" + "".join(f'<td data-head="{escape(heads[i][0])}">{cell}</td>' for i, cell in enumerate(row)) + "</tr>"
        for row in rows
    ]
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(lines) + "\n</tbody>\n</table>"


def _head(report: dict[str, Any], zone: tzinfo, kind: tuple[str, str]) -> str:
    indonesian, english, colour = OUTCOMES[report["outcome"]]
    facts = [
        (("Lokasi", "Site"), escape(report["site"])),
        (("Mulai", "Started"), clock(report["started"], zone)),
        (("Selesai", "Finished"), clock(report["finished"], zone)),
        (("Lama", "Took"), span_words(report["seconds"])),
        (("Dijalankan oleh", "Run by"), escape(report["user"])),
    ]
    if report["target"]:
        facts.insert(1, (("Server", "Server"), escape(f"{report['target']} ({report['server']})")))
    if report["data_loss_seconds"] is not None:
        facts.insert(2, (("Data hilang", "Data lost"), span_words(report["data_loss_seconds"])))
    if report["decision"]:
        who = f"{report['decision'].get('who', '')}: {report['decision'].get('how', '')}"
        facts.append((("Keputusan", "Decision"), escape(who)))
    items = "".join(f"<div><dt>{both(*name)}</dt><dd>{value}</dd></div>" for name, value in facts)
    return (
        f'<header class="{colour}">\n<p>{both(*kind)}</p>\n<h1>{escape(indonesian)}</h1>\n'
        f'<p class="en" lang="en">{escape(english)}</p>\n</header>\n<dl>{items}</dl>'
    )


def _retention(report: dict[str, Any]) -> str:
    """What every database can be restored to, before and after old backups went."""
    lines = "\n".join(escape(line) for line in report["retention"])
    return _section("Backup lama", "Old backups", f"<pre>{lines}</pre>") if lines else ""


def _failures(report: dict[str, Any]) -> str:
    told = [(row["what"], row["msg"]) for row in report["failures"]]
    if report["journal_flaw"]:
        told.append(("Journal", report["journal_flaw"]))
    rows = [f"<li><strong>{escape(what)}</strong><pre>{escape(text)}</pre></li>" for what, text in told]
    return _section("Yang gagal", "What failed", f'<ul class="bad">{"".join(rows)}</ul>') if rows else ""


def _databases(report: dict[str, Any], zone: tzinfo) -> str:
    if not report["databases"]:
        return ""
    rows = []
    for one in report["databases"]:
        notes = ["" if one["already_there"] else one["data_loss_reason"], *one["warnings"]]
        notes += [f"{row['path']}: {row['reason']}" for row in one["passed_over"]]
        state = "sudah ada / already there" if one["already_there"] else span_words(one["seconds"])
        rows.append(
            (
                f"<strong>{escape(one['database'])}</strong>",
                clock(one["reaches"], zone),
                span_words(one["data_loss_seconds"]),
                clock(one["last_transaction"], zone),
                escape(state),
                "<br>".join(f'<span class="en" lang="en">{escape(note)}</span>' for note in notes if note) or "–",
            )
        )
    heads = [
        ("Database", "database"),
        ("Pulih sampai", "recovered to"),
        ("Data hilang", "data lost"),
        ("Transaksi terakhir", "last transaction"),
        ("Lama", "took"),
        ("Catatan", "notes"),
    ]
    return _section("Database", "Databases", _table(heads, rows))


def _modules(report: dict[str, Any]) -> str:
    if not report["modules"]:
        return ""
    rows = []
    for one in report["modules"]:
        moves = [(row["path"], ", ".join(row["before"]), ", ".join(row["after"])) for row in one["files"]]
        files = [f"<code>{escape(path)}</code>: {escape(old)} → {escape(new)}" for path, old, new in moves]
        rows.append(
            (
                f"<strong>{escape(one['name'])}</strong>",
                _mark(one.get("ok")),
                escape(str(one.get("health", "–"))),
                escape(str(one.get("sessions", "–"))),
                "<br>".join(files) or "–",
            )
        )
    heads = [
        ("Modul", "module"),
        ("Terbukti", "proven"),
        ("Jawaban", "answer"),
        ("Sesi", "sessions"),
        ("Berkas", "files"),
    ]
    return _section("Modul aplikasi", "Application modules", _table(heads, rows))


def _verdicts(report: dict[str, Any]) -> str:
    rows = []
    for one in report["verdicts"]:
        indonesian, english = ITEMS.get(one["item"], (one["item"], one["item"]))
        proven = one.get("verdict") == "proven"
        told = [one.get("fact"), None if proven else one.get("hint")]
        words = "<br>".join(escape(text) for text in told if text)
        rows.append((_mark(proven), f"{escape(str(one.get('subject', '')))}: {both(indonesian, english)}", words))
    heads = [("Hasil", "verdict"), ("Pemeriksaan", "check"), ("Rincian", "detail")]
    return _section("Pemeriksaan", "Checks", _table(heads, rows)) if rows else ""


def _backups(report: dict[str, Any]) -> str:
    rows = [
        (
            escape(str(row.get("database_name", ""))),
            escape(str(row.get("backup_type", ""))),
            f"<code>{escape(', '.join(row.get('files', [])))}</code>",
            size_words(row.get("backup_size")),
            f"<code>{escape(str(row.get('last_lsn', '')))}</code>",
        )
        for row in report["backups"]
    ]
    heads = [("Database", "database"), ("Jenis", "type"), ("Berkas", "file"), ("Ukuran", "size"), ("LSN", "last LSN")]
    return _section("Backup yang dibuat", "Backups taken", _table(heads, rows)) if rows else ""


def _timeline(report: dict[str, Any], zone: tzinfo) -> str:
    if not report["steps"]:
        return ""
    total = max(report["seconds"], 0.001)
    rows, done = [], 0.0
    for step in report["steps"]:
        left, width = 100 * done / total, max(100 * step["seconds"] / total, 0.4)
        picture = f'<rect x="{left:.2f}" width="{width:.2f}" height="6"/>'
        picture = f'<svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">{picture}</svg>'
        rows.append((both(*STAGES[step["stage"]]), span_words(step["seconds"]), clock(step["started"], zone), picture))
        done += step["seconds"]
    heads = [("Tahap", "stage"), ("Lama", "took"), ("Mulai", "began"), ("Garis waktu", "timeline")]
    return _section("Jalannya waktu", "Timeline", _table(heads, rows))


def _files(report: dict[str, Any]) -> str:
    rows = [
        (
            f"<code>{escape(row['path'])}</code>",
            escape(str(row.get("backup_type") or "–")),
            size_words(row.get("bytes")),
            f"<code>{escape(str(row.get('first_lsn') or '–'))}<br>{escape(str(row.get('last_lsn') or '–'))}</code>",
            f'<code class="hash">{escape(row.get("sha256") or "–")}</code>',
        )
        for row in report["files"]
    ]
    heads = [("Berkas", "file"), ("Jenis", "type"), ("Ukuran", "size"), ("LSN", "first, last"), ("SHA-256", "hash")]
    return _section("Berkas backup", "Backup files", _table(heads, rows)) if rows else ""


def _held_back(report: dict[str, Any]) -> str:
    rows = [f"<li>{escape(row['reason'])}</li>" for row in report["held_back"]]
    return _section("Berkas yang tidak dipakai", "Files left out", f"<ul>{''.join(rows)}</ul>") if rows else ""


def _evidence(report: dict[str, Any]) -> str:
    last = f"sha256 rencana / plan: {report['plan_digest'] or '–'}"
    return f"<footer><p>{escape(last)}</p><p>ics.deadpool</p></footer>"


def _mark(ok: Any) -> str:
    return '<b class="ok">✔ ya</b>' if ok is True else '<b class="no">✘ tidak</b>'
