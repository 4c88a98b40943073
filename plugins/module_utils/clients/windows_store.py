# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The backup store as a Windows host sees it, by the host's own curl.exe; and that host's files, by a fixed script."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..recovery import curl_config
from ..recovery.errors import InvalidInput, RecoveryError, StoreUnreachable, TransferFailed
from .windows_host import WindowsHost

#: Of curl: no host, no connection, no answer, no TLS, wrong certificate, wrong password.
_UNREACHABLE = {5, 6, 7, 28, 35, 51, 58, 60, 64, 67, 77, 83}
#: At most so many requests in one call: a host that stops answering is noticed.
_AT_ONCE = 100
_WINDOW = 64 * 1024


@dataclass(frozen=True)
class LocalFile:
    path: str
    exists: bool
    length: int
    written: str
    sha256: str
    error: str


class WindowsStore:
    """One store, asked from one host."""

    def __init__(self, host: WindowsHost, params: Mapping[str, Any]) -> None:
        self.host, self._params = host, params

    def _ask(self, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        login = {"Login": curl_config.login(self._params)}
        answers: list[dict[str, Any]] = []
        for start in range(0, len(requests), _AT_ONCE):
            found = self.host.script("curl", {"Requests": list(requests[start : start + _AT_ONCE])}, login)
            if found["error"]:
                raise TransferFailed(
                    f"{self.host.name}: curl.exe could not be run: {found['error']}",
                    hint="docs/windows.md says what the host needs for FTP.",
                )
            answers += found["answers"]
        return answers

    def _require(self, path: str, answer: Mapping[str, Any]) -> None:
        if answer["rc"] == 0:
            return
        said = str(answer["stderr"]).strip().splitlines()
        words = f"{path}: curl {answer['rc']}: {said[-1][:200] if said else 'no reason given'}"
        if answer["rc"] in _UNREACHABLE:
            raise StoreUnreachable(
                words, hint="Check the store's address, port, certificate and password, from that host."
            )
        raise TransferFailed(
            words, hint="Look at the account's rights and the free space on the store, then run again."
        )

    def sizes(self, paths: Sequence[str]) -> list[int | None]:
        """The length of each file on the store, None where there is none."""
        requests = [_request(curl_config.size_request(self._params, path)) for path in paths]
        answers = self._ask(requests)
        for path, answer in zip(paths, answers):
            # 78 and 9: there is no such file, or no such folder.
            if answer["rc"] not in (0, 9, 78):
                self._require(path, answer)
        return [curl_config.size_of(answer["stdout"]) if answer["rc"] == 0 else None for answer in answers]

    def upload(self, source: str, path: str) -> int | None:
        """Sends a file and asks for what arrived."""
        sent = _request(curl_config.upload_request(self._params, path, source), stop=True)
        answers = self._ask([sent, _request(curl_config.size_request(self._params, path))])
        self._require(path, answers[0])
        return curl_config.size_of(answers[1]["stdout"])

    def write(self, path: str, content: str) -> None:
        answer = self._ask([_request(curl_config.upload_request(self._params, path, None), content=content)])[0]
        self._require(path, answer)

    def rename(self, source: str, destination: str) -> None:
        self._require(
            destination, self._ask([_request(curl_config.rename_request(self._params, source, destination))])[0]
        )

    def read(self, path: str) -> str | None:
        """A small file; None where this account may not read it."""
        answer = self._ask([_request(curl_config.download_request(self._params, path, None))])[0]
        if answer["rc"] in (9, 19, 78):
            return None
        self._require(path, answer)
        return str(answer["stdout"])

    def download(self, path: str, destination: str) -> None:
        self._require(path, self._ask([_request(curl_config.download_request(self._params, path, destination))])[0])


def _request(text: str, *, stop: bool = False, content: str = "") -> dict[str, Any]:
    return {"text": text, "stop": stop, "content": content}


def _files(host: WindowsHost, what: str, **asked: Any) -> dict[str, Any]:
    found = host.script("files", asked)
    if found["error"]:
        raise InvalidInput(f"{host.name}: {what}: {found['error']}", hint="Check the path and this account's rights.")
    return found


def local_files(host: WindowsHost, paths: Sequence[str], hashed: bool = False) -> list[LocalFile]:
    found = _files(host, "files", Path=list(paths), Hash=hashed)["files"] if paths else []
    return [LocalFile(**fact) for fact in found]


def files_below(host: WindowsHost, directory: str) -> list[LocalFile]:
    """Every file of a folder and those below it, in the order in which they were last written."""
    found = [LocalFile(**fact) for fact in _files(host, directory, Directory=directory)["files"]]
    return sorted(found, key=lambda file: (file.written, file.path))


def room_at(host: WindowsHost, path: str) -> int:
    return int(_files(host, path, Room=path)["free"])


def placed(host: WindowsHost, path: str, **asked: Any) -> None:
    found = host.script("place", asked)
    if found["error"]:
        raise TransferFailed(
            f"{path}: cannot be written: {found['error']}", hint="Free the disk or correct its rights, then run again."
        )


@dataclass
class RemoteBytes:
    """The bytes of a file on the host; head and tail are fetched for all files in one call, since they tell most."""

    host: WindowsHost
    path: str
    length: int
    parts: dict[int, bytes] = field(default_factory=dict, repr=False)

    def read(self, offset: int, length: int) -> bytes:
        for start, data in self.parts.items():
            if start <= offset and offset + length <= start + len(data):
                return data[offset - start : offset - start + length]
        wanted = max(0, min(max(length, _WINDOW), self.length - offset))
        if not wanted:
            return b""
        self.parts[offset] = _ranges(self.host, [(self.path, offset, wanted)])[0]
        return self.parts[offset][:length]


def remote_bytes(host: WindowsHost, files: Sequence[LocalFile]) -> list[RemoteBytes | RecoveryError]:
    """Readers for files, or why one cannot be read."""
    found: list[RemoteBytes | RecoveryError] = []
    for file in files:
        try:
            reader = RemoteBytes(host, file.path, file.length)
            ends = sorted({0, max(0, file.length - _WINDOW)})
            wanted = [(file.path, offset, min(_WINDOW, file.length)) for offset in ends]
            reader.parts = dict(zip(ends, _ranges(host, wanted)))
            found.append(reader)
        except RecoveryError as error:
            found.append(error)
    return found


def _ranges(host: WindowsHost, wanted: Sequence[tuple[str, int, int]]) -> list[bytes]:
    asked = [{"path": path, "offset": offset, "length": length} for path, offset, length in wanted]
    found = _files(host, wanted[0][0], Range=asked)["ranges"]
    for (path, _offset, _length), part in zip(wanted, found):
        if part["error"]:
            raise RecoveryError(
                f"{path}: cannot be read: {part['error']}",
                hint="Let the account of this connection read the backups, then run again; this one was not sent.",
            )
    return [base64.b64decode(part["data"]) for part in found]
