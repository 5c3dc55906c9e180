"""The keys that open a container without a password: ~/.ssh/authorized_keys of its member, running or not."""

from __future__ import annotations

from bot.domain.container import InstanceRecord
from bot.domain.errors import InstanceError
from bot.domain.saying import Saying
from bot.domain.ssh_key import MOST_KEYS, keys_in, matching, read_key, with_key, without_key
from bot.domain.upkeep import KeysSeen, NotDone
from bot.services.faults import fault
from bot.services.workshop import By, Workshop


class SshKeyService:
    def __init__(self, workshop: Workshop) -> None:
        self._shop = workshop

    async def all(self, record: InstanceRecord) -> KeysSeen | NotDone:
        try:
            home = await self._home(record)
            if isinstance(home, NotDone):
                return home
            return KeysSeen(record, tuple(keys_in(await self._read(record, home))))
        except InstanceError as error:
            return NotDone(fault(error))

    async def add(self, record: InstanceRecord, text: str, by: By) -> KeysSeen | NotDone:
        key = read_key(text)
        if isinstance(key, str):
            return NotDone(Saying(f"sshkey.{key}"))

        async def work() -> KeysSeen | NotDone:
            home = await self._home(record)
            if isinstance(home, NotDone):
                return home
            before = await self._read(record, home)
            known = keys_in(before)
            if any(other.content == key.content for other in known):
                return KeysSeen(record, tuple(known), added=key)
            if len(known) >= MOST_KEYS:
                return NotDone(Saying("sshkey.too_many", {"count": len(known)}))
            await self._write(record, home, with_key(before, key))
            return KeysSeen(record, (*known, key), added=key)

        return await self._shop.alone("sshkey", record, by, work, {"fingerprint": key.fingerprint})

    async def remove(self, record: InstanceRecord, word: str, by: By) -> KeysSeen | NotDone:
        """`word`: its number in the list, or a part of its fingerprint."""

        async def work() -> KeysSeen | NotDone:
            home = await self._home(record)
            if isinstance(home, NotDone):
                return home
            before = await self._read(record, home)
            key = matching(keys_in(before), word)
            if key is None:
                return NotDone(Saying("sshkey.unknown", {"word": word}))
            after = without_key(before, key)
            await self._write(record, home, after)
            return KeysSeen(record, tuple(keys_in(after)), removed=key)

        return await self._shop.alone("sshkey", record, by, work, {"removed": word})

    async def _home(self, record: InstanceRecord) -> tuple[str, int, int] | NotDone:
        """The member's home, uid and gid as the container's own passwd has them."""
        user = await self._shop.owner(record)
        passwd = (await self._shop.instances.read_file(record.name, "/etc/passwd") or b"").decode(errors="replace")
        rows = (line.split(":") for line in passwd.splitlines())
        row = next((row for row in rows if len(row) == 7 and row[0] == user), None)
        if row is None or not (row[2].isdecimal() and row[3].isdecimal() and row[5].startswith("/")):
            return NotDone(Saying("sshkey.no_account", {"user": user}))
        return row[5].rstrip("/"), int(row[2]), int(row[3])

    async def _read(self, record: InstanceRecord, home: tuple[str, int, int]) -> str:
        content = await self._shop.instances.read_file(record.name, f"{home[0]}/.ssh/authorized_keys")
        return (content or b"").decode(errors="surrogateescape")

    async def _write(self, record: InstanceRecord, home: tuple[str, int, int], content: str) -> None:
        """sshd wants both to be the member's own, and closed to others."""
        folder, uid, gid = f"{home[0]}/.ssh", home[1], home[2]
        await self._shop.instances.make_folder(record.name, folder, mode=0o700, uid=uid, gid=gid)
        await self._shop.instances.write_file(
            record.name,
            f"{folder}/authorized_keys",
            content.encode(errors="surrogateescape"),
            mode=0o600,
            uid=uid,
            gid=gid,
        )
