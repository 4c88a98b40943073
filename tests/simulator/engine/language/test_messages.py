# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The texts of messages, word by word against what Microsoft documents."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import simulator.engine.messages as engine

REFERENCE = (
    Path(os.environ.get("DEADPOOL_REFERENCE", Path(__file__).parents[5] / "shared/reference"))
    / "sql_server_errors.json"
)
KNOWN: dict[str, list[Any]] = json.loads(Path(engine.__file__).with_suffix(".json").read_text("utf-8"))


def documented() -> list[dict[str, Any]]:
    return list(json.loads(REFERENCE.read_text("utf-8"))["messages"]) if REFERENCE.exists() else []


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference of documented messages is not here")
def test_every_documented_message_is_known_word_by_word() -> None:
    assert len(documented()) > 200
    expected = {str(entry["number"]): [entry["severity"], entry["text"]] for entry in documented()}
    assert {number: KNOWN.get(number) for number in expected} == expected


@pytest.mark.parametrize("number", KNOWN)
def test_every_placeholder_is_filled(number: str) -> None:
    values = ["‹value›"] * 12
    assert "%" not in engine.message(int(number), *values).text.replace("(%)", "").replace("%%", "")
