"""/containers: the container table, as a message with pages and as files."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.inventory import COLUMNS, cells
from bot.domain.saying import Message, Saying
from bot.domain.table import as_csv, as_markdown
from bot.services.inventory import Inventory
from bot.views import inventory as views
from bot.views.inventory_table import with_table


async def containers(context: JunziContext) -> None:
    taken = await context.lab.inventory.take()
    await context.answer(taken if isinstance(taken, Saying) else _page(taken, 0))


async def pressed(context: JunziContext, arguments: list[str]) -> None:
    """`containers:page:N`, `containers:csv:0`, `containers:md:0`."""
    action, number = arguments
    await context.pop_up()
    taken = await context.lab.inventory.take()
    if isinstance(taken, Saying):
        await context.answer(taken)
    elif action in ("csv", "md"):
        await _send_file(context, taken, action)
    else:
        page = int(number) if number.isdecimal() else 0
        await context.change_pressed(_page(taken, page))


def _page(taken: Inventory, page: int) -> Message:
    return with_table(views.containers(taken.rows, taken.cards, page), taken.rows, taken.cards, page)


async def _send_file(context: JunziContext, taken: Inventory, kind: str) -> None:
    rows = [cells(row, taken.cards) for row in taken.rows]
    content = as_csv(COLUMNS, rows) if kind == "csv" else as_markdown(COLUMNS, rows)
    today = context.lab.clock.now().astimezone(context.lab.zone)
    context.in_private = True
    await context.answer_document(f"containers-{today:%Y-%m-%d}.{kind}", content, Saying("inventory.file"))
