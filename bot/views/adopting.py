"""Messages of /adopt: what was found, what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.adoption import Adopted, Found, NotAdopted, fingerprint
from bot.domain.claim_link import claim_link
from bot.domain.saying import Button, Code, Listing, Message, Person, Saying, Style

NOTHING = Saying("common.nothing")
MOST_SHOWN = 25


def found_all(found: Sequence[Found]) -> Message:
    """What /adopt all would do; asks."""
    if not found:
        return Message(Saying("adopt.none_found"))
    able = [one for one in found if one.refusal is None]
    unable = [one for one in found if one.refusal is not None]
    lines = [Saying("adopt.line", _facts(one)) for one in able[:MOST_SHOWN]]
    lines += [Saying("adopt.line_refused", {"why": one.refusal}) for one in unable[:MOST_SHOWN]]
    values = {"count": len(found), "able": len(able), "lines": Listing(tuple(lines))}
    yes = Button(Saying("adopt.button_all", {"count": len(able)}), f"adopt:all:{fingerprint(found)}", style=Style.GREEN)
    no = Button(Saying("container.cancel"), "adopt:no:0")
    return Message(Saying("adopt.found", values), ((yes, no),) if able else ())


def _facts(found: Found) -> dict[str, object]:
    return {
        "name": Code(found.name),
        "who": found.who,
        "state": Saying("container.state_running" if found.is_running else "container.state_stopped"),
        "port": Code(str(found.port)) if found.port is not None else Saying("adopt.no_port"),
        "more": _more_ports(found),
        "cards": _cards(found),
        "datasets": _datasets(found),
        "account": _account(found),
        "way": NOTHING if found.port is not None else Saying("adopt.no_way_in", {"name": found.name}),
    }


def _more_ports(found: Found) -> Saying:
    if not found.other_ports:
        return NOTHING
    return Saying("adopt.more_ports", {"ports": Listing(tuple(map(str, found.other_ports)), in_a_row=True)})


def _cards(found: Found) -> object:
    if found.cards.all:
        return Saying("container.cards_all")
    names = (*found.cards.pci_addresses, *found.cards.by_other_means)
    return Listing(names, in_a_row=True) if names else Saying("container.cards_none")


def _datasets(found: Found) -> object:
    paths = tuple(Code(dataset.path) for dataset in found.datasets)
    return Saying("adopt.datasets", {"paths": Listing(paths, in_a_row=True)}) if paths else NOTHING


def _account(found: Found) -> Saying:
    """Said only where logging in differs from what junzi would have made."""
    if found.account == found.who:
        return NOTHING
    if found.account is not None:
        return Saying("adopt.other_account", {"account": Code(found.account)})
    accounts = Listing(found.accounts, in_a_row=True) if found.accounts else Saying("container.cards_none")
    return Saying("adopt.no_account", {"who": found.who, "name": found.name, "accounts": accounts})


def adopted(outcome: Adopted, bot_name: str, telegram: str = "") -> Message:
    """What it is now, and the link for its member if Telegram does not know them."""
    found, link = outcome.found, link_of(outcome, bot_name)
    values = {
        **_facts(found),
        "owner": Person(outcome.member.display_name, outcome.member.telegram_id),
        "link": _link(link, telegram),
    }
    copy = ((Button(Saying("adduser.copy_link"), copies=link),),) if link else ()
    return Message(Saying("adopt.mended" if found.mends else "adopt.done", values), copy)


def _link(link: str, telegram: str) -> Saying:
    if not link:
        return Saying("adopt.knows_them")
    if telegram:
        return Saying("adopt.link_bound", {"to": telegram, "link": Code(link)})
    return Saying("adopt.link", {"link": Code(link)})


def link_of(outcome: Adopted, bot_name: str) -> str:
    """ "" for somebody who is a member already."""
    return claim_link(bot_name, outcome.claim_code) if outcome.claim_code else ""


def not_adopted(outcome: NotAdopted) -> Message:
    return Message(Saying("adopt.not_done", {"why": outcome.why}))


def adopted_all(done: Sequence[Adopted], failed: Sequence[NotAdopted], bot_name: str) -> Message:
    lines = [
        Saying("adopt.result", {"name": Code(one.found.name), "link": Code(link_of(one, bot_name))})
        if one.claim_code
        else Saying("adopt.result_known", {"name": Code(one.found.name)})
        for one in done
    ]
    lines += [Saying("adopt.result_failed", {"name": Code(one.name), "why": one.why}) for one in failed]
    return Message(Saying("adopt.all_done", {"count": len(done), "lines": Listing(tuple(lines))}))
