"""What an admin types behind /adduser: every option, every way to get it wrong, one sentence each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.provisioning import Limits
from bot.domain.ssh_key import SshKey, read_key
from bot.domain.user_options import KEY_FAULTS, OptionFault, UserWish, public_key, read_wish
from bot.texts import load
from bot.texts.catalogue import placeholders
from tests.domain.test_ssh_key import ED25519, RSA, SHORT

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ+hP8RfTjZpLlVK0rd3vYbMRJzM1n3HiDWtzB3cY5rE li@laptop"


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("zhangsan", UserWish("zhangsan")),
        ("  zhangsan   port=10005 ", UserWish("zhangsan", port=10005)),
        ("port=10005 zhangsan", UserWish("zhangsan", port=10005)),
        ("zhangsan template=base-2", UserWish("zhangsan", template="base-2")),
        ("zhangsan cpu=4", UserWish("zhangsan", limits=Limits(cpu="4"))),
        ("zhangsan cpu=0-3,8", UserWish("zhangsan", limits=Limits(cpu="0-3,8"))),
        ("zhangsan memory=32GiB", UserWish("zhangsan", limits=Limits(memory="32GiB"))),
        ("zhangsan Memory=32g", UserWish("zhangsan", limits=Limits(memory="32GiB"))),
        ('zhangsan memory="32 gb"', UserWish("zhangsan", limits=Limits(memory="32GiB"))),
        ("zhangsan disk=2T", UserWish("zhangsan", limits=Limits(disk="2TiB"))),
        ("zhangsan cards=all", UserWish("zhangsan", cards="all")),
        ("zhangsan cards=none", UserWish("zhangsan", cards=())),
        ("zhangsan cards=gpu2,gpu0,0", UserWish("zhangsan", cards=(0, 2))),
        ("zhangsan cards=gpu0，gpu1", UserWish("zhangsan", cards=(0, 1))),
        ("zhangsan cards=", UserWish("zhangsan")),
        ("zhangsan server=", UserWish("zhangsan")),
        (f'zhangsan key="{KEY}"', UserWish("zhangsan", keys=(KEY,))),
        (f"zhangsan key=“{KEY}” cpu=1", UserWish("zhangsan", limits=Limits(cpu="1"), keys=(KEY,))),
    ],
)
def test_what_is_typed_is_understood(typed: str, wish: UserWish) -> None:
    assert read_wish(typed) == wish


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "no_name"),
        ("cpu=4", "no_name"),
        ("张三", "name_bad_characters"),
        ("Zhang_San", "name_bad_characters"),
        ("root", "name_reserved"),
        ("a" * 33, "name_too_long"),
        ("zhangsan lisi", "two_names"),
        ("zhangsan cpu = 4", "two_names"),
        ("zhangsan cpu=4 cpu=8", "twice"),
        ("zhangsan gpus=4", "unknown"),
        ("zhangsan server=gpu2", "one_server"),
        ('zhangsan key="ssh-ed25519', "open_quote"),
        ("zhangsan template=a/b", "template"),
        ("zhangsan port=0", "port"),
        ("zhangsan port=70000", "port"),
        ("zhangsan port=ssh", "port"),
        ("zhangsan cpu=0", "cpu"),
        ("zhangsan cpu=-1", "cpu"),
        ("zhangsan cpu=9999", "cpu"),
        ("zhangsan cpu=1.5", "cpu"),
        ("zhangsan memory=32", "size"),
        ("zhangsan memory=0GiB", "size"),
        ("zhangsan memory=1MiB", "size_small"),
        ("zhangsan disk=100MiB", "size_small"),
        ("zhangsan disk=-5GiB", "size"),
        ("zhangsan cards=gpu", "cards"),
        ("zhangsan cards=a100", "cards"),
        ("zhangsan key=hello", "key"),
        ('zhangsan key="ssh-ed25519 AAAAC3NzaC1lZDI1"', "key_cut"),
        ('zhangsan key="ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIJ+hP8RfTjZpLlVK0rd3vYbMRJzM1n3HiDWtzB3cY5rE"', "key_cut"),
        (f'zhangsan key="{SHORT}"', "key_short"),
        ('zhangsan key="-----BEGIN OPENSSH PRIVATE KEY-----"', "key_private"),
    ],
)
def test_one_thing_that_is_wrong_has_one_sentence(typed: str, key: str) -> None:
    with pytest.raises(OptionFault) as caught:
        read_wish(typed)
    assert caught.value.key == key
    assert placeholders(load("en")[f"option.{key}"]) <= caught.value.values.keys()


@given(st.text())
def test_whatever_is_typed_is_a_wish_or_one_fault(typed: str) -> None:
    try:
        said = read_wish(typed).name
    except OptionFault as fault:
        said = load("zh")[f"option.{fault.key}"]
    assert said


def test_a_key_is_one_line() -> None:
    assert public_key(KEY.replace(" ", "\n")) == KEY


@pytest.mark.parametrize(
    "text",
    [ED25519, f"{RSA} li@laptop", SHORT, ED25519[:-10], "hello", f"{ED25519} a\x07b", "-----BEGIN OPENSSH PRIVATE KEY"],
)
def test_a_key_is_good_for_adduser_when_it_is_for_sshkey(text: str) -> None:
    key = read_key(text)
    if isinstance(key, SshKey):
        assert public_key(text) == key.line
        return
    with pytest.raises(OptionFault) as caught:
        public_key(text)
    assert caught.value.key == KEY_FAULTS[key]
