# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Another tool of the site backs up every log WITH ENCRYPTION, and its files come to the store past our own playbook.

``encrypted.json`` in the site's folder then names them as unusable, for ``-e @encrypted.json``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from simulator.site import Site
from simulator.site_databases import connect

OPTION = "ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = OnlyOnProduction)"


def main(state: Path) -> None:
    site = Site(state)
    store = Path(site.facts["store"]["folder"])
    session = connect(site.facts["servers"]["production"], "sa", site.passwords["sa"]["production"], "master")
    statements = ["CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Drill-0nly'"]
    statements += ["CREATE CERTIFICATE OnlyOnProduction WITH SUBJECT = 'A drill'"]
    unusable = {}
    for full in sorted(store.rglob("*_FULL_*.bak")):
        database = full.parents[1]
        path = database / "LOG" / f"{database.name}_encrypted.trn"
        statements.append(f"BACKUP LOG [{database.name}] TO DISK = '{path}' WITH {OPTION}")
        unusable[f"/{path.relative_to(store)}"] = "its certificate was on production alone"
    for statement in statements:
        cursor = session.execute(statement)
        while cursor.nextset():  # BACKUP has ended where its last result has
            pass
    session.close()
    (state / "encrypted.json").write_text(json.dumps({"restore_plan_unusable": unusable}), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
