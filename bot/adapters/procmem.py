"""Reading what the kernel fetches from a process's own memory: /proc/PID/cmdline and environ.

Such a read waits for that memory, for good if it lies in a file of a file system that does not answer (a dead NFS
server; a FUSE of the container's own root) or if the process hangs in a driver: `ps` hangs then, too. So it is done
beside, and given up.
"""

from __future__ import annotations

import os

from bot.adapters.patience import Job, PatientThread

PATIENCE_SECONDS = 1.0
MOST_HANGING = 8


class ProcessMemory:
    """Not safe for two threads at once. Each read that hangs keeps a thread; there are never many."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._thread: PatientThread | None = None
        self._hanging: dict[int, Job[bytes]] = {}

    def read(self, pid: int, name: str, at_most: int) -> bytes:
        """OSError as any read; TimeoutError (which is one) if it does not come back, or did not the last time."""
        self._hanging = {one: job for one, job in self._hanging.items() if not job.is_done}
        if pid in self._hanging or len(self._hanging) >= MOST_HANGING:
            raise TimeoutError(f"the memory of process {pid} can't be read: it does not answer")
        self._thread = self._thread or PatientThread("junzi-proc")
        job: Job[bytes] = self._thread.start(lambda: read_once(f"{self._root}/{pid}/{name}", at_most))
        if not job.wait(PATIENCE_SECONDS):
            self._hanging[pid] = job
            self._thread.stop()  # when it comes back
            self._thread = None
            raise TimeoutError(f"the memory of process {pid} does not answer")
        if job.error is not None:
            raise job.error
        return job.result or b""


def read_once(path: str, at_most: int) -> bytes:
    """Unbuffered: such a file is one kilobyte and there are two hundred of them."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, at_most)
    finally:
        os.close(descriptor)
