# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report of a run as one HTML page, in Indonesian and English: no script, nothing fetched, fit for phone and A4."""

from __future__ import annotations

from datetime import tzinfo
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from . import report_evidence
from .html_page import both, document, section
from .report_html import clock, mark, span, table
from .report_style import STYLE
from .report_words import HOW, ITEMS, OUTCOMES, STAGES, TITLES, size_words


def page(report: dict[str, Any]) -> str:
    """The page of :func:`report.report`'s value."""
    zone = ZoneInfo(report["time_zone"])
    kind = TITLES.get(report["kind"], (report["kind"], report["kind"]))
    sections = [
        _head(report, zone, kind),
        _failures(report),
        report_evidence.clocks(report, zone),
        report_evidence.targets(report),
        report_evidence.decisions(report, zone),
        _databases(report, zone),
        report_evidence.promises(report, zone),
        _modules(report),
        _backups(report),
        _retention(report),
        report_evidence.deviations(report),
        _stages(report, zone),
        _files(report),
        _verdicts(report),
        _held_back(report),
        report_evidence.notifications(report, zone),
        report_evidence.seal(report),
    ]
    body = "\n".join(one for one in sections if one)
    return document(f"{kind[0]} {report['site']}", STYLE, f"<main>\n{body}\n</main>")


def _head(report: dict[str, Any], zone: tzinfo, kind: tuple[str, str]) -> str:
    indonesian, english, colour = OUTCOMES[report["outcome"]]
    facts = [
        (("Lokasi", "Site"), escape(report["site"])),
        (("Mulai", "Started"), clock(report["started"], zone)),
        (("Selesai", "Finished"), clock(report["finished"], zone)),
        (("Lama", "Took"), span(report["seconds"])),
        (("Dijalankan oleh", "Run by"), escape(report["user"])),
    ]
    if report["target"]:
        facts.insert(1, (("Server", "Server"), escape(f"{report['target']} ({report['server']})")))
    if report["data_loss_seconds"] is not None:
        facts.insert(2, (("Data hilang", "Data lost"), span(report["data_loss_seconds"])))
    if report["decision"]:
        how = str(report["decision"].get("how", ""))
        who = f"{escape(str(report['decision'].get('who', '')))}: {both(*HOW.get(how, (how, how)))}"
        facts.append((("Keputusan 1", "Decision 1"), who))
    if report["why"]:
        facts.append((("Sebab", "Why"), escape(report["why"])))
    items = "".join(f"<div><dt>{both(*name)}</dt><dd>{value}</dd></div>" for name, value in facts)
    return (
        f'<header class="{colour}">\n<p>{both(*kind)}</p>\n<h1>{escape(indonesian)}</h1>\n'
        f'<p class="en" lang="en">{escape(english)}</p>\n</header>\n<dl>{items}</dl>'
    )


def _retention(report: dict[str, Any]) -> str:
    """What every database can be restored to, before and after old backups went."""
    lines = "\n".join(escape(line) for line in report["retention"])
    return section("Backup lama", "Old backups", f"<pre>{lines}</pre>") if lines else ""


def _failures(report: dict[str, Any]) -> str:
    told = [(row["what"], row["msg"]) for row in report["failures"]]
    if report["journal_flaw"]:
        told.append(("Journal", report["journal_flaw"]))
    rows = [f"<li><strong>{escape(what)}</strong><pre>{escape(text)}</pre></li>" for what, text in told]
    return section("Yang gagal", "What failed", f'<ul class="bad">{"".join(rows)}</ul>') if rows else ""


def _databases(report: dict[str, Any], zone: tzinfo) -> str:
    if not report["databases"]:
        return ""
    rows = []
    for one in report["databases"]:
        notes = ["" if one["already_there"] else one["data_loss_reason"], *one["warnings"]]
        notes += [f"{row['path']}: {row['reason']}" for row in one["passed_over"]]
        rows.append(
            (
                f"<strong>{escape(one['database'])}</strong>",
                clock(one["reaches"], zone),
                span(one["data_loss_seconds"]),
                "<br>".join(f'<span class="en" lang="en">{escape(note)}</span>' for note in notes if note) or "–",
            )
        )
    heads = [
        ("Database", "database"),
        ("Pulih sampai", "recovered to"),
        ("Data hilang", "data lost"),
        ("Catatan", "notes"),
    ]
    return section("Database", "Databases", table(heads, rows))


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
                mark(one.get("ok")),
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
        ("File", "files"),
    ]
    return section("Modul aplikasi", "Application modules", table(heads, rows))


def _verdicts(report: dict[str, Any]) -> str:
    rows = []
    for one in report["verdicts"]:
        indonesian, english = ITEMS.get(one["item"], (one["item"], one["item"]))
        proven = one.get("verdict") == "proven"
        told = [one.get("fact"), None if proven else one.get("hint")]
        words = "<br>".join(escape(text) for text in told if text)
        rows.append((mark(proven), f"{escape(str(one.get('subject', '')))}: {both(indonesian, english)}", words))
    heads = [("Hasil", "verdict"), ("Pemeriksaan", "check"), ("Rincian", "detail")]
    return section("Pemeriksaan", "Checks", table(heads, rows)) if rows else ""


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
    heads = [("Database", "database"), ("Jenis", "type"), ("File", "file"), ("Ukuran", "size"), ("LSN", "last LSN")]
    return section("Backup yang dibuat", "Backups taken", table(heads, rows)) if rows else ""


def _stages(report: dict[str, Any], zone: tzinfo) -> str:
    if not report["steps"]:
        return ""
    total = max(report["seconds"], 0.001)
    rows, done = [], 0.0
    for step in report["steps"]:
        left, width = 100 * done / total, max(100 * step["seconds"] / total, 0.4)
        picture = f'<rect x="{left:.2f}" width="{width:.2f}" height="6"/>'
        picture = f'<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">{picture}</svg>'
        rows.append((both(*STAGES[step["stage"]]), span(step["seconds"]), clock(step["started"], zone), picture))
        done += step["seconds"]
    heads = [("Tahap", "stage"), ("Lama", "took"), ("Mulai", "began"), ("Garis waktu", "timeline")]
    return section("Tahap demi tahap", "Stages", table(heads, rows))


def _files(report: dict[str, Any]) -> str:
    rows = [
        (
            f"<code>{escape(row['path'])}</code>",
            escape(str(row.get("backup_type") or "–")),
            size_words(row.get("bytes")),
            f'<code class="nb">{_lsn(row, "first_lsn")}<br>{_lsn(row, "last_lsn")}</code>',
            f'<code class="hash">{escape(row.get("sha256") or "–")}</code>',
        )
        for row in report["files"]
    ]
    heads = [("File", "file"), ("Jenis", "type"), ("Ukuran", "size"), ("LSN", "first, last"), ("SHA-256", "hash")]
    return section("File backup", "Backup files", table(heads, rows)) if rows else ""


def _lsn(row: dict[str, Any], key: str) -> str:
    return escape(str(row.get(key) or "–"))


def _held_back(report: dict[str, Any]) -> str:
    rows = [f"<li>{escape(row['reason'])}</li>" for row in report["held_back"]]
    return section("File yang tidak dipakai", "Files left out", f"<ul>{''.join(rows)}</ul>") if rows else ""
