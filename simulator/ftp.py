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
import sys
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

from simulator.ftp_faults import Faults, TransferRefused
from simulator.ftp_journal import UploadJournal
from simulator.media_facts import backup_sets

PART = ".part"
# pyftpdlib's letters: e CWD, l LIST MLSD SIZE MDTM, r RETR, a APPE, w STOR, f RNFR RNTO, m MKD. Nobody has d (DELE).
WRITE_ONLY, READ_ONLY = "elawfm", "elr"


class _Upload:
    """A file being written, through the faults."""

    def __init__(self, file: Any, path: str, faults: Faults) -> None:
        self._file, self._path, self._faults = file, path, faults

    def write(self, data: bytes) -> int:
        self._faults.before_write(self._path, self._file.tell(), len(data))
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _FileSystem(AbstractedFS):
    def open(self, filename: str, mode: str) -> Any:
        file = super().open(filename, mode)
        return file if mode.startswith("rb") else _Upload(file, filename, self.cmd_channel.faults)


class _DataChannel(TLS_DTPHandler):
    def handle_error(self) -> None:
        refused = sys.exc_info()[1]
        cause = refused.__cause__ if refused else None
        if not isinstance(cause, TransferRefused):
            super().handle_error()
            return
        self._resp = (cause.reply, logging.getLogger("pyftpdlib").warning)
        self.close()


class StoreHandler(TLS_FTPHandler):
    """One client's control connection."""

    banner = "MyHospital backup store."
    abstracted_fs = _FileSystem
    dtp_handler = _DataChannel
    faults: Faults
    journal: UploadJournal

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
    for kind, rights in (("writer", WRITE_ONLY), ("reader", READ_ONLY)):
        authorizer.add_user(accounts[kind]["login"], accounts[kind]["password"], str(folder), perm=rights)
    return authorizer


def make_server(options: argparse.Namespace) -> FTPServer:
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
    return FTPServer((options.address, options.port), Handler)


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
