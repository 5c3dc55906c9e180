"""The base image of the test lab: Debian 12 with systemd, sshd, sudo and python3, made once and kept."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

# Change the version when the recipe changes: an older image in somebody's cache is then not used.
VERSION = 1
PACKAGES = "systemd-sysv openssh-server iproute2 dbus sudo ifupdown isc-dhcp-client python3-minimal netbase procps"
NETWORK = "auto lo\niface lo inet loopback\nauto eth0\niface eth0 inet dhcp\n"
METADATA = "creation_date: 1700000000\nproperties:\n  description: junzi test base\n  os: debian\n  release: bookworm\n"


@dataclass(frozen=True)
class Image:
    """What `lxc image import` takes."""

    metadata: Path
    rootfs: Path


def base_image() -> Image:
    """From the cache; made now if it is not there (about a minute and 100 MB, needs a Debian mirror)."""
    cache = Path(os.environ.get("JUNZI_TEST_CACHE") or Path.home() / ".cache" / "junzi-tests")
    cache.mkdir(parents=True, exist_ok=True)
    image = Image(cache / f"base-{VERSION}.meta.tar.gz", cache / f"base-{VERSION}.rootfs.tar.gz")
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs at once make it once
        if not image.rootfs.exists():
            _write_metadata(image.metadata)
            _make_rootfs(image.rootfs)
    return image


def _write_metadata(path: Path) -> None:
    content = f"architecture: {os.uname().machine}\n{METADATA}".encode()
    with tarfile.open(path, "w:gz") as archive:
        entry = tarfile.TarInfo("metadata.yaml")
        entry.size = len(content)
        archive.addfile(entry, BytesIO(content))


def _make_rootfs(path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        root = Path(folder) / "rootfs"
        include = f"--include={','.join(PACKAGES.split())}"
        mirror = [os.environ["JUNZI_TEST_MIRROR"]] if "JUNZI_TEST_MIRROR" in os.environ else []
        subprocess.run(["debootstrap", "--variant=minbase", include, "bookworm", str(root), *mirror], check=True)
        (root / "etc/network/interfaces").write_text(NETWORK)
        for packages in (root / "var/cache/apt/archives").glob("*.deb"):
            packages.unlink()
        for lists in (root / "var/lib/apt/lists").iterdir():
            shutil.rmtree(lists) if lists.is_dir() else lists.unlink()
        archive = Path(folder) / "rootfs.tar.gz"
        command = [
            "tar",
            "-C",
            str(root),
            "--use-compress-program=gzip -1",
            "--numeric-owner",
            "-cf",
            str(archive),
            ".",
        ]
        subprocess.run(command, check=True)
        archive.rename(path)
