"""Papers: an authority of one drill, and what shows under it that the front door is the office's."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from backend.kernel.clock import SystemClock

LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Papers:
    """Where they lie: whom to believe; what the door shows, and its key."""

    authority: Path
    certificate: Path
    key: Path


def issue(address: str, folder: Path) -> Papers:
    """New ones, for an office at that address of a network."""
    folder.mkdir(mode=0o700, exist_ok=True)
    papers = Papers(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer, door = _named("drill authority"), _named("drill office")
    root = _certificate(issuer, issuer, authority.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    leaf = _certificate(door, issuer, own.public_key()).add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False
    )
    for file, made in ((papers.authority, root), (papers.certificate, leaf)):
        file.write_bytes(made.sign(authority, hashes.SHA256()).public_bytes(Encoding.PEM))
    papers.key.touch(mode=0o600)
    papers.key.write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return papers


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = SystemClock().now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LASTS)
        .not_valid_after(now + LASTS)
    )
