"""How long an answer takes, and what the bot weighs, beside a bare python-telegram-bot echo against the same server.

    python -m tests.benchmarks.bench_replies

The lab has 200 members and (by default) 100,000 bookings in history. Both bots run as processes of their own, started
from compiled code as an installed one is. They are asked in turn, one thing at a time, so that a busy machine is busy
for both, and seldom enough that Telegram's limits (which junzi keeps) hold nobody up. The figures are from typing to
the answer's arrival at the made-up server: what that makes of a table is not the bot's time. Budget (design): p50 at
most 1.5 times and p99 at most 3 times the echo's; 1.2 s from start to the first getMe, when the echo needs 0.39 s;
110 MB.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import cycle
from pathlib import Path

from bot.demo.server import LocalTelegram, Persona
from bot.demo.server.arguments import Arguments
from bot.demo.server.http import BotApi
from bot.domain.card import Card, CardId
from bot.domain.member import Role
from storage.books import SqliteBooks
from storage.database import Database, connect
from storage.instants import seconds
from storage.schema import NO_OVERLAP

PEOPLE = range(5, 45)
ROUNDS = 200
PAUSE_SECONDS = 0.05
HISTORY = int(os.environ.get("HISTORY", "100000"))
ECHO = """
import sys
from telegram.ext import Application, CommandHandler
async def echo(update, context):
    await update.message.reply_text("echo")
url = sys.argv[1]
app = Application.builder().token("1:x").base_url(url + "/bot").base_file_url(url + "/file/bot").build()
app.add_handler(CommandHandler("echo", echo))
app.run_polling()
"""


def fill(path: Path) -> None:
    now = datetime.now(timezone.utc)
    database = Database(path)
    cards = [
        Card(CardId(os.uname().nodename, f"GPU-{n:04d}"), n, "A100", 80 << 30, f"0000:0{n}:00.0") for n in range(8)
    ]

    def furnish(books: SqliteBooks) -> None:
        books.cards.see(cards, now)
        for number in range(200):
            member = books.members.add(f"m{number}", Role.STUDENT, now)
            if number < len(PEOPLE):
                books.members.bind(member.id, PEOPLE[number], f"M{number}", "en")

    database.write_now(furnish)
    database.close()
    raw = connect(path)
    raw.execute("DROP TRIGGER reservations_no_overlap_on_INSERT")
    raw.execute("BEGIN")
    raw.executemany(
        "INSERT INTO reservations (booking, host, uuid, member_id, start_at, end_at, note, kind, state, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, '', 'booking', 'standing', 0)",
        (
            (n, os.uname().nodename, f"GPU-{n % 8:04d}", 1 + n % 200, end - 3600, end)
            for n in range(HISTORY)
            for end in (seconds(now) - 3600 * (n // 8 + 1),)
        ),
    )
    raw.execute("COMMIT")
    raw.execute(NO_OVERLAP.format(event="INSERT"))
    raw.execute("ANALYZE")
    raw.close()


BELLS: dict[int, asyncio.Event] = {}  # by the id of the server's state
answer = BotApi.dispatch


async def ring_and_answer(self: BotApi, name: str, args: Arguments) -> object:
    if name != "getUpdates":
        BELLS[id(self.core)].set()
    return await answer(self, name, args)


BotApi.dispatch = ring_and_answer  # type: ignore[method-assign]


class Bot:
    """A bot in a process of its own, with a server of its own."""

    def __init__(self, *command: str) -> None:
        self._command = command
        people = [Persona(number, f"M{number}", f"m{number}", "en") for number in PEOPLE]
        self.server = LocalTelegram("1:x", "b", people, "Lab", lambda: datetime.now(timezone.utc), flood_limits=False)
        self.url = ""
        self._arrived = BELLS[id(self.server.core)] = asyncio.Event()
        self._process: Process | None = None

    async def serve(self) -> None:
        self.url = await self.server.start(port=0)
        for number in PEOPLE:
            await self.server.begin(number)

    async def start(self, environment: Mapping[str, str]) -> tuple[float, float]:
        """Seconds to the first getMe and to the first getUpdates."""
        calls, began = len(self.server.calls), time.perf_counter()
        command = (word.replace("URL", self.url) for word in self._command)
        self._process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=DEVNULL)
        await self.server.wait_for(lambda: len(self.server.calls) > calls, 60)
        asked = time.perf_counter() - began
        await self.server.wait_for(lambda: self.server.is_polled, 60)
        return asked, time.perf_counter() - began

    async def ask(self, who: int, command: str) -> float:
        """Milliseconds from typing to the answer."""
        await asyncio.sleep(PAUSE_SECONDS / 2)
        self._arrived.clear()
        began = time.perf_counter()
        await self.server.say(who, who, command)
        await asyncio.wait_for(self._arrived.wait(), 10)
        return 1000 * (time.perf_counter() - began)

    def weight_mib(self) -> float:
        assert self._process is not None
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)

    async def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        await self._process.wait()
        await self.server.wait_for(lambda: not self.server.is_polled, 60)


async def compare(junzi: Bot, echo: Bot, commands: Sequence[str]) -> None:
    """One line: what both take for these commands, asked in turn."""
    ours, yardstick = [], []
    for who, command in zip(cycle(PEOPLE), commands, strict=False):
        ours.append(await junzi.ask(who, command))
        yardstick.append(await echo.ask(who, "/echo"))
    p50, p99 = of(ours)
    echo50, echo99 = of(yardstick)
    print(
        f"{commands[0].split()[0]:<9} p50 {p50:6.2f} ms  p99 {p99:6.2f} ms   echo p50 {echo50:6.2f} ms  "
        f"p99 {echo99:6.2f} ms   p50 × {p50 / echo50:.2f}  p99 × {p99 / echo99:.2f}"
    )


def of(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def memory_settings() -> dict[str, str]:
    """As the service has them."""
    unit = Path(__file__).parents[2] / "deploy" / "junzi.service"
    (line,) = (line for line in unit.read_text().splitlines() if line.startswith("Environment=MALLOC"))
    return dict(setting.split("=") for setting in line.removeprefix("Environment=").split())


async def start_twice(name: str, bot: Bot, environment: Mapping[str, str]) -> None:
    """The first start compiles, the second counts."""
    await bot.start(environment)
    await bot.stop()
    asked, polled = await bot.start(environment)
    print(f"{name}: start to the first getMe {asked:.2f} s, to the first getUpdates {polled:.2f} s")


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        echo, junzi = Bot(sys.executable, "-c", ECHO, "URL"), Bot(sys.executable, "-m", "bot", "run")
        await echo.serve()
        await junzi.serve()
        path = Path(folder) / "junzi.db"
        fill(path)
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPYCACHEPREFIX": f"{folder}/compiled",
            **memory_settings(),
            "JUNZI_TELEGRAM__TOKEN": "1:x",
            "JUNZI_TELEGRAM__API_URL": junzi.url,
            "JUNZI_STORAGE__PATH": str(path),
            "JUNZI_LAB__TIMEZONE": "UTC",
            "JUNZI_POLICY__HORIZON_DAYS": "1000",
        }
        await start_twice("echo", echo, environment)
        await start_twice("junzi", junzi, environment)
        day = datetime.now(timezone.utc) + timedelta(days=2)
        bookings = [f"/reserve gpu{n % 8} {day + timedelta(hours=n // 8):%m-%d %H}:00 1h" for n in range(ROUNDS)]
        for who in PEOPLE:
            await junzi.ask(who, "/gpus")
            await echo.ask(who, "/echo")
        await compare(junzi, echo, ["/gpus"] * ROUNDS)
        await compare(junzi, echo, bookings)
        await compare(junzi, echo, ["/mine"] * ROUNDS)
        for command in ("/gpus picture", "/calendar"):
            await junzi.ask(PEOPLE[0], command)
        print(f"echo weighs {echo.weight_mib():.0f} MiB; junzi, after two pictures, {junzi.weight_mib():.0f} MiB")
        for bot in (echo, junzi):
            await bot.stop()
            await bot.server.stop()


if __name__ == "__main__":
    asyncio.run(main())
