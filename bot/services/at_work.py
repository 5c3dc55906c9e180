"""Which containers something is being done with: one thing at a time with each, whoever asks.

One `AtWork` for the whole process, shared by every use case that changes containers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from bot.domain.saying import Saying


class AlreadyAtWork(Exception):
    """Something else is being done with that container; `action` is its name (start, stop, adduser, archive ...)."""

    def __init__(self, name: str, action: str) -> None:
        super().__init__(f"{action} of {name} is running")
        self.name = name
        self.action = action

    @property
    def saying(self) -> Saying:
        """What to tell the second one."""
        return Saying("fault.at_work", {"what": Saying(f"container.doing_{self.action}")})


class AtWork:
    """Names of containers and what is being done with them."""

    def __init__(self) -> None:
        self._doing: dict[str, str] = {}
        self._touched: set[str] = set()

    @contextmanager
    def alone(self, name: str, action: str) -> Iterator[None]:
        """Nobody else works on that container inside this block; AlreadyAtWork if somebody does."""
        if name in self._doing:
            raise AlreadyAtWork(name, self._doing[name])
        self._doing[name] = action
        self._touched.add(name)
        try:
            yield
        finally:
            del self._doing[name]
            self._touched.add(name)

    @property
    def names(self) -> frozenset[str]:
        """Everything that is being worked on."""
        return frozenset(self._doing)

    def touched(self) -> frozenset[str]:
        """What has been worked on since it was last looked at, or is being worked on."""
        return frozenset(self._touched | self._doing.keys())

    def looked_at(self, names: Collection[str]) -> None:
        """What is worked on still will be touched again when it is over."""
        self._touched -= set(names)

    def what(self, name: str) -> str | None:
        """The action under way on it; None if there is none."""
        return self._doing.get(name)
