# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""``/health`` of a module: JSON on loopback, 200 while it works with its database and 503 while it does not."""

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulator.apps.journal import now_text


class Health:
    """What the module says about itself; written by the writer, read by whoever asks."""

    def __init__(self, **constant: Any) -> None:
        self._lock = threading.Lock()
        self._state: dict[str, Any] = {
            **constant,
            "pid": os.getpid(),
            "status": "down",
            "since": now_text(),
            "server": None,
            "last_committed": None,
            "error": "not connected yet",
        }

    def up(self, server: str) -> None:
        self._change(status="ok", server=server, error=None)

    def down(self, error: str) -> None:
        self._change(status="down", server=None, error=error)

    def committed(self, sequence: int, time: str) -> None:
        with self._lock:
            self._state["last_committed"] = {"sequence": sequence, "time": time}

    def _change(self, **state: Any) -> None:
        with self._lock:
            if state["status"] != self._state["status"] or state["server"] != self._state["server"]:
                self._state["since"] = now_text()
            self._state.update(state)

    def state(self) -> dict[str, Any]:
        with self._lock:
            return dict(self._state)


def serve(health: Health, address: str, port: int) -> ThreadingHTTPServer:
    """Answers in a thread of its own until the process ends; the port may be 0."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.rstrip("/") != "/health":
                self.send_error(404)
                return
            state = health.state()
            body = json.dumps(state).encode()
            self.send_response(200 if state["status"] == "ok" else 503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Health checks are not worth a line each."""

    server = ThreadingHTTPServer((address, port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
