# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a module returned, against its page: keys that no page names, keys that never come, samples of another shape."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
#: Ansible's own, and what every failure of ours has.
LOOP = {"item", "ansible_loop_var"}
COMMON = LOOP | {
    "changed",
    "failed",
    "msg",
    "hint",
    "error",
    "invocation",
    "warnings",
    "deprecations",
    "diff",
    "exception",
}


def page(module: str) -> dict[str, Any]:
    """The documentation of what it returns."""
    tree = ast.parse((ROOT / f"plugins/modules/{module}.py").read_text("utf-8"))
    (text,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "RETURN"
    ]
    assert isinstance(text, ast.Constant)
    found: dict[str, Any] = yaml.safe_load(str(text.value))
    return found


def result(returned: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the module itself said, or nothing where a task said something over it (a loop, a failure let pass)."""
    said = {
        key: value for key, value in returned.items() if not key.startswith("_") and not key.endswith("_when_result")
    }
    return None if "results" in said or "hint" in said or said.get("failed") else said


def faults(module: str, results: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """All that its page says and its results do not, and the other way round."""
    pages, seen = page(module), [one for one in map(result, results) if one is not None]
    for name in sorted({key for one in seen for key in one} - COMMON - set(pages)):
        yield f"{module} returns {name}, which its page does not name"
    for name, about in pages.items():
        if about["returned"] in ("always", "success") and not all(name in one for one in seen):
            yield f"{module} does not always return {name}"
        if "sample" not in about:
            yield f"{module}: {name} has no sample"
        values = [one[name] for one in seen if one.get(name) not in (None, "", [], {})]
        if values and not any(fits(about.get("sample"), value) for value in values):
            yield f"{module}: the sample of {name} is unlike what is returned: {str(values[0])[:300]}"


def fits(sample: Any, value: Any) -> bool:
    """Whether something is of the sample's form. A sample may leave keys out; it may not make any up."""
    if sample is None or value is None or sample in ("", [], {}) or value in ("", [], {}):
        return True
    if isinstance(sample, dict):
        return isinstance(value, dict) and _keys_fit(sample, value)
    if isinstance(sample, list):
        return isinstance(value, list) and all(any(fits(part, one) for one in value) for part in sample)
    if isinstance(sample, bool) or isinstance(value, bool):
        return isinstance(sample, bool) and isinstance(value, bool)
    number = (int, float)
    return isinstance(value, number) if isinstance(sample, number) else isinstance(value, str)


def _keys_fit(sample: dict[str, Any], value: dict[str, Any]) -> bool:
    if not set(sample) & set(value):
        # Under the names of databases, servers, files: of another hospital.
        return all(any(fits(part, one) for one in value.values()) for part in sample.values())
    return set(sample) <= set(value) and all(fits(part, value[key]) for key, part in sample.items())
