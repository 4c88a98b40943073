# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole way with media as a hospital may have them: compressed, of several data files, encrypted."""

from __future__ import annotations

import pyodbc
import pytest

from .conftest import Instance, MakeSales


def quoted(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"


def test_compressed_backups_of_several_files(make_sales: MakeSales, failover: Instance) -> None:
    sales = make_sales()
    more = sales.server.folder / "data" / "more.ndf"
    sales.server.sql(f"ALTER DATABASE {quoted(sales.name)} ADD FILE (NAME = More, FILENAME = '{more}')")
    for kind in ("full", "differential", "log"):
        rows = ", ".join(f"('{kind} {number} {'x' * 70}', SYSUTCDATETIME())" for number in range(400))
        sales.server.sql(f"INSERT INTO dbo.Sale (Text, WrittenAt) VALUES {rows}", database=sales.name)
        made = sales.back_up(kind, compression=True)
        assert made["compressed_backup_size"] < made["backup_size"]
    assert {one["compressed"] for one in sales.history()} == {True}
    plan = sales.plan(failover)
    result = failover.run("restore", plans=[plan], source_directory=str(sales.folder))
    assert not result.get("failed"), result
    assert sales.texts(failover) == sales.texts()
    files = failover.sql("SELECT name FROM sys.master_files WHERE database_id = DB_ID(?) ORDER BY file_id", sales.name)
    assert [name for (name,) in files][2:] == ["More"]


def test_an_encrypted_backup_is_refused_by_name(make_sales: MakeSales, failover: Instance) -> None:
    sales = make_sales()
    server = sales.server
    server.sql("CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Str0ng-Enough'")
    server.sql("CREATE CERTIFICATE Held WITH SUBJECT = 'backups'")
    path = sales.folder / "encrypted.bak"
    server.sql(
        f"BACKUP DATABASE {quoted(sales.name)} TO DISK = '{path}'"
        " WITH ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = Held)"
    )
    with pytest.raises(pyodbc.Error, match="33111"):
        failover.sql(f"RESTORE HEADERONLY FROM DISK = '{path}'")
    server.sql("DROP CERTIFICATE Held; DROP MASTER KEY")
