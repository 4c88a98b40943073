# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which incident of a site is open: one small file on the controller that names the folder of its journal.

It only keeps the evidence together. What is done is asked of the servers; without this file a recovery is begun as
another incident, and goes on all the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..recovery.incident import Incident, is_over, site_key
from ..recovery.journal import first_flaw
from . import journal_file
from .whole_file import write_whole


def path_of(directory: str, site: str) -> Path:
    """The file of a site."""
    return Path(directory, f".incident-{site_key(site)}.json")


def last(directory: str, site: str) -> Incident | None:
    """The incident that was begun last, open or over. None where there is none whose journal can be found."""
    try:
        incident = Incident.from_dict(json.loads(path_of(directory, site).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return incident if journal_of(incident).is_file() else None


def open_one(directory: str, site: str) -> Incident | None:
    """The incident that a recovery which starts now goes on with."""
    incident = last(directory, site)
    return None if incident is None or is_over(entries(incident)) else incident


def journal_of(incident: Incident) -> Path:
    return Path(incident.folder, journal_file.NAME)


def entries(incident: Incident) -> list[dict[str, Any]]:
    return journal_file.read(str(journal_of(incident)))


def can_be_continued(incident: Incident) -> bool:
    """A journal that a crash tore, or that somebody edited, stays as it is: the incident goes on in another folder."""
    return first_flaw(entries(incident)) is None


def remember(directory: str, incident: Incident) -> None:
    """Writes the incident down; the file is whole whenever somebody reads it."""
    text = json.dumps(incident.to_dict(), ensure_ascii=False)
    write_whole(str(path_of(directory, incident.site)), text)
