"""What a picture costs: processor time, bytes, and memory that stays and that was needed meanwhile.

    python -m tests.benchmarks.bench_pictures

Budget: the whole bot stays below 110 MB after pictures were drawn, 51 of which are python-telegram-bot's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bot.pictures.calendar import CalendarRow, draw_calendar
from bot.pictures.palette import LIGHT
from bot.pictures.status import StatusRow, draw_status
from bot.pictures.timeline import calendar_window
from tests.pictures.paper import NOW, SHANGHAI, words, words_of_status
from tests.pictures.test_drawing import STEP, a_day_of_training, busy_bands

ROUNDS = 9


def mebibytes(field: str) -> float:
    """VmRSS or VmHWM (the most so far) of this process."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field + ":"))
    return int(line.split()[1]) / 1024


def calendar(cards: int, days: int) -> bytes:
    rows = [CalendarRow(f"gpu{i}", "A100 80GB", busy_bands(i)) for i in range(cards)]
    return draw_calendar(rows, calendar_window(NOW, SHANGHAI, days), NOW, SHANGHAI, words("zh"), LIGHT)


def status(cards: int) -> bytes:
    rows = [
        StatusRow(f"gpu{i}", "A100 80GB", busy_bands(i), a_day_of_training(i), STEP, 80 << 30) for i in range(cards)
    ]
    return draw_status(rows, NOW, SHANGHAI, words_of_status("zh"), LIGHT)


def show(name: str, draw: Callable[[], bytes]) -> None:
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        png = draw()
        seconds.append(time.process_time() - start)
    cost = f"{median(seconds) * 1000:6.0f} ms CPU {len(png) / 1000:6.0f} kB"
    print(f"{name:24} {cost}   memory {mebibytes('VmRSS'):5.1f} MiB")


def main() -> None:
    before = mebibytes("VmRSS")
    print(f"{'before':24} {'':21}   memory {before:5.1f} MiB")
    show("calendar, 4 cards 3 days", lambda: calendar(4, 3))
    show("calendar, 8 cards 3 days", lambda: calendar(8, 3))
    show("calendar, 8 cards 7 days", lambda: calendar(8, 7))
    show("status, 8 cards", lambda: status(8))
    stays, most = mebibytes("VmRSS") - before, mebibytes("VmHWM") - before
    print(f"stays {stays:.1f} MiB more than before; at most it was {most:.1f}")


if __name__ == "__main__":
    main()
