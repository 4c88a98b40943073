# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stand-in for Semaphore's API, as far as a project needs it.

Addresses, keys, types and choices are those of its description (2.16). Its manners too: the numbers in address and body
must agree, nothing empty is shown, secrets never are.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Keys that each kind of entry takes, with their types; a tuple of texts lists the choices.
KEYS: dict[str, dict[str, Any]] = {
    "projects": {"name": str, "alert": bool, "alert_chat": str, "max_parallel_tasks": int, "type": str},
    "keys": {"name": str, "type": ("none", "ssh", "login_password"), "login_password": dict, "ssh": dict},
    "repositories": {"name": str, "git_url": str, "git_branch": str, "ssh_key_id": int},
    "inventory": {
        "name": str, "inventory": str, "ssh_key_id": int, "become_key_id": int, "repository_id": int,
        "type": ("static", "static-yaml", "file", "terraform-workspace"),
    },
    "environment": {"name": str, "password": str, "json": str, "env": str, "secrets": list},
    "templates": {
        "name": str, "inventory_id": int, "repository_id": int, "environment_id": int, "view_id": int,
        "playbook": str, "arguments": str, "description": str, "limit": str, "git_branch": str,
        "allow_override_args_in_task": bool, "allow_override_branch_in_task": bool, "allow_parallel_tasks": bool,
        "suppress_success_alerts": bool, "suppress_error_alerts": bool, "vaults": list, "survey_vars": list,
        "app": ("ansible", "terraform", "tofu", "bash", "powershell", "python", "pulumi"),
        "type": ("", "build", "deploy"), "autorun": bool, "task_params": dict,
    },
    "schedules": {
        "name": str, "cron_format": str, "template_id": int, "active": bool, "type": ("", "run_at"),
        "task_params": dict,
    },
    "users": {"user_id": int, "role": ("owner", "manager", "task_runner", "guest")},
}  # fmt: skip
SURVEY = {
    "name": str,
    "title": str,
    "description": str,
    "type": ("", "int", "enum", "secret", "text"),
    "required": bool,
}
SURVEY |= {"values": list, "default_value": str, "target": ("", "env")}
SECRET = {"name": str, "secret": str, "type": ("env", "var"), "operation": ("create", "update", "delete"), "id": int}
TOKEN = "token-of-an-administrator"


def faults(entry: dict[str, Any], keys: dict[str, Any], where: str) -> list[str]:
    """What Semaphore would not understand."""
    found = []
    for key, value in entry.items():
        wanted = keys.get(key)
        if wanted is None:
            found.append(f"{where}.{key}: no such key")
        elif isinstance(wanted, tuple) and value not in wanted:
            found.append(f"{where}.{key}: {value!r} is none of {wanted}")
        elif isinstance(wanted, type) and type(value) is not wanted:
            found.append(f"{where}.{key}: {value!r} is no {wanted.__name__}")
    for key, inner in (("survey_vars", SURVEY), ("secrets", SECRET)):
        for one in entry.get(key, []):
            found += faults(one, inner, f"{where}.{key}")
    return found


class Semaphore:
    """What it remembers, and what it was asked to change."""

    def __init__(self) -> None:
        self.entries: dict[str, list[dict[str, Any]]] = {"/projects": []}
        self.people = [{"id": 1, "username": "admin"}]
        self.changes: list[str] = []
        self.refused: list[str] = []
        self.number = 1

    def answer(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, Any]:
        if (method, path) == ("GET", "/users"):
            return 200, self.people
        base, kind, number = self._place(path)
        there = self.entries.setdefault(f"{base}/{kind}", [])
        if method == "GET":
            return 200, [_shown(entry) for entry in there]
        wrong = self._wrong(base, kind, number, body or {})
        if wrong:
            self.refused += wrong
            return 400, {"error": "; ".join(wrong)}
        self.changes.append(f"{method} {path}")
        return self._post(there, kind, body or {}) if method == "POST" else self._put(there, number, body or {})

    def _place(self, path: str) -> tuple[str, str, int]:
        found = re.fullmatch(r"(/project/\d+)?/(\w+)(?:/(\d+))?", path)
        assert found, path
        kind = {"project": "projects"}.get(found[2], found[2])
        return found[1] or "", kind, int(found[3] or 0)

    def _wrong(self, base: str, kind: str, number: int, body: dict[str, Any]) -> list[str]:
        if kind not in KEYS:
            return [f"{kind}: no such address"]
        keys = KEYS[kind] | ({"project_id": int} if base and kind != "users" else {}) | ({"id": int} if number else {})
        found = faults(body, keys, kind)
        if "project_id" in keys and f"/project/{body.get('project_id')}" != base:
            found.append(f"{kind}: the project in body and address must be the same")
        if number and kind != "users" and body.get("id") != number:
            found.append(f"{kind}: the number in body and address must be the same")
        return found

    def _post(self, there: list[dict[str, Any]], kind: str, body: dict[str, Any]) -> tuple[int, Any]:
        if kind == "users":
            person = next(one for one in self.people if one["id"] == body["user_id"])
            there.append({**person, "role": body["role"]})
            return 204, None
        self.number += 1
        there.append({**body, "id": self.number})
        return 201, _shown(there[-1])

    def _put(self, there: list[dict[str, Any]], number: int, body: dict[str, Any]) -> tuple[int, Any]:
        (entry,) = [one for one in there if one["id"] == number]
        entry.update(body)
        return 204, None


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value and key not in ("ssh", "secrets", "login_password")}


@contextmanager
def serving(semaphore: Semaphore) -> Iterator[str]:
    """The address of its API."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            path = self.path.removeprefix("/api").partition("?")[0]
            code, told = (
                semaphore.answer(self.command, path, body)
                if self.headers.get("Authorization") == f"Bearer {TOKEN}"
                else (401, {"error": "who are you?"})
            )
            data = b"" if told is None else json.dumps(told).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _do

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api"
    finally:
        server.shutdown()
        server.server_close()
