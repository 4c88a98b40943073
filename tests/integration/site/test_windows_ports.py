# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The script that tries ports on a Windows host: what can be said of it without one. NOT RUN on Windows."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_host import WindowsHost, script_text
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_ports import ports_of
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.route import Route
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.route_check import RESULTS, judged

ROUTES = [Route("app3", "sql1", "10.0.0.1", port, "sql") for port in (1433, 1434)]


def test_the_script_is_powershell_and_tells_results_that_are_known() -> None:
    grammar = pytest.importorskip("tree_sitter_powershell")
    sitter = pytest.importorskip("tree_sitter")
    text = script_text("ports")
    tree = sitter.Parser(sitter.Language(grammar.language())).parse(text.encode())
    assert not tree.root_node.has_error
    for result in ("open", "refused", "timeout", "no_name", "no_route"):
        assert f"'{result}'" in text and result in RESULTS


def test_an_answer_that_is_missing_is_no_success() -> None:
    asked: list[dict[str, Any]] = []

    def execute(module: str, arguments: dict[str, Any]) -> dict[str, Any]:
        asked.append({"module": module, **arguments["parameters"]})
        return {"result": {"ports": [{"result": "open", "detail": "", "seconds": 0.1}]}}

    given = [one.to_dict() for one in ROUTES]
    told = ports_of(WindowsHost("app3", execute), {"ports": given, "timeout": 2.0}, False)
    assert asked[0]["module"] == "ansible.windows.win_powershell" and asked[0]["Seconds"] == 2.0
    assert asked[0]["Ports"] == [{"address": "10.0.0.1", "port": port} for port in (1433, 1434)]
    assert [one.result for one in judged(ROUTES, {"app3": told["ports"]})] == ["open", "not_asked"]
