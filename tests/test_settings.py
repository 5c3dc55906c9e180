"""The configuration: the example knows every key, and an error names the key and the fix."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from bot.settings import BadSettings, Settings, TelegramSection, load

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXAMPLE = Path(__file__).parent.parent / "deploy" / "junzi.example.toml"
NO_DEFAULT = {"telegram.token", "lab.host"}
OPTIONAL = re.compile(r"^# (?=[a-z_]+ = )", re.MULTILINE)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JUNZI_CONFIG", "JUNZI_TELEGRAM__TOKEN", "JUNZI_LAB__HOST"):
        monkeypatch.delenv(name, raising=False)


def keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        section = field.annotation
        assert isinstance(section, type)
        assert issubclass(section, BaseModel)
        yield from (f"{name}.{key}" for key in section.model_fields)


def flat(tables: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {f"{section}.{key}": value for section, table in tables.items() for key, value in table.items()}


def test_the_example_has_every_key_once_and_no_other() -> None:
    written = flat(tomllib.loads(OPTIONAL.sub("", EXAMPLE.read_text())))
    assert set(written) == set(keys(Settings))


def test_the_example_is_read_with_the_keys_that_need_not_be_there_too(tmp_path: Path) -> None:
    file = tmp_path / "junzi.toml"
    file.write_text(OPTIONAL.sub("", EXAMPLE.read_text()))
    settings = load(file)
    assert settings.telegram.group is not None
    assert settings.policy.cards_at_once is not None


def test_the_example_shows_the_defaults() -> None:
    shown, defaults = load(EXAMPLE).model_dump(), Settings().model_dump()
    different = {key for key, value in flat(shown).items() if flat(defaults)[key] != value}
    assert different == NO_DEFAULT


@pytest.mark.parametrize(
    ("text", "key", "fix"),
    [
        ('[lab]\ntimezone = "Mars/Olympus"', "lab.timezone", "Asia/Shanghai"),
        ('[lab]\nport_range = "9-1"', "lab.port_range", "10001-10999"),
        ('[telegram]\nproxy = "127.0.0.1:1080"', "telegram.proxy", "socks5://"),
        ('[telegram]\napi_url = "api.telegram.org"', "telegram.api_url", "https://"),
        ('[telegram]\nlanguage = "fr"', "telegram.language", "'zh'"),
        ('[telegram]\ngroup = "the lab"', "telegram.group", "integer"),
        ('[telegram]\ntokn = "1:x"', "telegram.tokn", "junzi.example.toml"),
        ('[lxd]\ndatasets = ["/data"]', "lxd.datasets", "/path/in/the/container"),
        ("[gpu]\npoll_seconds = 0", "gpu.poll_seconds", "greater than 0"),
        ('[posts]\nstatus_cron = "at noon"', "posts.status_cron", "0 9,21 * * *"),
        ("[colour]\nred = 1", "colour", "junzi.example.toml"),
    ],
)
def test_an_error_names_the_key_and_the_fix(tmp_path: Path, text: str, key: str, fix: str) -> None:
    file = tmp_path / "junzi.toml"
    file.write_text(text)
    with pytest.raises(BadSettings) as error:
        load(file)
    assert str(error.value).startswith(key)
    assert fix in str(error.value)


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "junzi.toml"
    file.write_text('[lab]\ntimezone = "x"\nport_range = "y"')
    with pytest.raises(BadSettings) as error:
        load(file)
    assert len(str(error.value).splitlines()) == 2


def test_a_file_that_is_no_toml_or_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="junzi init"):
        load(tmp_path / "nowhere.toml")
    (tmp_path / "bad.toml").write_text("[lab\n")
    with pytest.raises(BadSettings, match=re.escape("bad.toml")):
        load(tmp_path / "bad.toml")


def test_the_environment_alone_is_enough_and_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNZI_TELEGRAM__TOKEN", "1:secret")
    monkeypatch.setenv("JUNZI_TELEGRAM__ADMINS", "11, 12")
    monkeypatch.setenv("JUNZI_LXD__DATASETS", "/a:/mnt/a,/b:/mnt/b")
    assert load().telegram.admins == (11, 12)
    assert load().lxd.datasets == ("/a:/mnt/a", "/b:/mnt/b")
    file = tmp_path / "junzi.toml"
    file.write_text('[telegram]\ntoken = "2:of-the-file"')
    assert load(file).telegram.token.get_secret_value() == "1:secret"


def test_the_token_is_not_shown_when_settings_are_printed() -> None:
    settings = load(EXAMPLE)
    assert "replace-me" not in repr(settings)
    assert "replace-me" not in str(settings.model_dump())


def test_nor_is_the_password_of_a_proxy() -> None:
    section = TelegramSection(token=SecretStr("1:x"), proxy="http://me:secret@proxy.example:8080")
    assert "secret" not in f"{section!r} {section}"
