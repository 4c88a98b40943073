# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parts of the report page that are evidence of an incident: clocks, targets, decisions, deviations."""

from __future__ import annotations

from datetime import tzinfo
from html import escape
from typing import Any

from .html_page import both, section
from .plan_table import duration
from .report_html import clock, code, mark, span, table
from .report_timeline import timeline
from .report_words import BILL, CLOCKS, DEVIATIONS, HOW, MOMENTS, TARGETS, size_words

Report = dict[str, Any]


def clocks(report: Report, zone: tzinfo) -> str:
    if report["kind"] not in TARGETS["kinds"]:
        return ""
    rows = []
    for one in report["clocks"]:
        guess = "" if one["known"] is not False else f" {both('paling cepat saat itu', 'not before')}"
        words = both(*CLOCKS[one["clock"]])
        rows.append((f"<strong>{one['clock']}</strong> {words}", f"{clock(one['at'], zone)}{guess}"))
    picture = timeline(report["clocks"], report["targets"], zone)
    heads = [("Jam", "clock"), ("Waktu", "time")]
    return section("Jam T0 sampai T7", "Clocks T0 to T7", picture + "\n" + table(heads, rows))


def targets(report: Report) -> str:
    rows = [
        (
            both(*TARGETS[row["target"]]),
            span(row["seconds"]),
            span(row["from_disruption"]),
            span(row["from_declaration"]),
            mark(row["met"]),
        )
        for row in report["targets"]
        if report["kind"] in TARGETS["kinds"]
    ]
    heads = [
        ("Sasaran", "target"),
        ("Batas", "allowed"),
        ("Sejak gangguan", "from disruption"),
        ("Sejak insiden dibuka", "from declaration"),
        ("Tercapai", "met"),
    ]
    return section("Sasaran", "Targets", table(heads, rows)) if rows else ""


def promises(report: Report, zone: tzinfo) -> str:
    """What the plan said, and what came of it."""
    rows = [
        (
            f"<strong>{escape(one['database'])}</strong>",
            clock(one["reaches"], zone),
            clock(one["last_transaction"], zone),
            span(one["predicted_seconds"]) + _range(one["predicted_range"]),
            both("sudah ada", "already there") if one["already_there"] else span(one["seconds"]),
        )
        for one in report["databases"]
    ]
    heads = [
        ("Database", "database"),
        ("Dijanjikan sampai", "promised until"),
        ("Transaksi terakhir ada", "last transaction found"),
        ("Perkiraan lama", "promised to take"),
        ("Kenyataan", "took"),
    ]
    return section("Rencana dan kenyataan", "Promised and reached", table(heads, rows)) if rows else ""


def _range(predicted: Any) -> str:
    return f"<br><small>{duration(predicted[0])} – {duration(predicted[1])}</small>" if predicted else ""


def decisions(report: Report, zone: tzinfo) -> str:
    parts = []
    if report["bills"]:
        parts.append(table(BILL, [_bill(one) for one in report["bills"]]))
    rows = [
        (
            f"<strong>{both('Penerimaan', 'acceptance') if one['number'] == 3 else one['number']}</strong>",
            clock(one["at"], zone),
            f"<strong>{escape(str(one.get('who', '')))}</strong>",
            both(*HOW.get(one.get("how", ""), (one.get("how", ""), one.get("how", "")))),
            escape(", ".join(one.get("starters", []))),
            f'<code class="hash">{escape(str(one.get("seen", "–")))}</code>',
        )
        for one in report["decisions"]
    ]
    heads = [
        ("Keputusan", "decision"),
        ("Waktu", "time"),
        ("Siapa", "who"),
        ("Cara", "by which means"),
        ("Dijalankan oleh", "run by"),
        ("Yang dilihat (SHA-256)", "what was seen"),
    ]
    if rows:
        parts.append(table(heads, rows))
    return section("Keputusan", "Decisions", "\n".join(parts)) if parts else ""


def _bill(one: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"<strong>{escape(one['target'])}</strong> {escape(one['server'])}",
        span(one["data_loss_seconds"]),
        size_words(one["bytes_to_fetch"]),
        span(one["predicted_seconds"]),
        escape(one["refusal"]) or "–",
    )


def deviations(report: Report) -> str:
    """What was not as it should be, and what is to be done; on paper there is room to write."""
    if report["kind"] not in TARGETS["kinds"]:
        return ""
    facts = [_deviation(one) for one in report["deviations"]]
    told = "".join(f"<li>{fact}</li>" for fact in facts) or f"<li>{both('tidak ada', 'none')}</li>"
    rows = [tuple(escape(str(row[key])) for key in ("what", "owner", "due")) for row in report["corrective_actions"]]
    blank = '<div class="blank"></div>'
    heads = [("Tindakan perbaikan", "corrective action"), ("Penanggung jawab", "owner"), ("Tanggal", "date")]
    actions = table(heads, rows or [(blank, blank, blank)] * (2 if facts else 1))
    return section("Penyimpangan dan perbaikan", "Deviations and corrective actions", f"<ul>{told}</ul>\n{actions}")


def _deviation(one: dict[str, Any]) -> str:
    facts = {key: duration(float(v)) if key in ("seconds", "promised") else v for key, v in one.items()}
    indonesian, english = DEVIATIONS[one["kind"]]
    return both(indonesian.format(**facts), english.format(**facts))


def notifications(report: Report, zone: tzinfo) -> str:
    rows = [
        (
            clock(one["at"], zone),
            both(*MOMENTS.get(one.get("moment", ""), (one.get("moment", ""), ""))),
            escape(f"{one.get('way', '')}: {', '.join(one.get('to', []))}"),
            mark(one.get("ok")),
        )
        for one in report["notifications"]
    ]
    heads = [("Waktu", "time"), ("Pemberitahuan", "moment"), ("Kepada", "to"), ("Terkirim", "delivered")]
    return section("Pemberitahuan", "Notifications", table(heads, rows)) if rows else ""


def seal(report: Report) -> str:
    """How the journal ended when this was written; playbooks/report_verify.yml compares."""
    kept = report["journal"]
    rows = [
        ("Insiden / incident", report["incident"] or "–"),
        ("Journal", f"{kept['entries']} entri / entries"),
        ("SHA-256 entri terakhir / of the last entry", kept["head"] or "–"),
        ("SHA-256 rencana / of the plans", (report["plan_digest"] or "–").replace(",", ", ")),
    ]
    lines = "".join(f"<p>{escape(name)}: {code(value)}</p>" for name, value in rows)
    return f"<footer>{lines}<p>ics.deadpool · playbooks/report_verify.yml</p></footer>"
