# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The walls of the house (docs/architecture.md), read from the imports and the strings of every file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PURE = ROOT / "plugins/module_utils/recovery"
HARMLESS = {
    "__future__", "base64", "bisect", "codecs", "collections", "contextlib", "dataclasses", "datetime", "decimal",
    "enum", "functools", "hashlib", "heapq", "html", "itertools", "json", "math", "operator", "re", "statistics",
    "string", "struct", "textwrap", "types", "typing", "unicodedata", "urllib.parse", "uuid", "zlib", "zoneinfo",
    "array", "ipaddress",
}  # fmt: skip
# A statement, not a mention: a verb at the beginning of a string literal, with its object.
T_SQL = re.compile(
    r"\s*(SELECT|INSERT|UPDATE|DELETE|MERGE|DECLARE|EXEC|EXECUTE|USE|KILL|DBCC|SET|"
    r"(BACKUP|RESTORE)\s+(DATABASE|LOG|HEADERONLY|FILELISTONLY|LABELONLY|VERIFYONLY)|"
    r"(ALTER|CREATE|DROP)\s+(DATABASE|LOGIN|USER|TABLE|ROLE|SERVER))\s+\S"
)
# SQLite, not SQL Server: the cache of the backup history on the controller.
NOT_T_SQL = {"history.py"}


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def code_lines(path: Path, tree: ast.Module) -> int:
    """Lines of a file without the documentation blocks that Ansible wants in it."""
    text = path.read_text("utf-8")
    blocks = [n for n in tree.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant)]
    blocks = [n for n in blocks if isinstance(n.value.value, str)]
    return text.count("\n") - sum((n.end_lineno or n.lineno) - n.lineno + 1 for n in blocks)


def literals(tree: ast.Module) -> Iterator[str]:
    """Every string of the code but docstrings and documentation blocks."""
    documentation = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    documentation |= {
        id(n.value)
        for n in ast.walk(tree)
        if isinstance(n, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id in ("DOCUMENTATION", "EXAMPLES", "RETURN") for t in n.targets)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


@pytest.mark.parametrize("path", sorted(PURE.rglob("*.py")), ids=lambda p: p.name)
def test_the_core_is_pure(path: Path) -> None:
    # Relative imports stay inside the room: one dot, and one more for each folder below it.
    outside = "." * (len(path.relative_to(PURE).parts) + 1)
    foreign = {n for n in imports(path) if not n.startswith(".") or n.startswith(outside)}
    allowed = {n for n in foreign if n in HARMLESS or n.split(".")[0] in HARMLESS - {"urllib.parse"}}
    assert foreign == allowed
    tree = ast.parse(path.read_text("utf-8"))
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert not called & {"open", "print", "input", "exec", "eval"}
    clocks = {n.func.attr for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
    assert not clocks & {"now", "utcnow", "today"}, "time comes in as an argument"


@pytest.mark.parametrize("path", python_files("plugins"), ids=lambda p: p.name)
def test_plugins_know_no_simulator_and_no_tests(path: Path) -> None:
    assert not [n for n in imports(path) if re.search(r"\b(simulator|tests)\b", n)]


@pytest.mark.parametrize("path", python_files("plugins/module_utils/clients"), ids=lambda p: p.name)
def test_clients_do_not_know_ansible(path: Path) -> None:
    assert not [n for n in imports(path) if n.startswith("ansible")]


def test_the_simulator_imports_nothing_from_plugins() -> None:
    guilty = {str(p): n for p in python_files("simulator") for n in imports(p) if re.search("ansible|plugins", n)}
    assert not guilty


@pytest.mark.parametrize("path", python_files("plugins"), ids=lambda p: p.name)
def test_t_sql_is_written_in_one_file(path: Path) -> None:
    if path.name == "tsql.py" or path.name in NOT_T_SQL:
        pytest.skip("the file that may")
    assert not [text for text in literals(ast.parse(path.read_text("utf-8"))) if T_SQL.match(text)]


@pytest.mark.parametrize("path", python_files("plugins"), ids=lambda p: p.name)
def test_only_the_shell_makes_modules_and_fails(path: Path) -> None:
    if path == ROOT / "plugins/module_utils/shell.py":
        pytest.skip("the file that may")
    names = {n.attr for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Attribute)}
    assert "fail_json" not in names
    assert "ansible.module_utils.basic" not in imports(path)


@pytest.mark.parametrize("path", python_files("plugins", "simulator"), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_files_and_functions_stay_short(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    # T-SQL stands in one file; that rule is worth more than this one.
    assert code_lines(path, tree) <= (850 if path.name == "tsql.py" else 300)
    functions = [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert not [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= 60]
