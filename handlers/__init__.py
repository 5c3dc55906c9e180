"""The table of contents: every command and button, who may, where it is answered.

Routing, the rights, the command menu and the list in the guides are all made from this one table. README.md says what
else a new command needs, and a test names what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

from telegram.ext import CallbackQueryHandler, ChatMemberHandler, CommandHandler, MessageHandler, filters

from bot.context import PTBApplication
from bot.services.lab import Lab
from handlers.access import Handler, Place, Right, guarded, overheard
from handlers.adduser import adduser, invite
from handlers.administration import block, bookfor, revoke, unblock
from handlers.adopt import adopt
from handlers.adopt import pressed as adopt_pressed
from handlers.announcements import announcement, said_in_private
from handlers.archive import archive, archive_pressed, deluser, deluser_pressed, restoreuser
from handlers.assign import assign, honour_pressed
from handlers.backup import autosnapshot, backup
from handlers.batch import TABLES, table
from handlers.batch import pressed as batch_pressed
from handlers.buttons import Press, router
from handlers.calendar import calendar, calendar_pressed
from handlers.containers import containers
from handlers.containers import pressed as containers_pressed
from handlers.dialogue import choose, new, new_here
from handlers.disk import disk
from handlers.doctor import doctor, doctor_pressed
from handlers.errors import on_error
from handlers.extend import extend, extend_pressed
from handlers.free import free, free_day
from handlers.gpus import book_card, book_now, details, gpus, peek_pressed, picture, refresh
from handlers.help import help_, help_pressed, how_pressed
from handlers.history import history
from handlers.ics import ics, ics_pressed
from handlers.limit import limit
from handlers.mine import change, mine
from handlers.mount import datasets, mount, unmount
from handlers.move import move
from handlers.mycontainer import mycontainer, password, pressed, show
from handlers.notify import bell_pressed, notify, notify_pressed
from handlers.own_words import WORDLESS, changed_afterwards, wordless
from handlers.policy import policy
from handlers.port import close_pressed, open_pressed, port, ports, ports_pressed
from handlers.power import power
from handlers.release import release, release_booking, release_one
from handlers.reminders import keep_pressed, let_end_pressed
from handlers.reserve import book, book_said, reserve
from handlers.rights import group_moved, rights_changed
from handlers.runs import run_pressed, runs
from handlers.snapshot import (
    back_confirmed,
    back_pressed,
    drop_confirmed,
    drop_pressed,
    restore,
    snapshot,
    snapshot_pressed,
    snapshots,
    snapshots_pressed,
)
from handlers.sshkey import sshkey
from handlers.start import HasClaimLink, pasted_link, start
from handlers.template import template, template_pressed
from handlers.undo import undo
from handlers.unknown import WIDE_SLASH, unknown_command
from handlers.waiting import again_pressed, leave_pressed, take_pressed, wait_pressed, waiting
from handlers.watch import watch_pressed
from handlers.who import who


@dataclass(frozen=True)
class Command:
    """`personal`: in a group nobody else need see the command. Its answer concerns only who typed it, or the bot tells
    everybody the one line of it that they must know."""

    name: str
    handler: Handler
    right: Right
    place: Place = Place.ANYWHERE
    personal: bool = False


COMMANDS = (
    # What a student needs on the first day.
    Command("gpus", gpus, Right.LAB, personal=True),
    Command("reserve", reserve, Right.MEMBER, personal=True),
    Command("mine", mine, Right.MEMBER, personal=True),
    Command("release", release, Right.MEMBER, personal=True),
    Command("extend", extend, Right.MEMBER, personal=True),
    Command("waiting", waiting, Right.MEMBER, personal=True),
    Command("move", move, Right.MEMBER, personal=True),
    Command("undo", undo, Right.MEMBER, personal=True),
    # Looking.
    Command("free", free, Right.MEMBER, personal=True),
    Command("calendar", calendar, Right.LAB, personal=True),
    Command("who", who, Right.LAB, personal=True),
    Command("ics", ics, Right.MEMBER, Place.PRIVATE),
    Command("history", history, Right.MEMBER, Place.PRIVATE),
    Command("policy", policy, Right.MEMBER, personal=True),
    # Their runs, and what they want to hear of.
    Command("runs", runs, Right.MEMBER, Place.PRIVATE),
    Command("notify", notify, Right.MEMBER, Place.PRIVATE),
    # Their container: private matters, whatever chat they were typed in.
    Command("mycontainer", mycontainer, Right.MEMBER, Place.PRIVATE),
    Command("password", password, Right.MEMBER, Place.PRIVATE),
    Command("snapshot", snapshot, Right.MEMBER, Place.PRIVATE),
    Command("snapshots", snapshots, Right.MEMBER, Place.PRIVATE),
    Command("restore", restore, Right.MEMBER, Place.PRIVATE),
    Command("port", port, Right.MEMBER, Place.PRIVATE),
    Command("sshkey", sshkey, Right.MEMBER, Place.PRIVATE),
    Command("datasets", datasets, Right.MEMBER, Place.PRIVATE),
    Command("disk", disk, Right.MEMBER, Place.PRIVATE),
    # The admin's.
    Command("adduser", adduser, Right.ADMIN, Place.PRIVATE),
    Command("invite", invite, Right.ADMIN, Place.PRIVATE),
    Command("containers", containers, Right.ADMIN, Place.PRIVATE),
    Command("adopt", adopt, Right.ADMIN, Place.PRIVATE),
    Command("archive", archive, Right.ADMIN, Place.PRIVATE),
    Command("restoreuser", restoreuser, Right.ADMIN, Place.PRIVATE),
    Command("deluser", deluser, Right.ADMIN, Place.PRIVATE),
    Command("bookfor", bookfor, Right.ADMIN),
    Command("revoke", revoke, Right.ADMIN),
    Command("block", block, Right.ADMIN),
    Command("unblock", unblock, Right.ADMIN),
    # Anybody's container, after its birth.
    Command("power", power, Right.ADMIN, Place.PRIVATE),
    Command("assign", assign, Right.ADMIN, Place.PRIVATE),
    Command("ports", ports, Right.ADMIN, Place.PRIVATE),
    Command("limit", limit, Right.ADMIN, Place.PRIVATE),
    Command("mount", mount, Right.ADMIN, Place.PRIVATE),
    Command("unmount", unmount, Right.ADMIN, Place.PRIVATE),
    Command("template", template, Right.ADMIN, Place.PRIVATE),
    Command("backup", backup, Right.ADMIN, Place.PRIVATE),
    Command("autosnapshot", autosnapshot, Right.ADMIN, Place.PRIVATE),
    Command("doctor", doctor, Right.ADMIN, Place.PRIVATE),
    # For strangers too: how to become a member.
    Command("help", help_, Right.EVERYONE, personal=True),
    Command("start", start, Right.EVERYONE),
)

PRESSES = {
    "gpus": Press(refresh, Right.LAB),
    "status": Press(picture, Right.LAB),
    "card": Press(details, Right.LAB, arguments=1),
    "peek": Press(peek_pressed, Right.LAB, arguments=1),
    "bookcard": Press(book_card, Right.MEMBER, arguments=1),
    "booknow": Press(book_now, Right.MEMBER, arguments=2),
    "new": Press(new, Right.MEMBER),
    "newhere": Press(new_here, Right.MEMBER),
    "draft": Press(choose, Right.MEMBER, arguments=3),
    "book": Press(book, Right.MEMBER, arguments=1),
    "booksaid": Press(book_said, Right.MEMBER, arguments=2),
    "change": Press(change, Right.MEMBER, arguments=1),
    "release": Press(release_booking, Right.MEMBER, arguments=1),
    "release1": Press(release_one, Right.MEMBER, arguments=1),
    "calendar": Press(calendar_pressed, Right.LAB, arguments=2),
    "ics": Press(ics_pressed, Right.MEMBER),
    "free": Press(free_day, Right.LAB, arguments=1),
    "extend": Press(extend_pressed, Right.MEMBER, arguments=2),
    "keep": Press(keep_pressed, Right.MEMBER, arguments=2),
    "letend": Press(let_end_pressed, Right.MEMBER, arguments=1),
    "wait": Press(wait_pressed, Right.MEMBER, arguments=1),
    "take": Press(take_pressed, Right.MEMBER, arguments=1),
    "leave": Press(leave_pressed, Right.MEMBER, arguments=1),
    "again": Press(again_pressed, Right.MEMBER, arguments=1),
    # Under the watch's messages.
    "watch": Press(watch_pressed, Right.MEMBER, arguments=3),
    # Runs, and what one wants to hear of.
    "run": Press(run_pressed, Right.MEMBER, arguments=2),
    "notify": Press(notify_pressed, Right.MEMBER, arguments=1),
    "bell": Press(bell_pressed, Right.MEMBER, arguments=1),
    "mycontainer": Press(show, Right.MEMBER),
    "container": Press(pressed, Right.MEMBER, arguments=2),
    "template": Press(template_pressed, Right.ADMIN, arguments=1),
    "honour": Press(honour_pressed, Right.ADMIN, arguments=1),
    "doctor": Press(doctor_pressed, Right.ADMIN),
    "ports": Press(ports_pressed, Right.MEMBER, arguments=1),
    "port!": Press(open_pressed, Right.MEMBER, arguments=2),
    "port-": Press(close_pressed, Right.MEMBER, arguments=2),
    # Snapshots: "!" is the answer to what was asked.
    "snapshot": Press(snapshot_pressed, Right.MEMBER, arguments=1),
    "snapshots": Press(snapshots_pressed, Right.MEMBER, arguments=1),
    "back": Press(back_pressed, Right.MEMBER, arguments=2),
    "back!": Press(back_confirmed, Right.MEMBER, arguments=2),
    "drop": Press(drop_pressed, Right.MEMBER, arguments=2),
    "drop!": Press(drop_confirmed, Right.MEMBER, arguments=2),
    # The admin's container table and what is done from it.
    "containers": Press(containers_pressed, Right.ADMIN, arguments=2),
    "adopt": Press(adopt_pressed, Right.ADMIN, arguments=2),
    "archive": Press(archive_pressed, Right.ADMIN, arguments=3),
    "batch": Press(batch_pressed, Right.ADMIN, arguments=2),
    "deluser": Press(deluser_pressed, Right.ADMIN, arguments=2),
    # The topics of /help.
    "help": Press(help_pressed, Right.EVERYONE, arguments=1),
    "how": Press(how_pressed, Right.MEMBER, arguments=1),
}


def register(application: PTBApplication, lab: Lab) -> None:
    """Put every row of the table into the application. An edited message is no new command, and that is said."""
    fresh = filters.UpdateType.MESSAGE
    private = fresh & filters.ChatType.PRIVATE
    for command in COMMANDS:
        callback = guarded(command.handler, command.right, command.place)
        application.add_handler(CommandHandler(command.name, callback, filters=fresh))
    application.add_handler(CallbackQueryHandler(router(PRESSES)))
    # Delight nobody with silence: a command that does not exist is answered, in private (groups have other bots).
    names = {right: tuple(one.name for one in COMMANDS if one.right is right) for right in Right}
    unknown = guarded(unknown_command(names), Right.EVERYONE)
    application.add_handler(MessageHandler((filters.COMMAND | WIDE_SLASH) & private, unknown))
    # A table of new users.
    application.add_handler(MessageHandler(TABLES & private, guarded(table, Right.ADMIN, Place.PRIVATE)))
    application.add_handler(MessageHandler(HasClaimLink() & private, guarded(pasted_link, Right.EVERYONE)))
    # Last: plain words. In private they are said to the bot; in the group strangers and chatter get silence.
    text = filters.TEXT & ~filters.COMMAND
    application.add_handler(MessageHandler(text & private, guarded(said_in_private, Right.MEMBER)))
    application.add_handler(MessageHandler(WORDLESS & private, guarded(wordless, Right.MEMBER)))
    edited = filters.UpdateType.EDITED_MESSAGE & filters.ChatType.PRIVATE
    application.add_handler(MessageHandler(edited & filters.TEXT, guarded(changed_afterwards, Right.MEMBER)))
    if lab.announcements:
        application.add_handler(MessageHandler(text & fresh & filters.ChatType.GROUPS, overheard(announcement)))
    application.add_handler(ChatMemberHandler(rights_changed, ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, group_moved))
    application.add_error_handler(on_error)
