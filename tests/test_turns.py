"""One person's flood of commands keeps nobody else waiting."""

from __future__ import annotations

import asyncio

from telegram import Update

from bot.turns import FairTurns


def update(person: int, number: int) -> Update:
    user = {"id": person, "is_bot": False, "first_name": "x"}
    query = {"id": str(number), "from": user, "chat_instance": "1", "data": "gpus"}
    made = Update.de_json({"update_id": number, "callback_query": query}, None)
    assert made is not None
    return made


class Handler:
    """Takes its time until it is told to end; notes who is being served."""

    def __init__(self) -> None:
        self.end = asyncio.Event()
        self.begun: list[int] = []

    async def __call__(self, person: int) -> None:
        self.begun.append(person)
        await self.end.wait()


async def begin(turns: FairTurns, handler: Handler, people: list[int]) -> list[asyncio.Task[None]]:
    tasks = [
        asyncio.create_task(turns.process_update(update(person, number), handler(person)))
        for number, person in enumerate(people)
    ]
    for _ in range(10):
        await asyncio.sleep(0)
    return tasks


async def test_whoever_sends_a_hundred_commands_waits_for_themself_and_others_do_not() -> None:
    turns, handler = FairTurns(at_once=64, a_person=4), Handler()
    tasks = await begin(turns, handler, [1] * 100 + [2])
    assert handler.begun == [1, 1, 1, 1, 2]
    handler.end.set()
    await asyncio.gather(*tasks)
    assert handler.begun.count(1) == 100


async def test_many_people_are_served_at_once_up_to_a_limit() -> None:
    turns, handler = FairTurns(at_once=3, a_person=2), Handler()
    tasks = await begin(turns, handler, [1, 2, 3, 4])
    assert handler.begun == [1, 2, 3]
    handler.end.set()
    await asyncio.gather(*tasks)
    assert handler.begun == [1, 2, 3, 4]


async def test_a_handler_that_fails_gives_its_turn_on() -> None:
    turns, handler = FairTurns(a_person=1), Handler()

    async def fail() -> None:
        raise RuntimeError("broken")

    failed = await asyncio.gather(turns.process_update(update(1, 1), fail()), return_exceptions=True)
    assert isinstance(failed[0], RuntimeError)
    handler.end.set()
    await turns.process_update(update(1, 2), handler(1))
    assert handler.begun == [1]
