# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the six more modules keep their server: an .env, a DSN of ODBC, an alias of FreeTDS, a hosts file, a data link
file, a YAML. Each is written as its installer left it, and read as its own technology reads it.

What is not the server (login, password, database) stands in ``login.json`` beside DSN, alias and hosts file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from simulator.apps.connection import ConfigurationError, Connection, ado_net, jdbc, server_address
from simulator.apps.installed_files import Endpoint

#: The name under which the nutrition module knows its server, whatever its address is.
SERVER_ALIAS = "sqlprod"


def _env(at: Endpoint) -> bytes:
    return f"""APP_NAME="{at.program}"
# server lama: 10.20.0.5
DB_CONNECTION=sqlsrv
DB_HOST={at.host}
DB_PORT={at.port}
DB_DATABASE={at.database}
DB_USERNAME={at.login}
DB_PASSWORD="{at.password}"
PACS_HOST=10.20.4.40
PACS_PORT=104
""".encode()


def _read_env(path: Path) -> Connection:
    found = re.findall(r'^(\w+)=(?:"(.*)"|(.*))$', path.read_text("utf-8"), re.MULTILINE)
    values = {key: quoted or plain for key, quoted, plain in found}
    keys = ("DB_HOST", "DB_PORT", "DB_DATABASE", "DB_USERNAME", "DB_PASSWORD", "APP_NAME")
    host, port, database, login, password, program = (values[key] for key in keys)
    return Connection(host, int(port), database, login, password, program, encrypt=True)


def _dsn(at: Endpoint) -> bytes:
    return f"""[ODBC Data Sources]
Inpatient=ODBC Driver 18 for SQL Server

[Inpatient]
Driver      = ODBC Driver 18 for SQL Server
Description = Rawat inap
Server      = tcp:{at.host},{at.port}
Database    = {at.database}

[Archive]
Driver=ODBC Driver 18 for SQL Server
Server=10.20.0.9
""".encode()


def _read_dsn(path: Path) -> Connection:
    return _beside(path, *server_address(_section(path, "Inpatient")["server"]))


def _freetds(at: Endpoint) -> bytes:
    return f"""# FreeTDS
[global]
\ttds version = 7.4

[EMERGENCY]
\thost = {at.host}
\tport = {at.port}
\ttds version = 7.4
\tclient charset = UTF-8
""".encode()


def _read_freetds(path: Path) -> Connection:
    entry = _section(path, "EMERGENCY")
    return _beside(path, entry["host"], int(entry["port"]))


def _section(path: Path, wanted: str) -> dict[str, str]:
    section, entry = "", {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[] ")
        key, equals, value = line.partition("=")
        if section == wanted and equals:
            entry[key.strip().lower()] = value.strip()
    return entry


def _hosts(at: Endpoint) -> bytes:
    return f"""127.0.0.1\tlocalhost
{at.host}\t{SERVER_ALIAS} {SERVER_ALIAS}.rs.example  # SQL Server MyHospital
10.20.0.9\tarsip
""".encode()


def _read_hosts(path: Path) -> Connection:
    for line in path.read_text("utf-8").splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        if SERVER_ALIAS in names:
            return _beside(path, address, 0)
    raise ConfigurationError(f"{SERVER_ALIAS} cannot be resolved.")


def _beside(path: Path, host: str, port: int) -> Connection:
    told = json.loads(path.with_name("login.json").read_text("utf-8"))
    database, login, password, program = (told[key] for key in ("database", "login", "password", "program"))
    return Connection(host, port or told["port"], database, login, password, program, encrypt=True)


def beside(at: Endpoint) -> bytes:
    keys = ("port", "database", "login", "password", "program")
    return json.dumps({key: getattr(at, key) for key in keys}).encode()


def _data_link(at: Endpoint) -> bytes:
    text = (
        "[oledb]\n; Everything after this line is an OLE DB initstring\n"
        f"Provider=MSOLEDBSQL.1;Password={at.password};User ID={at.login};Initial Catalog={at.database};"
        f"Data Source={at.host},{at.port};Application Name={at.program};Use Encryption for Data=True\n"
    )
    return b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le")


def _read_data_link(path: Path) -> Connection:
    string = path.read_bytes().decode("utf-16").splitlines()[2]
    string = re.sub(r"Provider=[^;]*;|;Use Encryption for Data=True", "", string)
    return ado_net(f"{string};Encrypt=True")


def _yaml(at: Endpoint) -> bytes:
    return f"""# Laporan manajemen
spring:
  datasource:
    url: "jdbc:sqlserver://{at.host}:{at.port};databaseName={at.database};encrypt=true;applicationName={at.program}"
    username: {at.login}
    password: '{at.password}'
server: {{ port: 8090 }}
""".encode()


def _read_yaml(path: Path) -> Connection:
    text = path.read_text("utf-8")
    patterns = (r'^    url: "(.*)"$', r"^    username: (.*)$", r"^    password: '(.*)'$")
    found = [re.search(pattern, text, re.MULTILINE) for pattern in patterns]
    url, login, password = (match[1] if match else "" for match in found)
    return jdbc(url, login, password)


#: module -> the file's name, what writes it, what reads it
MORE_FILES: dict[str, tuple[str, Callable[[Endpoint], bytes], Callable[[Path], Connection]]] = {
    "radiology": (".env", _env, _read_env),
    "inpatient": ("odbc.ini", _dsn, _read_dsn),
    "emergency": ("freetds.conf", _freetds, _read_freetds),
    "nutrition": ("hosts", _hosts, _read_hosts),
    "surgery": ("surgery.udl", _data_link, _read_data_link),
    "reporting": ("application.yml", _yaml, _read_yaml),
}
