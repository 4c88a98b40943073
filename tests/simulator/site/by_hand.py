# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backup and recovery by hand, with the statements an administrator would type: what the judge is tried on."""

from __future__ import annotations

import ftplib
import io
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyodbc

from simulator.apps.modules import MODULES
from simulator.site import Site
from simulator.site_databases import administrator


def run(connection: pyodbc.Connection, statement: str) -> list[Any]:
    """Runs a statement to its very end: BACKUP and RESTORE go on after their first message."""
    rows: list[Any] = []
    cursor = connection.execute(statement)
    while True:
        if cursor.description:
            rows += cursor.fetchall()
        if not cursor.nextset():
            return rows


class ByHand:
    def __init__(self, site: Site) -> None:
        self.site = site
        self._count = 0

    def sql(self, role: str, database: str = "master") -> Any:
        return administrator(self.site.facts, self.site.passwords, role, database)

    @contextmanager
    def _store(self, kind: str) -> Iterator[ftplib.FTP_TLS]:
        store, account = self.site.facts["store"], self.site.passwords["store"][kind]
        with ftplib.FTP_TLS(context=ssl.create_default_context(cafile=self.site.facts["ca"]), timeout=10) as ftp:
            ftp.connect(store["address"], store["port"])
            ftp.login(account["login"], account["password"])
            ftp.prot_p()
            yield ftp

    def backup(self, kind: str, database: str) -> str:
        """A backup on production, shipped; its name on the store."""
        self._count += 1
        name = f"{database}_{kind}_{self._count}.{'trn' if kind == 'LOG' else 'bak'}"
        path = Path(self.site.facts["servers"]["production"]["backup"]) / name
        what = "LOG" if kind == "LOG" else "DATABASE"
        options = "CHECKSUM" + (", DIFFERENTIAL" if kind == "DIFF" else "")
        with self.sql("production") as connection:
            run(connection, f"BACKUP {what} [{database}] TO DISK = N'{path}' WITH {options}")
        with self._store("writer") as ftp:
            ftp.storbinary(f"STOR {name}.part", io.BytesIO(path.read_bytes()))
            ftp.rename(f"{name}.part", name)
        return name

    def restore(self, names: list[str], database: str) -> None:
        """The backups, in this order, onto the failover; its orphaned user is repaired."""
        failover = self.site.facts["servers"]["failover"]
        paths = [self._fetch(name, Path(failover["incoming"])) for name in names]
        login = next(module.login for module in MODULES.values() if module.database == database)
        with self.sql("failover") as connection:
            files = run(connection, f"RESTORE FILELISTONLY FROM DISK = N'{paths[0]}'")
            moves = ", ".join(
                f"MOVE N'{row.LogicalName}' TO N'{Path(failover['data']) / Path(row.PhysicalName).name}'"
                for row in files
            )
            run(
                connection, f"RESTORE DATABASE [{database}] FROM DISK = N'{paths[0]}' WITH NORECOVERY, REPLACE, {moves}"
            )
            for path in paths[1:]:
                run(connection, f"RESTORE LOG [{database}] FROM DISK = N'{path}' WITH NORECOVERY")
            run(connection, f"RESTORE DATABASE [{database}] WITH RECOVERY")
        with self.sql("failover", database) as connection:
            run(connection, f"ALTER USER [{login}] WITH LOGIN = [{login}]")

    def _fetch(self, name: str, folder: Path) -> Path:
        path = folder / name
        with self._store("reader") as ftp, path.open("wb") as file:
            ftp.retrbinary(f"RETR {name}", file.write)
        return path

    def point(self, module: str, source: str, target: str) -> None:
        """Edits the module's file with search and replace, and restarts it."""
        facts = self.site.facts["modules"][module]
        path, old, new = Path(facts["config"]), *(self.site.facts["servers"][role] for role in (source, target))
        encoding = "utf-16-le" if module == "laboratory" else "iso-8859-1"
        data = path.read_bytes()
        for before, after in ((old["address"], new["address"]), (str(old["port"]), str(new["port"]))):
            data = data.replace(before.encode(encoding), after.encode(encoding))
        path.write_bytes(data)
        self.site.restart_one(module)
