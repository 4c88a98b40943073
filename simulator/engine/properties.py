# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SERVERPROPERTY and DATABASEPROPERTYEX."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from simulator.engine.product import EDITIONS
from simulator.engine.views.storage import tempdb

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

_COLLATION = "SQL_Latin1_General_CP1_CI_AS"


def server_property(session: EngineSession, name: str) -> Any:
    """None for a name that the documentation does not list, as SQL Server answers."""
    instance = session.instance
    edition = EDITIONS[instance.settings.edition]
    version = ".".join(str(part) for part in instance.version)
    named = instance.name.split("\\")[1] if "\\" in instance.name else None
    return {
        "servername": instance.name, "machinename": instance.machine_name, "instancename": named,
        "computernamephysicalnetbios": instance.machine_name, "productversion": version,
        "productmajorversion": str(instance.version[0]), "productminorversion": str(instance.version[1]),
        "productbuild": str(instance.version[2]), "productlevel": "RTM", "productupdatelevel": "CU29",
        "edition": edition.name, "editionid": edition.edition_id, "engineedition": edition.engine,
        "collation": _COLLATION,
        "resourceversion": version, "isclustered": 0, "ishadrenabled": 0, "hadrmanagerstatus": 2,
        "isintegratedsecurityonly": 0, "issingleuser": 0, "isfulltextinstalled": 0, "ispolybaseinstalled": 0,
        "isxtpsupported": 1, "isadvancedanalyticsinstalled": 0, "islocaldb": 0, "processid": os.getpid(), "lcid": 1033,
        "instancedefaultdatapath": f"{instance.data_directory}/",
        "instancedefaultlogpath": f"{instance.data_directory}/",
        "instancedefaultbackuppath": f"{instance.backup_directory}/", "licensetype": "DISABLED", "numlicenses": None,
        "sqlcharset": 1, "sqlcharsetname": "iso_1", "sqlsortorder": 52, "sqlsortordername": "nocase_iso",
        "filestreamconfiguredlevel": 0, "filestreameffectivelevel": 0, "collationid": 872468488,
        "comparisonstyle": 196609,
        "buildclrversion": "v4.0.30319",
    }.get(name.lower())  # fmt: skip


def database_property(session: EngineSession, database: str, name: str) -> Any:
    entry = session.instance.entry(database)
    if entry is None and database.lower() != "tempdb":
        return None
    info = session.instance.databases[entry.database_id].info if entry else tempdb(session)
    return {
        "status": info.state, "recovery": info.recovery_model, "useraccess": info.user_access,
        "updateability": "READ_ONLY" if info.is_read_only else "READ_WRITE",
        "isinstandby": str(int(info.is_in_standby)),
        "collation": info.collation if info.state == "ONLINE" else None,
        "version": str(session.instance.facts().database_version) if info.state == "ONLINE" else None,
        "isautoclose": "0", "isautoshrink": "0", "isfulltextenabled": "0",
    }.get(name.lower())  # fmt: skip
