"""Messages about SSH keys."""

from __future__ import annotations

from bot.domain.saying import Code, Listing, Saying
from bot.domain.ssh_key import SshKey
from bot.domain.upkeep import KeysSeen


def keys(seen: KeysSeen) -> Saying:
    """What was changed, then all that open the container now."""
    news = Saying("common.nothing")
    if seen.added is not None:
        news = Saying("sshkey.added", {"fingerprint": Code(seen.added.fingerprint)})
    elif seen.removed is not None:
        news = Saying("sshkey.removed", {"fingerprint": Code(seen.removed.fingerprint)})
    if not seen.keys:
        return Saying("sshkey.none", {"name": Code(seen.record.name), "news": news})
    lines = Listing(tuple(_line(number, key) for number, key in enumerate(seen.keys, 1)))
    return Saying("sshkey.list", {"name": Code(seen.record.name), "news": news, "lines": lines})


def _line(number: int, key: SshKey) -> Saying:
    values = {"number": number, "kind": key.kind, "fingerprint": Code(key.fingerprint), "comment": key.comment}
    return Saying("sshkey.line", values)
