# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Configuration files: which servers they name, and the same file for another server, byte for byte otherwise.

:func:`repoint_file` is the whole way: decode, find, decide, replace spans of bytes, and read the result again.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from .config_formats.detection import detected_format
from .config_formats.hosts_config import addresses_only, hosts_reading
from .config_formats.ini_config import env_reading, ini_reading, udl_reading
from .config_formats.json_config import json_reading
from .config_formats.php_config import php_reading
from .config_formats.properties_config import properties_reading
from .config_formats.registry_config import registry_reading
from .config_formats.settings import Hint
from .config_formats.text_config import pattern_reading, vbscript_reading
from .config_formats.xml_config import xml_reading
from .config_formats.yaml_config import yaml_reading
from .connection_grammars.place import Reading
from .discretion import Discretion
from .endpoint import Endpoint
from .errors import InvalidInput, RepointRefused
from .file_encoding import decoded
from .remainder import with_what_is_left
from .repointing import Edit, Finding, Repointing, decide
from .spanned_text import SpannedText, applied

_READERS: dict[str, Callable[[SpannedText, Sequence[Hint]], Reading]] = {
    "xml": xml_reading,
    "json": json_reading,
    "yaml": yaml_reading,
    "ini": ini_reading,
    "freetds": lambda root, hints: ini_reading(root, hints, freetds=True),
    "udl": udl_reading,
    "properties": properties_reading,
    "env": env_reading,
    "php": php_reading,
    "vbscript": vbscript_reading,
    "reg": registry_reading,
    "hosts": hosts_reading,
}
FORMATS = ("auto", *_READERS, "text")


@dataclass(frozen=True)
class FileForm:
    """What the operator knows of a file. ``patterns`` are regular expressions with a group ``server``."""

    path: str = ""
    format: str = "auto"
    encoding: str = "auto"
    keys: Sequence[Hint] = ()
    patterns: Sequence[str] = ()


@dataclass(frozen=True)
class RepointedFile:
    """The file as it would be. Nothing but ``data`` holds anything of the file besides keywords and servers."""

    data: bytes = field(repr=False)
    changed: bool
    format: str
    encoding: str
    outcome: Repointing = field(repr=False)
    edits: Sequence[dict[str, Any]]
    findings: Sequence[dict[str, Any]]
    before: Sequence[str]
    after: Sequence[str]
    sha256_before: str
    sha256_after: str

    @property
    def status(self) -> str:
        return self.outcome.status

    @property
    def already(self) -> bool:
        """Whether the file names the new server and no longer the old one."""
        return bool(self.outcome.already) and not self.outcome.edits

    def told(self, level: str) -> list[dict[str, Any]]:
        return [finding for finding in self.findings if finding["level"] == level]


def repoint_file(data: bytes, old: Iterable[Endpoint], new: Endpoint, form: FileForm | None = None) -> RepointedFile:
    """``data`` with every server of ``old`` replaced by ``new``. Only what the result lists differs.

    What cannot be edited safely is a ``refused`` finding. RepointRefused is for what is no such file at all.
    """
    form = form or FileForm()
    old = tuple(old)
    root, encoding = decoded(data, form.encoding)
    kind = _format(form, root)
    if kind == "hosts":
        old, new = addresses_only(old, new)
    outcome = with_what_is_left(decide(_reading(root, kind, form), old, new), root, old)
    result = applied(data, [edit.change for edit in outcome.edits])
    again = decide(_reading(decoded(result, form.encoding)[0], kind, form), old, new)
    if again.edits or len(again.already) < len(outcome.already):
        raise RepointRefused(
            "the edited file would not read as expected: an edit at the same place would be made again",
            hint="Edit this file by hand and report the form of its connection string.",
        )
    lines, discretion = _line_starts(root), Discretion(root.text, (*old, new))
    return RepointedFile(
        data=result,
        changed=result != data,
        format=kind,
        encoding=str(encoding),
        outcome=outcome,
        edits=[_edit(edit, lines, discretion) for edit in outcome.edits],
        findings=[_finding(finding, lines, discretion) for finding in outcome.findings],
        before=list(dict.fromkeys(map(discretion.server, outcome.servers))),
        after=list(dict.fromkeys(map(discretion.server, again.servers))),
        sha256_before=hashlib.sha256(data).hexdigest(),
        sha256_after=hashlib.sha256(result).hexdigest(),
    )


def read_file(root: SpannedText, kind: str, keys: Sequence[Hint] = ()) -> Reading:
    """Where a text of this format names SQL Servers."""
    return _READERS[kind](root, keys)


def _reading(root: SpannedText, kind: str, form: FileForm) -> Reading:
    reading = Reading() if kind == "text" else read_file(root, kind, form.keys)
    return reading + pattern_reading(root, form.patterns) if form.patterns else reading


def _format(form: FileForm, root: SpannedText) -> str:
    if form.format not in FORMATS:
        raise InvalidInput(
            f"{form.format!r} is no format of configuration files", hint=f"Use one of {', '.join(FORMATS)}."
        )
    kind = detected_format(form.path, root.text) if form.format == "auto" else form.format
    if not kind and form.patterns:
        kind = "text"
    if not kind:
        raise RepointRefused(
            "neither name nor content tell the format of the file",
            hint=f"Give the file's format, one of {', '.join(FORMATS[1:])}.",
        )
    if kind == "text" and not form.patterns:
        raise InvalidInput(
            "format text needs patterns",
            hint=r"Give a regular expression whose group server is the place, such as ^dbhost\s+(?P<server>\S+)$.",
        )
    return kind


def _line_starts(root: SpannedText) -> list[int]:
    """The byte at which each line begins."""
    starts = [root.position(0)]
    position = root.text.find("\n")
    while position >= 0:
        starts.append(root.position(position + 1))
        position = root.text.find("\n", position + 1)
    return starts


def _edit(edit: Edit, lines: Sequence[int], discretion: Discretion) -> dict[str, Any]:
    return {
        "line": bisect_right(lines, edit.change.start),
        "offset": edit.change.start,
        "length": edit.change.end - edit.change.start,
        "new_length": len(edit.change.new),
        "key": discretion.name(edit.key),
        "before": discretion.server(edit.before),
        "after": str(edit.after),
    }


def _finding(finding: Finding, lines: Sequence[int], discretion: Discretion) -> dict[str, Any]:
    return finding.to_dict(bisect_right(lines, finding.position), discretion)
