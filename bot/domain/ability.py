"""What the Bot API server and the bot's rights in the group allow, as one small value.

Found out, never assumed: a server older than a feature ignores what it does not know, and would show to everybody what
was meant for one person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Abilities:
    """All off: what every server and every bot can do.

    `date_times`: times in the reader's own zone (Bot API 9.5). `rich`: tables and folds (10.1). `whispers`: messages in
    the group that one member alone sees (10.2). `is_admin`: the bot is an administrator of the group; then it may
    whisper at any time, else within 15 seconds of a press or an ephemeral command. `may_pin`, `may_tag`: its rights.
    """

    date_times: bool = False
    rich: bool = False
    whispers: bool = False
    is_admin: bool = False
    may_pin: bool = False
    may_tag: bool = False

    def without(self, feature: str) -> Abilities:
        """One feature turned out to be missing in the middle of the day."""
        return replace(self, **{feature: False})

    def allowed(self, *, quiet: bool, rich: bool) -> Abilities:
        """As the configuration wishes: `quiet` and `rich` may switch a feature off, never on."""
        return replace(self, whispers=self.whispers and quiet, rich=self.rich and rich)


@dataclass
class Able:
    """The one place where the present abilities are held; everybody reads `now`."""

    now: Abilities = Abilities()

    def lost(self, feature: str) -> None:
        self.now = self.now.without(feature)


@dataclass(frozen=True)
class Occasion:
    """What a message for one person alone answers: a press, or a command that only the bot saw; either lets a bot that
    is no administrator whisper for 15 seconds. `in_place`: where the pressed message stood, for the presser alone.
    `topic`: of a forum group, in which that happened."""

    callback_query_id: str | None = None
    ephemeral_command: int | None = None
    in_place: bool = False
    topic: int | None = None

    @property
    def allows(self) -> bool:
        return self.callback_query_id is not None or self.ephemeral_command is not None
