# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The site's document as a page for a desk, a phone and A4, and as Markdown in each language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from .html_page import both, document, section
from .report_html import table
from .report_style import STYLE
from .site_document import Part, parts, texts

_TITLE = ("Dokumen lokasi", "Site document")
_STYLE = (
    STYLE + "header.plain{background:#0b3d66}td>div{min-width:2.4rem}td{overflow-wrap:break-word}\n"
    "h2+p{margin:.2rem 0 .5rem;color:var(--soft)}\n"
)


def html(facts: Mapping[str, Any], mark: str) -> str:
    """``mark`` is what the file is known by when it is made anew."""
    body = [
        f'<header class="plain">\n<p>{both(*_TITLE)}</p>\n<h1>{escape(str(facts["site"]))}</h1>\n'
        f"<p>{escape(str(facts['made_at']))}</p>\n</header>",
        *(_section(one) for one in parts(facts)),
    ]
    head = f'<meta name="deadpool-facts" content="{escape(mark)}">\n'
    return document(f"{_TITLE[0]} {facts['site']}", _STYLE, "<main>\n" + "\n".join(body) + "\n</main>", head=head)


def _section(one: Part) -> str:
    note = f"<p>{both(*one.note)}</p>\n" if one.note[0] else ""
    rows = [[_cell(value) for value in row] for row in one.rows]
    content = table(one.heads, rows) if rows else f"<p>{both('Belum ada.', 'None yet.')}</p>"
    return section(*one.title, note + content)


def _cell(value: Any) -> str:
    text = both(*value) if isinstance(value, tuple) else escape(str(value)).replace("/", "/<wbr>")
    # A path or an address breaks where a person would break it.
    return text.replace(":<wbr>", ":")


def markdown(facts: Mapping[str, Any], language: int, mark: str) -> str:
    """0 Indonesian, 1 English."""
    lines = [f"<!-- deadpool-facts {mark} -->", f"# {_TITLE[language]}: {_plain(str(facts['site']))}", ""]
    lines += [str(facts["made_at"]), ""]
    for one in parts(facts):
        lines += [f"## {one.title[language]}", ""]
        if one.note[language]:
            lines += [one.note[language], ""]
        lines += _table(one, language) if one.rows else [("Belum ada.", "None yet.")[language]]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _table(one: Part, language: int) -> list[str]:
    heads = texts(one.heads, language)
    return [_row([head[:1].upper() + head[1:] for head in heads]), _row(["---"] * len(heads))] + [
        _row([_plain(text) for text in texts(row, language)]) for row in one.rows
    ]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _plain(text: str) -> str:
    """What Markdown or a table would take for something else."""
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, "\\" + sign)
    return " ".join(text.split())
