"""NVML's errors in junzi's words. The only place that decides what an error means for a reading, a card or the host.

A reading fails alone ("this card has no such sensor"), with its card ("lost") or with the whole library ("the driver
is gone"); the three must not be mixed up, or one lost card hides seven healthy ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pynvml

from bot.domain.sample import Reading, T, Unread

# The library as a whole must be opened again.
OF_THE_LIBRARY = {
    pynvml.NVML_ERROR_UNINITIALIZED: "driver_missing",
    pynvml.NVML_ERROR_DRIVER_NOT_LOADED: "driver_missing",
    pynvml.NVML_ERROR_LIBRARY_NOT_FOUND: "driver_missing",
    pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH: "version_mismatch",
}
# The card as a whole is gone; asking it for anything else is a waste or worse.
OF_THE_CARD = {
    pynvml.NVML_ERROR_GPU_IS_LOST: "lost",
    pynvml.NVML_ERROR_RESET_REQUIRED: "lost",
    getattr(pynvml, "NVML_ERROR_GPU_NOT_FOUND", 28): "lost",
}
OF_A_READING = {
    pynvml.NVML_ERROR_NOT_SUPPORTED: "not_supported",
    pynvml.NVML_ERROR_FUNCTION_NOT_FOUND: "not_supported",
    pynvml.NVML_ERROR_NO_PERMISSION: "no_permission",
    pynvml.NVML_ERROR_TIMEOUT: "timeout",
}
ADVICE = {
    "version_mismatch": "the driver was upgraded while it was in use: reboot the host, or reload the nvidia kernel "
    "modules and restart junzi",
    "driver_missing": "is the NVIDIA driver installed and loaded (does nvidia-smi work)?",
}


class LibraryGone(Exception):
    """Every handle is worthless; `unread` says why."""

    def __init__(self, unread: Unread) -> None:
        super().__init__(unread.detail)
        self.unread = unread


class CardGone(Exception):
    """This card does not answer as a whole; `unread` says why."""

    def __init__(self, unread: Unread) -> None:
        super().__init__(unread.detail)
        self.unread = unread


def unread(error: pynvml.NVMLError) -> Unread:
    """The error as a reason, with NVML's own words and, where there is one, the fix."""
    reason = OF_THE_LIBRARY.get(error.value) or OF_THE_CARD.get(error.value) or OF_A_READING.get(error.value, "error")
    advice = ADVICE.get(reason)
    return Unread(reason, f"{error}: {advice}" if advice else str(error))


def ask(call: Callable[..., T], *arguments: Any) -> Reading[T]:
    """The value, or why this reading has none; raises CardGone or LibraryGone when more than it is affected."""
    try:
        return call(*arguments)
    except pynvml.NVMLError as error:
        return raise_if_more(error)


def raise_if_more(error: pynvml.NVMLError) -> Unread:
    """The error of one reading; an error of the card or the library is raised as such."""
    if error.value in OF_THE_LIBRARY:
        raise LibraryGone(unread(error)) from error
    if error.value in OF_THE_CARD:
        raise CardGone(unread(error)) from error
    return unread(error)
