# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How to reach a SQL Server: the options of ``clients/mssql_login.py``, described once."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  login_host:
    description: Name or address of the SQL Server, as seen from the controller.
    type: str
    required: true
  login_port:
    description: TCP port of the instance.
    type: int
    default: 1433
  login_user:
    description: SQL Server login.
    type: str
    required: true
  login_password:
    description: Password of that login. It may hold any character; what a driver cannot carry is refused by name.
    type: str
    required: true
  encrypt:
    description:
      - Whether the whole conversation must be encrypted. The server's certificate is not checked.
      - When V(false), only the login is, where the server can.
    type: bool
    default: true
  odbc_driver:
    description: The ODBC driver on the controller, as C(odbcinst -q -d) lists it.
    type: str
    default: FreeTDS
  connect_timeout:
    description: Seconds to wait for the server to let us in.
    type: int
    default: 15
requirements:
  - pyodbc, with unixODBC and a driver for SQL Server (Debian C(unixodbc) and C(tdsodbc)), where the module runs
notes:
  - SQL is spoken from the controller. Delegate these tasks to localhost, or run their play with C(connection=local).
"""
