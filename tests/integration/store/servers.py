# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real FTP servers, each its own process on a random port of loopback: what is in the field. They need root, and to be
installed or unpacked by scripts/ftp_servers; a test of one that is not there is skipped."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from simulator.certificates import make_authority, make_server_certificate

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "pass word'1\""
NOBODY, DAEMON = 65534, 1
PASSIVE = 16
UNPACKED = ROOT / ".cache/ftp-servers"
SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin:{UNPACKED}/usr/sbin:{UNPACKED}/usr/bin"


@dataclass
class Server:
    """``folder`` is what the account sees as ``top``: vsftpd does not let anonymous ones write into /. ``log`` is what
    the server says of itself."""

    kind: str
    tls: str
    base: Path
    port: int = 0
    username: str = "hospital"
    password: str = PASSWORD
    process: Any = None
    command: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)

    top = "/store"

    @property
    def address(self) -> str:
        return self.options.get("address", "127.0.0.1")

    @property
    def passive(self) -> range:
        """The ports for data, where the option names the first of them."""
        first = int(self.options.get("passive", 0))
        return range(first, first + PASSIVE if first else 0)

    @property
    def root(self) -> Path:
        return self.base / "root"

    @property
    def folder(self) -> Path:
        return self.root / "store"

    @property
    def log(self) -> Path:
        return self.base / "server.log"

    @property
    def certificate(self) -> Path:
        return self.base / "keys/store.test.pem"

    def params(self, **changes: Any) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "username": self.username,
            "password": self.password,
            "tls": self.tls,
            "ca_path": str(self.base / "keys/ca.pem"),
            "validate_certs": True,
            "timeout": 10,
            **changes,
        }


def _vsftpd(server: Server) -> list[str]:
    """Its anonymous account needs no PAM; the password stands in a file of those that are let in. The account's home
    must be there, which nobody's is not."""
    os.chown(server.folder, DAEMON, DAEMON)
    server.username = "anonymous"
    server.password = "guest-word@hospital"
    (server.base / "words").write_text(server.password + "\n")
    yes_no = {
        "anonymous_enable": "YES", "local_enable": "NO", "write_enable": "YES", "anon_upload_enable": "YES",
        "anon_mkdir_write_enable": "YES", "anon_other_write_enable": "YES", "anon_world_readable_only": "NO",
        "secure_email_list_enable": "YES", "allow_writeable_chroot": "YES", "force_dot_files": "YES", "listen": "YES",
        "background": "NO", "seccomp_sandbox": "NO", "use_localtime": "YES", "anon_umask": "022",
    }  # fmt: skip
    if server.tls != "none":
        yes_no |= {"ssl_enable": "YES", "allow_anon_ssl": "YES", "force_anon_logins_ssl": "YES",
                   "force_anon_data_ssl": "YES", "require_ssl_reuse": "YES", "ssl_ciphers": "HIGH",
                   "rsa_cert_file": str(server.certificate)}  # fmt: skip
        yes_no["implicit_ssl"] = "YES" if server.tls == "implicit" else "NO"
    values = {"ftp_username": "daemon", "anon_root": server.root, "email_password_file": server.base / "words",
              "listen_address": "127.0.0.1", "listen_port": server.port, "secure_chroot_dir": server.base / "empty",
              "vsftpd_log_file": server.log}  # fmt: skip
    if server.passive:
        values |= {"pasv_min_port": server.passive[0], "pasv_max_port": server.passive[-1]}
        values["data_connection_timeout"] = 2  # until then a session that nobody hears of keeps its .part locked
    (server.base / "empty").mkdir()
    configuration = server.base / "vsftpd.conf"
    configuration.write_text("".join(f"{key}={value}\n" for key, value in {**yes_no, **values}.items()))
    return ["vsftpd", str(configuration)]


def _proftpd(server: Server) -> list[str]:
    words = server.base / "words"
    words.write_text(f"{server.username}:{_hashed(server.password)}:{NOBODY}:{NOBODY}::{server.root}:/bin/sh\n")
    words.chmod(0o600)
    lines = [
        "ServerType standalone", "SocketBindTight on",
        "DefaultAddress 127.0.0.1", f"Port {server.port}", "User nobody", "Group nogroup",
        "UseIPv6 off", "UseReverseDNS off", "AuthOrder mod_auth_file.c", f'AuthUserFile "{words}"', "DefaultRoot ~",
        "RequireValidShell off", "AllowOverwrite on", "AllowStoreRestart on", "WtmpLog off", "MaxInstances 60",
        f'PidFile "{server.base}/pid"', f'ScoreboardFile "{server.base}/scores"', f'SystemLog "{server.log}"',
        "TransferLog none", f'DelayTable "{server.base}/delays"', "DelayEngine off", "ServerIdent off",
    ]  # fmt: skip
    if server.tls != "none":
        lines += [f'ModulePath "{_modules()}"', "LoadModule mod_tls.c", "TLSEngine on", "TLSRequired on",
                  f'TLSLog "{server.base}/tls.log"',
                  f'TLSECCertificateFile "{server.certificate}"',
                  f'TLSECCertificateKeyFile "{server.certificate}"', "TLSRenegotiate none"]  # fmt: skip
        lines += ["TLSOptions UseImplicitSSL"] if server.tls == "implicit" else []
    if server.passive:
        lines += [f"PassivePorts {server.passive[0]} {server.passive[-1]}"]
    configuration = server.base / "proftpd.conf"
    configuration.write_text("\n".join(lines) + "\n")
    return ["proftpd", "-n", "-q", "-c", str(configuration)]


def _hashed(password: str) -> str:
    command = ["openssl", "passwd", "-6", "-stdin"]
    return subprocess.run(command, input=password, text=True, capture_output=True, check=True).stdout.strip()


def _modules() -> Path:
    unpacked = UNPACKED / "usr/lib/proftpd"
    return unpacked if unpacked.is_dir() else Path("/usr/lib/proftpd")


def _pure_ftpd(server: Server) -> list[str]:
    words = server.base / "words"
    words.write_text(f"{server.username}:{_hashed(server.password)}:{NOBODY}:{NOBODY}::{server.root}/./{':' * 12}\n")
    make = ["mkdb", f"{words}.pdb", "-f", str(words)]
    subprocess.run([str(shutil.which("pure-pw", path=SEARCHED)), *make], check=True, capture_output=True)
    tls = ["-Y", "3", "-2", str(server.certificate)] if server.tls != "none" else []
    limits = ["-c", "60", "-C", "60", "-L", server.options.get("limit", "200000:50")]
    return ["pure-ftpd", "-S", f"127.0.0.1,{server.port}", "-l", f"puredb:{words}.pdb", "-E", "-A", "-H", "-z", "-D",
            "-g", str(server.base / "pid"), "-u", "1", *limits, *tls]  # fmt: skip


def _pyftpdlib(server: Server) -> list[str]:
    words = server.base / "words"
    words.write_text(server.password)
    return [sys.executable, "-m", "tests.integration.store.pyftpd", str(server.root), str(server.port), server.tls,
            str(server.certificate), server.username, str(words), server.address,
            *(["silent"] if "silent" in server.options else [])]  # fmt: skip


KINDS: dict[str, tuple[Callable[[Server], list[str]], tuple[str, ...]]] = {
    "vsftpd": (_vsftpd, ("none", "explicit", "implicit")),
    "proftpd": (_proftpd, ("none", "explicit", "implicit")),
    "pure-ftpd": (_pure_ftpd, ("none", "explicit")),
    "pyftpdlib": (_pyftpdlib, ("none", "explicit")),
}
EACH = [f"{kind} {tls}" for kind, (_command, modes) in KINDS.items() for tls in modes]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_ports(number: int) -> int:
    """The first of so many, below those that the kernel hands out to clients."""
    for _attempt in range(100):
        first = random.randrange(20_000, 32_000)
        with ExitStack() as held:
            try:
                for port in range(first, first + number):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
        return first
    raise AssertionError("no free ports")


@contextmanager
def running(kind: str, tls: str, **options: str) -> Iterator[Server]:
    """Below /tmp itself, for accounts that may not enter the folders of tests."""
    if kind != "pyftpdlib" and os.geteuid() != 0:
        pytest.skip(f"{kind} is started as root only")
    if kind != "pyftpdlib" and shutil.which(kind, path=SEARCHED) is None:
        pytest.skip(f"{kind} is not installed; scripts/ftp_servers unpacks it")
    server = Server(kind, tls, Path(tempfile.mkdtemp(prefix="deadpool-ftpd-")), free_port(), options=options)
    try:
        _prepare(server)
        server.command = KINDS[kind][0](server)
        again(server)
        yield server
    finally:
        stop(server)
        shutil.rmtree(server.base)


def again(server: Server) -> None:
    """Starts the process, also one that was killed."""
    stop(server)
    with server.log.open("ab") as log:
        command = [str(shutil.which(server.command[0], path=SEARCHED)), *server.command[1:]]
        server.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=ROOT)
    _wait_for(server)


def kill(server: Server) -> None:
    """With the processes that serve its connections."""
    for pid in _with_children(server.process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _with_children(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(one for child in children for one in _with_children(int(child)))]


def stop(server: Server) -> None:
    if server.process is not None and server.process.poll() is None:
        server.process.terminate()
        server.process.wait(10)


def _prepare(server: Server) -> None:
    server.base.chmod(0o755)
    server.folder.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(server.folder, NOBODY, NOBODY)
    make_authority(server.base / "keys", "Test CA")
    make_server_certificate(server.base / "keys", "store.test", ["127.0.0.1", "127.0.0.2"])


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        assert server.process.poll() is None, f"{server.kind} ended: {server.log.read_text(errors='replace')}"
        try:
            socket.create_connection((server.address, server.port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"{server.kind} does not answer")
