"""A made-up container, and its inside: files, and the few programs that junzi runs there.

Accounts live in /etc/passwd, /etc/shadow and /etc/group as they do in a real one, so what a program changes can be
read as a file. Exit codes and words are Debian 12's.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatch

from bot.domain.instance import Device, Instance, InstanceStatus
from bot.ports import CommandResult

DEFAULT_PROFILE: Mapping[str, Device] = {
    "root": {"type": "disk", "path": "/", "pool": "default"},
    "eth0": {"type": "nic", "network": "lxdbr0"},
}

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


@dataclass(frozen=True)
class File:
    content: bytes
    mode: int = 0o644
    uid: int = 0
    gid: int = 0


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

    def run(self, command: Sequence[str], stdin: bytes, timeout_seconds: int) -> CommandResult:
        program = PROGRAMS.get(command[0]) if command else None
        if program is None:
            return CommandResult(127, "", "Command not found")
        return program(self, command[1:], stdin, timeout_seconds)

    def password_is(self, unix_name: str, password: str) -> bool:
        """Would a login with this password succeed?"""
        return self._shadow().get(unix_name) == _hash(password)

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


@dataclass(frozen=True)
class Taken:
    """A snapshot: everything that LXD keeps of a container at one moment."""

    at: datetime
    devices: dict[str, Device]
    config: dict[str, str]
    inside: Inside


@dataclass
class Container:
    """One container; `busy` is the operation that LXD does with it just now."""

    name: str
    number: int
    devices: dict[str, Device]
    config: dict[str, str]
    created_at: datetime
    inside: Inside = field(default_factory=Inside)
    started_at: datetime | None = None
    busy: str = ""
    last_started_at: datetime | None = None
    snapshots: dict[str, Taken] = field(default_factory=dict)
    log: str = ""

    @property
    def expanded_devices(self) -> dict[str, Device]:
        return {**DEFAULT_PROFILE, **self.devices}

    def as_instance(self) -> Instance:
        return Instance(
            self.name,
            InstanceStatus.STOPPED if self.started_at is None else InstanceStatus.RUNNING,
            dict(self.devices),
            self.expanded_devices,
            dict(self.config),
            created_at=self.created_at,
            last_started_at=self.last_started_at,
        )


def _hash(password: str) -> str:
    return f"$made-up${hashlib.sha256(password.encode()).hexdigest()}"


def _done(stdout: str = "") -> CommandResult:
    return CommandResult(0, stdout, "")


def _options(arguments: Sequence[str], flags: str) -> tuple[dict[str, str], list[str]]:
    """Split "-m -s /bin/bash name" as getopt does; `flags` are the options that take no value."""
    options: dict[str, str] = {}
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word.startswith("-") and len(word) == 2:
            options[word[1]] = "" if word[1] in flags else next(words, "")
        elif word != "--":
            rest.append(word)
    return options, rest


def _useradd(inside: Inside, arguments: Sequence[str], _stdin: bytes, _timeout: int) -> CommandResult:
    options, rest = _options(arguments, flags="m")
    name = rest[0]
    groups = options["G"].split(",") if "G" in options else []
    known = {line.split(":")[0] for line in inside.text("/etc/group").splitlines()}
    if missing := [group for group in groups if group not in known]:
        return CommandResult(6, "", f"useradd: group '{missing[0]}' does not exist\n")
    if name in inside.accounts():
        return CommandResult(9, "", f"useradd: user '{name}' already exists\n")
    number = max([999, *(uid for uid, _ in inside.accounts().values() if uid < 60000)]) + 1
    home = options.get("d", f"/home/{name}")
    inside.append("/etc/passwd", f"{name}:x:{number}:{number}::{home}:{options.get('s', '/bin/sh')}")
    inside.append("/etc/shadow", f"{name}:!:20000:0:99999:7:::")
    inside.replace_lines("/etc/group", lambda row: _joined(row, name) if row[0] in groups else row)
    inside.append("/etc/group", f"{name}:x:{number}:")
    if "m" in options:
        inside.directories.add(home)
    return _done()


def _joined(row: list[str], name: str) -> list[str]:
    return [*row[:3], ",".join(filter(None, [row[3], name]))]


def _chpasswd(inside: Inside, _arguments: Sequence[str], stdin: bytes, _timeout: int) -> CommandResult:
    """Like the real one it believes every line that it reads, and changes nothing if one is wrong."""
    wanted: dict[str, str] = {}
    for number, line in enumerate(stdin.decode().splitlines(), 1):
        name, colon, password = line.partition(":")
        if not colon or not password:
            return CommandResult(1, "", f"chpasswd: line {number}: missing new password\n")
        if name not in inside.accounts():
            return CommandResult(1, "", f"chpasswd: (user {name}) pam_chauthtok() failed\n")
        wanted[name] = _hash(password)
    inside.replace_lines("/etc/shadow", lambda row: [row[0], wanted.get(row[0], row[1]), *row[2:]])
    return _done()


def _install(inside: Inside, arguments: Sequence[str], _stdin: bytes, _timeout: int) -> CommandResult:
    """`install -d FOLDER...`; other uses have not been needed."""
    options, rest = _options(arguments, flags="d")
    if "d" not in options:
        return CommandResult(1, "", "install: this made-up container makes folders only\n")
    inside.directories.update(rest)
    return _done()


def _cat(inside: Inside, arguments: Sequence[str], stdin: bytes, _timeout: int) -> CommandResult:
    for path in arguments:
        if path not in inside.files:
            return CommandResult(1, "", f"cat: {path}: No such file or directory\n")
    content = b"".join(inside.files[path].content for path in arguments) if arguments else stdin
    return _done(content.decode(errors="replace"))


def _id(inside: Inside, arguments: Sequence[str], _stdin: bytes, _timeout: int) -> CommandResult:
    options, rest = _options(arguments, flags="ugn")
    name = rest[0] if rest else "root"
    if name not in inside.accounts():
        return CommandResult(1, "", f"id: '{name}': no such user\n")
    uid, gid = inside.accounts()[name]
    if "u" in options or "g" in options:
        return _done(f"{uid if 'u' in options else gid}\n")
    return _done(f"uid={uid}({name}) gid={gid}({name})\n")


def _find(inside: Inside, arguments: Sequence[str], _stdin: bytes, _timeout: int) -> CommandResult:
    """`find FOLDER... -maxdepth N -name PATTERN`, of files only."""
    split = next((place for place, word in enumerate(arguments) if word.startswith("-")), len(arguments))
    folders, pattern = tuple(f"{folder}/" for folder in arguments[:split]), arguments[-1]
    found = [path for path in sorted(inside.files) if path.startswith(folders)]
    return _done("".join(f"{path}\n" for path in found if fnmatch(path.rpartition("/")[2], pattern)))


def _env(inside: Inside, arguments: Sequence[str], stdin: bytes, timeout_seconds: int) -> CommandResult:
    rest = [word for word in arguments if "=" not in word]
    return inside.run(rest, stdin, timeout_seconds)


def _sh(inside: Inside, _arguments: Sequence[str], stdin: bytes, _timeout: int) -> CommandResult:
    """Knows what junzi's own scripts come to; what another would do is anybody's guess."""
    if b"userdel" not in stdin:
        return _done("done\n")
    gone = {name for name, (uid, _) in inside.accounts().items() if 1000 <= uid < 60000}
    for path in ("/etc/passwd", "/etc/shadow", "/etc/group"):
        lines = (line for line in inside.text(path).splitlines() if line.split(":")[0] not in gone)
        inside.files[path] = File("".join(f"{line}\n" for line in lines).encode())
    keys = ("/home/", "/root/.ssh/", "/etc/ssh/ssh_host_", "/root/.bash_history")
    for path in [path for path in inside.files if path.startswith(keys)]:
        del inside.files[path]
    inside.files["/etc/machine-id"] = File(b"")
    return _done("clean\n")


def _du(inside: Inside, arguments: Sequence[str], _stdin: bytes, _timeout: int) -> CommandResult:
    """`du -0 -x -d 1 --block-size=1 -- FOLDER`: a file is as large as it is long."""
    home = arguments[-1]
    below: dict[str, int] = {}
    for path, file in inside.files.items():
        if path.startswith(f"{home}/"):
            head, slash, _ = path.removeprefix(f"{home}/").partition("/")
            below[head if slash else ""] = below.get(head if slash else "", 0) + len(file.content)
    lines = [f"{size}\t{home}/{name}\0" for name, size in below.items() if name]
    return _done("".join((*lines, f"{sum(below.values())}\t{home}\0")))


def _sleep(_inside: Inside, arguments: Sequence[str], _stdin: bytes, timeout_seconds: int) -> CommandResult:
    """Nobody waits in a made-up lab; what would take too long is ended as `timeout` ends it."""
    return CommandResult(124, "", "") if float(arguments[0]) > timeout_seconds else _done()


Program = Callable[[Inside, Sequence[str], bytes, int], CommandResult]
PROGRAMS: Mapping[str, Program] = {
    "cat": _cat,
    "chpasswd": _chpasswd,
    "du": _du,
    "env": _env,
    "find": _find,
    "false": lambda *_: CommandResult(1, "", ""),
    "hostname": lambda inside, *_: _done(f"{inside.hostname}\n"),
    "id": _id,
    "install": _install,
    "sh": _sh,
    "sleep": _sleep,
    "true": lambda *_: _done(),
    "useradd": _useradd,
}
