# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connection strings put together from random parts, inside random files: by construction it is known what must change.

Each layer is written by somebody else's encoder (json, xml.sax.saxutils, urllib) and read back by that one's decoder.
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote_plus, unquote_plus
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.config_file import (
    FORMATS,
    FileForm,
    Hint,
    repoint_file,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.connection_string import KINDS, repoint_string
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.endpoint import parse_endpoint
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError

hypothesis = pytest.importorskip("hypothesis")
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

OLD, NEW = "OLDSRV", "NEW-HOST\\DR,14330"
SECRET = "Zq7!secretK9"
PRINTABLE = st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f\x85\xa0")
ANYTHING = st.text(PRINTABLE, max_size=12).map(lambda text: f"{text}{SECRET}{OLD}")
BLANKS = st.sampled_from(["", " ", "  "])
QUOTES = st.sampled_from(["", '"', "'"])
OTHERS = st.sampled_from(["Database", "User ID", "Password", "Application Name", "Initial Catalog", "Encrypt"])
FORMS = st.sampled_from([OLD, OLD.lower(), f"{OLD}\\PROD", f"{OLD},1433", f"{OLD} , 1500", f"{OLD}\\X,1"])


def ado_value(text: str, quote: str) -> str:
    if quote:
        return f"{quote}{text.replace(quote, quote * 2)}{quote}"
    # An equals sign first would double the one before it, and a doubled one belongs to the keyword.
    return re.sub(r"[;'\"\s]|^=", "x", text)


@st.composite
def ado_strings(draw: st.DrawFn) -> tuple[str, str]:
    """A string, and the same with every server replaced."""
    before, after = [], []
    for _unused in range(draw(st.integers(0, 4))):
        value = ado_value(draw(ANYTHING), draw(QUOTES))
        other = f"{draw(OTHERS)}{draw(BLANKS)}={draw(BLANKS)}{value}"
        before.append(other)
        after.append(other)
    place = draw(st.integers(0, len(before)))
    key = draw(st.sampled_from(["Server", "Data Source", "ADDRESS", "addr", "Network Address"]))
    head = f"{key}{draw(BLANKS)}={draw(BLANKS)}"
    quote, prefix = draw(QUOTES), draw(st.sampled_from(["", "tcp:", "TCP:"]))
    before.insert(place, f"{head}{quote}{prefix}{draw(FORMS)}{quote}")
    after.insert(place, f"{head}{quote}{prefix}{NEW}{quote}")
    separator = draw(st.sampled_from([";", "; ", ";;"]))
    return separator.join(before), separator.join(after)


@st.composite
def odbc_strings(draw: st.DrawFn) -> tuple[str, str]:
    value = ("{" + draw(ANYTHING).replace("}", "}}") + "}") if draw(st.booleans()) else "it's"
    rest = f"DATABASE=x;PWD={value}"
    braces = draw(st.sampled_from(["{}", "{{{}}}"]))
    server = [f"SERVER={braces.format(name)}" for name in (draw(FORMS), NEW)]
    head = "DRIVER={ODBC Driver 18 for SQL Server}"
    if draw(st.booleans()):
        return f"{head};{server[0]};{rest}", f"{head};{server[1]};{rest}"
    return f"{head};{rest};{server[0]}", f"{head};{rest};{server[1]}"


#: What opens and closes something in one format or another.
PIECES = [
    *(OLD, "Server=", ";Database=x", SECRET, "Password=", "Driver={SQL Server};", "${A:", "jdbc:sqlserver://", "np:"),
    *("<a b='", "'>", "</a>", "<!--", "&quot;", '{"a":', '"', "}", "{", "[", "]", ",", ": ", "\\", "\\u00", "/*", "*/"),
    *("\n", "\r\n", "  - a: ", "|", "#", "[s]\n", "<?php ", "$a = ", "<<<X\n", "=>", "(", "sqlsrv_connect("),
    *("hex(2):", "é", "\0", "\ufeff"),
]
STRINGS = st.one_of(ado_strings(), odbc_strings())


@given(STRINGS)
def test_only_the_server_of_a_string_changes(pair: tuple[str, str]) -> None:
    result = repoint_string(pair[0], [OLD], NEW)
    assert (result.text, result.status) == (pair[1], "changed")


def in_file(path: str, data: bytes) -> bytes:
    result = repoint_file(data, [parse_endpoint(OLD)], parse_endpoint(NEW), FileForm(path))
    assert result.changed
    assert SECRET not in repr((result, result.edits, result.findings, result.before, result.after))
    return result.data


@given(STRINGS, st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_inside_json(pair: tuple[str, str], ascii_only: bool, encoding: str) -> None:
    text = json.dumps({"ConnectionStrings": {"A": pair[0]}, "B": [OLD]}, ensure_ascii=ascii_only)
    result = in_file("appsettings.json", text.encode(encoding)).decode(encoding)
    assert json.loads(result) == {"ConnectionStrings": {"A": pair[1]}, "B": [OLD]}


@given(STRINGS, st.sampled_from(["utf-8", "utf-16"]))
def test_inside_xml(pair: tuple[str, str], encoding: str) -> None:
    text = f"<c a='{OLD}'><!-- {OLD} --><add connectionString={quoteattr(pair[0])}/></c>"
    result = in_file("web.config", f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding))
    add = ElementTree.fromstring(result).find("add")
    assert add is not None
    assert add.get("connectionString") == pair[1]


@given(ado_strings())
def test_inside_entity_framework_inside_xml(pair: tuple[str, str]) -> None:
    def wrapped(inner: str) -> str:
        doubled = inner.replace('"', '""')
        return f'metadata=res://*/{OLD};provider=System.Data.SqlClient;provider connection string="{doubled}"'

    result = in_file("app.config", f"<c><add connectionString={quoteattr(wrapped(pair[0]))}/></c>".encode())
    add = ElementTree.fromstring(result).find("add")
    assert add is not None
    assert add.get("connectionString") == wrapped(pair[1])


@given(odbc_strings())
def test_inside_a_url_inside_yaml(pair: tuple[str, str]) -> None:
    before, after = (f"mssql+pyodbc:///?odbc_connect={quote_plus(text)}" for text in pair)
    result = in_file("a.yml", f"a:\n  url: {json.dumps(before)}\n  b: {OLD}\n".encode()).decode()
    written = re.search('url: (".*")\n', result)
    assert written
    assert unquote_plus(json.loads(written[1])) == unquote_plus(after)


@given(ado_strings())
def test_inside_properties(pair: tuple[str, str]) -> None:
    def escaped(text: str) -> str:
        text = re.sub(r"([\\:=#!])", r"\\\1", text)
        return "".join(char if char < "\x7f" else f"\\u{ord(char):04x}" for char in text)

    result = in_file("a.properties", f"db.connection={escaped(pair[0])}\nb={OLD}\n".encode()).decode()
    assert result == f"db.connection={escaped(pair[1])}\nb={OLD}\n"


@settings(max_examples=300)
@given(st.text(st.sampled_from("""aS'"{}[]<>/\\;:=,-#%$&!|@.()\n\r\t 0"""), max_size=60), st.sampled_from(KINDS))
def test_any_text_as_a_string_is_no_exception(text: str, kind: str) -> None:
    for whole in (text, f"Server={OLD}{text}", f"{text};Server={OLD}", f"jdbc:sqlserver://{OLD}{text}"):
        result = repoint_string(whole, [OLD], NEW, kind)
        assert result.text == whole or result.edits


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    st.sampled_from(FORMATS),
    st.sampled_from(["utf-8", "utf-16", "utf-16-be", "cp1252"]),
)
def test_any_file_is_edited_at_servers_or_refused(text: str, format: str, encoding: str) -> None:
    data = text.encode(encoding, "replace")
    form = FileForm("x", format, keys=[Hint("a")], patterns=["a(?P<server>b)"])
    try:
        result = repoint_file(data, [parse_endpoint(OLD)], parse_endpoint(NEW), form)
    except RecoveryError as error:
        assert SECRET not in str(error)
        return
    pieces, position = [], 0
    for edit in result.outcome.edits:
        pieces += [data[position : edit.change.start], edit.change.new]
        position = edit.change.end
    assert b"".join([*pieces, data[position:]]) == result.data


@settings(max_examples=200)
@given(st.binary(max_size=200), st.sampled_from(FORMATS))
def test_any_bytes_are_no_exception(data: bytes, format: str) -> None:
    try:
        repoint_file(
            data, [parse_endpoint(OLD)], parse_endpoint(NEW), FileForm("x", format, patterns=["(?P<server>a)"])
        )
    except RecoveryError as error:
        assert error.hint
