"""What can be switched while the demo runs: the server's version, the bot's rights, the group's topics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.demo.server.chats import Json
from bot.demo.server.core import Core
from bot.demo.server.people import NotPossible, People

NEW, OLD = "10.3", "10.0"
Restart = Callable[[], Awaitable[None]]


class Switches:
    """Each changes what Telegram does; whatever the bot makes of it, it finds out by itself."""

    def __init__(self, core: Core, people: People, topics: Sequence[str], restart: Restart | None = None) -> None:
        """``topics``: what a group without any gets. ``restart`` starts the bot anew, None where nobody can."""
        self.core = core
        self.people = people
        self.topics = topics
        self.restart = restart

    def state(self) -> Json:
        """Return how everything stands."""
        world = self.core.world
        return {
            "server": self.core.bot_api,
            "rights": world.bot_status,
            "forum": world.group.is_forum,
            "restart": self.restart is not None,
        }

    def turn(self, name: str, value: str) -> None:
        """Switch ``server`` to 10.3 or 10.0, ``rights`` to administrator or member, ``forum`` on or off."""
        deeds: dict[tuple[str, str], Callable[[], None]] = {
            ("server", NEW): lambda: self._serve(NEW),
            ("server", OLD): lambda: self._serve(OLD),
            ("rights", "administrator"): lambda: self._promote("administrator"),
            ("rights", "member"): lambda: self._promote("member"),
            ("forum", "on"): self._open_forum,
            ("forum", "off"): lambda: self.people.change_forum(is_forum=False),
        }
        if (name, value) not in deeds:
            raise NotPossible(f"nothing is switched by {name}={value}")
        deeds[name, value]()
        self.core.live.publish({"kind": "switches", "switches": self.state()})

    def _serve(self, version: str) -> None:
        """Another version of the server, from this call on; no update tells the bot."""
        self.core.bot_api = version

    def _promote(self, status: str) -> None:
        """The owner promotes or demotes the bot, which hears of it by ``my_chat_member``."""
        if self.core.world.bot_status != status:
            self.people.change_bot(self._owner, status)

    def _open_forum(self) -> None:
        self.people.change_forum(is_forum=True)
        if not self.core.world.group.topics:
            for name in self.topics:
                self.people.begin_topic(self._owner, name)

    @property
    def _owner(self) -> int:
        return next(self.core.world.admins()).telegram_id
