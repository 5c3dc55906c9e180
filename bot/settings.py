"""The configuration: one TOML file, every key also as an environment variable `JUNZI_SECTION__KEY`.

Nothing is read on import. The names are a contract (people's files rest on them); see `deploy/junzi.example.toml`.
"""

from __future__ import annotations

import os
import re
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bot.domain.cron import with_weekdays_by_name
from bot.domain.policy import QuietHours

DEFAULT_PATH = Path("/etc/junzi/junzi.toml")


def _listed(value: object) -> object:
    """Environment variables hold lists as "a,b" (or as JSON, which pydantic-settings would insist on)."""
    if isinstance(value, str):
        return [part.strip() for part in value.strip().strip("[]").replace('"', "").split(",") if part.strip()]
    return value


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TelegramSection(Section):
    token: SecretStr = SecretStr("")
    api_url: str = "https://api.telegram.org"
    proxy: str = Field(default="", repr=False)  # it may have a password in it
    group: int | None = None
    topic: int | None = None
    admins: Annotated[tuple[int, ...], NoDecode, BeforeValidator(_listed)] = ()
    language: Literal["auto", "zh", "en"] = "auto"
    announcements: bool = True
    quiet: Literal["auto", "off"] = "auto"
    rich: Literal["auto", "off"] = "auto"
    tags: Literal["auto", "off"] = "auto"

    @field_validator("api_url")
    @classmethod
    def _an_http_address(cls, value: str) -> str:
        if not re.match(r"https?://", value):
            raise ValueError('must begin with http:// or https://, for example "https://api.telegram.org"')
        return value.rstrip("/")

    @field_validator("topic")
    @classmethod
    def _a_topic(cls, value: int | None) -> int | None:
        """Apps number General 1, but a message can't be sent to it by that number."""
        if value is not None and value < 0:
            raise ValueError("must be the number of a topic; in the link of a message in it, the one before the last")
        return None if value in (0, 1) else value

    @field_validator("proxy")
    @classmethod
    def _a_proxy(cls, value: str) -> str:
        if value and not re.match(r"(https?|socks5h?)://", value):
            raise ValueError('must begin with http://, https:// or socks5://, for example "socks5://127.0.0.1:1080"')
        return value


class LabSection(Section):
    name: str = "lab"
    host: str = ""
    timezone: str = "Asia/Shanghai"
    port_range: str = "10001-10999"

    @field_validator("timezone")
    @classmethod
    def _a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as exc:
            raise ValueError(f'"{value}" is no time zone; write it like "Asia/Shanghai" or "Europe/Berlin"') from exc
        return value

    @field_validator("port_range")
    @classmethod
    def _a_range(cls, value: str) -> str:
        match = re.fullmatch(r"(\d+)-(\d+)", value)
        if match is None or not 1 <= int(match[1]) <= int(match[2]) <= 65535:
            raise ValueError('must be two ports, the lower first, for example "10001-10999"')
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def ports(self) -> range:
        first, _, last = self.port_range.partition("-")
        return range(int(first), int(last) + 1)


class LxdSection(Section):
    endpoint: str = ""
    cert: str = ""
    key: str = ""
    server_cert: str = ""
    project: str = "default"
    template: str = "template"
    datasets: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = ()
    backups: str = "/var/backups/junzi"
    pool_free_percent: float = Field(default=10, ge=0, lt=100)
    pool_free_gib: float = Field(default=20, ge=0)

    @field_validator("endpoint")
    @classmethod
    def _a_socket_or_https(cls, value: str) -> str:
        if value and not value.startswith(("https://", "/")):
            raise ValueError(f'"{value}" must be empty for this host\'s own LXD, or like "https://other-host:8443"')
        return value

    @field_validator("datasets")
    @classmethod
    def _pairs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pair in value:
            if re.fullmatch(r"/[^:]*:/[^:]+", pair) is None:
                raise ValueError(f'"{pair}" must be "/path/on/the/host:/path/in/the/container"')
        return value


class GpuSection(Section):
    poll_seconds: float = Field(default=30, gt=0, le=3600)
    polls_before_warning: int = Field(default=2, ge=1)
    repeat_minutes: float = Field(default=30, ge=0)
    repeat_longest_minutes: float = Field(default=240, ge=0)
    admins_at: int = Field(default=3, ge=1)
    unbooked_minutes: float = Field(default=10, ge=0)
    idle_minutes: float = Field(default=120, gt=0)


def _quiet(text: str) -> QuietHours:
    start, _, end = text.partition("-")
    return QuietHours(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))


class PolicySection(Section):
    longest_hours: float = Field(default=168, gt=0)
    horizon_days: float = Field(default=14, gt=0)
    cards_at_once: int | None = Field(default=None, ge=1)
    card_hours: float | None = Field(default=None, gt=0)
    mode: Literal["honour", "enforce"] = "honour"
    quiet_hours: str = ""
    archive_days: int = Field(default=90, ge=1)
    release_idle_minutes: float | None = Field(default=None, ge=0)

    @field_validator("quiet_hours")
    @classmethod
    def _two_times(cls, value: str) -> str:
        if value:
            try:
                _quiet(value)
            except ValueError as exc:
                raise ValueError(f'"{value}" must be two times of day, for example "23:00-08:00"') from exc
        return value

    @property
    def quiet(self) -> QuietHours | None:
        return _quiet(self.quiet_hours) if self.quiet_hours else None


class PostsSection(Section):
    status_cron: str = "0 9,21 * * *"
    digest_cron: str = "0 9 * * 1"
    live_board: bool = True

    @field_validator("status_cron", "digest_cron")
    @classmethod
    def _a_cron_line(cls, value: str) -> str:
        if value:
            try:
                CronTrigger.from_crontab(with_weekdays_by_name(value), timezone="UTC")
            except ValueError as exc:
                raise ValueError(f'"{value}" is no cron line; write five fields like "0 9,21 * * *" ({exc})') from exc
        return value


class TemplateSection(Section):
    apt_mirror: str = ""
    pip_mirror: str = ""
    conda_mirror: str = ""
    conda_installer: str = ""
    packages: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What deploy/template/build.sh reads."""
        return {name.upper(): value for name, value in self.model_dump().items() if value}


class StorageSection(Section):
    path: Path = Path("/var/lib/junzi/junzi.db")


class MetricsSection(Section):
    listen: str = ""

    @field_validator("listen")
    @classmethod
    def _an_address(cls, value: str) -> str:
        match = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})", value)
        if value and (match is None or int(match[2]) > 65535):
            raise ValueError('must be an address and a port, for example "127.0.0.1:9400"')
        return value


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="JUNZI_", env_nested_delimiter="__", extra="forbid", frozen=True)

    telegram: TelegramSection = TelegramSection()
    lab: LabSection = LabSection()
    lxd: LxdSection = LxdSection()
    gpu: GpuSection = GpuSection()
    policy: PolicySection = PolicySection()
    posts: PostsSection = PostsSection()
    template: TemplateSection = TemplateSection()
    storage: StorageSection = StorageSection()
    metrics: MetricsSection = MetricsSection()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings passes all four by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments beat the environment, the environment beats the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


class BadSettings(Exception):
    """What is wrong with the configuration, key by key, each with the fix."""


class ClosedSettings(BadSettings):
    """The file is there, and not for the eyes of this user."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is for root and the bot alone, as the token is in it: put sudo before the command")
        self.file = file


def load(path: Path | None = None, **overrides: Any) -> Settings:
    """Read `path`, else $JUNZI_CONFIG, else /etc/junzi/junzi.toml if it exists, else the environment alone.

    BadSettings names every key that is wrong. A file that was named but is not there is an error too.
    """
    file = path or found()
    if file is not None and not file.is_file():
        raise BadSettings(f"{file}: there is no such file; `junzi init` makes one")
    return read(file, **overrides)


def read(file: Path | None, **overrides: Any) -> Settings:
    """This file, or with None the environment alone. BadSettings names every key that is wrong."""

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    try:
        return FromFile(**overrides)
    except ValidationError as exc:
        raise BadSettings("\n".join(_fault(error) for error in exc.errors())) from exc
    except PermissionError as exc:
        raise ClosedSettings(file or DEFAULT_PATH) from exc
    except (ValueError, OSError) as exc:  # not TOML, not readable
        raise BadSettings(f"{file}: {exc}") from exc


def found() -> Path | None:
    """The file that is meant when none is named; None if there is none."""
    named = os.environ.get("JUNZI_CONFIG")
    return Path(named) if named else DEFAULT_PATH if DEFAULT_PATH.is_file() else None


def _fault(error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{key}: junzi knows no such key; see deploy/junzi.example.toml"
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"{key}: {said}"
