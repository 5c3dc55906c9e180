"""What went wrong outside, as something a person can act on."""

from __future__ import annotations

from bot.domain import errors
from bot.domain.provisioning import AccountRefused, SshSilent
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
        (AccountRefused, Saying("fault.account", {"words": words})),
    ]
    return next((saying for kind, saying in known if isinstance(error, kind)), Saying("fault.other", {"words": words}))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:199] + "…"
