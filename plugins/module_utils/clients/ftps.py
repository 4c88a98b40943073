# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""FTP connections as ``ftplib`` makes them, with what it lacks: bytes of names that are no UTF-8, a control connection
that stays alive in firewalls while data flows, EPSV where PASV is refused, implicit TLS, and TLS session reuse: vsftpd
refuses data connections without it (522), and ``ftplib`` does not do it (cpython#63699)."""

from __future__ import annotations

import ftplib
import re
import select
import socket
import ssl
import struct
from contextlib import suppress
from typing import Any

from ..recovery.errors import InvalidInput

# Firewalls forget idle connections after minutes; a large file keeps the control connection idle for hours.
_KEEP_ALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))


def keep_alive(sock: socket.socket) -> None:
    """Asks the kernel for a packet now and then; no FTP command, for servers answer NOOP only after the transfer."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE:
        with suppress(OSError, AttributeError):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class FtpConnection(ftplib.FTP):
    """Plain FTP. Addresses in PASV replies are not used: behind NAT they are private ones."""

    trust_server_pasv_ipv4_address = False
    _extended_passive = False

    def connect(self, *args: Any, **kwargs: Any) -> str:
        welcome = super().connect(*args, **kwargs)
        self.settle()
        return welcome

    def settle(self) -> None:
        """For a new control socket. Bytes of a reply that are no UTF-8 must not end the session."""
        sock: Any = self.sock
        keep_alive(sock)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.file is not None:
            self.file.close()
        self.file = sock.makefile("r", encoding=self.encoding, errors="surrogateescape", newline="\n")

    def putline(self, line: str) -> None:
        self.put_ahead([line])

    def put_ahead(self, lines: list[str]) -> None:
        """Several commands in one packet; each has its reply."""
        if any(re.search(r"[\r\n\0]", line) for line in lines):
            raise ValueError("a line end in a command")
        sock: Any = self.sock
        sock.sendall(b"".join(line.encode(self.encoding, "surrogateescape") + b"\r\n" for line in lines))

    def makepasv(self) -> tuple[str, int]:
        sock: Any = self.sock
        if not self._extended_passive:
            try:
                return super().makepasv()
            except ftplib.error_perm:
                self._extended_passive = True
        return sock.getpeername()[0], ftplib.parse229(self.sendcmd("EPSV"), sock.getpeername())[1]


class FtpsConnection(FtpConnection, ftplib.FTP_TLS):
    """With TLS, for data too."""

    def __init__(self, context: ssl.SSLContext, implicit: bool, timeout: int) -> None:
        ftplib.FTP_TLS.__init__(self, context=context, timeout=timeout, encoding="utf-8")
        self._implicit = implicit
        self._session: Any = None

    def connect(self, *args: Any, **kwargs: Any) -> str:
        if not self._implicit:
            return super().connect(*args, **kwargs)
        self.host, self.port = args[0], args[1]
        raw = socket.create_connection((self.host, self.port), self.timeout)
        try:
            self.af = raw.family
            self.sock = self.context.wrap_socket(raw, server_hostname=self.host)
            self.file = self.sock.makefile("r", encoding=self.encoding)
            self.settle()
            self.welcome = welcome = self.getresp()
        except BaseException:
            raw.close()
            raise
        return welcome

    def auth(self) -> str:
        answer = super().auth()
        self.settle()
        return answer

    def ntransfercmd(self, cmd: str, rest: Any = None) -> tuple[socket.socket, Any]:
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:  # type: ignore[attr-defined]
            try:
                if self._session is None:  # asking for it copies it, a third of what a small file costs
                    self._session = self.sock.session  # type: ignore[union-attr]
                conn = self.context.wrap_socket(
                    conn, server_hostname=self.host, session=self._session, suppress_ragged_eofs=False
                )
            except BaseException:
                conn.close()
                raise
        return conn, size


def cut_off(conn: socket.socket) -> None:
    """For an upload that failed: what still waits to be sent is dropped, and the server is told (RST). Else the kernel
    would go on trying for minutes, and the bytes might land behind those of the next attempt."""
    with suppress(OSError):
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def end_of_data(conn: socket.socket) -> None:
    """Says that the upload ends here and was not cut: TLS's close_notify, then TCP's FIN. The server's own close_notify
    is not waited for; its 226 tells more."""
    if isinstance(conn, ssl.SSLSocket):
        patience = conn.gettimeout()
        conn.settimeout(0)
        with suppress(ssl.SSLWantReadError):
            while not _closed_tls(conn):
                if not select.select([], [conn], [], patience)[1]:
                    raise TimeoutError("the end of the data could not be sent")
    with suppress(OSError):
        conn.shutdown(socket.SHUT_WR)


def _closed_tls(conn: ssl.SSLSocket) -> bool:
    """False where what was sent before still fills the buffers."""
    try:
        conn.unwrap()
    except ssl.SSLWantWriteError:
        return False
    return True


def tls_context(params: dict[str, Any]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=params["ca_path"])
    except (OSError, ssl.SSLError) as error:
        raise InvalidInput(
            f"ca_path {params['ca_path']}: cannot be read as a CA certificate: {error}",
            hint="Name a PEM file that holds the certificate of the store's CA.",
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not params["validate_certs"]:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
