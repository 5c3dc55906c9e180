"""What the PCI bus holds: a card given to a virtual machine, or dead, is there still when NVML does not list it."""

from __future__ import annotations

from pathlib import Path

NVIDIA = "0x10de"
DISPLAY_CLASS = "0x03"  # 0x0300 VGA, 0x0302 3D: audio and USB functions of the same board are others


def nvidia_cards(root: str | Path = "/sys/bus/pci/devices") -> dict[str, str]:
    """PCI address ("0000:1b:00.0") to the name of its kernel driver ("nvidia", "vfio-pci", "" for none)."""
    found: dict[str, str] = {}
    for device in sorted(Path(root).glob("*")):
        try:
            vendor, kind = (device / "vendor").read_text().strip(), (device / "class").read_text().strip()
        except OSError:  # unplugged while we look
            continue
        if vendor == NVIDIA and kind.startswith(DISPLAY_CLASS):
            driver = device / "driver"
            found[device.name.lower()] = driver.resolve().name if driver.exists() else ""
    return found
