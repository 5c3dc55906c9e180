"""Passwords that people read off a phone: made here, hidden from every log, checked before they reach chpasswd."""

from __future__ import annotations

import secrets

# Lower-case letters and digits that nobody takes for one another: no l, o, 0, 1. 32 symbols = 5 bits each.
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


class Secret:
    """A text that no repr, format or log shows; `reveal()` is the one way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and secrets.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))


def new_password() -> Secret:
    """Four groups of four, "k7mp-x3ra-9tqe-bd4h": 80 bits, easy to type on a phone."""
    return Secret("-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4)))


def chpasswd_line(unix_name: str, password: Secret) -> bytes:
    """What `chpasswd` reads from its standard input; ValueError for a value that would mean something else there.

    Measured: "liren:x\\nroot:pwned\\n" sets root's password too, and exits with 0.
    """
    if not unix_name or any(character in unix_name for character in "\n\r\0:"):
        raise ValueError("a Unix name for chpasswd has no line break and no colon")
    value = password.reveal()
    if not value or any(character in value for character in "\n\r\0"):
        raise ValueError("a password for chpasswd is not empty and has no line break")
    return f"{unix_name}:{value}\n".encode()


def has_password(shadow: bytes, user: str) -> bool:
    """Whether an /etc/shadow (shadow(5)) has a hash for them: neither nothing nor a lock ("!", "*")."""
    return any(line.startswith(f"{user}:$".encode()) for line in shadow.splitlines())
