# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which function fills which view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.engine.views import Filler, endpoints, information_schema, linked, objects, server, storage, users

FILLERS: dict[str, Filler] = {
    "sys.databases": storage.databases,
    "sys.master_files": storage.master_files,
    "sys.database_files": storage.database_files,
    "sys.database_recovery_status": storage.recovery_status,
    "sys.dm_db_log_space_usage": storage.log_space,
    "sys.dm_os_enumerate_fixed_drives": storage.fixed_drives,
    "sys.dm_exec_sessions": server.sessions,
    "sys.dm_exec_requests": server.requests,
    "sys.dm_exec_connections": server.connections,
    "sys.server_principals": server.server_principals,
    "sys.sql_logins": server.sql_logins,
    "sys.server_role_members": server.server_role_members,
    "sys.server_permissions": server.server_permissions,
    "sys.configurations": server.configurations,
    "sys.dm_server_services": server.services,
    "sys.endpoints": endpoints.endpoints,
    "sys.tcp_endpoints": endpoints.tcp_endpoints,
    "sys.dm_os_sys_info": server.system_information,
    "sys.dm_os_host_info": server.host_information,
    "sys.backup_devices": server.backup_devices,
    "sys.servers": linked.servers,
    "sys.certificates": server.certificates,
    "sys.symmetric_keys": server.symmetric_keys,
    "sys.dm_database_encryption_keys": server.nothing,
    "sys.objects": objects.objects,
    "sys.tables": objects.tables,
    "sys.views": objects.user_views,
    "sys.sql_modules": objects.modules,
    "sys.columns": objects.columns,
    "sys.types": objects.system_types,
    "sys.schemas": objects.schemas,
    "sys.indexes": objects.indexes,
    "sys.index_columns": objects.index_columns,
    "sys.partitions": objects.partitions,
    "sys.dm_db_partition_stats": objects.partitions,
    "sys.key_constraints": objects.key_constraints,
    "sys.foreign_keys": objects.foreign_keys,
    "sys.check_constraints": objects.check_constraints,
    "sys.default_constraints": objects.default_constraints,
    "sys.identity_columns": objects.identity_columns,
    "sys.filegroups": objects.filegroups,
    "sys.database_principals": users.database_principals,
    "sys.database_role_members": users.database_role_members,
    "sys.database_permissions": users.database_permissions,
    "INFORMATION_SCHEMA.TABLES": information_schema.information_tables,
    "INFORMATION_SCHEMA.COLUMNS": information_schema.information_columns,
    "INFORMATION_SCHEMA.SCHEMATA": information_schema.information_schemata,
}
# Table-valued functions, with the arguments that may be columns of the row they are applied to.
FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "sys.dm_os_volume_stats": (storage.volume_stats, ("database_id", "file_id")),
    "sys.dm_os_file_exists": (storage.file_exists, ()),
    "sys.dm_exec_sql_text": (server.no_text, ()),
}
