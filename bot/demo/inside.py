"""The inside of a made-up container: files, folders, and what is true since its last start.

Accounts live in /etc/passwd, /etc/shadow and /etc/group as they do in a real one, so what a program changes can be
read as a file.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.demo.file import File

DIRECTORIES = frozenset(
    "/ /etc /etc/ssh /etc/ssh/sshd_config.d /home /mnt /root /tmp /usr/local/bin /var/lib /var/lib/dbus".split()
)
TEMPLATE_FILES = {
    "/etc/hostname": b"template\n",
    "/etc/hosts": b"127.0.0.1\tlocalhost\n",
    "/etc/machine-id": b"0123456789abcdef0123456789abcdef\n",
    "/var/lib/dbus/machine-id": b"0123456789abcdef0123456789abcdef\n",
    "/etc/passwd": b"root:x:0:0:root:/root:/bin/bash\nsshd:x:105:65534::/run/sshd:/usr/sbin/nologin\n",
    "/etc/shadow": b"root:*:20000:0:99999:7:::\nsshd:!:20000::::::\n",
    "/etc/group": b"root:x:0:\nsudo:x:27:\nusers:x:100:\n",
    **{
        f"/etc/ssh/ssh_host_{kind}_key{end}": f"the template's {kind} key\n".encode()
        for kind in ("ed25519", "ecdsa", "rsa")
        for end in ("", ".pub")
    },
}


def _template_files() -> dict[str, File]:
    return {path: File(content) for path, content in TEMPLATE_FILES.items()}


@dataclass
class Inside:
    """Files and folders of one container, and what is true since its last start."""

    files: dict[str, File] = field(default_factory=_template_files)
    directories: set[str] = field(default_factory=lambda: set(DIRECTORIES))
    hostname: str = ""
    ssh_answers: bool = False
    console: str = ""

    def copy(self) -> Inside:
        return Inside(dict(self.files), set(self.directories))

    def be(self, name: str) -> None:
        """Whoever sets up a copy gives it an identity of its own: host name, machine-id, SSH host keys."""
        self.files["/etc/hostname"] = File(f"{name}\n".encode())
        self.files["/etc/machine-id"] = File(f"{uuid.uuid5(uuid.NAMESPACE_DNS, name).hex}\n".encode(), 0o444)
        self.files.pop("/var/lib/dbus/machine-id", None)
        for path in [path for path in self.files if path.startswith("/etc/ssh/ssh_host_")]:
            self.files[path] = File(self.files[path].content.replace(b"the template", name.encode()))

    def boot(self) -> None:
        """What a boot does: take the host name, make up a missing machine-id, start sshd if it has a host key."""
        self.hostname = self.text("/etc/hostname").strip()
        self.console = f"Debian GNU/Linux 12 {self.hostname} console\n"
        if not self.text("/etc/machine-id").strip():
            kept = self.text("/var/lib/dbus/machine-id").strip()
            self.files["/etc/machine-id"] = File(f"{kept or uuid.uuid4().hex}\n".encode(), 0o444)
        self.ssh_answers = any(
            path.startswith("/etc/ssh/ssh_host_") and path.endswith("_key") and file.content
            for path, file in self.files.items()
        )

    def text(self, path: str) -> str:
        file = self.files.get(path)
        return file.content.decode() if file else ""

    def password_is(self, unix_name: str, password: str) -> bool:
        """Would a login with this password succeed?"""
        return self._shadow().get(unix_name) == made_up_hash(password)

    def accounts(self) -> Mapping[str, tuple[int, int]]:
        """(uid, gid) by Unix name."""
        rows = (line.split(":") for line in self.text("/etc/passwd").splitlines())
        return {row[0]: (int(row[2]), int(row[3])) for row in rows}

    def members_of(self, group: str) -> tuple[str, ...]:
        for line in self.text("/etc/group").splitlines():
            name, _, _, members = line.split(":")
            if name == group:
                return tuple(members.split(",")) if members else ()
        return ()

    def _shadow(self) -> dict[str, str]:
        rows = (line.split(":") for line in self.text("/etc/shadow").splitlines())
        return {row[0]: row[1] for row in rows}

    def append(self, path: str, line: str) -> None:
        self.files[path] = File(f"{self.text(path)}{line}\n".encode())

    def replace_lines(self, path: str, change: Callable[[list[str]], list[str]]) -> None:
        lines = (":".join(change(line.split(":"))) for line in self.text(path).splitlines())
        self.files[path] = File("".join(f"{line}\n" for line in lines).encode())


def made_up_hash(password: str) -> str:
    return f"$made-up${hashlib.sha256(password.encode()).hexdigest()}"
