# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real DNS servers on a random port of 127.0.0.1, each with one zone that two keys are known to and one may change."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.tsigkeyring
import dns.update

KEY, SECRET = "deadpool", "c2VjcmV0IG9mIHRoZSB0ZXN0cyBvZiBkZWFkcG9vbCE="
STRANGER, OTHER_SECRET = "stranger", "YW5vdGhlciBzZWNyZXQgb2YgdGhlIHRlc3RzIGhlcmU="
ZONE = """$ORIGIN hospital.lan.
$TTL 30
@ SOA ns admin 1 3600 600 86400 30
@ NS ns
ns A 127.0.0.1
hisdb A 10.0.0.5
slow 3600 A 10.0.0.5
two A 10.0.0.5
two A 10.0.0.9
both A 10.0.0.5
both AAAA fd00::5
mixed A 10.0.0.5
mixed AAAA fd00::9
alias CNAME sql1.hospital.lan.
other A 10.0.0.77
"""
NAMED = """options { directory "%(folder)s"; listen-on port %(port)d { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; pid-file "named.pid"; session-keyfile "session.key"; dnssec-validation no; notify no; };
controls { };
key "deadpool" { algorithm hmac-sha256; secret "%(secret)s"; };
key "stranger" { algorithm hmac-sha256; secret "%(other)s"; };
zone "hospital.lan" { type primary; file "zone"; update-policy { grant deadpool zonesub ANY; }; };
"""
KNOT = """server:
  listen: "127.0.0.1@%(port)d"
  rundir: "%(folder)s"
database:
  storage: "%(folder)s"
log:
  - target: stderr
    any: warning
key:
  - id: deadpool
    algorithm: hmac-sha256
    secret: "%(secret)s"
  - id: stranger
    algorithm: hmac-sha256
    secret: "%(other)s"
acl:
  - id: change
    key: deadpool
    action: update
zone:
  - domain: hospital.lan
    storage: "%(folder)s"
    file: zone
    acl: change
"""
PROGRAMS = {"named": (NAMED, ["-g", "-c"]), "knotd": (KNOT, ["-c"])}
#: Debian keeps them where an ordinary user's PATH does not lead.
PLACES = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"


def program(kind: str) -> str | None:
    return shutil.which(kind) or shutil.which(kind, path=PLACES)


class NameServer:
    """Started with its zone as above; ``stop`` and ``start`` may follow each other."""

    def __init__(self, kind: str, folder: Path, zone: str = ZONE) -> None:
        self.kind, self.folder, self.port = kind, folder, _free_port()
        (folder / "zone").write_text(zone)
        settings = {"folder": folder, "port": self.port, "secret": SECRET, "other": OTHER_SECRET}
        (folder / "config").write_text(PROGRAMS[kind][0] % settings)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(program(self.kind)), *PROGRAMS[self.kind][1], str(self.folder / "config")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + 20
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def values(self, name: str, kind: str = "A") -> list[str]:
        answer = dns.query.tcp(dns.message.make_query(f"{name}.", kind), "127.0.0.1", port=self.port, timeout=30)
        return sorted(data.to_text() for one in answer.answer for data in one)

    def change(self, zone: str, name: str, ttl: int, kind: str, values: Sequence[str]) -> None:
        """As whoever owns the zone may."""
        update = dns.update.UpdateMessage(zone, keyring=dns.tsigkeyring.from_text({KEY: SECRET}))
        update.replace(name, ttl, kind, *values)
        answer = dns.query.tcp(update, "127.0.0.1", port=self.port, timeout=30)
        if answer.rcode():
            raise RuntimeError(dns.rcode.to_text(answer.rcode()))

    def _answers(self) -> bool:
        try:
            return bool(self.values("ns.hospital.lan"))
        except (OSError, EOFError, dns.exception.DNSException):
            return False


def _free_port() -> int:
    """One that is free for TCP and UDP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return int(tcp.getsockname()[1])
