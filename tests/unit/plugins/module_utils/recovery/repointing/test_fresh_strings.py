# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connection strings as applications in hospitals write them. A row: the string, what becomes of it, how it is called,
the old server and the new one; what is left out is ``changed``, ``OLD`` and ``NEW``."""

from __future__ import annotations

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.connection_string import repoint_string

ROWS: list[tuple[str, ...]] = [
    ("Server=OLD;Database=a;Trusted_Connection=yes;", "Server=NEW;Database=a;Trusted_Connection=yes;"),
    ("server=OLD; database=a; uid=x; pwd='a;b=c'", "server=NEW; database=a; uid=x; pwd='a;b=c'"),
    (
        "Data Source=tcp:OLD.rs.local,1433;Initial Catalog=a",
        "Data Source=tcp:NEW,1433;Initial Catalog=a",
        "changed",
        "OLD.rs.local",
        "NEW,1433",
    ),
    (
        "Data Source=ag-listener;Initial Catalog=a;MultiSubnetFailover=True",
        "Data Source=NEW;Initial Catalog=a;MultiSubnetFailover=True",
        "changed",
        "ag-listener",
    ),
    ("Data Source=(local);Initial Catalog=OLD", "Data Source=(local);Initial Catalog=OLD", "unchanged"),
    ("Data Source=(local);Initial Catalog=a", "Data Source=NEW;Initial Catalog=a", "changed", "(local)"),
    ("Data Source=.\\SQLEXPRESS;Initial Catalog=a", "Data Source=NEW;Initial Catalog=a", "changed", ".\\SQLEXPRESS"),
    ("Data Source=.;Initial Catalog=a", "Data Source=NEW,1500;Initial Catalog=a", "changed", ".", "NEW,1500"),
    (
        "Server=(localdb)\\v11.0;AttachDbFilename=C:\\OLD\\a.mdf;Integrated Security=true",
        "Server=(localdb)\\v11.0;AttachDbFilename=C:\\OLD\\a.mdf;Integrated Security=true",
        "unchanged",
    ),
    ("Server=lpc:OLD;Database=a", "Server=lpc:OLD;Database=a", "refused"),
    ("Server=np:OLD;Database=a", "Server=np:OLD;Database=a", "refused"),
    ("Server=[fe80::1],1433;Database=a", "Server=NEW;Database=a", "changed", "fe80::1"),
    (
        "Server=tcp:10.1.2.3,1433;Database=a",
        "Server=tcp:10.1.2.4,1433;Database=a",
        "changed",
        "10.1.2.3",
        "10.1.2.4,1433",
    ),
    ("Server=10.1.2.33,1433;Database=a", "Server=10.1.2.33,1433;Database=a", "unchanged", "10.1.2.3"),
    ("Server = OLD , 1433 ;Database=a", "Server = NEW ;Database=a"),
    ("Addr=OLD;Network Library=DBMSSOCN;Database=a", "Addr=NEW;Network Library=DBMSSOCN;Database=a"),
    ("Network Address=OLD,1433;Database=a;User Id=x", "Network Address=NEW;Database=a;User Id=x"),
    (
        "Driver={ODBC Driver 18 for SQL Server};Server=tcp:OLD,1433;Database=a;Uid=x;Pwd={a}}b;};Encrypt=yes",
        "Driver={ODBC Driver 18 for SQL Server};Server=tcp:NEW;Database=a;Uid=x;Pwd={a}}b;};Encrypt=yes",
    ),
    (
        "Driver={SQL Server Native Client 11.0};Server=OLD\\HIS;Failover_Partner=OLD2;Database=a",
        "Driver={SQL Server Native Client 11.0};Server=NEW;Failover_Partner=OLD2;Database=a",
        "changed",
    ),
    (
        "DRIVER=FreeTDS;SERVER=OLD;PORT=1433;DATABASE=a;TDS_Version=7.4",
        "DRIVER=FreeTDS;SERVER=NEW;PORT=1444;DATABASE=a;TDS_Version=7.4",
        "changed",
        "OLD",
        "NEW,1444",
    ),
    (
        "DRIVER={MySQL ODBC 8.0 Driver};SERVER=OLD;DATABASE=a",
        "DRIVER={MySQL ODBC 8.0 Driver};SERVER=OLD;DATABASE=a",
        "unchanged",
    ),
    (
        "Driver={Microsoft Access Driver (*.mdb)};DBQ=\\\\OLD\\share\\a.mdb",
        "Driver={Microsoft Access Driver (*.mdb)};DBQ=\\\\OLD\\share\\a.mdb",
        "unchanged",
    ),
    (
        "Provider=MSOLEDBSQL19;Server=OLD;Database=a;UID=x;PWD=y;Use Encryption for Data=Mandatory",
        "Provider=MSOLEDBSQL19;Server=NEW;Database=a;UID=x;PWD=y;Use Encryption for Data=Mandatory",
    ),
    (
        "Provider=Microsoft.ACE.OLEDB.12.0;Data Source=OLD",
        "Provider=Microsoft.ACE.OLEDB.12.0;Data Source=OLD",
        "unchanged",
    ),
    (
        "Provider=OraOLEDB.Oracle;Data Source=OLD;User Id=x",
        "Provider=OraOLEDB.Oracle;Data Source=OLD;User Id=x",
        "unchanged",
    ),
    ("jdbc:sqlserver://OLD", "jdbc:sqlserver://NEW"),
    (
        "jdbc:sqlserver://OLD;databaseName=a;user=u;password={p;w};",
        "jdbc:sqlserver://NEW:1500;databaseName=a;user=u;password={p;w};",
        "changed",
        "OLD",
        "NEW,1500",
    ),
    (
        "jdbc:sqlserver://;serverName=OLD;portNumber=1433;databaseName=a",
        "jdbc:sqlserver://;serverName=NEW;portNumber=1500;databaseName=a",
        "changed",
        "OLD",
        "NEW,1500",
    ),
    (
        "jdbc:sqlserver://OLD\\HIS;databaseName=a;failoverPartner=OLD",
        "jdbc:sqlserver://NEW;databaseName=a;failoverPartner=OLD",
        "changed+warn",
    ),
    (
        "jdbc:sqlserver://[2001:db8::5]:1433;databaseName=a",
        "jdbc:sqlserver://NEW;databaseName=a",
        "changed",
        "2001:db8::5",
    ),
    (
        "jdbc:sqlserver://OLD:1433;database=a;multiSubnetFailover=true;applicationIntent=ReadOnly",
        "jdbc:sqlserver://[2001:db8::6]:1433;database=a;multiSubnetFailover=true;applicationIntent=ReadOnly",
        "changed",
        "OLD",
        "[2001:db8::6],1433",
    ),
    (
        "jdbc:jtds:sqlserver://OLD/a;domain=RS;useNTLMv2=true",
        "jdbc:jtds:sqlserver://NEW:1500/a;domain=RS;useNTLMv2=true",
        "changed",
        "OLD",
        "NEW,1500",
    ),
    ("jdbc:mysql://OLD:3306/a", "jdbc:mysql://OLD:3306/a", "unchanged"),
    ("jdbc:postgresql://OLD/a", "jdbc:postgresql://OLD/a", "unchanged"),
    ("jdbc:oracle:thin:@OLD:1521:x", "jdbc:oracle:thin:@OLD:1521:x", "unchanged"),
    ("jdbc:log4jdbc:sqlserver://OLD:1433;databaseName=a", "jdbc:log4jdbc:sqlserver://NEW;databaseName=a"),
    ("jdbc:p6spy:sqlserver://OLD:1433;databaseName=a", "jdbc:p6spy:sqlserver://NEW;databaseName=a"),
    (
        "mssql+pyodbc://u:p%40OLD@OLD/a?driver=ODBC+Driver+18+for+SQL+Server",
        "mssql+pyodbc://u:p%40OLD@NEW/a?driver=ODBC+Driver+18+for+SQL+Server",
    ),
    ("mssql+pymssql://u:p@OLD:1433/a?charset=utf8", "mssql+pymssql://u:p@NEW/a?charset=utf8"),
    (
        "mssql+aioodbc://u:p@OLD/a?driver=ODBC+Driver+18+for+SQL+Server",
        "mssql+aioodbc://u:p@NEW/a?driver=ODBC+Driver+18+for+SQL+Server",
    ),
    (
        "mssql+pyodbc:///?odbc_connect=DRIVER%3D%7BODBC+Driver+17+for+SQL+Server%7D%3BSERVER%3DOLD%3BDATABASE%3Da",
        "mssql+pyodbc:///?odbc_connect=DRIVER%3D%7BODBC+Driver+17+for+SQL+Server%7D%3BSERVER%3DNEW%3BDATABASE%3Da",
    ),
    ("mssql://u:p@OLD:1433/a?encrypt=true", "mssql://u:p@NEW/a?encrypt=true"),
    ("sqlserver://u:p@OLD/HIS?database=a", "sqlserver://u:p@NEW?database=a"),
    ("sqlserver://u:p@OLD:1433/HIS?database=a", "sqlserver://u:p@NEW?database=a"),
    ("sqlserver://u:p@OLD:1433/a?timeout=5", "sqlserver://u:p@NEW:1500/a?timeout=5", "changed", "OLD", "NEW,1500"),
    ("sqlserver://u:p@OLD/a", "sqlserver://u:p@OLD/a", "refused"),
    ("r2dbc:sqlserver://u:p@OLD/a", "r2dbc:sqlserver://u:p@NEW/a"),
    ("r2dbc:pool:sqlserver://OLD:1433/a?encrypt=true", "r2dbc:pool:sqlserver://NEW/a?encrypt=true"),
    ("vertx-reactive:sqlserver://OLD:1433/a", "vertx-reactive:sqlserver://NEW:1500/a", "changed", "OLD", "NEW,1500"),
    ("sqlserver://u:p@OLD:1433?database=a&failoverpartner=OLD2", "sqlserver://u:p@NEW?database=a&failoverpartner=OLD2"),
    ("odbc:server=OLD;user id=x;password={a;b};database=c", "odbc:server=NEW;user id=x;password={a;b};database=c"),
    ("sqlsrv:Server=OLD\\HIS,1433;Database=a;Encrypt=1", "sqlsrv:Server=NEW;Database=a;Encrypt=1"),
    ("dblib:host=OLD:1433;dbname=a", "dblib:host=NEW;dbname=a"),
    (
        "odbc:Driver={ODBC Driver 18 for SQL Server};Server=OLD;Database=a",
        "odbc:Driver={ODBC Driver 18 for SQL Server};Server=NEW;Database=a",
    ),
    ("Server=OLD\\HIS,1433;Database=a", "Server=NEW\\DR;Database=a", "changed", "OLD\\HIS", "NEW\\DR"),
    ("Server=OLD:1433;Database=a;User=x", "Server=OLD:1433;Database=a;User=x", "refused"),
    (
        "Server=myServer.database.windows.net;Database=OLD;User ID=OLD@myServer",
        "Server=myServer.database.windows.net;Database=OLD;User ID=OLD@myServer",
        "unchanged",
    ),
    ("Workstation ID=OLD;Server=OTHER;Database=a", "Workstation ID=OLD;Server=OTHER;Database=a", "unchanged"),
    (
        'Application Name="x;Server=OLD";Data Source=OTHER',
        'Application Name="x;Server=OLD";Data Source=OTHER',
        "unchanged",
    ),
    ('Password=";Server=OLD;";Data Source=OLD;User=x', 'Password=";Server=OLD;";Data Source=NEW;User=x'),
    (
        "Persist Security Info=False;Integrated Security=true;\n  Initial Catalog=a;\n  Server=OLD\n",
        "Persist Security Info=False;Integrated Security=true;\n  Initial Catalog=a;\n  Server=NEW\n",
    ),
    ("Server=old;Database=a", "Server=NEW;Database=a"),
    (
        "SERVER=OLD;DATABASE=a;Column Encryption Setting=enabled",
        "SERVER=NEW;DATABASE=a;Column Encryption Setting=enabled",
    ),
    (
        "Data Source=OLD;Initial Catalog=a;Connect Timeout=30;Encrypt=Strict;Server Certificate=c:\\OLD.cer",
        "Data Source=NEW;Initial Catalog=a;Connect Timeout=30;Encrypt=Strict;Server Certificate=c:\\OLD.cer",
        "changed",
    ),
    (
        "Data Source=OLD;Failover Partner=NEW;Initial Catalog=a",
        "Data Source=NEW;Failover Partner=NEW;Initial Catalog=a",
        "changed+warn",
    ),
    (
        "asynchronous processing=true;data source=tcp:OLD\\HIS;initial catalog=a",
        "asynchronous processing=true;data source=tcp:NEW;initial catalog=a",
    ),
    (
        "XpoProvider=MSSqlServer;data source=OLD;integrated security=SSPI;initial catalog=a",
        "XpoProvider=MSSqlServer;data source=NEW;integrated security=SSPI;initial catalog=a",
    ),
    (
        "XpoProvider=MySql;server=OLD;user id=a;database=x",
        "XpoProvider=MySql;server=OLD;user id=a;database=x",
        "unchanged",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_string_of_an_application(row: tuple[str, ...]) -> None:
    text, wanted, status, old, new = (*row, *("changed", "OLD", "NEW")[len(row) - 2 :])
    result = repoint_string(text, [old], new)
    assert (result.text, result.status) == (wanted, status)
