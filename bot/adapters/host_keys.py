"""SSH host keys for a new container, made in memory: no key file ever lies on the host."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bot.domain.provisioning import HostKey

RSA_BITS = 3072  # ssh-keygen's own default


async def make_host_keys() -> Sequence[HostKey]:
    """One of each kind that `ssh-keygen -A` makes and sshd still uses. RSA takes a second; it has a thread."""
    return await asyncio.to_thread(_make)


def _make() -> Sequence[HostKey]:
    keys: dict[str, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey] = {
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
        "ecdsa": ec.generate_private_key(ec.SECP256R1()),
        "rsa": rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS),
    }
    return [
        HostKey(
            f"ssh_host_{kind}_key",
            key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
            key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + b"\n",
        )
        for kind, key in keys.items()
    ]
