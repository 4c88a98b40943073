# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A connection to the backup store: FTP, explicit or implicit FTPS, on the standard library.

Addresses in PASV replies are not trusted: the data connection goes to the host of the control connection (``ftplib``
does so by itself). Times of listings tell whether a file is the one that was read before, and no more.
"""

from __future__ import annotations

import ftplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Callable

from ..recovery.errors import InvalidInput, RecoveryError, Refused, StoreUnreachable, TransferFailed
from .ftps import FtpsConnection, tls_context

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
BLOCK = 256 * 1024
# What a server may answer to a data connection that we closed on purpose after the bytes we wanted.
_CUT_SHORT = ("426", "450", "451", "550", "551", "522")

# ls -l: kind and rights, links, owner, group, size, three words of date, name.
_LS_LINE = re.compile(r"([-d])[rwxstST-]{9}\S*\s+\d+\s+\S+\s+\S+\s+\d+\s+\S+\s+\S+\s+\S+ (.+)")
# The block count above a listing, and links, which are not followed. Any other line must be understood.
_LS_PASSED_OVER = re.compile(r"total \d+|l.*|\s*")


@dataclass(frozen=True)
class Entry:
    """One line of a listing. ``size`` in bytes, -1 for directories and where the server does not say; ``modified`` as
    MLSD writes it (YYYYMMDDHHMMSS in UTC), empty where the server has no MLSD or does not say."""

    path: str
    is_directory: bool
    size: int
    modified: str = ""


class Ftp:
    """One logged-in control connection. Paths are absolute on the store, parts divided by ``/``."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.host, self.port = params["host"], params["port"]
        self._where = f"store {self.host}:{self.port}"
        self._features: set[str] | None = None
        self._ftp = self._connect(params)

    def __enter__(self) -> Ftp:
        return self

    def __exit__(self, *_unused: object) -> None:
        try:
            self._ftp.quit()
        except (OSError, EOFError, ftplib.Error):
            self._ftp.close()

    def _connect(self, params: dict[str, Any]) -> ftplib.FTP:
        tls, timeout = params["tls"], params["timeout"]
        ftp: ftplib.FTP = ftplib.FTP(timeout=timeout, encoding="utf-8")
        if tls != "none":
            ftp = FtpsConnection(tls_context(params), tls == "implicit", timeout)
        try:
            ftp.connect(self.host, self.port)
            if isinstance(ftp, FtpsConnection) and tls == "explicit":
                ftp.auth()
            ftplib.FTP.login(ftp, params["username"], params["password"])
            if isinstance(ftp, FtpsConnection):
                ftp.prot_p()
            ftp.voidcmd("TYPE I")
        except (OSError, EOFError, ftplib.Error) as error:
            ftp.close()
            raise self._refused(error, params) from error
        return ftp

    def _refused(self, error: BaseException, params: dict[str, Any]) -> RecoveryError:
        if isinstance(error, ssl.SSLCertVerificationError):
            return StoreUnreachable(
                f"{self._where}: its TLS certificate is not trusted: {error.verify_message}",
                hint="Give the CA of the store as ca_path, and use the name that stands in its certificate as host.",
            )
        if isinstance(error, ssl.SSLError):
            return StoreUnreachable(
                f"{self._where}: no TLS could be agreed: {error.reason or error}",
                hint="Check that this port speaks FTPS, and whether it wants tls: explicit or tls: implicit.",
            )
        if isinstance(error, ftplib.error_perm) and str(error).startswith("530"):
            return StoreUnreachable(
                f"{self._where}: login as {params['username']} was refused: {error}",
                hint="Check the store account's name and password in the inventory's vault.",
            )
        if isinstance(error, ftplib.Error):
            return StoreUnreachable(
                f"{self._where}: it answered {error}", hint="Look into the FTP server's log; TLS may be switched off."
            )
        return StoreUnreachable(
            f"{self._where}: no FTP server answers: {error or 'the connection was closed'}",
            hint="Check that the storage server runs, its address and port, and the firewall between.",
        )

    @contextmanager
    def _failing(self, what: str, hint: str) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, ftplib.Error) as error:
            reason = str(error) or "the connection was closed"
            kind = Refused if isinstance(error, ftplib.error_perm) else TransferFailed
            raise kind(f"{self._where}: {what}: {reason}", hint=hint) from error

    def features(self) -> set[str]:
        """The verbs of the server's FEAT reply, upper case; empty where it has none."""
        if self._features is None:
            try:
                reply = self._ftp.sendcmd("FEAT")
            except ftplib.error_perm:
                reply = ""
            self._features = {line.split()[0].upper() for line in reply.splitlines()[1:-1] if line.strip()}
        return self._features

    def size(self, path: str) -> int | None:
        """Bytes of a file, or None where there is no such file."""
        try:
            with self._failing(f"cannot ask for the size of {path}", "Run the same command again."):
                return self._ftp.size(_safe(path))
        except Refused:
            return None

    def listing(self, directory: str) -> list[Entry]:
        """What a directory holds, sorted by name. One that is not there is an error: an empty answer would lie."""
        parent = directory.rstrip("/")
        with self._failing(f"cannot list {directory}", "Check store_directory, and that this account may list it."):
            rows = self._mlsd(directory) if "MLST" in self.features() else self._list(directory)
            self._ftp.voidcmd("TYPE I")  # listings are TYPE A, in which REST and SIZE are refused
        return [Entry(f"{parent}/{name}", is_dir, size, modified) for name, is_dir, size, modified in sorted(rows)]

    def _mlsd(self, directory: str) -> list[tuple[str, bool, int, str]]:
        rows = []
        for name, facts in self._ftp.mlsd(_safe(directory), facts=["type", "size", "modify"]):
            kind = facts.get("type", "").lower()
            if kind in ("file", "dir"):
                size = int(facts.get("size", -1)) if kind == "file" else -1
                rows.append((name, kind == "dir", size, facts.get("modify", "")))
        return rows

    def _list(self, directory: str) -> list[tuple[str, bool, int, str]]:
        """LIST in the form of ``ls -l``, for servers without MLSD (vsftpd). The line's size and times are not used."""
        lines: list[str] = []
        self._ftp.retrlines(f"LIST {_safe(directory)}", lines.append)
        self._ftp.voidcmd("TYPE I")  # SIZE is refused in TYPE A
        found = [self._listed(line) for line in lines if not _LS_PASSED_OVER.fullmatch(line)]
        parent = directory.rstrip("/")
        return [
            (name, is_dir, -1 if is_dir else self._size_or_unknown(f"{parent}/{name}"), "")
            for name, is_dir in found
            if name not in (".", "..")
        ]

    def _listed(self, line: str) -> tuple[str, bool]:
        match = _LS_LINE.fullmatch(line)
        if match is None:
            raise TransferFailed(
                f"{self._where}: a line of its listing is not understood: {line!r}",
                hint="Switch MLSD on in the FTP server, or let it list in the form of ls -l.",
            )
        return match.group(2), match.group(1) == "d"

    def _size_or_unknown(self, path: str) -> int:
        size = self.size(path)
        return -1 if size is None else size

    def walk(self, directory: str, depth: int = 12) -> Iterator[Entry]:
        """Every file below a directory, each once, sorted by path."""
        for entry in self.listing(directory):
            if entry.is_directory and depth > 0:
                yield from self.walk(entry.path, depth - 1)
            elif not entry.is_directory:
                yield entry

    def make_directories(self, directory: str) -> None:
        """Creates a directory and its parents; those that are there already are left alone."""
        made = ""
        for part in _safe(directory).strip("/").split("/"):
            made = f"{made}/{part}"
            try:
                self._ftp.mkd(made)
            except ftplib.error_perm:
                continue  # it exists, or the STOR that follows says why not
            except (OSError, EOFError, ftplib.Error) as error:
                raise TransferFailed(
                    f"{self._where}: cannot create {made}: {error}", hint="Check the store and run again."
                ) from error

    def read(self, path: str, offset: int, length: int) -> bytes:
        """At most ``length`` bytes from ``offset``. The data connection is closed as soon as they are here."""
        pieces: list[bytes] = []
        left = length
        with self.failing_to_read(path, offset):
            conn = self.begin_read(path, offset)
            try:
                while left > 0 and (piece := conn.recv(min(left, BLOCK))):
                    pieces.append(piece)
                    left -= len(piece)
            finally:
                self.end_read(conn, cut_by_us=left == 0)
        return b"".join(pieces)

    def failing_to_read(self, path: str, offset: int) -> AbstractContextManager[None]:
        """What goes wrong inside is told as a fault of reading ``path`` there."""
        return self._failing(f"cannot read {path} at {offset}", "Check that this account may read the store.")

    def begin_read(self, path: str, offset: int) -> socket.socket:
        """The data connection on which the bytes from ``offset`` come; nothing else can be asked until it has ended."""
        return self._ftp.transfercmd(f"RETR {_safe(path)}", rest=offset or None)

    def end_read(self, conn: socket.socket, cut_by_us: bool) -> None:
        """Where the bytes ended before we had enough, only the server's 2xx says that this was the end of the file."""
        conn.close()
        try:
            self._ftp.voidresp()
        except ftplib.Error as error:
            if not (cut_by_us and str(error).startswith(_CUT_SHORT)):
                raise

    def retrieve(self, path: str, write: Callable[[bytes], Any]) -> int:
        """The whole file, block by block; returns its length. A cut connection is an error, never a short file.
        ``write`` reports faults of its own as RecoveryError: an OSError is taken for one of the connection."""
        total = 0
        with self._failing(f"{path} could not be read to its end", "Run the same command again."):
            conn = self._ftp.transfercmd(f"RETR {_safe(path)}")
            with conn:
                while block := conn.recv(BLOCK):
                    write(block)
                    total += len(block)
            self._ftp.voidresp()
        return total

    def store(self, path: str, read: Callable[[int], bytes]) -> int:
        """Writes what ``read`` gives until it gives nothing; returns the length. The caller names a ``.part``."""
        total = 0
        with self._failing(f"{path} could not be written", "Check the store's free space and rights, then run again."):
            conn = self._ftp.transfercmd(f"STOR {_safe(path)}")
            try:
                while block := read(BLOCK):
                    conn.sendall(block)
                    total += len(block)
                if isinstance(conn, ssl.SSLSocket):
                    conn.unwrap()  # close_notify: the server can tell the end from a cut
            except OSError:
                conn.close()
                self._ftp.voidresp()  # why it was cut (552, 451) stands on the control connection
                raise
            conn.close()
            self._ftp.voidresp()
        return total

    def rename(self, old: str, new: str) -> None:
        """RNFR, RNTO."""
        with self._failing(f"cannot rename {old} to {new}", "A file may stand under that name already; look at it."):
            self._ftp.rename(_safe(old), _safe(new))


def _safe(path: str) -> str:
    """A line end in a name would be a second command to the server; ``..`` would leave the folder."""
    if re.search(r"[\r\n\0]", path) or ".." in path.split("/"):
        raise InvalidInput(
            f"store path {path!r}: it holds a line end or '..'", hint="Rename the file; such names are not transferred."
        )
    return path
