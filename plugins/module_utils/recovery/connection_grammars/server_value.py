# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The value of a server keyword: ``[tcp:]host[\\instance][,port]``, with ``:port`` in URLs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..endpoint import Endpoint, is_host, is_instance, port_number
from ..spanned_text import SpannedText

_PROTOCOL = re.compile(r"(tcp|np|lpc|admin)\s*:\s*", re.IGNORECASE)
_PIPE = re.compile(r"\\\\+([^\\]+)\\+pipe\\", re.IGNORECASE)
_FILE = re.compile(r"\\\\|[A-Za-z]:[\\/]|[./]{1,2}[\\/]|\|DataDirectory\|", re.IGNORECASE)
_REASONS = {
    "np": "is a named pipe, which cannot be moved to another server mechanically",
    "lpc": "is shared memory, which reaches the same computer only",
    "admin": "is the dedicated administrator connection",
}
#: The default of a variable: Spring's and Compose's ``${NAME:value}`` and ``${NAME:-value}``.
_VARIABLE = re.compile(r"\$\{\s*([A-Za-z_][\w.-]{0,80}?)\s*:-?(?=[^}])")
_PLACEHOLDER = re.compile(r"[$#]\{|\$\(|\{\{|%\w+%")


@dataclass(frozen=True)
class ServerValue:
    """``view[start:end]`` is the endpoint: what stands before it (blanks, ``tcp:``) stays as it was written."""

    view: SpannedText
    start: int
    end: int
    endpoint: Endpoint | None
    refused: str = ""
    separator: str = ","
    backslash: str = "\\"
    has_port: bool = False

    def written(self, endpoint: Endpoint, *, instance: bool = True, port: bool = True) -> str:
        """``endpoint`` in the manner of this value; without what other keywords carry."""
        host = endpoint.host
        if ":" in host and (self.separator == ":" or self.view.text[self.start : self.end].startswith("[")):
            host = f"[{host}]"
        text = host + (f"{self.backslash}{endpoint.instance}" if instance and endpoint.instance else "")
        return text + (f"{self.separator}{endpoint.port}" if port and endpoint.port else "")


def read_server(value: SpannedText, separator: str = ",") -> ServerValue:
    """Take a server value apart. What cannot be read keeps its reason in ``refused``."""
    view = value.stripped()
    protocol = _PROTOCOL.match(view.text)
    start = protocol.end() if protocol else 0
    rest = view.text[start:]
    pipe = _PIPE.match(rest)
    name = protocol.group(1).lower() if protocol else ""
    if name in _REASONS or pipe:
        host = pipe.group(1) if pipe else re.split(r"[\\,]", rest, maxsplit=1)[0].strip()
        endpoint = Endpoint(host) if is_host(host) else None
        return ServerValue(view, start, len(view), endpoint, _REASONS.get(name, _REASONS["np"]))
    if rest.lower().startswith("(localdb)"):
        return ServerValue(view, start, len(view), Endpoint("(localdb)"), "is LocalDB, a database of this computer")
    if _FILE.match(rest) and not rest.startswith(".\\"):
        return ServerValue(view, start, len(view), Endpoint("(file)"), "is a file, not a server")
    return _host_instance_port(view, start, separator)


def _host_instance_port(view: SpannedText, start: int, separator: str) -> ServerValue:
    rest = view.text[start:]
    head, mark, port_text = _port_apart(rest, separator)
    match = re.fullmatch(r"\s*([^\\]*?)\s*(?:(\\\\?)\s*([^\\]*?)\s*)?", head)
    port = port_number(port_text.strip()) if mark else None
    bad = match is None or (bool(mark) and port is None)
    host, slash, instance = match.groups() if match else ("", None, None)
    host = host or ""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") and ":" in host else host
    if bad or not is_host(bare) or (slash and not is_instance(instance or "")):
        why = (
            "comes from a variable"
            if _PLACEHOLDER.search(rest)
            else "cannot be read as host, host\\instance or host,port"
        )
        return ServerValue(view, start, len(view), None, why)
    return ServerValue(
        view,
        start,
        len(view),
        Endpoint(bare, instance or None, port),
        separator=mark or separator,
        backslash=slash or "\\",
        has_port=bool(mark),
    )


def _port_apart(text: str, separator: str) -> tuple[str, str, str]:
    """Host and port; an IPv6 address without brackets has colons, and no port behind them."""
    if separator == ":" and "," not in text:
        if text.startswith("["):
            host, bracket, port = text.partition("]")
            return host + bracket, port[:1], port[1:]
        return text.partition(":") if text.count(":") < 2 else (text, "", "")
    return text.partition(",")


def variable_default(view: SpannedText) -> tuple[SpannedText, str]:
    """The default inside ``${NAME:default}``, and the variable's name; the view itself where there is none."""
    variable = ""
    while True:
        view = view.stripped()
        match = _VARIABLE.match(view.text)
        if not match or not view.text.endswith("}"):
            return view, variable
        variable = variable or match.group(1)
        view = view.part(match.end(), len(view) - 1)


def caution(variable: str) -> str:
    """What to say of a server that stands in a variable's default; nothing where there is no variable."""
    return f"it is only the default of the variable {variable}, which wins where it is set" if variable else ""


def unwrapped(view: SpannedText) -> tuple[SpannedText, str]:
    """What stands inside quotes around the whole value and inside variables, and the first variable's name."""
    variable = ""
    while True:
        view, found = variable_default(view)
        variable = variable or found
        text = view.text
        if len(text) < 2 or text[0] != text[-1] or text[0] not in "\"'" or text[0] in text[1:-1]:
            return view, variable
        view = view.part(1, len(text) - 1)
