# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way in: the options of a store, a logged-in connection, and in words why there is none."""

from __future__ import annotations

import ftplib
import ssl
from contextlib import suppress
from typing import Any, Union

from ..recovery.errors import InvalidInput, RecoveryError, StoreUnreachable
from .ftps import FtpConnection, FtpsConnection, tls_context

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "host": {"type": "str", "required": True},
    "port": {"type": "int", "default": 21},
    "username": {"type": "str", "required": True},
    "password": {"type": "str", "required": True, "no_log": True},
    "tls": {"type": "str", "choices": ["explicit", "implicit", "none"], "default": "explicit"},
    "ca_path": {"type": "path"},
    "validate_certs": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 30},
}

Connection = Union[FtpConnection, FtpsConnection]


def login(params: dict[str, Any]) -> Connection:
    """A control connection that is logged in, in binary mode, with UTF-8 names."""
    tls, timeout = params["tls"], params["timeout"]
    for option in ("username", "password"):
        if any(sign in params[option] for sign in "\r\n\0"):
            raise InvalidInput(f"{option}: it holds a line end", hint="FTP cannot send it; look into the vault.")
    ftp: Connection = FtpConnection(timeout=timeout, encoding="utf-8")
    if tls != "none":
        ftp = FtpsConnection(tls_context(params), tls == "implicit", timeout)
    try:
        ftp.connect(params["host"], params["port"])
        if isinstance(ftp, FtpsConnection) and tls == "explicit":
            ftp.auth()
        ftplib.FTP.login(ftp, params["username"], params["password"])
        if isinstance(ftp, FtpsConnection):
            ftp.prot_p()
        with suppress(ftplib.error_perm, ftplib.error_temp):
            ftp.sendcmd("OPTS UTF8 ON")  # some servers need it; those that do not know it use UTF-8 or nothing
        ftp.voidcmd("TYPE I")
    except (OSError, EOFError, ftplib.Error) as error:
        ftp.close()
        raise _refused(error, params) from error
    return ftp


def _refused(error: BaseException, params: dict[str, Any]) -> RecoveryError:
    where = f"store {params['host']}:{params['port']}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return StoreUnreachable(
            f"{where}: its TLS certificate is not trusted: {error.verify_message}",
            hint="Give the CA of the store as ca_path, and use the name that stands in its certificate as host.",
        )
    if isinstance(error, ssl.SSLError):
        return StoreUnreachable(
            f"{where}: no TLS could be agreed: {error.reason or error}",
            hint="Check that this port speaks FTPS, and whether it wants tls: explicit or tls: implicit.",
        )
    if isinstance(error, ftplib.error_perm) and str(error).startswith("530"):
        return StoreUnreachable(
            f"{where}: login as {params['username']} was refused: {error}",
            hint="Check the store account's name and password in the inventory's vault.",
        )
    if isinstance(error, ftplib.Error):
        return StoreUnreachable(
            f"{where}: it answered {error}", hint="Look into the FTP server's log; TLS may be switched off."
        )
    return StoreUnreachable(
        f"{where}: no FTP server answers: {error or 'the connection was closed'}",
        hint="Check that the storage server runs, its address and port, and the firewall between.",
    )
