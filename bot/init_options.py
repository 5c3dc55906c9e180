"""The options of `junzi init`: any answer can be given beforehand. Kept apart so that `junzi --help` loads little."""

from __future__ import annotations

import argparse
from pathlib import Path

# An option is named after its setting: telegram.api_url is --telegram-api-url.
SETTING_OPTIONS = (
    "telegram.api_url",
    "telegram.proxy",
    "telegram.group",
    "telegram.topic",
    "telegram.admins",
    "telegram.language",
    "lab.name",
    "lab.host",
    "lab.timezone",
    "lab.port_range",
    "lxd.endpoint",
    "lxd.cert",
    "lxd.key",
    "lxd.project",
    "lxd.template",
    "lxd.datasets",
    "storage.path",
)


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--non-interactive", action="store_true", help="ask nothing; options and environment answer")
    parser.add_argument("--force", action="store_true", help="write over an existing file without asking")
    parser.add_argument(
        "--admin-link", action="store_true", help="of a lab that is configured: ask nothing, print a link for an admin"
    )
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="the bot's token; it is never an argument")
    for key in SETTING_OPTIONS:
        name = f"--{key.replace('.', '-').replace('_', '-')}"
        parser.add_argument(name, dest=key.replace(".", "_"), metavar="X", help=f"answers {key}")
