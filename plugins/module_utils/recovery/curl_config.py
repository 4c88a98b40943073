# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked of curl, as the lines of its configuration file: nothing of it ever stands on a command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .errors import InvalidInput

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t"}
_LENGTH = re.compile(r"^Content-Length:\s*(\d+)\s*$", re.IGNORECASE | re.MULTILINE)


def line(option: str, value: str) -> str:
    """One option with its value in quotes, as curl unquotes it."""
    if "\n" in value or "\r" in value or "\0" in value:
        raise InvalidInput(f"{option}: a line break cannot be passed to curl", hint="Give a value of one line.")
    return f'{option} = "{"".join(_ESCAPES.get(char, char) for char in value)}"'


def login(params: Mapping[str, Any]) -> str:
    """What all requests to a store have in common, its password among it."""
    if ":" in params["username"]:
        raise InvalidInput("username: curl takes a colon for its end", hint="Give the store an account without colons.")
    lines = [
        line("user", f"{params['username']}:{params['password']}"),
        "silent",
        "show-error",
        "globoff",
        # A name is one argument of one command, whatever folders it leads through; replies with private addresses are
        # of no consequence.
        line("ftp-method", "nocwd"),
        "ftp-skip-pasv-ip",
        line("connect-timeout", str(params["timeout"])),
        line("speed-time", str(params["timeout"])),
        line("speed-limit", "1"),
    ]
    if params.get("bandwidth_limit"):
        lines.append(line("limit-rate", str(max(1, int(params["bandwidth_limit"] * 1e6)))))
    if params["tls"] != "none":
        # Schannel with TLS 1.3 breaks the data connections of FileZilla Server (curl issue 3002).
        lines += ["ssl-reqd", line("tls-max", "1.2")]
        if params["ca_path"]:
            # Schannel asks for revocation lists, which a hospital's own authority does not publish.
            lines += [line("cacert", params["ca_path"]), "ssl-no-revoke"]
        if not params["validate_certs"]:
            lines.append("insecure")
    return "\n".join(lines)


def url(params: Mapping[str, Any], path: str) -> str:
    """The whole path on the store: FTP's URLs begin at the login's folder, and %2F leads to its root."""
    _require_plain(path)
    scheme = "ftps" if params["tls"] == "implicit" else "ftp"
    host = f"[{params['host']}]" if ":" in params["host"] else params["host"]
    return f"{scheme}://{host}:{params['port']}/%2F{quote(path.lstrip('/'), safe='/')}"


def _require_plain(path: str) -> None:
    if _CONTROL.search(path) or any(part in (".", "..") for part in path.split("/")):
        raise InvalidInput(
            f"{path!r}: this name leads elsewhere or breaks a command of FTP", hint="Rename the file and run again."
        )


def size_request(params: Mapping[str, Any], path: str) -> str:
    return "\n".join(["head", line("url", url(params, path))])


def size_of(output: str) -> int | None:
    """The length that curl shows for a file; a file that is not there has none."""
    found = _LENGTH.findall(output)
    return int(found[-1]) if found else None


def upload_request(params: Mapping[str, Any], path: str, source: str | None) -> str:
    """Without a source the script adds the file that holds the content."""
    parts = path.strip("/").split("/")[:-1]
    # The star: a folder that is there already is no failure.
    folders = [line("quote", f"*MKD /{'/'.join(parts[: depth + 1])}") for depth in range(len(parts))]
    lines = [line("url", url(params, path)), *folders]
    return "\n".join([*lines, line("upload-file", source)] if source else lines)


def download_request(params: Mapping[str, Any], path: str, destination: str | None) -> str:
    """Without a destination the content is the output, and is at most a digest's line."""
    lines = [line("url", url(params, path))]
    return "\n".join([*lines, line("output", destination)] if destination else [*lines, line("max-filesize", "4096")])


def rename_request(params: Mapping[str, Any], source: str, destination: str) -> str:
    for path in (source, destination):
        _require_plain(path)
    renames = [line("quote", f"RNFR {source}"), line("quote", f"RNTO {destination}")]
    return "\n".join(["head", *renames, line("url", f"{url(params, '/')}")])
