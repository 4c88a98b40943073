# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks the store, from wherever this is started: ``python -m tests.hosts.asking < QUESTIONS``, JSON in and out.

Each question is a command as FTP has it; STOR, APPE, RETR and LIST have a data connection. The answer is the reply of
the server, and of RETR and LIST what came with it.
"""

from __future__ import annotations

import ftplib
import json
import socket
import ssl
import sys
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp_login import Connection, login
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError

_WITH_DATA = {"STOR", "APPE", "RETR", "LIST", "NLST"}


def asked(ftp: Connection, command: str, data: str = "") -> str:
    try:
        if command.split(maxsplit=1)[0] not in _WITH_DATA:
            return ftp.sendcmd(command)
        with ftp.transfercmd(command) as conn:
            if command.startswith(("STOR", "APPE")):
                conn.sendall(data.encode())
                if isinstance(conn, ssl.SSLSocket):
                    conn.unwrap()
                came = ""
            else:
                came = b"".join(iter(lambda: conn.recv(65536), b"")).decode()
        return f"{ftp.voidresp()} {came}"
    except ftplib.Error as error:
        return str(error)


def session(params: dict[str, Any], questions: list[list[str]]) -> list[str]:
    try:
        ftp = login(params)
    except RecoveryError as error:
        return [f"not let in: {error.msg}"]
    replies = [asked(ftp, *question) for question in questions]
    ftp.close()
    return replies


def data_port(params: dict[str, Any]) -> int:
    """The port that the server tells for a data connection."""
    _host, port = ftplib.parse227(login(params).sendcmd("PASV"))
    return int(port)


def reachable(host: str, ports: list[int]) -> list[bool]:
    found = []
    for port in ports:
        with socket.socket() as one:
            one.settimeout(1.5)
            found.append(one.connect_ex((host, port)) == 0)
    return found


def version(params: dict[str, Any], highest: str) -> str:
    """The TLS version that is agreed on by a client that knows nothing newer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion[highest]
    ftp = ftplib.FTP_TLS(context=context, timeout=10)
    ftp.connect(params["host"], params["port"])
    try:
        ftp.auth()
    except (ssl.SSLError, OSError) as error:
        return f"refused: {error}"
    return str(ftp.sock.version()) if isinstance(ftp.sock, ssl.SSLSocket) else "in the clear"


def main() -> None:
    given = json.load(sys.stdin)
    functions: dict[str, Any] = {one.__name__: one for one in (session, data_port, reachable, version)}
    json.dump(functions[given["ask"]](*given["of"]), sys.stdout)


if __name__ == "__main__":
    main()
