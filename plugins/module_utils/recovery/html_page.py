# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every page of ours is made of: one file in Indonesian and English, fit for a phone, nothing fetched."""

from __future__ import annotations

from html import escape


def document(title: str, style: str, body: str, *, head: str = "", attributes: str = "") -> str:
    """The whole file. ``head`` are further lines of its head, ``attributes`` those of its body."""
    return (
        '<!doctype html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n{head}'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n"
        f"<body{attributes}>\n{body}\n</body>\n</html>\n"
    )


def both(indonesian: str, english: str) -> str:
    """Indonesian first, English after it in small type; once where they are equal."""
    if indonesian == english:
        return escape(indonesian)
    return f'{escape(indonesian)} <span class="en" lang="en">{escape(english)}</span>'


def section(indonesian: str, english: str, content: str) -> str:
    return f"<section>\n<h2>{both(indonesian, english)}</h2>\n{content}\n</section>"
