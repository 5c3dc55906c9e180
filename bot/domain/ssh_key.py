"""OpenSSH public keys as people paste them: one line, checked to the last byte before it goes anywhere."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

MOST_KEYS = 20
LEAST_RSA_BITS = 2048
COMMENT = re.compile(r"[^\x00-\x1f\x7f]{0,100}")
FIXED = {
    "ssh-ed25519": 51,
    "ecdsa-sha2-nistp256": 104,
    "ecdsa-sha2-nistp384": 136,
    "ecdsa-sha2-nistp521": 172,
    "sk-ssh-ed25519@openssh.com": None,
    "sk-ecdsa-sha2-nistp256@openssh.com": None,
    "ssh-rsa": None,
}


@dataclass(frozen=True)
class SshKey:
    kind: str
    content: str
    comment: str = ""

    @property
    def line(self) -> str:
        return f"{self.kind} {self.content}{' ' if self.comment else ''}{self.comment}"

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` shows it."""
        digest = hashlib.sha256(base64.b64decode(self.content)).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def looks_like_a_key(text: str) -> bool:
    """Whether somebody means this as a key: a public one, or, to be warned of, a private one."""
    return "PRIVATE KEY-----" in text or text.strip().partition(" ")[0] in FIXED


def read_key(text: str) -> SshKey | str:
    """The key, or why it is none: "private", "not_one_line", "bad_kind", "damaged", "short"."""
    text = text.strip()
    if "PRIVATE KEY" in text:
        return "private"
    if "\n" in text or "\r" in text:
        return "not_one_line"
    kind, _, rest = text.partition(" ")
    content, _, comment = rest.strip().partition(" ")
    if kind not in FIXED:
        return "bad_kind"
    blob = _decoded(content)
    if blob is None or _first_string(blob) != kind.encode() or COMMENT.fullmatch(comment.strip()) is None:
        return "damaged"
    expected = FIXED[kind]
    if expected is not None and len(blob) != expected:
        return "damaged"
    if kind == "ssh-rsa" and _rsa_bits(blob) < LEAST_RSA_BITS:
        return "short"
    return SshKey(kind, content, comment.strip())


def keys_in(authorized_keys: str) -> list[SshKey]:
    """Those of a file that can be read so; other lines (options, comments) are left for their owner."""
    found = (read_key(line) for line in authorized_keys.splitlines() if line.strip())
    return [key for key in found if isinstance(key, SshKey)]


def with_key(authorized_keys: str, key: SshKey) -> str:
    """The file with one more line; all others stay as they are."""
    end = "" if not authorized_keys or authorized_keys.endswith("\n") else "\n"
    return f"{authorized_keys}{end}{key.line}\n"


def without_key(authorized_keys: str, key: SshKey) -> str:
    """Every line with that key goes, options or not."""
    kept = [line for line in authorized_keys.splitlines() if key.content not in line.split()]
    return "".join(f"{line}\n" for line in kept)


def matching(keys: Sequence[SshKey], word: str) -> SshKey | None:
    """By its number in the list (from 1) or a part of its fingerprint; None if that is not exactly one."""
    if re.fullmatch(r"[0-9]{1,3}", word):
        return keys[int(word) - 1] if 1 <= int(word) <= len(keys) else None
    found = [key for key in keys if len(word) >= 6 and word.removeprefix("SHA256:") in key.fingerprint]
    return found[0] if len(found) == 1 else None


def _decoded(content: str) -> bytes | None:
    try:
        blob = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return None
    return blob if len(blob) > 8 and base64.b64encode(blob).decode() == content else None


def _first_string(blob: bytes) -> bytes:
    return _strings(blob)[0] if _strings(blob) else b""


def _strings(blob: bytes) -> list[bytes]:
    """The length-prefixed strings that a key is made of; [] if it is not."""
    strings, place = [], 0
    while place < len(blob):
        if place + 4 > len(blob):
            return []
        (length,) = struct.unpack_from(">I", blob, place)
        strings.append(blob[place + 4 : place + 4 + length])
        place += 4 + length
    return strings if place == len(blob) else []


def _rsa_bits(blob: bytes) -> int:
    strings = _strings(blob)
    return int.from_bytes(strings[2], "big").bit_length() if len(strings) == 3 else 0
