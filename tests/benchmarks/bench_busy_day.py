"""A seeded busy day of 40 people in one group: how much of it everybody has to read, and what flood limits cost.

    python -m tests.benchmarks.bench_busy_day [EVENTS [HOURS [TRANSCRIPT]]]

600 commands, presses and sentences in eight hours, most of them in rushes (tests/stories/busy_day.py), against a server
that keeps Telegram's flood limits. The same day is played with a bot that can't whisper (Bot API 10.0), with one that
may only where it is asked (10.3, no administrator), and with an administrator. Printed: messages of the bot that
everybody sees, per promise made, changed or given back, by what they say; commands and presses without an answer; how
long people waited, in the lab's seconds (its clock runs ten times as fast, so 10 ms of work count as 0.1 s, and skips
what is quiet); notices never delivered; and 429s. The day fails if anything personal was public though a whisper was
possible. TRANSCRIPT: a file for what everybody saw.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from tests.stories.busy_day import PEOPLE, SEED, BusyLab, Day, play

SPEED = 10
WORLDS = {"old server": {"bot_api": "10.0"}, "ordinary member": {"bot_is_admin": False}, "administrator": {}}


def report(name: str, day: Day) -> None:
    print(
        f"\n{name}: {len(day.public)} public messages for {day.promises} promises, {day.per_promise:.2f} each;"
        f" {day.edits} edits\n"
        f"  waited: p50 {day.waited(0.5):.1f} s, p99 {day.waited(0.99):.1f} s, longest {day.waited(1):.1f} s;"
        f" {len(day.unanswered)} of {len(day.asked)} without an answer\n"
        f"  held up by the limits in the group: longest {max(day.held_up, default=0):.1f} s\n"
        f"  undelivered {day.undelivered}, 429s {day.refused}",
    )
    for key, count in day.commonest():
        print(f"  {count:>5} {key}")
    for asked in day.unanswered:
        print(f"  no answer to {asked.what!r}")
    sys.stdout.flush()


async def main(events: int = 600, hours: float = 8, transcript: str = "") -> None:
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    print(f"{events} commands, presses and sentences of {PEOPLE} people in {hours:g} hours, seed {SEED}", flush=True)
    for name, server in WORLDS.items():
        with tempfile.TemporaryDirectory() as folder:
            lab = BusyLab(Path(folder), "en" if transcript.endswith(".en") else "zh", speed=SPEED, **server)
            day = await play(lab, events, timedelta(hours=hours))
        report(name, day)
        if transcript:
            with Path(transcript).open("a", encoding="utf-8") as file:
                file.write("\n".join([f"=== {name}", *day.transcript, ""]))


if __name__ == "__main__":
    arguments = sys.argv[1:]
    asyncio.run(main(*(kind(word) for kind, word in zip((int, float, str), arguments, strict=False))))
