"""A local Bot API server with people in it: Telegram's rules and a chat page, on one machine, in memory."""

from bot.demo.server.local import LocalTelegram
from bot.demo.server.people import NotPossible
from bot.demo.server.personas import Hint, Persona

__all__ = ["Hint", "LocalTelegram", "NotPossible", "Persona"]
