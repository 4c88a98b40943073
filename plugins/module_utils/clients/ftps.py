# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TLS for FTP. vsftpd refuses data connections that do not reuse the control connection's TLS session (522), and
``ftplib`` does not reuse it (cpython#63699); hence our own ``ntransfercmd``."""

from __future__ import annotations

import ftplib
import socket
import ssl
from typing import Any

from ..recovery.errors import InvalidInput


class FtpsConnection(ftplib.FTP_TLS):
    """``FTP_TLS`` that reuses the TLS session for data and can begin with TLS (implicit)."""

    def __init__(self, context: ssl.SSLContext, implicit: bool, timeout: int) -> None:
        super().__init__(context=context, timeout=timeout, encoding="utf-8")
        self._implicit = implicit

    def connect(self, *args: Any, **kwargs: Any) -> str:
        welcome = "" if self._implicit else super().connect(*args, **kwargs)
        if self._implicit:
            self.host, self.port = args[0], args[1]
            raw = socket.create_connection((self.host, self.port), self.timeout)
            self.af = raw.family
            self.sock = self.context.wrap_socket(raw, server_hostname=self.host)
            self.file = self.sock.makefile("r", encoding=self.encoding)
            self.welcome = welcome = self.getresp()
        return welcome

    def ntransfercmd(self, cmd: str, rest: Any = None) -> tuple[socket.socket, Any]:
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:  # type: ignore[attr-defined]
            try:
                session = self.sock.session  # type: ignore[union-attr]
                conn = self.context.wrap_socket(
                    conn, server_hostname=self.host, session=session, suppress_ragged_eofs=False
                )
            except BaseException:
                conn.close()
                raise
        return conn, size


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
