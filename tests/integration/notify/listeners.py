# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A mail server and a program with a webhook, on loopback: they take what comes, and keep it."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Heard:
    """``mails`` and ``posts`` as they came; ``answer`` is what webhooks are answered."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    answer: int = 200

    @property
    def moments(self) -> list[str]:
        return [str(post["moment"]) for post in self.posts]


class _Smtp(socketserver.StreamRequestHandler):
    """So much of SMTP as one mail with a login needs."""

    def handle(self) -> None:
        heard: Heard = self.server.heard  # type: ignore[attr-defined]
        self._say("220 mail.test")
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper()
            if verb == b"EHLO":
                self._say("250-mail.test\r\n250 AUTH PLAIN")
            elif verb == b"AUTH":
                heard.logins.append(line.decode().strip())
                self._say("235 welcome")
            elif verb == b"DATA":
                self._say("354 go on")
                data = b"".join(iter(self.rfile.readline, b".\r\n"))
                heard.mails.append(email.message_from_bytes(data, policy=email.policy.default))
                self._say("250 taken")
            else:
                self._say("221 bye" if verb == b"QUIT" else "250 well")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        heard: Heard = self.server.heard  # type: ignore[attr-defined]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        heard.posts.append({**body, "path": self.path, "authorization": self.headers.get("Authorization")})
        self.send_response(heard.answer)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def _listening(server: socketserver.TCPServer) -> Iterator[Heard]:
    heard = Heard(server.server_address[1])
    server.heard = heard  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def mail_server() -> Iterator[Heard]:
    with _listening(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp)) as heard:
        yield heard


@contextmanager
def webhook() -> Iterator[Heard]:
    with _listening(ThreadingHTTPServer(("127.0.0.1", 0), _Hook)) as heard:
        yield heard
