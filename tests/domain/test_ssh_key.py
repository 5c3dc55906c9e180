"""Public keys as people paste them."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ssh_key import SshKey, keys_in, matching, read_key, with_key, without_key


def public(private) -> str:
    return private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


ED25519 = public(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = public(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
RSA = public(rsa.generate_private_key(65537, 2048))
SHORT = public(rsa.generate_private_key(65537, 1024))  # noqa: S505 - it is to be refused
CURVES = [public(ec.generate_private_key(curve())) for curve in (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)]


@pytest.mark.parametrize("line", [ED25519, RSA, *CURVES])
def test_keys_of_every_kind_with_and_without_a_comment(line: str) -> None:
    key = read_key(f"  {line} me@laptop, 我的笔记本\n")
    assert isinstance(key, SshKey)
    assert key.line == f"{line} me@laptop, 我的笔记本"
    assert read_key(line) == SshKey(*line.split())
    assert key.fingerprint.startswith("SHA256:")
    assert len(key.fingerprint) == 50


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "bad_kind"),
        ("hello", "bad_kind"),
        ("ssh-dss AAAAB3NzaC1kc3M=", "bad_kind"),
        (f'command="reboot" {ED25519}', "bad_kind"),
        (f"{ED25519}\n{OTHER}", "not_one_line"),
        (ED25519[:-10], "damaged"),
        (ED25519.replace("ssh-ed25519", "ssh-rsa"), "damaged"),
        (f"ssh-ed25519 {base64.b64encode(b'nonsense here').decode()}", "damaged"),
        ("ssh-ed25519 not;base64", "damaged"),
        (f"{ED25519} a\x07b", "damaged"),
        (SHORT, "short"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk", "private"),
    ],
)
def test_what_is_no_key_says_why(text: str, why: str) -> None:
    assert read_key(text) == why


@given(st.text(max_size=200))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    key = read_key(text)
    assert isinstance(key, str) or "\n" not in key.line


def test_lines_of_their_owner_stay() -> None:
    own = f'# laptop\nfrom="10.0.0.0/8" {OTHER}\n'
    key = read_key(ED25519)
    assert isinstance(key, SshKey)
    both = with_key(own.rstrip("\n"), key)
    assert both == f"{own}{ED25519}\n"
    assert keys_in(both) == [key]
    assert without_key(both, key) == own
    other = read_key(OTHER)
    assert isinstance(other, SshKey)
    assert without_key(both, other) == f"# laptop\n{ED25519}\n"


def test_one_is_meant_by_its_number_or_fingerprint() -> None:
    keys = [key for line in (ED25519, OTHER) if isinstance(key := read_key(line), SshKey)]
    assert matching(keys, "2") == keys[1]
    assert matching(keys, keys[0].fingerprint) == keys[0]
    assert matching(keys, keys[0].fingerprint[7:20]) == keys[0]
    assert [matching(keys, word) for word in ("0", "3", "SHA256:", "x", "")] == [None] * 5
