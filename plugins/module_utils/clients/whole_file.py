# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files that others read while we write them: they see the old one or the new one, and never half of either."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from ..recovery.errors import StoreUnreachable


def write_whole(path: str, text: str, mode: int = 0o644) -> None:
    """Under another name, to the disk, then the name. Missing folders are made."""
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=target.parent, prefix=f".{target.name}.", suffix=".part", delete=False, encoding="utf-8"
        ) as part:
            try:
                part.write(text)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).chmod(mode)
                os.replace(part.name, target)
            except OSError:
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise StoreUnreachable(
            f"{path}: it cannot be written: {error.strerror or error}.",
            hint="Look at the room on that disk, and at the rights of the account that runs this.",
        ) from error


def read_json(path: str) -> Any:
    """What was kept there; None where there is nothing, or nothing that is JSON: it is only a memory."""
    try:
        return json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError):
        return None
