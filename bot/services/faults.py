"""What went wrong outside, as something a person can act on."""

from __future__ import annotations

from bot.domain import errors
from bot.domain.provisioning import AccountRefused, BootFailed, SshSilent
from bot.domain.saying import Code, Saying


def fault(error: Exception) -> Saying:
    """The sentence for an error of junzi's own; LXD's own words where there is no better one."""
    words = Code(_short(str(error)))
    known: list[tuple[type[Exception], Saying]] = [
        (errors.LxdUnreachable, Saying("fault.lxd_unreachable")),
        (errors.InstanceNotFound, Saying("fault.not_found", {"words": words})),
        (errors.InstanceExists, Saying("fault.exists")),
        (errors.InstanceBusy, Saying("fault.busy")),
        (errors.CardDeviceMissing, Saying("fault.card_missing")),
        (errors.PortTaken, Saying("fault.port_taken")),
        (errors.SourceMissing, Saying("fault.source_missing", {"words": words})),
        (SshSilent, Saying("fault.ssh_silent", {"port": str(getattr(error, "port", ""))})),
        (BootFailed, _boot(str(error), words)),
        (AccountRefused, Saying("fault.account", {"words": words})),
    ]
    return next((saying for kind, saying in known if isinstance(error, kind)), Saying("fault.other", {"words": words}))


def _boot(console: str, words: Code) -> Saying:
    """Measured: with the kernel's defaults the eighteenth container finds no inotify instance left and dies at boot."""
    return Saying("fault.boot_inotify" if "Too many open files" in console else "fault.boot", {"words": words})


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:199] + "…"
