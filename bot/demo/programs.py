"""The few programs that junzi runs in a container, made up: exit codes and words are Debian 12's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatch

from bot.demo.file import File
from bot.demo.inside import Inside, made_up_hash
from bot.ports import CommandResult


def run_in(inside: Inside, command: Sequence[str], stdin: bytes, timeout_seconds: int) -> CommandResult:
    program = PROGRAMS.get(command[0]) if command else None
    if program is None:
        return CommandResult(127, "", "Command not found")
    return program(inside, command[1:], stdin, timeout_seconds)


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
        wanted[name] = made_up_hash(password)
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
    return run_in(inside, rest, stdin, timeout_seconds)


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
    """`du -0 -x -d 1 --block-size=1 -- FOLDER`, or `du -sx --block-size=1 /`: a file is as large as it is long."""
    home = arguments[-1]
    if home == "/":
        return _done(f"{sum(len(file.content) for file in inside.files.values())}\t/\n")
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
