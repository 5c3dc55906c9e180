"""What junzi needs of the world, as Protocols. Storage and adapters fulfil them; tests bring small honest fakes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.ability import Occasion
from bot.domain.asked import Asked
from bot.domain.health import PoolSpace
from bot.domain.instance import Device, HostGpu, Instance, InstanceUsage, Snapshot
from bot.domain.member import Member
from bot.domain.sample import Sample
from bot.domain.saying import Message, Saying


class Clock(Protocol):
    """The only reader of the time."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""

    async def sleep(self, seconds: float) -> None:
        """Wait that long by this clock (a sped-up clock waits less)."""


@dataclass(frozen=True)
class CommandResult:
    exit_code: int
    stdout: str
    stderr: str


class Instances(Protocol):
    """LXD. Every call may raise `bot.domain.errors.InstanceError` or one of its kinds; nothing else gets out.

    All calls leave the event loop; a call that is cancelled goes on in LXD, so callers shield what must be known.
    """

    async def list(self) -> Sequence[Instance]:
        """All containers of the project, stopped ones too."""

    async def list_with_usage(self) -> Sequence[tuple[Instance, InstanceUsage]]:
        """All of them with what each uses now, in one question to LXD."""

    async def get(self, name: str) -> Instance:
        """One container; InstanceNotFound."""

    async def usage(self, name: str) -> InstanceUsage:
        """What it uses now; a stopped one uses nothing and has no address."""

    async def host_gpus(self) -> Sequence[HostGpu]:
        """The NVIDIA cards that LXD could pass on."""

    async def copy(self, template: str, name: str, *, devices: Mapping[str, Device], config: Mapping[str, str]) -> None:
        """A stopped copy without snapshots; `devices` and `config` are laid over the template's. InstanceExists.

        A device of type "none" leaves out the template's of that name, an empty config value leaves out its key.
        Left out anyway: its proxy devices (a port belongs to one container), `user.junzi.*` (so does an owner)
        and `security.protection.delete` (archives have it).
        """

    async def settle(self, name: str) -> None:
        """Wait until LXD does nothing more with it: operations outlive a bot that was killed or stopped waiting."""

    async def start(self, name: str) -> None:
        """CardDeviceMissing, PortTaken, SourceMissing tell why it did not start. Already running is fine."""

    async def stop(self, name: str, *, timeout_seconds: int, force: bool = False) -> None:
        """Ask it to shut down; with `force`, pull the plug. Already stopped is fine."""

    async def delete(self, name: str) -> None:
        """Remove it for good, running or not; gone already is fine."""

    async def rename(self, name: str, new_name: str) -> None:
        """A stopped one only, with its snapshots. InstanceExists."""

    async def snapshot(self, name: str, snapshot_name: str) -> None:
        """Its disk, devices and configuration as they are now, for good. InstanceExists if it has one of that name."""

    async def snapshots(self, name: str) -> Sequence[Snapshot]:
        """The oldest first."""

    async def delete_snapshot(self, name: str, snapshot_name: str) -> None:
        """Gone already is fine."""

    async def set_device(self, name: str, device_name: str, device: Device) -> None:
        """Add or replace one device, at once; others' changes meanwhile are kept (ETag)."""

    async def remove_device(self, name: str, device_name: str) -> None:
        """Remove one of its own devices; absent is fine."""

    async def set_config(self, name: str, config: Mapping[str, str]) -> None:
        """Set these keys; an empty value removes one."""

    async def reconfigure(
        self, name: str, *, devices: Mapping[str, Device | None], config: Mapping[str, str | None] | None = None
    ) -> None:
        """Several changes in one: all of them or none. None removes a device or a key; absent is fine."""

    async def restore(self, name: str, snapshot_name: str) -> None:
        """Make it as it was, devices and configuration too; what runs is stopped, and started again after.

        InstanceNotFound: no such container or snapshot. A ZFS pool refuses any but the newest.
        """

    async def export(self, name: str, path: str, on_bytes: Callable[[int], None]) -> int:
        """Write all of it, without its snapshots, to a file of this machine; the file's size.

        `on_bytes` is called from another thread with what is written so far. What fails leaves no file.
        """

    async def version(self) -> str:
        """Of LXD. Plain InstanceError if it answers and does not trust our certificate."""

    async def pool_space(self, name: str) -> PoolSpace:
        """The storage pool where this container's root disk lies."""

    async def log(self, name: str) -> str:
        """What LXD noted at its last start: why it does not start. "" = nothing."""

    async def make_folder(self, name: str, path: str, *, mode: int = 0o755, uid: int = 0, gid: int = 0) -> None:
        """There already is fine, and stays as it is. Works on a stopped container too. FolderMissing."""

    async def write_file(
        self, name: str, path: str, content: bytes, *, mode: int = 0o644, uid: int = 0, gid: int = 0
    ) -> None:
        """Works on a stopped container too. FolderMissing: LXD makes no folders on the way."""

    async def read_file(self, name: str, path: str) -> bytes | None:
        """None if there is no such file."""

    async def delete_file(self, name: str, path: str) -> None:
        """Absent is fine."""

    async def run(
        self, name: str, command: Sequence[str], *, stdin: bytes = b"", timeout_seconds: int = 60
    ) -> CommandResult:
        """Run a program in a running container as root; one that is just being started is waited for.

        Secrets go by `stdin`: arguments are visible to every client of LXD. Output that is not
        UTF-8 is mended. Exit code 124 = it took too long, 127 = no such program.
        """

    async def console(self, name: str) -> str:
        """What it showed on its console since it was started, in plain text: why it does not boot. "" = nothing."""

    def changes(self) -> AsyncIterator[str]:
        """Names of containers that something happened to, as it happens, whoever did it; never ends by itself.

        "" = some may have been missed. It hears LXD again after LXD was away; it raises nothing.
        """

    async def close(self) -> None: ...


class HostFolders(Protocol):
    """Folders of the machine that LXD runs on. None = they can't be seen from here."""

    async def is_folder(self, path: str) -> bool | None:
        """None too if a folder above it is closed to us: LXD is root and may see what we can't."""

    async def real(self, path: str) -> str:
        """Where the links in it lead, as LXD would follow them; itself where nothing can be seen."""

    async def size(self, path: str, timeout_seconds: float) -> int | None:
        """All that is in it, in bytes; None too if counting took too long."""

    async def names(self, path: str, most: int) -> Sequence[str] | None:
        """What lies right in it, in order, at most so many; hidden files are left out."""

    async def free_bytes(self, path: str) -> int | None:
        """Room for a new file there; None too if we may not write there."""

    def here(self) -> Callable[[str], bool | None] | None:
        """`is_folder`, at once. None if no folder can be seen."""


class Messenger(Protocol):
    """Telegram. May raise `bot.domain.errors.NotYet` or `Never`.

    `asked`: the answer comes where the question was. Without it, a post of the bot's own: in the group's configured
    topic, if there is one.
    """

    async def send(self, chat_id: int, message: Message, voice: Voice, *, asked: Asked | None = None) -> int:
        """The new message's id."""

    async def edit(self, chat_id: int, message_id: int, message: Message, voice: Voice) -> None:
        """The same text again is fine. `Never` if the message is gone."""

    async def send_photo(
        self, chat_id: int, png: bytes, message: Message, voice: Voice, *, asked: Asked | None = None
    ) -> int:
        """A picture with the message under it (1024 characters at most); the new message's id."""

    async def edit_photo(self, chat_id: int, message_id: int, png: bytes, message: Message, voice: Voice) -> None:
        """Another picture and caption in the place of the old. `Never` if the message is gone or has no picture."""

    async def send_page(self, chat_id: int, png: bytes, message: Message, voice: Voice) -> int | None:
        """The rich form with the picture in it, in one message; None if that can't be done here."""

    async def send_document(
        self, chat_id: int, name: str, content: bytes, message: Message, voice: Voice, *, asked: Asked | None = None
    ) -> int:
        """A file called `name` with the message under it; the new message's id."""

    async def whisper(
        self,
        chat_id: int,
        receiver: int,
        message: Message,
        voice: Voice,
        occasion: Occasion,
        png: bytes | None = None,
    ) -> int | None:
        """A message in the group that `receiver` alone sees, under a picture if there is one; its ephemeral id, None if
        that can't be done here."""

    async def edit_whisper(
        self, chat_id: int, receiver: int, ephemeral_id: int, message: Message, voice: Voice
    ) -> None:
        """The same text again is fine. `Never` if it is gone, or is a picture."""

    async def edit_whispered_photo(
        self, chat_id: int, receiver: int, ephemeral_id: int, png: bytes, message: Message, voice: Voice
    ) -> None:
        """Another picture and caption in the place of the old, or of the text. `Never` if it is gone."""

    async def take_back_whisper(self, chat_id: int, receiver: int, ephemeral_id: int) -> None:
        """Gone already is fine."""

    async def tag_of(self, chat_id: int, telegram_id: int) -> str:
        """A member's tag in the group, "" for none. `Never` if they are not there, or can't have one."""

    async def set_tag(self, chat_id: int, telegram_id: int, tag: str) -> None:
        """ "" takes it away. `Never` for an administrator, who can't have one."""

    async def react(self, chat_id: int, message_id: int, emoji: str) -> bool:
        """ "Seen", without a message. False if no reaction could be set."""

    def wait_seconds(self, chat_id: int) -> float:
        """How long a message to that chat would wait for Telegram's flood limits now; 0 = not at all."""

    async def pin(self, chat_id: int, message_id: int) -> None:
        """Silently; pinned already is fine. `Never` if the bot has no right to pin there, or the message is gone."""

    async def unpin(self, chat_id: int, message_id: int) -> None:
        """`Never` if it is not pinned, or the bot has no right to pin there."""


class TopicKeeper(Protocol):
    """The topic of the group that posts of the bot's own go to, and what became of the last one."""

    number: int | None  # None: General, or a group without topics

    async def refused(self, words: str) -> None:
        """A post could not be made there, so it was made in General. `words` are Telegram's."""

    async def taken(self) -> None:
        """A post was made there."""


class Voice(Protocol):
    """A language and a time zone to speak in."""

    def say(self, saying: Saying | str, **values: object) -> str: ...
    def plain(self, saying: Saying | str, **values: object) -> str: ...
    def simple(self) -> Voice:
        """The same without what an old server may not know."""


class Voices(Protocol):
    """Which voice is understood where."""

    def for_member(self, member: Member) -> Voice: ...
    def for_language(self, language_code: str | None) -> Voice: ...
    def for_group(self) -> Voice: ...


class Cards(Protocol):
    """NVML joined with /proc. Never raises for a sick card: a failed reading is a reason in the sample."""

    async def sample(self) -> Sample:
        """All cards now, within the adapter's deadline."""

    async def close(self) -> None: ...


class OomKills(Protocol):
    """How often the kernel killed something in a container for want of memory (RAM, not the card's)."""

    def counts(self, instances: Collection[str]) -> Mapping[str, int]:
        """Since the container's start; a container of which it can't be read is left out."""
