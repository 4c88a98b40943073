# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""WS-Management as pywinrm speaks it: Create, Command, Send, Receive, Signal, Delete; Basic authentication over TLS."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

S = "http://www.w3.org/2003/05/soap-envelope"
A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
W = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
R = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
_ACTIONS = {
    "http://schemas.xmlsoap.org/ws/2004/09/transfer/Create": "create",
    "http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete": "delete",
    f"{R}/Command": "command",
    f"{R}/Send": "send",
    f"{R}/Receive": "receive",
    f"{R}/Signal": "signal",
}


@dataclass
class Finished:
    stdout: bytes
    stderr: bytes = b""
    code: int = 0


@dataclass
class Command:
    line: list[str]
    stdin: bytearray = field(default_factory=bytearray)
    ended: bool = False
    finished: Finished | None = None


class Unknown(Exception):
    """The double was asked for something that it does not know."""


@dataclass
class TransportFaults:
    """``cut``: drop the connection at the nth request of that kind. ``status``: answer the nth with that HTTP status.
    ``slow``: seconds before each answer of that kind. ``unanswered``: do as many as were asked, and then drop the
    connection instead of answering."""

    cut: dict[str, int] = field(default_factory=dict)
    status: dict[str, tuple[int, int]] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    unanswered: dict[str, int] = field(default_factory=dict)


class WsmanServer:
    """Serves one host. ``execute`` runs a command with everything that was sent to its standard input."""

    def __init__(
        self, execute: Callable[[list[str], bytes], Finished], user: str, password: str, tls: tuple[Path, Path] | None
    ) -> None:
        self.execute, self.faults = execute, TransportFaults()
        self.expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.refused: list[str] = []
        self.counts: dict[str, int] = {}
        self.shells: dict[str, dict[str, Command]] = {}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> WsmanServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_args: object) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get("Authorization") != server.expected:
                    self._answer(401, b"", ("WWW-Authenticate", "Basic realm=WSMAN"))
                    return
                try:
                    kind, message = _asked(body)
                    if server.injure(kind, self):
                        return
                    answer = _envelope(message, server.answer(kind, body))
                    if server.faults.unanswered.get(kind, 0):
                        server.faults.unanswered[kind] -= 1
                        self.close_connection = True
                        self.connection.shutdown(socket.SHUT_RDWR)
                        return
                    self._answer(200, answer)
                except Unknown as error:
                    server.refused.append(str(error))
                    self._answer(500, _fault(str(error)))

            def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/soap+xml;charset=UTF-8")
                self.send_header("Content-Length", str(len(body)))
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        return Handler

    def injure(self, kind: str, handler: BaseHTTPRequestHandler) -> bool:
        """The faults that were asked for; True where there is nothing left to answer."""
        count = self.counts[kind] = self.counts.get(kind, 0) + 1
        time.sleep(self.faults.slow.get(kind, 0))
        if self.faults.cut.get(kind) == count:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return True
        nth, status = self.faults.status.get(kind, (0, 0))
        if nth == count:
            handler.send_response(status)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return True
        return False

    def answer(self, kind: str, body: bytes) -> str:
        root = ET.fromstring(body)
        if kind == "create":
            shell = str(uuid.uuid4()).upper()
            self.shells[shell] = {}
            selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>'
            return f"<x:ResourceCreated>{selector}</x:ResourceCreated>"
        named = root.find(f".//{{{W}}}Selector")
        shell = str(named.text) if named is not None else ""
        if shell not in self.shells:
            raise Unknown(f"there is no shell {shell!r}")
        if kind == "delete":
            del self.shells[shell]
            return ""
        if kind == "command":
            return self._command(root, self.shells[shell])
        return self._of_command(kind, root, self.shells[shell])

    def _command(self, root: ET.Element, commands: dict[str, Command]) -> str:
        words = [
            str(node.text or "")
            for node in root.iter()
            if node.tag in (f"{{{R}}}Command", f"{{{R}}}Arguments") and node.text
        ]
        name = str(uuid.uuid4()).upper()
        commands[name] = Command([word.strip() for line in words for word in line.split(" ") if word.strip()])
        return f"<r:CommandResponse><r:CommandId>{name}</r:CommandId></r:CommandResponse>"

    def _of_command(self, kind: str, root: ET.Element, commands: dict[str, Command]) -> str:
        node = next(one for one in root.iter() if one.get("CommandId"))
        command = commands[str(node.get("CommandId"))]
        if kind == "send":
            command.stdin += base64.b64decode(node.text or "")
            command.ended = command.ended or node.get("End") == "true"
            return "<r:SendResponse/>"
        if kind == "signal":
            return "<r:SignalResponse/>"
        if command.finished is None:
            command.finished = self.execute(command.line, bytes(command.stdin))
        return _output(str(node.get("CommandId")), command.finished)


def _asked(body: bytes) -> tuple[str, str]:
    root = ET.fromstring(body)
    action, message = root.find(f".//{{{A}}}Action"), root.find(f".//{{{A}}}MessageID")
    name = str(action.text) if action is not None else ""
    if name not in _ACTIONS:
        raise Unknown(f"WS-Management action {name!r}")
    return _ACTIONS[name], str(message.text) if message is not None else ""


def _output(command: str, finished: Finished) -> str:
    streams = "".join(
        f'<r:Stream Name="{name}" CommandId="{command}">{base64.b64encode(data).decode()}</r:Stream>'
        for name, data in (("stdout", finished.stdout), ("stderr", finished.stderr))
        if data
    )
    done = f'<r:CommandState CommandId="{command}" State="{R}/CommandState/Done">'
    code = f"<r:ExitCode>{finished.code}</r:ExitCode>"
    return f"<r:ReceiveResponse>{streams}{done}{code}</r:CommandState></r:ReceiveResponse>"


def _envelope(message: str, body: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{S}" xmlns:a="{A}" xmlns:w="{W}" xmlns:r="{R}" xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer">'
        f"<s:Header><a:MessageID>uuid:{uuid.uuid4()}</a:MessageID><a:RelatesTo>{message}</a:RelatesTo></s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def _fault(text: str) -> bytes:
    reason = text.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<s:Envelope xmlns:s="{S}"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code>'
        f'<s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>'
    ).encode()
