# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ftp_transfer beside curl and lftp: same run, same server (vsftpd, TLS session reuse required), both directions.

``python -m benchmarks.transfer [--megabytes 2000] [--turns 2] [--files 10000] [--listed 100000]``, as root

Beside small files stands a floor: as many bare STOR or RETR over as many connections, with nothing around them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.integration.store.servers import ROOT, Server, running

SMALL = 8 * 1024
MODULE = """
import json, resource, sys
from ansible_collections.ics.deadpool.plugins.modules import ftp_transfer
given = json.load(sys.stdin)
params = {key: value.get("default") for key, value in ftp_transfer.ARGUMENT_SPEC.items()} | given
result = ftp_transfer.transfer(params, False)
assert not result.get("failed"), result["msg"]
print(json.dumps([result["bytes"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024]))
"""
FLOOR = """
import json, sys, threading
from io import BytesIO
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Ftp
params, way, number, connections = json.load(sys.stdin)
content = bytes(8192)
def work(first, ftp):
    for index in range(first, number, connections):
        if way == "store":
            ftp.store(f"/store/floor/{index:05}.trn", BytesIO(content).read)
        else:
            ftp.retrieve(f"/store/floor/{index:05}.trn", lambda block: None)
    ftp.__exit__()
opened = [Ftp(params) for _ in range(connections)]
opened[0].make_directories("/store/floor")
threads = [threading.Thread(target=work, args=pair) for pair in enumerate(opened)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("null")
"""
LISTING = """
import json, sys
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Ftp
with Ftp(json.load(sys.stdin)) as ftp:
    print(json.dumps([sum(1 for _ in ftp.walk("/store")), 0]))
"""


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock, seconds of the client's processor, and what came of it."""
    started, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    result = work()
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - started, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime, result


def in_python(code: str, given: Any) -> Any:
    """A process of its own, so that its memory can be told."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}/collections:{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        input=json.dumps(given),
        env=environment,
        text=True,
        capture_output=True,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def ours(server: Server, direction: str, pairs: list[tuple[Path, Path]], connections: int = 4) -> Any:
    rows = [{"source": str(source), "destination": str(destination)} for source, destination in pairs]
    given = {**server.params(), "direction": direction, "files": rows, "connections": connections}
    return in_python(MODULE, given)


def curl(server: Server, *words: str) -> None:
    netrc = server.base / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login {server.username} password {server.password}\n")
    netrc.chmod(0o600)
    common = ["curl", "-sS", "--netrc-file", str(netrc), "--ssl-reqd", "--cacert", server.params()["ca_path"]]
    subprocess.run([*common, *words], check=True)


def lftp(server: Server, command: str) -> None:
    script = server.base / "lftp.script"
    script.write_text(
        f"set ssl:ca-file {server.params()['ca_path']}\nset ftp:ssl-force true\nset ftp:ssl-protect-data true\n"
        f"set ssl:check-hostname no\nopen -u {server.username},{server.password} ftp://127.0.0.1:{server.port}\n{command}\n"
    )
    script.chmod(0o600)
    subprocess.run(["lftp", "-f", str(script)], check=True)


def load() -> str:
    return f"load {os.getloadavg()[0]:.0f}"


def curl_and_sync(server: Server, target: Path, url: str) -> None:
    """What ours does, too: a fetched file is on the disk, and not in the memory alone."""
    curl(server, "-o", str(target), url)
    with target.open("rb") as file:
        os.fsync(file)


def one_large(server: Server, work: Path, megabytes: int, turns: int) -> None:
    source = work / "large.bin"
    with source.open("wb") as file:
        for _block in range(megabytes // 20):
            file.write(os.urandom(20_000_000))
    size = source.stat().st_size
    url = f"ftp://127.0.0.1:{server.port}/store"
    rows: dict[str, list[float]] = {}
    for turn in range(turns):
        moves: dict[str, Callable[[], Any]] = {
            "store, curl": lambda turn=turn: curl(server, "-T", str(source), f"{url}/curl{turn}.bin"),
            "store, ours": lambda turn=turn: ours(server, "store", [(source, Path(f"/store/ours{turn}.bin"))]),
            "fetch, curl": lambda turn=turn: curl(server, "-o", str(work / "curl.bin"), f"{url}/ours{turn}.bin"),
            "fetch, curl, synced": lambda turn=turn: curl_and_sync(server, work / "synced", f"{url}/ours{turn}.bin"),
            "fetch, ours": lambda turn=turn: ours(
                server, "fetch", [(Path(f"/store/ours{turn}.bin"), work / f"o{turn}")]
            ),
        }
        if turn % 2:  # who comes second must not always be the same
            moves = {name: moves[name] for name in ("store, ours", "store, curl", *list(moves)[:1:-1])}
        for name, move in moves.items():
            os.sync()  # else a move waits for the disk on behalf of the one before
            seconds, processor, told = timed(move)
            rows.setdefault(name, []).append(size / seconds / 1e6)
            memory = f", {told[1]} MiB of memory" if told else ""
            rate = f"{seconds:6.1f} s {size / seconds / 1e6:6.0f} MB/s, {processor:4.1f} s of processor{memory}"
            print(f"{megabytes} MB {name:19} {rate}, {load()}", flush=True)
        for path in (
            server.folder / f"curl{turn}.bin", server.folder / f"ours{turn}.bin", work / "curl.bin", work / "synced",
            work / f"o{turn}",
        ):  # fmt: skip
            path.unlink()
    for way, beside in (("store", "curl"), ("fetch", "curl"), ("fetch", "curl, synced")):
        print(f"{way}: {max(rows[f'{way}, ours']) / max(rows[f'{way}, {beside}']):.2f} of the speed of {beside}")


def many_small(server: Server, work: Path, number: int) -> None:
    source = work / "small"
    source.mkdir()
    names = [f"{index:05}.trn" for index in range(number)]
    for name in names:
        (source / name).write_bytes(os.urandom(SMALL))
    pairs = [(source / name, Path(f"/store/ours/{name}")) for name in names]
    back = [(Path(f"/store/ours/{name}"), work / "ours" / name) for name in names]
    params = server.params()
    moves: dict[str, Callable[[], Any]] = {
        "store, lftp": lambda: lftp(server, f"mirror -R -P4 {source} /store/lftp"),
        "store, ours": lambda: ours(server, "store", pairs),
        "store, floor": lambda: in_python(FLOOR, [params, "store", number, 4]),
        "fetch, lftp": lambda: lftp(server, f"mirror -P4 /store/lftp {work / 'lftp'}"),
        "fetch, ours": lambda: ours(server, "fetch", back),
        "fetch, floor": lambda: in_python(FLOOR, [params, "fetch", number, 4]),
    }
    told: dict[str, float] = {}
    for name, move in moves.items():
        seconds, processor, _told = timed(move)
        told[name] = seconds
        rate = f"{seconds:6.1f} s {number / seconds:6.0f} files/s, {processor:.1f} s of processor"
        print(f"{number} files {name:12} {rate}, {load()}", flush=True)
    for way in ("store", "fetch"):
        times = {name: told[f"{way}, lftp"] / told[f"{way}, {name}"] for name in ("ours", "floor")}
        print(f"{way}: {times['ours']:.1f} times as fast as lftp mirror -P4, the floor {times['floor']:.1f} times")


def listing(server: Server, number: int) -> None:
    for index in range(number):
        folder = server.folder / f"{index // 2000:04}"
        folder.mkdir(exist_ok=True)
        (folder / f"SQL1_Sales_LOG_{index:07}.trn").touch()
    seconds, processor, told = timed(lambda: in_python(LISTING, server.params()))
    print(f"{told[0]} files listed on {server.kind} in {seconds:.1f} s, {processor:.1f} s of processor, {load()}")


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.transfer")
    options.add_argument("--megabytes", type=int, default=2000)
    options.add_argument("--turns", type=int, default=2)
    options.add_argument("--files", type=int, default=10_000)
    options.add_argument("--listed", type=int, default=100_000)
    chosen = options.parse_args()
    work = Path(tempfile.mkdtemp(prefix="deadpool-benchmark-"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    try:
        with running("vsftpd", "explicit") as server:
            if chosen.megabytes:
                one_large(server, work, chosen.megabytes, chosen.turns)
            if chosen.files:
                many_small(server, work, chosen.files)
        for kind in ("vsftpd", "proftpd") if chosen.listed else ():
            with running(kind, "explicit") as server:
                listing(server, chosen.listed)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
