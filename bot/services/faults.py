"""What went wrong outside, as something a person can act on."""

from __future__ import annotations

import re

from bot.domain import errors
from bot.domain.provisioning import AccountRefused, BootFailed, SshSilent
from bot.domain.saying import Code, Saying

FULL = {"disk quota exceeded": "quota_full", "no space left on device": "pool_full"}
# What may follow these words at the end: the brackets of a tool that LXD ran, and SFTP's own name for "failed".
_AFTER = re.compile(r'["\')\s]*(?:\(ssh_fx_failure\))?\s*$')


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
        (AccountRefused, _account(str(error), words)),
        (errors.InstanceError, _full(str(error)) or Saying("fault.other", {"words": words})),
    ]
    return next((saying for kind, saying in known if isinstance(error, kind)), Saying("fault.other", {"words": words}))


def _full(words: str) -> Saying | None:
    """What the kernel says of a container's own limit, and of the pool; LXD passes it on after a path of the host."""
    said = _AFTER.sub("", words.lower())
    key = next((key for end, key in FULL.items() if said.endswith(end)), None)
    return None if key is None else Saying(f"fault.{key}")


def _account(said: str, words: Code) -> Saying:
    """PAM's words for a shadow file that it could not write anew; measured in a container at its limit."""
    is_unwritten = "Authentication token manipulation error" in said
    return Saying("fault.password_unwritten") if is_unwritten else Saying("fault.account", {"words": words})


def _boot(console: str, words: Code) -> Saying:
    """Measured: with the kernel's defaults the eighteenth container finds no inotify instance left and dies at boot."""
    return Saying("fault.boot_inotify" if "Too many open files" in console else "fault.boot", {"words": words})


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:199] + "…"
