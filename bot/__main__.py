"""The command line: run, demo, init, doctor, explain, backup, export."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import webbrowser
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from bot import init_options
from bot import settings as configuration

logger = logging.getLogger("junzi")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 well, 1 something to mend, 2 a wrong command line."""
    options = _parser().parse_args(arguments)
    _log(options.command)
    try:
        status = int(options.handler(options) or 0)
        sys.stdout.flush()
    except BrokenPipeError:  # `junzi export | head`: whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except configuration.ClosedSettings as exc:
        print(f"junzi: {exc}", file=sys.stderr)
        return 1
    except configuration.BadSettings as exc:
        print(f"junzi: the configuration is wrong:\n{exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("junzi", description="A Telegram bot that runs a lab's shared GPU server.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run the bot")
    _takes_config(run)
    run.set_defaults(handler=_run)

    demo = commands.add_parser("demo", help="a made-up lab with a chat page in the browser; needs nothing")
    demo.add_argument("--port", type=int, default=8765, help="of the chat page (8765)")
    demo.add_argument("--no-browser", action="store_true", help="do not open one")
    demo.add_argument(
        "--speed", type=float, default=1.0, metavar="N", help="how many times as fast the lab's clock runs"
    )
    demo.add_argument("--language", choices=("zh", "en"), default="zh", help="the made-up group's (zh)")
    demo.set_defaults(handler=_demo)

    explain = commands.add_parser("explain", help="show how phrases are understood: one a line on standard input")
    explain.add_argument("--at", required=True, metavar="ISO", help="now, for example 2026-11-25T14:00+08:00")
    explain.add_argument("--json", action="store_true", help="one JSON object a line")
    _takes_config(explain)
    explain.set_defaults(handler=_explain)

    init = commands.add_parser("init", help="ask the few questions, try the answers, write the configuration")
    init.add_argument(
        "--config", type=Path, metavar="FILE", help="to write; else $JUNZI_CONFIG, else /etc/junzi/junzi.toml"
    )
    init_options.add_to(init)
    init.set_defaults(handler=_init)

    doctor = commands.add_parser("doctor", help="check this host, and say what to do about each fault")
    doctor.add_argument("--json", action="store_true", help="a JSON array of findings")
    _takes_config(doctor)
    doctor.set_defaults(handler=_doctor)

    backup = commands.add_parser("backup", help="copy the database while the bot runs")
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.add_argument("--force", action="store_true", help="write over an existing FILE")
    _takes_config(backup)
    backup.set_defaults(handler=_backup)

    export = commands.add_parser("export", help="members, containers, bookings and the audit log as JSON lines")
    _takes_config(export)
    export.set_defaults(handler=_export)
    return parser


def _takes_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="else $JUNZI_CONFIG, else /etc/junzi/junzi.toml")


def _log(command: str) -> None:
    logging.basicConfig(
        level=logging.INFO if command == "run" else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs every URL, and the bot's token is in each
    # A tick that finds the last one still at work is left out, which is how it should be, not a trouble.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _run(options: argparse.Namespace) -> int:
    from bot.real import run_lab  # the vendors' libraries are loaded only when they are needed

    return asyncio.run(_until_stopped(run_lab(configuration.load(options.config))))


def _demo(options: argparse.Namespace) -> int:
    from bot.demo.lab import run_demo

    if not 0 < options.speed <= 1000:
        print("junzi: --speed must be between 0 and 1000, for example 10", file=sys.stderr)
        return 2

    def ready(url: str) -> None:
        # Flushed: behind `| tee`, nohup or in a container's log it would only come when the demo ends.
        print(
            f"A made-up lab is open at {url}\nNo token, no LXD, no GPU: nothing in it is real. Ctrl-C closes it.",
            flush=True,
        )
        if not options.no_browser:
            webbrowser.open(url)

    try:
        return asyncio.run(
            _until_stopped(run_demo(options.port, options.speed, language=options.language, on_ready=ready))
        )
    except BrokenPipeError:  # nobody reads the address; it has nothing to do with the port
        raise
    except OSError as exc:
        print(f"junzi: port {options.port} can't be used ({exc}); try --port {options.port + 1}", file=sys.stderr)
        return 1


def _explain(options: argparse.Namespace) -> int:
    from bot.explain import run

    file = options.config or configuration.found()
    return run(options, configuration.load(options.config).lab.zone if file else None)


def _init(options: argparse.Namespace) -> int:
    from bot.init import run

    return asyncio.run(run(options))


def _doctor(options: argparse.Namespace) -> int:
    from bot.checkup import run

    return asyncio.run(run(options.config, json=options.json))


def _backup(options: argparse.Namespace) -> int:
    from bot.copies import backup

    return backup(configuration.load(options.config).storage.path, options.file, force=options.force)


def _export(options: argparse.Namespace) -> int:
    from bot.copies import export

    return export(configuration.load(options.config).storage.path)


async def _until_stopped(work: Coroutine[Any, Any, int | None]) -> int:
    """SIGTERM and SIGINT end the work in good order."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return int(await task or 0)
    except asyncio.CancelledError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
