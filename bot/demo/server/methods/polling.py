"""How the bot gets its updates: getUpdates and the webhook methods that share its state."""

from __future__ import annotations

from typing import Any

from bot.demo.server.arguments import Arguments
from bot.demo.server.core import Core
from bot.demo.server.errors import bad_request, conflict

MOST_SECONDS = 50


async def get_updates(core: Core, args: Arguments) -> Any:
    """Confirm what came before ``offset`` and wait for more."""
    if core.webhook_url:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    core.updates.allow(_kinds(args))
    limit = min(100, max(1, args.integer("limit", 100)))
    timeout = min(MOST_SECONDS, max(0, args.integer("timeout")))
    return await core.updates.get(args.integer("offset"), limit, timeout, core.now())


def _kinds(args: Arguments) -> list[str] | None:
    kinds = args.json("allowed_updates", "allowed_updates")
    if kinds is None:
        return None
    if not isinstance(kinds, list):
        raise bad_request("expected an Array of allowed updates")
    return [str(kind) for kind in kinds]


def set_webhook(core: Core, args: Arguments) -> bool:
    """Remember a webhook; nothing is delivered to it, but polling is refused as Telegram refuses it."""
    url = args.text("url")
    if url and not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    core.webhook_url = url
    core.updates.allow(_kinds(args))
    if args.flag("drop_pending_updates"):
        core.updates.drop()
    return True


def delete_webhook(core: Core, args: Arguments) -> bool:
    """Go back to polling."""
    core.webhook_url = ""
    if args.flag("drop_pending_updates"):
        core.updates.drop()
    return True


def get_webhook_info(core: Core, _args: Arguments) -> dict[str, Any]:
    """Tell what is set and how much waits."""
    info: dict[str, Any] = {
        "url": core.webhook_url,
        "has_custom_certificate": False,
        "pending_update_count": len(core.updates.waiting),
    }
    if core.updates.allowed is not None:
        info["allowed_updates"] = sorted(core.updates.allowed)
    return info


METHODS = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
