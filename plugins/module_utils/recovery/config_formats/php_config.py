# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PHP: strings, arrays, constants and the calls that connect. Comments and the HTML around are never looked into."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..connection_grammars.place import Reading
from ..spanned_text import SpannedText
from .settings import Group, Hint, Setting, group_reading

_TOKEN = re.compile(
    r"""(?P<close>\?>)|(?P<comment>//[^\r\n]*?(?=\?>|[\r\n]|\Z)|\#(?!\[)[^\r\n]*?(?=\?>|[\r\n]|\Z)|/\*.*?\*/)"""
    r"""|'(?P<single>(?:[^'\\]|\\.)*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<here><<<\s*(?P<q>['"]?)(?P<tag>\w+)(?P=q))"""
    r"""|(?P<name>\$?\w+)|(?P<mark>=>|->|::|[()\[\],;=.{}])|(?P<other>[\s\S])""",
    re.DOTALL,
)
_OPEN = re.compile(r"<\?(?:php\b|=)?", re.IGNORECASE)
_SINGLE_ESCAPE = re.compile(r"\\([\\'])")
_DOUBLE_ESCAPE = re.compile(r"\\([\\\"$])")
_CONNECTS = {"sqlsrv_connect", "mssql_connect", "mssql_pconnect"}
#: A PDO string whose server is a variable, inside the literal or glued on behind it, or sprintf's first argument.
_SERVER_VARIABLE = re.compile(r"sqlsrv:\s*server\s*=\s*(?:tcp:)?\{?(\$\w+)", re.IGNORECASE)
_FORMATTED = re.compile(r"sqlsrv:\s*server\s*=\s*(?:tcp:)?%(?:1\$)?s", re.IGNORECASE)
_GLUED = re.compile(r"sqlsrv:\s*server\s*=\s*(?:tcp:)?\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Token:
    kind: str
    text: str = field(repr=False)
    view: SpannedText = field(repr=False)


@dataclass
class Script:
    """What the tokens say: settings by the array they stand in, and names that are used as SQL Server's."""

    groups: dict[str, list[Setting]] = field(default_factory=dict, repr=False)
    servers: set[str] = field(default_factory=set)
    formatted: set[int] = field(default_factory=set)

    def add(self, group: str, setting: Setting) -> None:
        self.groups.setdefault(group, []).append(setting)


def php_reading(root: SpannedText, hints: Sequence[Hint]) -> Reading:
    tokens = [token for token in _tokens(root) if token.kind != "other" or not token.text.isspace()]
    script = _read(tokens)
    reading = Reading()
    named = frozenset(name.lower() for name in script.servers)
    for group, settings in script.groups.items():
        reading += group_reading(Group(settings, flat=not group, servers=named), hints)
    return reading


def _read(tokens: Sequence[Token]) -> Script:
    script = Script()
    brackets: list[str] = []
    for index, token in enumerate(tokens):
        if token.kind == "mark" and token.text in "([{":
            brackets.append(str(index))
        elif token.kind == "mark" and token.text in ")]}" and brackets:
            brackets.pop()
        elif token.kind == "name" and token.text.lower() in _CONNECTS and _text(tokens, index + 1) == "(":
            _connecting_call(script, tokens, index)
        elif token.kind == "string":
            _literal(script, tokens, index, brackets)
    return script


def _text(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].text if 0 <= index < len(tokens) and tokens[index].kind != "string" else ""


def _connecting_call(script: Script, tokens: Sequence[Token], index: int) -> None:
    """The first argument of sqlsrv_connect is the server: a literal, or a variable that was assigned before."""
    argument = tokens[index + 2] if index + 2 < len(tokens) else None
    if argument is None or _text(tokens, index + 3) not in (",", ")"):
        return
    if argument.kind == "string":
        name = f"{tokens[index].text}()"
        script.servers.add(name)
        script.add("", Setting(name, argument.view))
    elif argument.kind == "name":
        script.servers.add(argument.text)


def _literal(script: Script, tokens: Sequence[Token], index: int, brackets: Sequence[str]) -> None:
    token = tokens[index]
    variable = _SERVER_VARIABLE.match(token.text)
    if variable:
        script.servers.add(variable.group(1))
    elif _GLUED.match(token.text) and _text(tokens, index + 1) == ".":
        script.servers.add(_text(tokens, index + 2))
    elif _FORMATTED.match(token.text) and _text(tokens, index + 1) == ",":
        script.formatted.add(index + 2)
        script.servers.add(_text(tokens, index + 2) or "sprintf()")
    before = _text(tokens, index - 1)
    if before == "(" and _text(tokens, index - 2).lower() in _CONNECTS:
        return
    if _text(tokens, index + 1) == "=>":
        return
    if before == "=>":
        script.add(brackets[-1] if brackets else "", Setting(tokens[index - 2].text, token.view))
    elif before == "," and _text(tokens, index - 4).lower() in ("env", "getenv") and _text(tokens, index - 3) == "(":
        _default_of(script, tokens, index, brackets)
    elif before == "," and _text(tokens, index - 4).lower() == "define":
        script.add("", Setting(tokens[index - 2].text, token.view))
    elif before == "=":
        group, name = _assigned(tokens, index - 2)
        script.add(group, Setting(name, token.view))
    elif before != "[" or _text(tokens, index + 1) != "]":
        script.add("", Setting("sprintf()" if index in script.formatted else "literal", token.view))


def _default_of(script: Script, tokens: Sequence[Token], index: int, brackets: Sequence[str]) -> None:
    """``'host' => env('DB_HOST', 'localhost')``: what counts is the environment, not the default."""
    variable = tokens[index - 2].text
    key = tokens[index - 6].text if _text(tokens, index - 5) == "=>" else variable
    group = brackets[-2] if len(brackets) > 1 else ""
    shown = variable if re.fullmatch(r"\w{1,80}", variable) else "an environment variable"
    script.add(group, Setting(key, tokens[index].view, comes_from=shown))


def _assigned(tokens: Sequence[Token], index: int) -> tuple[str, str]:
    """``$name =`` is a setting of the script, ``$db['default']['hostname'] =`` one of the array before it."""
    if _text(tokens, index) == "]" and index >= 2 and tokens[index - 1].kind == "string":
        start = index - 2
        while _text(tokens, start - 1) == "]" and start >= 4:
            start -= 3
        return "".join(token.text for token in tokens[start - 1 : index - 2]) or "array", tokens[index - 1].text
    return "", tokens[index].text if index >= 0 else "literal"


def _tokens(root: SpannedText) -> Iterator[Token]:
    text, position = root.text, 0
    if _OPEN.search(text):
        position = _behind_opening(text, 0)
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            return
        position = match.end()
        kind = match.lastgroup or ""
        if match.group("close"):
            position = _behind_opening(text, position)
        elif match.group("single") is not None:
            yield _string(_unescaped(root.part(*match.span("single")), _SINGLE_ESCAPE, "'"))
        elif match.group("double") is not None:
            yield _string(_unescaped(root.part(*match.span("double")), _DOUBLE_ESCAPE, '"'))
        elif match.group("here"):
            end = re.compile(rf"(?:[\r\n])[ \t]*{match.group('tag')}\b").search(text, position)
            inner = root.part(position, end.start() if end else len(text)).stripped()
            position = end.end() if end else len(text)
            yield _string(inner if match.group("q") == "'" else _unescaped(inner, _DOUBLE_ESCAPE, '"'))
        elif not match.group("comment"):
            yield Token(kind, match.group(0), root.part(*match.span()))


def _string(view: SpannedText) -> Token:
    return Token("string", view.text, view)


def _behind_opening(text: str, position: int) -> int:
    """Past the HTML, to where PHP begins again."""
    match = _OPEN.search(text, position)
    return match.end() if match else len(text)


def _unescaped(view: SpannedText, escapes: re.Pattern[str], quote: str) -> SpannedText:
    # A lone backslash, as in 'HOST\SQL2019', is how this value is written: it stays alone.
    lone = "\\" in view.text.replace("\\\\", "")

    def escape(text: str) -> str:
        text = text if lone and quote == "'" else text.replace("\\", "\\\\")
        text = text.replace(quote, "\\" + quote)
        return text.replace("$", "\\$") if quote == '"' else text

    return view.unescaped(escapes, lambda match: match.group(1), escape)
