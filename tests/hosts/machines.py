# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Booted Debian hosts without virtual machines: systemd in containers, in network namespaces that are made here.

``lan`` is a namespace with a bridge; each host has a leg in it. Nothing of the machine's own network is touched, and
the hosts reach nothing but each other.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / ".cache/hosts/base"
_NEEDED = ("ip", "unshare", "nsenter", "systemd-nspawn", "ssh-keygen", "nft")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def skip_where_impossible() -> None:
    if os.geteuid() != 0:
        pytest.skip("hosts are booted as root only")
    missing = [name for name in _NEEDED if shutil.which(name, path=f"{os.environ['PATH']}:{_PATH}") is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} missing: apt-get install systemd-container nftables iproute2 openssh-client")
    if not (BASE.parent / "whole").is_file():
        pytest.skip("no bare Debian to boot: scripts/hosts_base makes one, with a network, in about a minute")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@dataclass
class Lan:
    """``name`` is that of its namespace, and the beginning of those of its hosts."""

    name: str
    folder: Path
    stack: ExitStack

    def leg(self, number: int, *addresses: str) -> str:
        """A namespace on the bridge, with these addresses."""
        space = f"{self.name}-{number}"
        ip("netns", "add", space)
        self.stack.callback(ip, "netns", "delete", space)
        ip("-n", self.name, "link", "add", f"v{number}", "type", "veth", "peer", "name", "host0", "netns", space)
        ip("-n", self.name, "link", "set", f"v{number}", "master", "bridge", "up")
        for address in addresses:
            ip("-n", space, "address", "add", address, "dev", "host0")
        ip("-n", space, "link", "set", "host0", "up")
        ip("-n", space, "link", "set", "lo", "up")
        return space

    def boot(self, name: str, number: int, address: str, *binds: str) -> Machine:
        machine = Machine(name, self.leg(number, address), self.folder / name)
        self.stack.callback(machine.end)
        machine.boot(*binds)
        return machine


@contextmanager
def lan() -> Iterator[Lan]:
    """Below /tmp itself: an overlay of the base wants a disk, and short paths."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="deadpool-hosts-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        name = f"dp{os.getpid()}"
        ip("netns", "add", name)
        stack.callback(ip, "netns", "delete", name)
        ip("-n", name, "link", "add", "bridge", "type", "bridge")
        ip("-n", name, "link", "set", "bridge", "up")
        yield Lan(name, folder, stack)


@dataclass
class Machine:
    name: str
    space: str
    folder: Path
    nspawn: subprocess.Popen[bytes] | None = None
    leader: int = 0
    binds: tuple[str, ...] = ()

    @property
    def log(self) -> Path:
        return self.folder / "console"

    def boot(self, *binds: str) -> None:
        """The overlay is mounted where the machine's own mounts do not see it, and goes with the process."""
        self.binds = binds
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        lower = f"lowerdir={BASE},upperdir={self.folder}/upper,workdir={self.folder}/work"
        mount = f"mount -t overlay overlay -o {lower} {self.folder}/root"
        words = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "--console=pipe",
                 "-M", self.name, "--capability=CAP_NET_ADMIN",  # for the host's own firewall
                 "-D", f"{self.folder}/root", f"--network-namespace-path=/run/netns/{self.space}",
                 *(f"--bind-ro={path}" for path in binds)]  # fmt: skip
        with self.log.open("wb") as log:
            self.nspawn = subprocess.Popen(
                ["unshare", "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh", *words],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self._wait()

    def restart(self) -> None:
        """Shut down in order and started anew, with the same disk and the same leg in the network.

        A host's firewall goes with its kernel; here it would stay with the leg."""
        self.end()
        done = inside(self.space, "nft", "flush", "ruleset")
        assert done.returncode == 0, done.stderr
        self.boot(*self.binds)

    def _wait(self) -> None:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            assert self.nspawn and self.nspawn.poll() is None, self.log.read_text(errors="replace")
            children = Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children").read_text().split()
            # nspawn's other child of the first moments is its own, and not yet systemd.
            found = [int(pid) for pid in children if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd"]
            if found:
                self.leader = found[0]
                state = self.run("systemctl", "is-system-running", check=False)
                if state in ("running", "degraded"):
                    return
            time.sleep(0.2)
        pytest.fail(f"{self.name} did not come up: {self.log.read_text(errors='replace')[-2000:]}")

    def start(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command on this host, as root."""
        environment = {"PATH": _PATH, "HOME": "/root", "LANG": "C.UTF-8", **more}
        command = ["nsenter", "--all", "--target", str(self.leader), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=500,
                              stdin=subprocess.DEVNULL)  # fmt: skip

    def run(self, *words: str, check: bool = True) -> str:
        done = self.start(*words)
        assert not check or done.returncode == 0, f"{self.name}: {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def end(self) -> None:
        """SIGTERM asks systemd in there to power off."""
        if self.nspawn is None or self.nspawn.poll() is not None:
            return
        self.nspawn.terminate()
        try:
            self.nspawn.wait(20)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait(10)


def inside(space: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of this machine, seen from another place in the network."""
    return subprocess.run(
        ["ip", "netns", "exec", space, *words], capture_output=True, text=True, check=False, timeout=300
    )


def python() -> list[str]:
    """What Python needs to run in a host as it runs here."""
    return [sys.base_prefix, str(ROOT), *([] if Path(sys.prefix).is_relative_to(ROOT) else [sys.prefix])]
