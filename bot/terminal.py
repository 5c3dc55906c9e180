"""Who sits at the terminal: the language it speaks, and the voice that answers there."""

from __future__ import annotations

import os
from datetime import timezone

from bot.texts import Voice, language_for


def spoken_here() -> str:
    """The operator's language, as the terminal says it; English where it does not, as under systemd."""
    return next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "en")


def voice_here() -> Voice:
    return Voice(language_for(spoken_here()), timezone.utc)
