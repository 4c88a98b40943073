# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The site's document as files. A document that says the same is left as it is, with the date of its last change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..recovery.journal import digest
from ..recovery.plan_request import site_zone
from ..recovery.site_document import in_order, lost_hosts
from ..recovery.site_document_page import html, markdown
from .whole_file import write_whole

_NAMES = ("site.html", "site.id.md", "site.en.md")


def write_documents(facts: Mapping[str, Any], folder: str, touch: bool) -> dict[str, Any]:
    """Writes what is not there or says something else."""
    facts = {**facts, "hosts": in_order(facts["hosts"])}
    mark = digest(dict(facts))
    now = datetime.now(timezone.utc).astimezone(site_zone(str(facts["time_zone"])))
    dated = {**facts, "made_at": f"{now:%d-%m-%Y %H:%M %Z}"}
    texts = dict(zip(_NAMES, (html(dated, mark), markdown(dated, 0, mark), markdown(dated, 1, mark))))
    stale = [name for name in _NAMES if not _says(Path(folder, name), mark)]
    if touch:
        for name in stale:
            write_whole(str(Path(folder, name)), texts[name])
    files = [str(Path(folder, name)) for name in _NAMES]
    return {"changed": bool(stale), "files": files, "silent": list(lost_hosts(facts))}


def _says(path: Path, mark: str) -> bool:
    try:
        return mark in path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
