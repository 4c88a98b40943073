# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CREATE and DROP of the master key and of certificates, BACKUP CERTIFICATE, and the key of an encrypted backup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.engine import certificates
from simulator.engine.certificates import Certificate, Sealing
from simulator.engine.events import Done, Event
from simulator.engine.logins import hash_password, is_complex
from simulator.engine.messages import error
from simulator.engine.query.dates import parse_moment
from simulator.engine.query.model import refuse
from simulator.engine.tsql import administration as admin
from simulator.media.tape import Opener

if TYPE_CHECKING:
    from simulator.engine.execution import Execution
    from simulator.engine.instance import Instance

_FIRST_CERTIFICATE = 256
_YEAR = timedelta(days=365)


def encryption_object(execution: Execution, node: admin.EncryptionObject) -> Iterator[Event]:
    session = execution.session
    if session.database.lower() != "master":
        raise refuse(40510, f"{node.action} {node.kind} outside of master", line=node.line)
    if not session.rights.is_sysadmin:
        raise error(15247)
    work = {
        "CREATE MASTER KEY": _create_master_key, "DROP MASTER KEY": _drop_master_key,
        "CREATE CERTIFICATE": _create_certificate, "DROP CERTIFICATE": _drop_certificate,
        "BACKUP CERTIFICATE": _backup_certificate,
    }[f"{node.action} {node.kind}"]  # fmt: skip
    with session.instance.lock:
        work(session.instance, node)
        session.instance.save()
    yield Done(None)


def _create_master_key(instance: Instance, node: admin.EncryptionObject) -> None:
    if instance.state.master_key:
        raise error(15578)
    password = node.options.get("PASSWORD")
    if password is not None and not is_complex(password, ""):
        raise error(15118)
    instance.state.master_key = hash_password(password or "")


def _drop_master_key(instance: Instance, node: admin.EncryptionObject) -> None:
    if not instance.state.master_key:
        raise refuse(15151, "drop", "symmetric key", "master key", line=node.line)
    held = next((one for one in instance.state.certificates.values() if one.private), None)
    if held is not None:
        raise error(15580, "master key", "certificate", held.name)
    instance.state.master_key = ""


def named(instance: Instance, name: str) -> Certificate | None:
    return next((one for one in instance.state.certificates.values() if one.name.lower() == name.lower()), None)


def _create_certificate(instance: Instance, node: admin.EncryptionObject) -> None:
    if named(instance, node.name) is not None:
        raise error(15232, node.name)
    has_private_key = "FILE" not in node.options or "PRIVATE" in node.options
    if has_private_key and not instance.state.master_key:
        raise error(15581)
    number = max([_FIRST_CERTIFICATE - 1, *instance.state.certificates]) + 1
    if "FILE" in node.options:
        made = _from_files(instance, node, number)
    else:
        start = _date(node, "START_DATE") or instance.clock().replace(microsecond=0)
        end = _date(node, "EXPIRY_DATE") or start + _YEAR
        made = certificates.issue(number, node.name, node.options["SUBJECT"], start, end)
    if any(one.thumbprint == made.thumbprint for one in instance.state.certificates.values()):
        raise error(15232, node.name)
    instance.state.certificates[number] = made


def _date(node: admin.EncryptionObject, option: str) -> datetime | None:
    if option not in node.options:
        return None
    found = parse_moment(node.options[option])
    if found is None:
        raise refuse(241, line=node.line)
    return certificates.utc(found)


def _from_files(instance: Instance, node: admin.EncryptionObject, number: int) -> Certificate:
    private = node.options.get("PRIVATE", {})
    try:
        public = instance.resolve(node.options["FILE"]).read_bytes()
        key = instance.resolve(private["FILE"]).read_bytes() if "FILE" in private else None
    except OSError:
        raise error(15208) from None
    return certificates.load(number, node.name, public, key, private.get("DECRYPTION", ""))


def _drop_certificate(instance: Instance, node: admin.EncryptionObject) -> None:
    found = named(instance, node.name)
    if found is None:
        raise refuse(15151, "drop", "certificate", node.name, line=node.line)
    del instance.state.certificates[found.certificate_id]


def _backup_certificate(instance: Instance, node: admin.EncryptionObject) -> None:
    found = named(instance, node.name)
    if found is None:
        raise refuse(15151, "find", "certificate", node.name, line=node.line)
    private = node.options.get("PRIVATE")
    if private is not None and not found.private:
        raise error(33101, "certificate", found.name, "certificate")
    files = {node.options["FILE"]: found.der}
    if private is not None:
        if not is_complex(private.get("ENCRYPTION", ""), ""):
            raise error(15118)
        files[private.get("FILE", "")] = certificates.export_key(found, private["ENCRYPTION"])
    for name in files:
        if not name or instance.resolve(name).exists():
            raise error(15240, name)
    for name, data in files.items():
        _write(instance.resolve(name), name, data)
    if private is not None:
        instance.state.certificates[found.certificate_id] = replace(
            found, is_backed_up=True, key_saved=instance.timestamp()
        )


def _write(path: Path, shown: str, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError:
        raise error(15240, shown) from None


def opener(instance: Instance) -> Opener:
    """What decrypts a medium, if the certificate it was encrypted with is here."""
    return lambda key_record: certificates.opened(key_record, instance.state.certificates.values())


def sealing_for(execution: Execution, wanted: admin.BackupEncryption, *, compressed: bool) -> Sealing:
    """The certificate that BACKUP names must be there, with its private key, and valid today."""
    instance = execution.session.instance
    if wanted.kind != "CERTIFICATE":
        raise refuse(40510, "BACKUP ... WITH ENCRYPTION (SERVER ASYMMETRIC KEY)")
    found = named(instance, wanted.name)
    if found is None:
        raise error(15151, "find", "certificate", wanted.name)
    if not found.private:
        raise error(33101, "certificate", found.name, "certificate")
    if not found.valid_at(instance.clock()):
        raise error(3096)
    return certificates.sealing(found, wanted.algorithm, compressed=compressed)
