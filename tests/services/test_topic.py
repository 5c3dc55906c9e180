"""A topic of the group that takes no more posts: the admins hear of it once, the check-up as long as it lasts."""

from __future__ import annotations

from pathlib import Path

from bot.domain.member import Role
from bot.domain.notice import Audience
from bot.services.topic import TopicService
from storage.checkup import examine
from storage.database import Database
from tests.conftest import NOON, FakeClock

TOPIC = 17


def owed(database: Database) -> list[str]:
    """The keys of what the admins are to hear."""
    due = database.write_now(lambda books: books.outbox.due(NOON))
    assert all(one.notice.audience is Audience.MEMBER for one in due)
    return [one.notice.message.saying.key for one in due]


def with_an_admin(database: Database) -> None:
    boss = database.write_now(lambda books: books.members.add("boss", Role.ADMIN, NOON))
    database.write_now(lambda books: books.members.bind(boss.id, 1001, "Boss", "en"))


async def test_it_is_told_once_however_many_posts_go_elsewhere(database: Database, clock: FakeClock) -> None:
    with_an_admin(database)
    for _ in range(2):  # a restart forgets nothing
        topic = TopicService(database, clock, TOPIC)
        for _ in range(3):
            await topic.refused("Message thread not found")
    assert owed(database) == ["forum.topic_refused"]


async def test_after_it_worked_again_the_next_time_is_news(database: Database, clock: FakeClock) -> None:
    with_an_admin(database)
    topic = TopicService(database, clock, TOPIC)
    await topic.refused("Topic_closed")
    await topic.taken()
    await topic.refused("Topic_closed")
    assert len(owed(database)) == 2
    await TopicService(database, clock, 18).refused("Message thread not found")
    assert len(owed(database)) == 3, "another topic is another matter"


async def test_the_check_up_finds_it_in_the_file(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    topic = TopicService(database, clock, TOPIC)
    assert examine(tmp_path / "junzi.db").refused_topic is None
    await topic.refused("Topic_closed")
    assert examine(tmp_path / "junzi.db").refused_topic == TOPIC
    await topic.taken()
    assert examine(tmp_path / "junzi.db").refused_topic is None
