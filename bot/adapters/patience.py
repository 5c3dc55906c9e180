"""A thread that may hang without taking anybody along: work for a driver that may never answer."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Job(Generic[T]):
    """One piece of work on the thread; `result` when it is done, or `error` if it failed."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done = threading.Event()
        self.result: T | None = None
        self.error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self._done.is_set()

    def wait(self, seconds: float) -> bool:
        """Whether it is done within that time."""
        return self._done.wait(seconds)

    def run(self) -> None:
        try:
            self.result = self._work()
        except Exception as error:  # noqa: BLE001 the one who waits decides
            self.error = error
        finally:
            self._done.set()


class PatientThread:
    """Runs jobs one after another. A daemon, unlike an executor's: a hung call must not keep the bot from ending."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Job[object] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def start(self, work: Callable[[], T]) -> Job[T]:
        job: Job[T] = Job(work)
        self._jobs.put(job)  # type: ignore[arg-type]
        return job

    def stop(self) -> None:
        """No more jobs; the thread ends after those it has."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run()
