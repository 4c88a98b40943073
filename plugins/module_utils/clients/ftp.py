# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A connection to the backup store: FTP, explicit or implicit FTPS, on the standard library.

Times of listings tell whether a file is the one that was read before, and no more.
"""

from __future__ import annotations

import ftplib
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Callable

from ..recovery.errors import Refused, StoreUnreachable, TransferCut, TransferFailed
from .ftp_listing import Entry, NotUnderstood, lines_of, list_entry, mlsd_entry, sample, sized
from .ftp_login import ARGUMENT_SPEC, login
from .ftps import cut_off, end_of_data
from .store_names import is_safe, safe_path

__all__ = ["ARGUMENT_SPEC", "BLOCK", "Entry", "Ftp"]

BLOCK = 256 * 1024
# What a server may answer to a data connection that we closed on purpose after the bytes we wanted.
_CUT_SHORT = ("426", "450", "451", "550", "551", "522")
# A server that wants TLS sessions taken up again forgets them in time: a new connection begins a new one.
_TLS_TOO_OLD = "522"
#: Commands that are sent before their replies are read; more might fill the buffers of both sides.
_AHEAD = 200
#: Folders below folders. Beyond, a link leads back to a folder above.
_DEEPEST = 64


class Ftp:
    """One logged-in control connection. Paths are absolute on the store, parts divided by ``/``."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.host, self.port = params["host"], params["port"]
        self.where = f"store {self.host}:{self.port}"
        self._features: set[str] | None = None
        self._made: set[str] = set()
        self._buffer = memoryview(bytearray(BLOCK))
        self._params = dict(params)
        self._ftp = login(self._params)

    def __enter__(self) -> Ftp:
        return self

    def __exit__(self, *_unused: object) -> None:
        if self._ftp.sock is None:
            return  # dropped, and not let in again
        try:
            self._ftp.quit()
        except (OSError, EOFError, ftplib.Error):
            self._ftp.close()

    def drop(self) -> None:
        """Ends a connection whose state nobody knows, without asking the server."""
        with suppress(OSError):
            self._ftp.close()

    @contextmanager
    def _failing(self, what: str, hint: str) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, ftplib.Error) as error:
            reason = str(error) or "the connection was closed"
            refused = isinstance(error, ftplib.error_perm) and not reason.startswith(_TLS_TOO_OLD)
            kind = Refused if refused else TransferCut
            raise kind(f"{self.where}: {what}: {reason}", hint=hint) from error

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
        return self.sizes([path])[0]

    def sizes(self, paths: Iterable[str]) -> list[int | None]:
        """The same for many files: the next are asked for before the first is answered."""
        wanted = [safe_path(path) for path in paths]
        found: list[int | None] = []
        for start in range(0, len(wanted), _AHEAD):
            some = wanted[start : start + _AHEAD]
            with self._failing(f"cannot ask for the size of {some[0]}", "Run the same command again."):
                self._ftp.put_ahead([f"SIZE {path}" for path in some])
                replies = [self._reply() for _path in some]
            found.extend(self._size(path, reply) for path, reply in zip(some, replies))
        return found

    def _reply(self) -> str:
        """The next reply, also one that refuses: the replies after it are waited for."""
        try:
            return self._ftp.getresp()
        except ftplib.error_perm as error:
            return str(error)

    def _size(self, path: str, reply: str) -> int | None:
        """Only 550 and 553 say that there is no such file: a server without SIZE must not look empty."""
        if reply.startswith("213"):
            return int(reply[3:])
        if reply.startswith(("550", "553")):
            return None
        raise Refused(f"{self.where}: cannot ask for the size of {path}: {reply}", hint="The server needs SIZE.")

    def free_space(self, directory: str) -> int | None:
        """Bytes that are free there; None where the server does not say."""
        if "AVBL" not in self.features():
            return None
        try:
            with self._failing("cannot ask for its free space", "Run the same command again."):
                return int(self._ftp.sendcmd(f"AVBL {safe_path(directory)}").split()[1])
        except (Refused, ValueError, IndexError):
            return None

    def listing(self, directory: str) -> list[Entry]:
        """What a directory holds, sorted by name. One that is not there is an error: an empty answer would lie."""
        parent = directory.rstrip("/")
        verb, parse = ("MLSD", mlsd_entry) if "MLST" in self.features() else ("LIST", list_entry)
        with self._failing(f"cannot list {directory}", "Check store_directory, and that this account may list it."):
            self._ftp.voidcmd(f"CWD {safe_path(parent or '/')}")  # LIST would take [ and * in a path for patterns
            lines = lines_of(self._listed(verb))
        try:
            entries = [entry for line in lines if (entry := parse(parent, line)) is not None]
        except NotUnderstood as error:
            raise TransferFailed(
                f"{self.where}: a line of its listing is not understood: {str(error)!r}",
                hint="Switch MLSD on in the FTP server, or let it list in the form of ls -l.",
            ) from error
        return sorted(self._with_sizes(entries) if verb == "LIST" else entries, key=lambda entry: entry.path)

    def _listed(self, verb: str) -> bytes:
        pieces: list[bytes] = []
        with self._ftp.transfercmd(verb) as conn:
            while piece := conn.recv(BLOCK):
                pieces.append(piece)
        reply = self._ftp.voidresp()
        if re.search("truncated", reply, re.IGNORECASE):  # Pure-FTPd lists 10,000 files and leaves the others out
            raise ftplib.error_reply(f"{reply} (its configuration limits listings: Pure-FTPd -L, LimitRecursion)")
        return b"".join(pieces)

    def _with_sizes(self, entries: list[Entry]) -> list[Entry]:
        """LIST's sizes are believed of a folder where they are those that SIZE tells of some of its files."""
        files = [one for one in entries if not one.is_directory and is_safe(one.path)]
        some = sample(files)
        told = self.sizes(one.path for one in some)
        if told != [one.size for one in some] and len(some) < len(files):
            some, told = files, self.sizes(one.path for one in files)
        return sized(entries, files, dict(zip((one.path for one in some), told)))

    def walk(self, directory: str, depth: int = 0) -> Iterator[Entry]:
        """Every file below a directory, each once, those of a folder sorted by path."""
        if depth > _DEEPEST:
            raise TransferFailed(
                f"{self.where}: {directory[:200]}…: folders are more than {_DEEPEST} deep",
                hint="A link on the store leads back to a folder above it: remove it.",
            )
        for entry in self.listing(directory):
            if entry.is_directory:
                yield from self.walk(entry.path, depth + 1)
            else:
                yield entry

    def make_directories(self, directory: str) -> None:
        """Creates a directory and its parents; those that are there already are left alone."""
        made = ""
        for part in safe_path(directory).strip("/").split("/"):
            made = f"{made}/{part}"
            if made in self._made:
                continue
            with self._failing(f"cannot create {made}", "Check the store and run again."), suppress(ftplib.error_perm):
                self._ftp.mkd(made)  # it exists, or the STOR that follows says why not
            self._made.add(made)

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
        return self._ftp.transfercmd(f"RETR {safe_path(path)}", rest=offset or None)

    def end_read(self, conn: socket.socket, cut_by_us: bool) -> None:
        """Where the bytes ended before we had enough, only the server's 2xx says that this was the end of the file."""
        conn.close()
        if cut_by_us and self._params["tls"] != "none" and "Pure-FTPd" in (self._ftp.welcome or ""):
            self._log_in_again()
            return
        try:
            self._ftp.voidresp()
        except ftplib.Error as error:
            if cut_by_us and isinstance(error, ftplib.error_reply):
                self._find_the_end()
            elif not (cut_by_us and str(error).startswith(_CUT_SHORT)):
                raise

    def _log_in_again(self) -> None:
        """Pure-FTPd with TLS may say nothing more after a read that was cut: this is quicker than finding out."""
        self.drop()
        try:
            self._ftp = login(self._params)
        except StoreUnreachable as error:  # it let us in before: one more connection that broke
            raise TransferCut(error.msg, hint=error.hint) from error

    def _find_the_end(self) -> None:
        """Pure-FTPd ends a transfer that was cut with 150 and says no more. 257 is an answer to PWD alone."""
        self._ftp.putcmd("PWD")
        for _reply in range(3):
            if self._reply().startswith("257"):
                return
        raise ftplib.error_reply("the replies after a cut transfer are not understood")

    def retrieve(self, path: str, write: Callable[[memoryview], Any], offset: int = 0) -> int:
        """The file from ``offset``, block by block; returns how much it was. A cut connection is an error, never a
        short file. ``write`` keeps no block, and tells its own faults as RecoveryError: an OSError would be taken for
        one of the connection."""
        total = 0
        with self._failing(f"{path} could not be read to its end", "Run the same command again."):
            with self.begin_read(path, offset) as conn:
                while length := _filled(conn, self._buffer):
                    write(self._buffer[:length])
                    total += length
            self._ftp.voidresp()
        return total

    def store(self, path: str, read: Callable[[int], bytes], append: bool = False) -> int:
        """Writes what ``read`` gives until it gives nothing; returns the length. The caller names a ``.part``."""
        verb = "APPE" if append else "STOR"
        with self._failing(f"{path} could not be written", "Check the store's free space and rights, then run again."):
            conn = self._ftp.transfercmd(f"{verb} {safe_path(path)}")
            try:
                with conn:
                    total = _send(conn, read)
                    self._ftp.voidresp()
            except OSError:
                self._ftp.voidresp()  # why it was cut (552, 451) stands on the control connection
                raise
        return total

    def rename(self, old: str, new: str, then: Iterable[str] = ()) -> list[int | None]:
        """RNFR, RNTO; and in the same packet the question for the sizes of other files, as they are afterwards."""
        asked = [safe_path(path) for path in then]
        with self._failing(f"cannot rename {old} to {new}", "A file may stand under that name already; look at it."):
            commands = [f"RNFR {safe_path(old)}", f"RNTO {safe_path(new)}", *(f"SIZE {path}" for path in asked)]
            self._ftp.put_ahead(commands)
            replies = [self._reply() for _command in commands]
            if not (replies[0].startswith("3") and replies[1].startswith("2")):
                raise ftplib.error_perm(replies[0] if not replies[0].startswith("3") else replies[1])
        return [self._size(path, reply) for path, reply in zip(asked, replies[2:])]

    def delete(self, path: str) -> None:
        """DELE. A file that is not there is an error, as one that this account may not delete."""
        with self._failing(f"cannot delete {path}", "Check that this account may delete on the store."):
            self._ftp.delete(safe_path(path))


def _send(conn: socket.socket, read: Callable[[int], bytes]) -> int:
    total = 0
    try:
        while block := read(BLOCK):
            conn.sendall(block)
            total += len(block)
        end_of_data(conn)
    except BaseException:
        cut_off(conn)
        raise
    return total


def _filled(conn: socket.socket, buffer: memoryview) -> int:
    """Fills the buffer as far as there are bytes: TLS hands out 16 KB at a time, too little for disk and digest."""
    length = 0
    while length < len(buffer) and (got := conn.recv_into(buffer[length:])):
        length += got
    return length
