"""What a newcomer's first message leads on to."""

from __future__ import annotations

from bot.domain.container import Access
from bot.domain.password import new_password
from bot.views.containers import access_message


def test_the_welcome_leads_on_to_the_first_day_and_a_new_password_alone_does_not() -> None:
    access = Access("gpu-lab.example", 10001, "zhangsan", new_password())
    leads = [
        [b.data for row in access_message(access, first=first).buttons for b in row if b.data.startswith("how:")]
        for first in (True, False)
    ]
    assert leads == [["how:first"], []]
