"""What a newcomer's first message leads on to, and what a container's own says."""

from __future__ import annotations

from bot.domain.container import Access, ContainerView, InstanceRecord, InstanceState
from bot.domain.instance import Instance, InstanceStatus
from bot.domain.password import new_password
from bot.texts import Voice
from bot.views.containers import access_message, container_message
from tests.conftest import NOON
from tests.views.lab_of_two import ZONE


def test_the_welcome_leads_on_to_the_first_day_and_a_new_password_alone_does_not() -> None:
    access = Access("gpu-lab.example", 10001, "zhangsan", new_password())
    leads = [
        [b.data for row in access_message(access, first=first).buttons for b in row if b.data.startswith("how:")]
        for first in (True, False)
    ]
    assert leads == [["how:first"], []]


def test_without_a_port_no_line_to_log_in_with_is_made_up() -> None:
    message = access_message(Access("gpu-lab.example", None, "zhangsan", new_password()), first=True)
    said = Voice("en", ZONE).plain(message.saying)
    assert "No port leads into it yet" in said
    assert "ssh -p" not in said
    assert not any(b.copies for row in message.buttons for b in row)


def test_a_container_that_moved_in_has_an_unknown_template_and_no_empty_one() -> None:
    record = InstanceRecord("lab", "zhangsan", 1, 10001, "", InstanceState.READY, "op", NOON)
    view = ContainerView(record, None, Instance("zhangsan", InstanceStatus.STOPPED), None, "gpu.lab")
    message = container_message(view, ())
    assert "模板 未知" in Voice("zh", ZONE).plain(message.saying)
