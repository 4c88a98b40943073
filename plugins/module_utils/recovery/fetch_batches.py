# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which portions the files of plans are fetched, so that restoring begins while the rest still arrives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .restore_step import RestorePlan

#: A portion ends behind the file that makes it this large: a full backup is restored while its logs arrive.
_MOST_BYTES = 128 * 1024 * 1024
#: To begin the transfer of a portion costs as much as some small files.
_MOST_FILES = 128


@dataclass(frozen=True)
class Batch:
    """Files of one database, in the order in which they are restored."""

    database: str
    files: tuple[str, ...]


def fetch_batches(plans: Iterable[RestorePlan]) -> list[Batch]:
    """Every file of the plans once, the databases in the order of the plans."""
    known: set[str] = set()
    batches: list[Batch] = []
    for plan in plans:
        new = [(path, size) for path, size in _sized(plan) if path not in known]
        known.update(path for path, _unused in new)
        batches += [Batch(plan.database, files) for files in _portions(new)]
    return batches


def _sized(plan: RestorePlan) -> Iterator[tuple[str, int]]:
    """Each file with its share of the backup set, which is striped evenly."""
    seen: set[str] = set()
    for step in plan.steps:
        for path in step.files:
            if path not in seen:
                seen.add(path)
                yield path, step.size // len(step.files)


def _portions(files: list[tuple[str, int]]) -> Iterator[tuple[str, ...]]:
    portion: list[str] = []
    size = 0
    for path, length in files:
        portion.append(path)
        size += length
        if size >= _MOST_BYTES or len(portion) >= _MOST_FILES:
            yield tuple(portion)
            portion, size = [], 0
    if portion:
        yield tuple(portion)
