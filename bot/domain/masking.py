"""A command line as the group may read it: what looks like a token, key or password is gone.

Where in doubt, the value is masked: `***` in a warning costs nothing, a leaked key does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MASK = "***"
LONGEST_COMMAND = 300  # characters; a warning is read on a phone

# Words that make the value of `--some-name VALUE` or `SOME_NAME=VALUE` a secret.
ALWAYS_SECRET = frozenset({"secret", "password", "passwd", "passphrase", "passwort", "apikey", "credential"})
SECRET_AS_LAST_WORD = ALWAYS_SECRET | {"token", "key", "auth", "pwd", "pass", "pat", "cookie", "credentials", "secrets"}
# Tokens of a language model, not of an account: --pad-token, --eos_token, --image-token.
HARMLESS_BEFORE_TOKEN = frozenset("pad eos bos unk sep cls mask image start end stop special newline next".split())
HARMLESS_LAST_WORD = frozenset("file path dir folder length len size dim count id ids name type".split())

# Things that are secret by their shape, wherever they stand.
SHAPES = re.compile(
    r"\bhf_[A-Za-z0-9]{16,}"  # Hugging Face
    r"|\bsk-[A-Za-z0-9_-]{16,}"  # OpenAI, Anthropic and their kin
    r"|\b(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{20,}"
    r"|\bglpat-[A-Za-z0-9_-]{16,}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"  # Slack
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"  # AWS
    r"|\bLTAI[A-Za-z0-9]{12,}"  # Alibaba Cloud
    r"|\bAIza[A-Za-z0-9_-]{30,}"  # Google
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"  # a JSON web token
    r"|\b[0-9]{6,12}:[A-Za-z0-9_-]{30,}"  # a Telegram bot
    r"|\b[0-9a-fA-F]{40,}\b"  # Weights & Biases (a git commit looks the same)
)
URL_LOGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^/\s@]+@")
BEARER = re.compile(r"(?i)\b(bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{8,}")
ASSIGNMENT = re.compile(r"(-{0,2}[\w.-]+)=.+", re.DOTALL)
# name=value and "name": "value" inside an argument: a URL's query, JSON, `python -c`.
INNER_NAME = re.compile(r"""([A-Za-z_][\w.-]*)["'\]]{0,2}\s*[=:]\s*["']?""")
INNER_VALUE = re.compile(r"""[^\s"'&,;)}\]]+""")


def shown_command(arguments: Sequence[str]) -> str:
    """The arguments as one line, without secrets and control characters, cut to LONGEST_COMMAND."""
    line = " ".join(_quoted(argument) for argument in _masked(arguments))
    return line if len(line) <= LONGEST_COMMAND else line[: LONGEST_COMMAND - 1] + "…"


def _masked(arguments: Sequence[str]) -> list[str]:
    shown: list[str] = []
    hide_next = False
    program = arguments[0].rpartition("/")[2] if arguments else ""
    for argument in arguments:
        if hide_next and not argument.startswith("--"):
            shown.append(MASK)
            hide_next = False
            continue
        shown.append(_masked_argument(argument, program))
        hide_next = _announces_secret(argument, program)
    return shown


def _announces_secret(argument: str, program: str) -> bool:
    """Whether the next argument is a secret: `--api-key VALUE`, `sshpass -p VALUE`, `curl -u USER:VALUE`."""
    if argument.startswith("-") and "=" not in argument:
        short = {"sshpass": "-p", "curl": "-u", "wget": "-u"}
        return argument == short.get(program) or _is_secret_name(argument.lstrip("-"))
    return False


def _masked_argument(argument: str, program: str) -> str:
    if argument.startswith("-p") and program.startswith(("mysql", "mariadb", "sshpass")) and len(argument) > 2:
        return "-p" + MASK
    assignment = ASSIGNMENT.fullmatch(argument)
    if assignment and _is_secret_name(assignment[1].lstrip("-")):
        return f"{assignment[1]}={MASK}"
    masked = URL_LOGIN.sub(rf"\1{MASK}@", argument)
    masked = BEARER.sub(rf"\1 {MASK}", masked)
    return SHAPES.sub(MASK, _masked_inside(masked))


def _masked_inside(text: str) -> str:
    """A harmless name must not swallow a secret one after it: `https://h/?token=VALUE` begins with a name, `https`."""
    done, place = "", 0
    while found := INNER_NAME.search(text, place):
        done += text[place : found.end()]
        place = found.end()
        value = INNER_VALUE.match(text, place) if _is_secret_name(found[1]) else None
        if value:
            done += MASK
            place = value.end()
    return done + text[place:]


def _is_secret_name(name: str) -> bool:
    """Split at `-`, `_`, `.` and camelCase. `--max-tokens`, `--tokenizer`, `--key-dim` are no secrets."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    words = [word for word in re.split(r"[\s._-]+", spaced.lower()) if word and not word.isdecimal()]
    if not words or words[-1] in HARMLESS_LAST_WORD:
        return False
    if words[-1] == "token" and len(words) > 1 and words[-2] in HARMLESS_BEFORE_TOKEN:
        return False
    in_environment = name.isupper() and "TOKEN" in name.split("_")
    return words[-1] in SECRET_AS_LAST_WORD or in_environment or not ALWAYS_SECRET.isdisjoint(words)


def one_line(text: str) -> str:
    """Without control characters, direction marks and broken UTF-8: whoever runs a program chooses its words, and the
    group reads them in the bot's messages."""
    return "".join(character if character.isprintable() else " " for character in text).strip()


def _quoted(argument: str) -> str:
    """One printable word; an argument with spaces stands in quotes, so that it reads as one."""
    plain = one_line(argument)
    return f"'{plain}'" if " " in plain else plain
