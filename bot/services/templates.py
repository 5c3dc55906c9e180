"""The containers that new ones are copied from."""

from __future__ import annotations

from bot.books import Books
from bot.services.new_users import HostFacts
from bot.services.workshop import Workshop

FACT = "template.default"


def chosen_template(books: Books, host: HostFacts) -> str:
    """What an admin chose by /template, else what the configuration says."""
    chosen: str | None = books.facts.get(FACT)
    return chosen or host.template


async def default_template(workshop: Workshop) -> str:
    return await workshop.store.read(lambda books: chosen_template(books, workshop.host))
