# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every task on a Windows module that stands in a YAML file, a Markdown page or a module's examples."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from .specs import COLLECTIONS, faults

_BLOCK = re.compile(r"^```ya?ml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SHORT = re.compile(r"win_\w+|(ansible\.(builtin|legacy)\.)win_\w+")


class _Loader(yaml.SafeLoader):
    """Takes !vault and !unsafe for what they are."""


def _plain(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


_Loader.add_multi_constructor("!", _plain)


def documents(path: Path) -> Iterator[Any]:
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        texts = [
            node.value.value
            for node in ast.parse(text).body
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and any(isinstance(target, ast.Name) and target.id == "EXAMPLES" for target in node.targets)
        ]
    else:
        texts = _BLOCK.findall(text) if path.suffix == ".md" else [text]
    for one in texts:
        yield from yaml.load_all(one, _Loader)


def windows_tasks(document: Any) -> Iterator[tuple[str, Any]]:
    """Module and arguments of every task below, blocks and handlers included."""
    if isinstance(document, list):
        for one in document:
            yield from windows_tasks(one)
    elif isinstance(document, dict):
        for key, value in document.items():
            if isinstance(key, str) and (key.rpartition(".")[0] in COLLECTIONS or _SHORT.fullmatch(key)):
                yield key, value
            elif key in ("action", "local_action") and isinstance(value, dict) and "module" in value:
                module = str(value["module"])
                if module.rpartition(".")[0] in COLLECTIONS or _SHORT.fullmatch(module):
                    yield module, {name: one for name, one in value.items() if name != "module"}
            else:
                yield from windows_tasks(value)


def task_faults(module: str, arguments: Any) -> list[str]:
    if _SHORT.fullmatch(module):
        return [f"{module}: write the whole name, with its collection"]
    if arguments is None:
        arguments = {}
    if not isinstance(arguments, dict):
        return [f"{module}: write its arguments as a dictionary"]
    return faults(module, arguments)
