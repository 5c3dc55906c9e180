"""Made-up NVIDIA cards that a real LXD believes in: it lists them and passes them on, while the machine has none.

A shell in a mount namespace of its own lays overlays over /sys/class and /sys/bus (in whose upper layers `drm/cardN`
and `pci/devices/ADDRESS` point to a made-up PCI folder), makes /dev/dri/cardN, and becomes LXD. Only that LXD and its
children see any of it.

What it can't do: a container has to be privileged, because the kernel lets no other one mount a /sys that something
lies on; and nobody computes on these cards.
"""

from __future__ import annotations

from pathlib import Path

SCRIPT = """
set -e
mount -t tmpfs tmpfs /dev/dri
for number in {numbers}; do mknod -m 666 /dev/dri/card$number c 226 $number; done
mount --bind /sys/class/net {folder}/net
for place in class bus; do
  mount -t overlay overlay -o "lowerdir=/sys/$place,upperdir={folder}/$place,workdir={folder}/$place.work" "/sys/$place"
done
mount --bind {folder}/net /sys/class/net  # an overlay does not see what appears under it later: bridges
exec "$@"
"""


def command_with_cards(command: list[str], count: int, folder: Path) -> list[str]:
    """The same command, seeing `count` cards with DRM ids from 0 and PCI addresses from 0000:f0:00.0 on."""
    for place in ("class/drm", "class.work", "bus/pci/devices", "bus.work", "net", "devices"):
        (folder / place).mkdir(parents=True)
    for number in range(count):
        device = folder / "devices" / pci_address(number)
        _make_card(device, number)
        (folder / "class" / "drm" / f"card{number}").symlink_to(device / "drm" / f"card{number}")
        (folder / "bus" / "pci" / "devices" / device.name).symlink_to(device)
    Path("/dev/dri").mkdir(exist_ok=True)  # a place to mount on; empty for everybody else
    script = SCRIPT.format(numbers=" ".join(map(str, range(count))), folder=folder)
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *command]


def pci_address(number: int) -> str:
    return f"0000:{0xF0 + number:02x}:00.0"


def _make_card(device: Path, number: int) -> None:
    card = device / "drm" / f"card{number}"
    card.mkdir(parents=True)
    for name, content in (("vendor", "0x10de"), ("device", "0x20b0"), ("numa_node", "0")):
        (device / name).write_text(f"{content}\n")
    (card / "dev").write_text(f"226:{number}\n")
    (card / "device").symlink_to(device)
    driver, subsystem = device.parent.parent / "drivers" / "nvidia", device.parent.parent / "bus" / "pci"
    for target in (driver, subsystem):
        target.mkdir(parents=True, exist_ok=True)
    (device / "driver").symlink_to(driver)
    (device / "subsystem").symlink_to(subsystem)
