# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""``python -m tests.integration.store.pyftpd FOLDER PORT TLS CERTIFICATE USER PASSWORD_FILE ADDRESS [silent]``"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer


class Silent(TLS_FTPHandler):
    """Says nothing more once a transfer was cut, as Pure-FTPd with TLS does now and then."""

    banner = "Welcome to Pure-FTPd"
    was_cut = False

    def respond(self, resp: str, *args: Any, **kwargs: Any) -> None:
        self.was_cut = self.was_cut or resp.startswith("426")
        if not self.was_cut:
            super().respond(resp, *args, **kwargs)


def main() -> None:
    folder, port, tls, certificate, user, password, address, *silent = sys.argv[1:]
    users = DummyAuthorizer()
    users.add_user(user, Path(password).read_text(), folder, perm="elradfmw")
    handler = FTPHandler
    options = {"authorizer": users, "max_login_attempts": 100}
    if tls == "explicit":
        handler = Silent if silent else TLS_FTPHandler
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.use_certificate_chain_file(certificate)
        context.use_privatekey_file(certificate)
        context.set_session_id(b"tests")
        options |= {"ssl_context": context, "tls_control_required": True, "tls_data_required": True}
    logging.basicConfig(level=logging.WARNING)
    FTPServer((address, int(port)), type("Handler", (handler,), options)).serve_forever()


if __name__ == "__main__":
    main()
