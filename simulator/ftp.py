# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The backup store: FTP with explicit TLS, a write-only and a read-only account.

The write-only account may add and never destroy: uploads go to ``NAME.part`` and get their name by a rename that
overwrites nothing. Even who steals its password cannot read, replace or delete a backup.

``python -m simulator.ftp --folder DIR --address A --port N --certificate PEM --accounts secrets.json --journal FILE``
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import TLS_FTPHandler
from pyftpdlib.servers import FTPServer

from simulator.faults.control import Control
from simulator.faults.network import Network
from simulator.faults.parties import Parties
from simulator.faults.store import StoreFaults
from simulator.ftp_faults import Faults
from simulator.ftp_journal import UploadJournal
from simulator.ftp_transfer import DataChannel, FileSystem
from simulator.media_facts import backup_sets

PART = ".part"
# pyftpdlib's letters: e CWD, l LIST MLSD SIZE MDTM, r RETR, a APPE, w STOR, f RNFR RNTO, m MKD. Nobody has d (DELE).
WRITE_ONLY, READ_ONLY, MAY_DELETE = "elawfm", "elr", "elrd"


class StoreHandler(TLS_FTPHandler):
    """One client's control connection."""

    banner = "MyHospital backup store."
    abstracted_fs = FileSystem
    dtp_handler = DataChannel
    faults: Faults
    journal: UploadJournal
    proto_cmds: dict[str, Any]

    @property
    def masquerade_address(self) -> str | None:
        """What PASV names."""
        return self.faults.address

    def ftp_FEAT(self, line: str) -> None:
        known = self.proto_cmds
        self.proto_cmds = {verb: known[verb] for verb in known if verb not in self.faults.hidden}
        try:
            super().ftp_FEAT(line)
        finally:
            self.proto_cmds = known

    def process_command(self, cmd: str, *args: Any, **kwargs: Any) -> None:
        reply = self.faults.refusal(cmd, str(args[0]) if args else "")
        if reply:
            self.respond(reply)
            return
        super().process_command(cmd, *args, **kwargs)

    def ftp_STOR(self, file: str, mode: str = "w") -> Any:
        if not file.endswith(PART):
            self.respond(f"553 Upload to a name that ends in {PART}, then rename.")
            return None
        return super().ftp_STOR(file, mode)

    def ftp_STOU(self, line: str) -> None:
        self.respond("502 STOU is not offered here.")

    def ftp_RNFR(self, path: str) -> None:
        if not path.endswith(PART):
            self.respond(f"550 Only a {PART} can be renamed.")
            return
        super().ftp_RNFR(path)

    def ftp_RNTO(self, path: str) -> Any:
        if os.path.lexists(path):
            self._rnfr = None
            self.respond("553 There is a file of that name; nothing is overwritten here.")
            return None
        source = self._rnfr
        if source and not path.endswith(PART):
            # The witness writes before the client hears that it is done, hence the rename is done here.
            self._rnfr = None
            os.rename(source, path)
            self.journal.record(self.username, self.fs.fs2ftp(path), Path(path))
            self.respond("250 Renaming ok.")
            return (source, path)
        return super().ftp_RNTO(path)


class _Anchor:
    """The loop ends with its last socket; this one stays while the listener is closed."""

    def __init__(self) -> None:
        self._ends = socket.socketpair()

    def fileno(self) -> int:
        return self._ends[0].fileno()

    def close(self) -> None:
        for end in self._ends:
            end.close()


class StoreServer(FTPServer):
    """Its network can be cut (see :class:`simulator.faults.network.Listening`)."""

    def __init__(self, place: tuple[str, int], handler: type[StoreHandler]) -> None:
        super().__init__(place, handler)
        self._place: tuple[str, int] = self.socket.getsockname()[:2]
        anchor = _Anchor()
        self.ioloop.register(anchor.fileno(), anchor, self.ioloop.READ)

    @property
    def address(self) -> tuple[str, int]:
        """Also while the listener is closed."""
        return self._place

    admit: Callable[[socket.socket, tuple[str, int]], bool] = staticmethod(lambda _client, _peer: True)

    def handle_accepted(self, sock: socket.socket, addr: tuple[str, int]) -> Any:
        return super().handle_accepted(sock, addr) if self.admit(sock, addr) else None

    def descriptors(self) -> list[tuple[int, tuple[str, int]]]:
        """Control connections, and the data connections that belong to them."""
        found = []
        for control in [one for one in list(self.ioloop.socket_map.values()) if isinstance(one, StoreHandler)]:
            peer = (control.remote_ip, control.remote_port)
            data = control.data_channel
            found += [(one.socket.fileno(), peer) for one in (control, data) if one is not None and one.socket]
        return [(descriptor, peer) for descriptor, peer in found if descriptor >= 0]

    def listening(self) -> int:
        return int(self.socket.fileno())

    def close_listener(self) -> None:
        self.del_channel()
        self.socket.close()

    def open_listener(self) -> None:
        self.set_socket(socket.create_server(self._place, backlog=self.backlog))
        self.socket.setblocking(False)
        self.accepting = True
        self.add_channel(events=self.ioloop.READ)


def _tls_context(certificate: Path) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.use_certificate_chain_file(str(certificate))
    context.use_privatekey_file(str(certificate))
    # Without an id OpenSSL refuses clients that reuse the control connection's session for data.
    context.set_session_id(b"deadpool-store")
    return context


def _accounts(file: Path, folder: Path) -> DummyAuthorizer:
    authorizer = DummyAuthorizer()
    accounts = json.loads(file.read_text("utf-8"))["store"]
    for kind, rights in (("writer", WRITE_ONLY), ("reader", READ_ONLY), ("pruner", MAY_DELETE)):
        if kind in accounts:
            authorizer.add_user(accounts[kind]["login"], accounts[kind]["password"], str(folder), perm=rights)
    return authorizer


def make_server(options: argparse.Namespace) -> StoreServer:
    options.folder.mkdir(parents=True, exist_ok=True)

    class Handler(StoreHandler):
        authorizer = _accounts(options.accounts, options.folder)
        ssl_context = _tls_context(options.certificate)
        tls_control_required = tls_data_required = not options.plain_allowed
        faults = Faults(options.faults, options.folder)
        journal = UploadJournal(options.journal, backup_sets)
        auth_failed_timeout = 1

    if options.passive_ports:
        first, last = options.passive_ports.split("-")
        Handler.passive_ports = list(range(int(first), int(last) + 1))
    server = StoreServer((options.address, options.port), Handler)
    if options.control:
        network = Network(server, Parties(options.control.parent))
        faults = StoreFaults(Handler.faults, options.folder)
        Control(options.control, "store", {**network.handlers(), **faults.handlers()})
    return server


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m simulator.ftp", description="The simulated backup store.")
    result.add_argument("--folder", type=Path, required=True, help="what the accounts see as /")
    result.add_argument("--address", default="127.0.0.1")
    result.add_argument("--port", type=int, required=True)
    result.add_argument("--passive-ports", help="FIRST-LAST; any free port where it is not given")
    result.add_argument("--certificate", type=Path, required=True, help="PEM with key and certificate")
    result.add_argument("--accounts", type=Path, required=True, help="JSON with store.writer and store.reader")
    result.add_argument("--journal", type=Path, required=True, help="where completed uploads are recorded")
    result.add_argument("--faults", type=Path, help="JSON file of faults, read again when it changes")
    result.add_argument("--control", type=Path, help="UNIX socket over which faults are injected")
    result.add_argument("--plain-allowed", action="store_true", help="FTP without TLS is allowed too")
    return result


def main() -> None:
    options = parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    server = make_server(options)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.serve_forever()
    finally:
        server.close_all()


if __name__ == "__main__":
    main()
