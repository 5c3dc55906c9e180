"""How long an answer takes, and what the bot weighs, beside a bare python-telegram-bot echo against the same server.

    python -m tests.benchmarks.bench_replies

The lab has 200 members and (by default) 100,000 bookings in history. Both bots run as processes of their own and are
asked one thing at a time; the figures are from typing to the answer standing in the chat. Budget (design): p50 at most
1.5 times and p99 at most 3 times the echo's; 1.2 s from start to the first getMe; 110 MB.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from bot.demo.server import LocalTelegram, Persona
from bot.domain.card import Card, CardId
from bot.domain.member import Role
from storage.books import SqliteBooks
from storage.database import Database, connect
from storage.instants import seconds
from storage.migrations import NO_OVERLAP

ME = 5
ROUNDS = 200
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
            if number == 0:
                books.members.bind(member.id, ME, "Me", "en")

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


async def ask(server: LocalTelegram, commands: list[str]) -> list[float]:
    """Milliseconds from typing to the answer, one after another."""
    times = []
    for command in commands:
        before = len(server.calls)  # asked in constant time, however long the chat has become
        began = time.perf_counter()
        await server.say(ME, ME, command)
        await server.wait_for(lambda before=before: len(server.calls) > before, 10)
        times.append(1000 * (time.perf_counter() - began))
    return times


def row(name: str, times: list[float], echo: list[float] | None = None) -> None:
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    ratio = ""
    if echo is not None:
        ratio = f"  p50 × {p50 / statistics.median(echo):.2f}  p99 × {p99 / statistics.quantiles(echo, n=100)[98]:.2f}"
    print(f"{name:<12} p50 {p50:6.2f} ms  p99 {p99:6.2f} ms{ratio}")


def rss_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        people = [Persona(ME, "Me", "me", "en")]
        server = LocalTelegram("1:x", "b", people, "Lab", lambda: datetime.now(timezone.utc), flood_limits=False)
        url = await server.start(port=0)
        await server.begin(ME)
        bare = await asyncio.create_subprocess_exec(sys.executable, "-c", ECHO, url)
        await server.wait_for(lambda: server.is_polled, 30)
        echo = (await ask(server, ["/echo"] * (ROUNDS + 20)))[20:]
        row("echo", echo)
        print(f"echo weighs {rss_mib(bare.pid):.0f} MiB")
        bare.terminate()
        await bare.wait()

        path = Path(folder) / "junzi.db"
        fill(path)
        environment = {
            **os.environ,
            "JUNZI_TELEGRAM__TOKEN": "1:x",
            "JUNZI_TELEGRAM__API_URL": url,
            "JUNZI_STORAGE__PATH": str(path),
            "JUNZI_LAB__TIMEZONE": "UTC",
            "JUNZI_POLICY__HORIZON_DAYS": "1000",
        }
        calls = len(server.calls)
        began = time.perf_counter()
        junzi = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        await server.wait_for(lambda: len(server.calls) > calls, 30)
        print(f"start to the first getMe: {time.perf_counter() - began:.2f} s")
        await server.wait_for(lambda: server.is_polled, 60)
        day = datetime.now(timezone.utc) + timedelta(days=2)
        bookings = [f"/reserve gpu{n % 8} {day + timedelta(hours=n // 8):%m-%d %H}:00 1h" for n in range(ROUNDS)]
        await ask(server, ["/gpus"] * 20)
        row("/gpus", await ask(server, ["/gpus"] * ROUNDS), echo)
        row("/reserve", await ask(server, bookings), echo)
        row("/mine", await ask(server, ["/mine"] * ROUNDS), echo)
        print(f"junzi weighs {rss_mib(junzi.pid):.0f} MiB")
        junzi.terminate()
        await junzi.wait()
        await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
