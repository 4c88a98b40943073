# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""T-SQL's functions on text. A NULL in gives NULL out, except where a function says otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from simulator.engine.events import SqlError
from simulator.engine.logins import password_matches
from simulator.engine.messages import message
from simulator.engine.query.dates import parse_moment
from simulator.engine.query.model import decode


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    def strict(*arguments: Any) -> Any:
        return None if any(argument is None for argument in arguments) else function(*arguments)

    return strict


def _length_argument(name: str, length: int) -> int:
    if length < 0:
        raise SqlError(message(536, name))
    return int(length)


def _substring(text: Any, start: int, length: int) -> Any:
    end = start + _length_argument("substring", length)
    return text[max(start - 1, 0) : max(end - 1, 0)]


def _left(text: str, length: int) -> str:
    return text[: _length_argument("left", length)]


def _right(text: str, length: int) -> str:
    return text[max(len(text) - _length_argument("right", length), 0) :]


def _charindex(sought: str, text: str, start: int = 1) -> int:
    return text.lower().find(sought.lower(), max(start - 1, 0)) + 1


def _patindex(pattern: str, text: str) -> int:
    inner = pattern.strip("%") if pattern.startswith("%") else pattern
    for position in range(len(text) + 1 if pattern.startswith("%") else 1):
        end = "%" if pattern.endswith("%") else ""
        if _pattern(inner + end, "", 0).match(text[position:]):
            return position + 1
    return 0


def _stuff(text: str, start: int, length: int, inserted: str | None) -> str | None:
    if text is None or start is None or length is None or not 1 <= start <= len(text) or length < 0:
        return None
    return text[: start - 1] + (inserted or "") + text[start - 1 + length :]


def _replace(text: str, sought: str, replacement: str) -> str:
    return re.sub(re.escape(sought), lambda _: replacement, text, flags=re.IGNORECASE) if sought else text


def _quotename(text: str, character: str = "[") -> str | None:
    pairs = {"[": "[]", "]": "[]", "'": "''", '"': '""', "(": "()", "<": "<>", "{": "{}"}
    if len(text) > 128 or character[:1] not in pairs:
        return None
    pair = pairs[character[:1]]
    opening, closing = pair[0], pair[1]
    return opening + text.replace(closing, closing * 2) + closing


def parsename(text: str, part: int) -> str | None:
    parts = re.findall(r"\[(?:[^\]]|\]\])*\]|\"[^\"]*\"|[^.\[\]\"]+|(?<=\.)(?=\.)", text)
    found = parts[-part] if 1 <= part <= len(parts) else None
    return found.strip('[]"') if found else None


def _str(value: float, length: int = 10, decimals: int = 0) -> str:
    text = f"{value:.{decimals}f}"
    return text.rjust(length) if len(text) <= length else "*" * length


def _pwdcompare(password: str, hashed: bytes, _version: int = 0) -> int:
    return int(password_matches(password, bytes(hashed).hex()))


def _isnumeric(text: str | None) -> int:
    try:
        float((text or "").replace(",", "").replace("$", ""))
    except ValueError:
        return 0
    return 1


def _concat(*parts: str | None) -> str:
    return "".join(part or "" for part in parts)


def _concat_ws(separator: str | None, *parts: str | None) -> str:
    return (separator or "").join(part for part in parts if part is not None)


def _datalength(value: Any, kind: str) -> int | None:
    if value is None:
        return None
    sql_type = decode(kind)
    if isinstance(value, str) and sql_type.name in {"nvarchar", "nchar", "sysname", "ntext"}:
        return len(value.encode("utf-16-le")) if sql_type.name != "nchar" else sql_type.length * 2
    if isinstance(value, (str, bytes)) and sql_type.name not in _FIXED:
        return len(value)
    return _FIXED.get(sql_type.name, 8)


_FIXED = {
    "bit": 1, "tinyint": 1, "smallint": 2, "int": 4, "bigint": 8, "float": 8, "real": 4, "datetime": 8,
    "smalldatetime": 4,
    "date": 3, "uniqueidentifier": 16, "money": 8, "smallmoney": 4, "datetime2": 8, "datetimeoffset": 10, "time": 5,
}  # fmt: skip


@lru_cache(maxsize=512)
def _pattern(pattern: str, escape: str, exact: int) -> re.Pattern[str]:
    parts, index = [], 0
    while index < len(pattern):
        character = pattern[index]
        closing = pattern.find("]", index + 2) if character == "[" else -1
        if escape and character == escape and index + 1 < len(pattern):
            index += 1
            parts.append(re.escape(pattern[index]))
        elif character == "%":
            parts.append(".*")
        elif character == "_":
            parts.append(".")
        elif closing > 0:
            inner = pattern[index + 1 : closing]
            negated = inner.startswith("^")
            body = (inner[1:] if negated else inner).replace("\\", "\\\\").replace("[", "\\[")
            parts.append(f"[{'^' if negated else ''}{body}]")
            index = closing
        else:
            parts.append(re.escape(character))
        index += 1
    return re.compile("".join(parts) + r"\Z", re.DOTALL | (0 if exact else re.IGNORECASE))


def _like(text: str, pattern: str, escape: str, exact: int) -> int:
    return int(_pattern(pattern, escape, exact).match(text) is not None)


def _string_escape(text: str, _kind: str) -> str:
    return (
        text.replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("/", "\\/")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
    )


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": _strict(lambda text: len(text.rstrip(" "))), "upper": _strict(str.upper), "lower": _strict(str.lower),
    "ltrim": _strict(lambda text: text.lstrip(" ")), "rtrim": _strict(lambda text: text.rstrip(" ")),
    "trim": _strict(lambda text: text.strip(" ")), "left": _strict(_left), "right": _strict(_right),
    "substring": _strict(_substring), "replace": _strict(_replace), "charindex": _strict(_charindex),
    "patindex": _strict(_patindex), "replicate": _strict(lambda text, count: text * count if count >= 0 else None),
    "space": _strict(lambda count: " " * count if count >= 0 else None), "reverse": _strict(lambda text: text[::-1]),
    "stuff": _stuff, "char": _strict(lambda number: bytes([number]).decode("cp1252") if 0 <= number < 256 else None),
    "nchar": _strict(chr), "ascii": _strict(lambda text: text[:1].encode("cp1252", "replace")[0] if text else None),
    "unicode": _strict(lambda text: ord(text[0]) if text else None), "quotename": _strict(_quotename),
    "parsename": _strict(parsename), "str": _strict(_str), "isnumeric": _isnumeric,
    "pwdcompare": _strict(_pwdcompare), "concat": _concat,
    "concat_ws": _concat_ws, "datalength": _datalength, "like": _strict(_like),
    "string_escape": _strict(_string_escape),
    "isdate": lambda text: int(text is not None and parse_moment(text) is not None),
}  # fmt: skip
