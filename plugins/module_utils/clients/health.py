# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks an application module how it is, and restarts it."""

from __future__ import annotations

import http.client
import shlex
import subprocess
import tempfile
import time
from typing import Callable
from urllib.parse import urlsplit

from ..recovery.errors import InvalidInput, NotProven
from ..recovery.module_proof import Answer

_CONNECTIONS: dict[str, type[http.client.HTTPConnection]] = {
    "http": http.client.HTTPConnection,
    "https": http.client.HTTPSConnection,
}


def ask(url: str, timeout: float = 5.0) -> Answer:
    """One GET. A refused connection, a timeout or nonsense is an answer too."""
    parts = urlsplit(url)
    if parts.scheme not in _CONNECTIONS or not parts.hostname:
        raise InvalidInput(
            f"health: {url!r} is no http or https address", hint="Correct the entry of the module in applications."
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _CONNECTIONS[parts.scheme](parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Accept": "application/json"})
        response = connection.getresponse()
        return Answer(response.status, response.read(65536).decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException) as error:
        return Answer(None, error=str(error) or type(error).__name__)
    finally:
        connection.close()


def ask_until(url: str, good: Callable[[Answer], bool], wait_seconds: float) -> Answer:
    """Asks once, and again every half second until the answer is good or the time is over; the last answer."""
    deadline = time.monotonic() + wait_seconds
    answer = ask(url)
    while not good(answer) and time.monotonic() < deadline:
        time.sleep(0.5)
        answer = ask(url)
    return answer


def run_command(name: str, command: str, timeout: float = 120.0) -> None:
    """Runs the inventory's command for a module, without a shell. Its output ends up in the error, if there is one."""
    # A file instead of a pipe: a daemon that keeps its starter's output open must not keep us waiting.
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        try:
            argv = shlex.split(command)
            done = subprocess.run(argv, stdout=output, stderr=subprocess.STDOUT, timeout=timeout, check=False)
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise NotProven(
                f"{name}: its restart command could not be run: {error}", hint="Correct restart in its inventory entry."
            ) from error
        output.seek(0)
        words = output.read()[-500:].strip()
    if done.returncode:
        raise NotProven(
            f"{name}: its restart command ended with {done.returncode}: {words}",
            hint="Run the command by hand on that host and look at the module's log.",
        )
