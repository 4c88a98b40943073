# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates of an instance, and the encryption of backups with them."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509.oid import NameOID

from simulator.engine.messages import error
from simulator.media.container import Seal
from simulator.media.sealing import KeyRecord

#: Bytes of key. Triple DES has 192 bits; here they are AES's.
ALGORITHMS = {"AES_128": 16, "AES_192": 24, "AES_256": 32, "TRIPLE_DES_3KEY": 24}
_KEY_BITS = 2048
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


@dataclass(frozen=True)
class Certificate:
    """Certificate and key as base64 of their DER form: this is kept in the instance's state."""

    certificate_id: int
    name: str
    public: str
    private: str = ""
    is_backed_up: bool = False  # with its private key; until then BACKUP warns
    key_saved: str = ""  # when BACKUP CERTIFICATE last wrote the private key, by the server's clock

    @property
    def der(self) -> bytes:
        return base64.b64decode(self.public)

    @property
    def parsed(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.der)

    @property
    def thumbprint(self) -> bytes:
        return self.parsed.fingerprint(hashes.SHA1())  # as SQL Server's

    @property
    def subject(self) -> str:
        found = self.parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(found[0].value) if found else self.parsed.subject.rfc4514_string()

    def valid_at(self, moment: datetime) -> bool:
        return self.parsed.not_valid_before_utc <= moment <= self.parsed.not_valid_after_utc

    def key(self) -> rsa.RSAPrivateKey:
        key = serialization.load_der_private_key(base64.b64decode(self.private), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key


def issue(certificate_id: int, name: str, subject: str, start: datetime, end: datetime) -> Certificate:
    """CREATE CERTIFICATE ... WITH SUBJECT: self-signed."""
    key = rsa.generate_private_key(65537, _KEY_BITS)
    common_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject[:64])])
    builder = x509.CertificateBuilder().subject_name(common_name).issuer_name(common_name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    signed = builder.not_valid_before(start).not_valid_after(end).sign(key, hashes.SHA256())
    return Certificate(certificate_id, name, _text(signed.public_bytes(serialization.Encoding.DER)), _private(key))


def export_key(certificate: Certificate, password: str) -> bytes:
    """BACKUP CERTIFICATE ... WITH PRIVATE KEY. SQL Server writes PVK; this is PKCS #8, encrypted all the same."""
    return certificate.key().private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password.encode()),
    )


def load(certificate_id: int, name: str, public: bytes, private: bytes | None, password: str) -> Certificate:
    """CREATE CERTIFICATE ... FROM FILE."""
    try:
        parsed = x509.load_der_x509_certificate(public)
    except ValueError:
        raise error(15208) from None
    if private is None:
        return Certificate(certificate_id, name, _text(public), is_backed_up=True)
    try:
        key = serialization.load_der_private_key(private, password.encode())
    except (ValueError, TypeError):
        raise error(15465 if private[:1] == b"\x30" else 15208) from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != parsed.public_key():
        raise error(15297)
    return Certificate(certificate_id, name, _text(public), _private(key), is_backed_up=True)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _private(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return _text(key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption()))


# ------------------------------------------------------------------------------------------------ backups


@dataclass(frozen=True)
class Sealing:
    """What BACKUP ... WITH ENCRYPTION needs: the record in front of the chunks, and what encrypts them."""

    record: KeyRecord
    seal: Seal
    has_warning: bool  # 33091


def sealing(certificate: Certificate, algorithm: str, *, compressed: bool) -> Sealing:
    key = os.urandom(ALGORITHMS[algorithm])
    public = certificate.parsed.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    record = KeyRecord(algorithm, certificate.thumbprint, compressed, public.encrypt(key, _OAEP))
    return Sealing(record, _crypt(key), not certificate.is_backed_up)


def opened(key_record: bytes, certificates: Iterable[Certificate]) -> Seal:
    """For reading: by the certificate that a medium names, or 33111."""
    record = KeyRecord.unpacked(key_record)
    found = next((one for one in certificates if one.thumbprint == record.thumbprint), None)
    if found is None:
        raise error(33111, "certificate", "0x" + record.thumbprint.hex().upper())
    if not found.private:
        raise error(33101, "certificate", found.name, "certificate")
    return _crypt(found.key().decrypt(record.sealed_key, _OAEP))


def _crypt(key: bytes) -> Seal:
    """AES in counter mode: there and back are the same. A chunk's place on the tape is the start of its counter."""

    def crypt(position: int, payload: bytes) -> bytes:
        cipher = Cipher(algorithms.AES(key), modes.CTR(position.to_bytes(8, "big") + bytes(8))).encryptor()
        return cipher.update(payload) + cipher.finalize()

    return crypt


def utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=timezone.utc)
