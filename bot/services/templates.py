"""The containers that new ones are copied from."""

from __future__ import annotations

from bot.services.wishes import CHOSEN_TEMPLATE as FACT
from bot.services.wishes import chosen_template
from bot.services.workshop import Workshop

__all__ = ["FACT", "chosen_template", "default_template"]


async def default_template(workshop: Workshop) -> str:
    return await workshop.store.read(lambda books: chosen_template(books, workshop.host))
