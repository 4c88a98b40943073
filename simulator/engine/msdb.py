# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""msdb: real tables in a real database, and the rows that a backup or restore leaves in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from simulator.engine import catalog as catalogs
from simulator.engine import views
from simulator.engine.catalog import Column, Table
from simulator.engine.database import Database
from simulator.engine.events import SqlError
from simulator.engine.facts import Device
from simulator.engine.messages import error
from simulator.engine.query import values
from simulator.engine.query.model import quote

if TYPE_CHECKING:
    from simulator.engine.instance import Instance

Row = dict[str, Any]
_IDENTITIES = {"backupset": "backup_set_id", "backupmediaset": "media_set_id", "restorehistory": "restore_history_id"}
_TYPES = {1: "D", 2: "L", 4: "F", 5: "I", 6: "G", 7: "P", 8: "Q"}


def install(database: Database, instance: Instance) -> None:
    from simulator.engine.statements.table_building import create_stored

    connection = database.connect()
    try:
        with database.transaction(connection):
            catalog = catalogs.load(connection)
            for full_name in views.msdb_tables():
                name = full_name.split(".")[-1]
                columns = tuple(
                    Column(
                        field.name,
                        field.type,
                        number,
                        field.nullable,
                        (1, 1) if _IDENTITIES.get(name) == field.name else None,
                    )
                    for number, field in enumerate(views.fields(full_name), 1)
                )
                now = instance.timestamp()
                table = Table(catalog.take_id(), "dbo", name, now, now, columns)
                catalog.tables[table.object_id] = table
                create_stored(connection, catalog, table)
            catalogs.save(connection, catalog)
    finally:
        connection.close()


@dataclass(frozen=True)
class Restored:
    """What a RESTORE adds to the history besides the backup set that it read."""

    destination: str
    user: str
    when: datetime
    kind: str  # D, I, L, V
    replace: bool
    recovery: bool
    stop_at: datetime | None
    mark: str | None
    stop_before: bool
    files: tuple[str, ...]


class History:
    """Writes one backup set, and perhaps its restore, in one transaction."""

    def __init__(self, instance: Instance) -> None:
        database = instance.database("msdb")
        if database is None:
            raise error(3009)
        self.database = database
        self.instance = instance

    def write(
        self,
        header: Mapping[str, object],
        label: Mapping[str, object],
        files: Iterable[Mapping[str, object]],
        devices: Iterable[Device],
        restored: Restored | None = None,
    ) -> None:
        """3009 when it cannot be written: the backup or restore itself was successful."""
        try:
            connection = self.database.connect()
        except SqlError:
            raise error(3009) from None
        try:
            with self.database.transaction(connection):
                writer = _Writer(connection)
                set_id = writer.backup_set(header, label, list(files), list(devices))
                if restored is not None:
                    writer.restore(set_id, restored, len(list(devices)))
        except (sqlite3.Error, OSError):
            raise error(3009) from None
        finally:
            connection.close()


class _Writer:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.catalog = catalogs.load(connection)

    def insert(self, name: str, row: Row) -> int:
        """The identity value, where the table has one."""
        table = self.catalog.find("dbo", name)
        if not isinstance(table, Table):
            raise sqlite3.OperationalError(f"no table {name}")
        number = 0
        if table.identity is not None:
            number = (catalogs.read_identity(self.connection, table.object_id) or 0) + 1
            catalogs.save_identity(self.connection, table.object_id, number)
            row = {**row, table.identity.name: number}
        stored = [values.store(row.get(column.name), column.type) for column in table.columns]
        marks = ", ".join("?" * len(stored))
        self.connection.execute(f"INSERT INTO {quote(table.stored_name)} VALUES ({marks})", stored)  # noqa: S608
        return number

    def backup_set(
        self, header: Mapping[str, Any], label: Mapping[str, Any], files: list[Mapping[str, Any]], devices: list[Device]
    ) -> int:
        media = self._media_set(label, devices)
        known = self.connection.execute(
            'SELECT backup_set_id FROM "dbo.backupset" WHERE backup_set_uuid = ? AND media_set_id = ?',
            (str(header["BackupSetGUID"]).upper(), media),
        ).fetchone()
        if known is not None:  # restored before, or taken here
            return int(known[0])
        number = self.insert(
            "backupset", {**_backup_set(header), "media_set_id": media, "last_family_number": len(devices)}
        )
        for file in files:
            self.insert("backupfile", {**_backup_file(file), "backup_set_id": number})
        return number

    def _media_set(self, label: Mapping[str, Any], devices: list[Device]) -> int:
        known = self.connection.execute(
            'SELECT media_set_id FROM "dbo.backupmediaset" WHERE media_uuid = ?', (str(label["MediaSetId"]).upper(),)
        ).fetchone()
        if known is not None and self._same_devices(int(known[0]), devices):
            return int(known[0])
        number = self.insert("backupmediaset", {
            "media_uuid": label["MediaSetId"], "media_family_count": label["FamilyCount"], "name": label["MediaName"],
            "description": label["MediaDescription"], "software_name": label["SoftwareName"],
            "software_vendor_id": label["SoftwareVendorId"], "MTF_major_version": 1,
            "mirror_count": label["Mirror_Count"],
            "is_password_protected": False, "is_compressed": label["IsCompressed"],
            "is_encrypted": label["IsEncrypted"],
        })  # fmt: skip
        for family, device in enumerate(devices, 1):
            self.insert("backupmediafamily", {
                "media_set_id": number, "family_sequence_number": family, "media_family_id": label["MediaFamilyId"],
                "media_count": 1, "physical_device_name": device.name, "device_type": 2, "physical_block_size": 512,
                "mirror": 0,
            })  # fmt: skip
        return number

    def _same_devices(self, media: int, devices: list[Device]) -> bool:
        query = (
            'SELECT physical_device_name FROM "dbo.backupmediafamily" WHERE media_set_id = ? ORDER BY'
            " family_sequence_number"
        )
        return [row[0] for row in self.connection.execute(query, (media,))] == [device.name for device in devices]

    def restore(self, set_id: int, restored: Restored, devices: int) -> None:
        number = self.insert("restorehistory", {
            "restore_date": restored.when, "destination_database_name": restored.destination,
            "user_name": restored.user,
            "backup_set_id": set_id, "restore_type": restored.kind, "replace": restored.replace,
            "recovery": restored.recovery, "restart": False, "stop_at": restored.stop_at, "device_count": devices,
            "stop_at_mark_name": restored.mark, "stop_before": restored.stop_before,
        })  # fmt: skip
        for file_number, path in enumerate(restored.files, 1):
            folder, _, _ = path.rpartition("/")
            self.insert("restorefile", {
                "restore_history_id": number, "file_number": file_number, "destination_phys_drive": folder or "/",
                "destination_phys_name": path,
            })  # fmt: skip


def _backup_set(header: Mapping[str, Any]) -> Row:
    return {
        "backup_set_uuid": header["BackupSetGUID"], "first_family_number": 1, "first_media_number": 1,
        "last_media_number": 1, "catalog_family_number": 1, "catalog_media_number": 1, "position": header["Position"],
        "expiration_date": header["ExpirationDate"], "software_vendor_id": header["SoftwareVendorId"],
        "name": header["BackupName"], "description": header["BackupDescription"], "user_name": header["UserName"],
        "software_major_version": header["SoftwareVersionMajor"],
        "software_minor_version": header["SoftwareVersionMinor"],
        "software_build_version": header["SoftwareVersionBuild"], "time_zone": header.get("_time_zone", 127),
        "mtf_minor_version": 0, "first_lsn": header["FirstLSN"], "last_lsn": header["LastLSN"],
        "checkpoint_lsn": header["CheckpointLSN"], "database_backup_lsn": header["DatabaseBackupLSN"],
        "database_creation_date": header["DatabaseCreationDate"], "backup_start_date": header["BackupStartDate"],
        "backup_finish_date": header["BackupFinishDate"], "type": _TYPES.get(header["BackupType"]),
        "sort_order": header["SortOrder"], "code_page": header["CodePage"],
        "compatibility_level": header["CompatibilityLevel"], "database_version": header["DatabaseVersion"],
        "backup_size": header["BackupSize"], "database_name": header["DatabaseName"],
        "server_name": header["ServerName"],
        "machine_name": header["MachineName"], "flags": header["Flags"], "unicode_locale": header["UnicodeLocaleId"],
        "unicode_compare_style": header["UnicodeComparisonStyle"], "collation_name": header["Collation"],
        "is_password_protected": False, "recovery_model": header["RecoveryModel"],
        "has_bulk_logged_data": header["HasBulkLoggedData"], "is_snapshot": header["IsSnapshot"],
        "is_readonly": header["IsReadOnly"], "is_single_user": header["IsSingleUser"],
        "has_backup_checksums": header["HasBackupChecksums"], "is_damaged": header["IsDamaged"],
        "begins_log_chain": header["BeginsLogChain"], "has_incomplete_metadata": header["HasIncompleteMetaData"],
        "is_force_offline": header["IsForceOffline"], "is_copy_only": header["IsCopyOnly"],
        "first_recovery_fork_guid": header["FirstRecoveryForkID"], "last_recovery_fork_guid": header["RecoveryForkID"],
        "fork_point_lsn": header["ForkPointLSN"], "database_guid": header["BindingID"],
        "family_guid": header["FamilyGUID"],
        "differential_base_lsn": header["DifferentialBaseLSN"],
        "differential_base_guid": header["DifferentialBaseGUID"],
        "compressed_backup_size": header["CompressedBackupSize"], "key_algorithm": header["KeyAlgorithm"],
        "encryptor_thumbprint": header["EncryptorThumbprint"], "encryptor_type": header["EncryptorType"],
    }  # fmt: skip


def _backup_file(file: Mapping[str, Any]) -> Row:
    physical = str(file["PhysicalName"])
    return {
        "first_family_number": 1, "first_media_number": 1, "filegroup_name": file["FileGroupName"], "page_size": 8192,
        "file_number": file["FileID"], "backed_up_page_count": int(file["BackupSizeInBytes"] or 0) // 8192,
        "file_type": file["Type"], "source_file_block_size": file["SourceBlockSize"], "file_size": file["Size"],
        "logical_name": file["LogicalName"], "physical_drive": physical.rpartition("/")[0] or "/",
        "physical_name": physical,
        "state": 0, "state_desc": "ONLINE", "create_lsn": file["CreateLSN"], "drop_lsn": file["DropLSN"],
        "file_guid": file["UniqueID"], "read_only_lsn": file["ReadOnlyLSN"], "read_write_lsn": file["ReadWriteLSN"],
        "differential_base_lsn": file["DifferentialBaseLSN"], "differential_base_guid": file["DifferentialBaseGUID"],
        "backup_size": file["BackupSizeInBytes"], "is_readonly": file["IsReadOnly"], "is_present": file["IsPresent"],
    }  # fmt: skip


def time_zone(offset: timedelta) -> int:
    """Quarters of an hour from UTC."""
    return int(offset.total_seconds() // 900)
