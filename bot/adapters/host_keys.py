"""SSH host keys for a new container, made in memory on the host while the container is still being copied.

Inside, `ssh-keygen -A` takes a second after the start, and sshd, started without keys, stays down (measured).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bot.domain.provisioning import HostKey

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


async def make_host_keys() -> Sequence[HostKey]:
    """Ed25519, ECDSA and RSA, as Debian and Ubuntu make them; 0.1 to 0.8 s, nearly all of it RSA, in a thread."""
    return await asyncio.to_thread(_make)


def _make() -> Sequence[HostKey]:
    return (
        _host_key("ed25519", ed25519.Ed25519PrivateKey.generate()),
        _host_key("ecdsa", ec.generate_private_key(ec.SECP256R1())),
        _host_key("rsa", rsa.generate_private_key(public_exponent=65537, key_size=3072)),
    )


def _host_key(kind: str, key: PrivateKey) -> HostKey:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return HostKey(f"ssh_host_{kind}_key", private, public + b"\n")
