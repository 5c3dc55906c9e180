"""Messages about containers: how to get in, what it is doing, how /adduser goes on."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.card import Card
from bot.domain.claim_link import claim_link
from bot.domain.container import Access, ContainerView, NotAdded, UserAdded
from bot.domain.instance import Dataset
from bot.domain.provisioning import Step, WithoutCards
from bot.domain.saying import Block, Button, Bytes, Code, Listing, Message, Saying, Style
from bot.views.assignment import seen

NOTHING = Saying("common.nothing")
UNKNOWN = Saying("common.unknown")


def access_message(access: Access, *, first: bool = False, of_ones_own: bool = False) -> Message:
    """Host, port, user and password, and the lines to copy. For the owner's private chat only.

    `of_ones_own`: they typed a password that they would like, which was not taken.
    """
    ssh = f"ssh -p {access.port} {access.user}@{access.host}"
    config = f"Host {access.user}-gpu\n    HostName {access.host}\n    Port {access.port}\n    User {access.user}"
    scp = f"scp -P {access.port} my_data.zip {access.user}@{access.host}:~/"
    values = {
        "host": Code(access.host),
        "port": Code(str(access.port)),
        "user": Code(access.user),
        "password": _password(access),
        "ssh": Block(ssh),
        "config": Block(config),
        "scp": Block(scp),
        "datasets": Saying("access.datasets", {"paths": _datasets(access.datasets)}) if access.datasets else NOTHING,
        "greeting": _greeting(access, first=first, of_ones_own=of_ones_own),
    }
    container = Button(Saying("access.container"), "mycontainer")
    if access.port is None:
        no_way = ("host", "user", "password", "datasets", "greeting")
        return Message(Saying("access.no_way_in", {name: values[name] for name in no_way}), ((container,),))
    rows: list[tuple[Button, ...]] = [(Button(Saying("access.copy_ssh"), copies=ssh), container)]
    if first:  # what to do now that one is in
        rows.append((Button(Saying("start.button_help"), "how:first", style=Style.GREEN),))
    return Message(Saying("access.access", values), tuple(rows))


def _password(access: Access) -> Saying:
    if access.password is not None:
        return Saying("access.password", {"password": Code(access.password.reveal())})
    if access.kept:
        why = NOTHING if access.why is None else Saying("access.but", {"why": access.why})
        return Saying("access.kept_password", {"why": why})
    return Saying("access.no_password", {"why": access.why or UNKNOWN})


def _greeting(access: Access, *, first: bool, of_ones_own: bool) -> Saying:
    if first:
        return Saying("access.greeting", {"user": access.user})
    return Saying("access.of_ones_own") if of_ones_own else NOTHING


def container_message(
    view: ContainerView, cards: Sequence[Card], *, set_aside: bool = False, counting: bool = False
) -> Message:
    """/mycontainer. What LXD does not say is shown as unknown. `set_aside`: its cards were hidden so that it starts.
    `counting`: what is on its disk is being counted."""
    usage = view.usage
    addresses = usage.addresses if usage is not None else ()
    config = view.instance.config
    disk = None if usage is None else usage.disk_bytes
    values = {
        "name": Code(view.record.name),
        "state": Saying(f"container.state_{view.instance.status.value}"),
        "address": Code(addresses[0]) if addresses else Saying("container.no_address"),
        "ssh": Code(f"ssh -p {view.ssh_port} {view.user}@{view.host}") if view.ssh_port else UNKNOWN,
        "template": Code(view.record.template) if view.record.template else UNKNOWN,
        "memory": _used(usage.memory_bytes if usage else None, config.get("limits.memory")),
        "cpu": Code(config["limits.cpu"]) if config.get("limits.cpu") else Saying("container.no_limit"),
        "disk": Saying("container.disk_counting") if counting else _used(disk, view.disk_limit),
        "cards": Saying("container.cards_set_aside") if set_aside else seen(view.cards, cards),
        "datasets": _datasets(view.datasets),
    }
    return Message(Saying("container.view", values), _container_buttons(view, set_aside=set_aside))


def _used(amount: int | None, limit: str | None) -> Saying:
    used: object = UNKNOWN if amount is None else Bytes(amount)
    return Saying("container.used_of" if limit else "container.used", {"used": used, "limit": limit or ""})


def _datasets(datasets: Sequence[Dataset]) -> object:
    if not datasets:
        return Saying("container.no_datasets")
    lines = tuple(
        Saying("container.dataset_ro" if d.read_only else "container.dataset_rw", {"path": Code(d.path)})
        for d in datasets
    )
    return Listing(lines, in_a_row=True)


def _container_buttons(view: ContainerView, *, set_aside: bool) -> tuple[tuple[Button, ...], ...]:
    name = view.record.name
    rows = _power_buttons(view, name)
    if not set_aside:
        return rows
    return (*rows, (Button(Saying("container.button_give_back"), f"container:giveback:{name}", style=Style.GREEN),))


def _power_buttons(view: ContainerView, name: str) -> tuple[tuple[Button, ...], ...]:
    refresh = Button(Saying("container.button_refresh"), f"container:show:{name}")
    if not view.instance.is_running:
        return ((Button(Saying("container.button_start"), f"container:start:{name}", style=Style.GREEN), refresh),)
    return (
        (
            Button(Saying("container.button_restart"), f"container:restart?:{name}"),
            Button(Saying("container.button_stop"), f"container:stop?:{name}", style=Style.RED),
        ),
        (Button(Saying("container.button_password"), f"container:password:{name}"), refresh),
    )


def confirm(action: str, name: str, running: int | None) -> Message:
    """Asks before a stop or restart. `running`: processes on cards that would die; None = not known."""
    if running is None:
        warning = Saying("container.runs_unknown")
    else:
        warning = Saying("container.runs_die", {"count": running}) if running else Saying("container.no_runs")
    yes = Button(Saying(f"container.confirm_{action}"), f"container:{action}:{name}", style=Style.RED)
    no = Button(Saying("container.cancel"), f"container:show:{name}")
    return Message(Saying(f"container.ask_{action}", {"name": Code(name), "warning": warning}), ((yes, no),))


def failed(action: str, name: str, why: Saying, last_words: str = "") -> Message:
    """After a graceful try failed, force is offered, in red and by name; for a dead card, a start without cards."""
    row: tuple[Button, ...] = (Button(Saying("container.button_refresh"), f"container:show:{name}"),)
    if why.key == "fault.card_missing" and action in ("start", "restart"):
        row = (Button(Saying("container.button_no_cards"), f"container:nocards:{name}", style=Style.GREEN), *row)
    elif action in ("stop", "restart"):
        row = (Button(Saying(f"container.force_{action}"), f"container:{action}!:{name}", style=Style.RED), *row)
    values = {
        "what": Saying(f"container.doing_{action}"),
        "why": why,
        "log": Saying("container.last_words", {"words": Block(last_words)}) if last_words else NOTHING,
    }
    return Message(Saying("container.failed", values), (row,))


def progress(name: str, step: Step) -> Message:
    """/adduser as it goes on: what is done, what runs, what is to come."""
    steps = [s for s in Step if s not in (Step.CHECK, Step.FINISH)]
    place = list(Step).index(step)
    marks = tuple(
        Saying(
            f"adduser.{'done' if list(Step).index(s) < place else 'doing' if s is step else 'to_do'}",
            {"step": Saying(f"adduser.step_{s.value}")},
        )
        for s in steps
    )
    return Message(Saying("adduser.progress", {"name": Code(name), "steps": Listing(marks)}))


def without_cards(without: WithoutCards | None) -> Saying:
    return NOTHING if without is None else Saying(f"adduser.without_cards_{without.reason}")


def added_message(added: UserAdded, bot_name: str) -> Message:
    """The row of the container table, and the link for the student."""
    link = claim_link(bot_name, added.claim_code)
    values = {
        "name": Code(added.record.name),
        "port": Code(str(added.record.ssh_port)),
        "template": Code(added.record.template),
        "link": Code(link),
        "bot": f"@{bot_name}",
        "cards": without_cards(added.provisioned.without_cards),
    }
    return Message(Saying("adduser.added", values), ((Button(Saying("adduser.copy_link"), copies=link),),))


def not_added_message(name: str, outcome: NotAdded) -> Message:
    """Which step failed and why, and that nothing is left of it (or what is)."""
    if outcome.step is None:
        return Message(Saying("adduser.not_begun", {"why": outcome.why}))
    values = {
        "name": Code(name),
        "step": Saying(f"adduser.step_{outcome.step.value}"),
        "why": outcome.why,
        "rest": outcome.left_behind or Saying("adduser.nothing_left"),
    }
    return Message(Saying("adduser.failed", values))
