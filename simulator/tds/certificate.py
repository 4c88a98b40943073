# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The server's certificate, and the two ways TDS uses TLS."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

STRICT_PROTOCOL = "tds/8.0"


@dataclass(frozen=True)
class TlsContexts:
    tds7: ssl.SSLContext
    tds8: ssl.SSLContext


def tls_contexts(certificate: Path | None, key: Path | None, host: str) -> TlsContexts:
    """Contexts with the given files, or with a self-signed certificate, as SQL Server makes itself one."""
    if certificate is not None:
        return TlsContexts(_context(certificate, key), _context(certificate, key, strict=True))
    with tempfile.TemporaryDirectory(prefix="tds-certificate-") as folder:
        files = write_self_signed(Path(folder), host)
        return TlsContexts(_context(*files), _context(*files, strict=True))


def _context(certificate: Path, key: Path | None, *, strict: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if strict:
        context.set_alpn_protocols([STRICT_PROTOCOL])
    else:
        # Clients end the handshake inside TDS packets at a point that only TLS up to 1.2 has.
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def write_self_signed(folder: Path, host: str) -> tuple[Path, Path]:
    """Writes certificate.pem and key.pem (readable by the owner only) into ``folder``."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SSL_Self_Signed_Fallback")])
    now = datetime.datetime.now(datetime.timezone.utc)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName(_alternative_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


def _alternative_names(host: str) -> list[x509.GeneralName]:
    try:
        return [x509.IPAddress(ipaddress.ip_address(host)), x509.DNSName("localhost")]
    except ValueError:
        return [x509.DNSName(host), x509.DNSName("localhost")]
