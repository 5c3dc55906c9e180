"""What `junzi init` takes from the machine that it runs on: its name, its zone, and who owns what the service reads."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import sys
from contextlib import suppress
from pathlib import Path

PACKAGE_USER = "junzi"  # whom deploy/junzi.service runs as


def name_of_this_host() -> str:
    """Its full name; without one, the address that it goes out from; "" if it has neither.

    What is short or like localhost means something only here, and students type it elsewhere.
    """
    name = socket.getfqdn()
    if "." in name and not name.startswith(("localhost", "127.")):
        return name
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # a datagram socket sends nothing by that
        return str(probe.getsockname()[0])
    return ""


def zone_of_this_host() -> str:
    """Like "Asia/Shanghai"; UTC if the host does not say."""
    with suppress(OSError):
        name = Path("/etc/timezone").read_text().strip()
        if name:
            return name
    with suppress(OSError):
        _, found, name = str(Path("/etc/localtime").readlink()).partition("zoneinfo/")
        if found:
            return name
    return "UTC"


def hand_over(path: Path) -> None:
    """Root makes files for the user that the service runs as, if there is one."""
    if os.geteuid() == 0:
        with suppress(KeyError):
            user = pwd.getpwnam(PACKAGE_USER)
            shutil.chown(path, user.pw_uid, user.pw_gid)


def as_typed() -> str:
    """This command as it can be typed again from any folder: where it is installed, PATH does not know it."""
    program = Path(sys.argv[0]).absolute()
    sudo = "sudo " if os.geteuid() == 0 else ""
    return f"{sudo}{program if program.name == 'junzi' else 'junzi'}"
