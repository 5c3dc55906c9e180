"""Every sentence that a person reads, in Chinese and in English.

The catalogues are TOML files under `catalogue/<language>/`, one a topic; a key is `topic.name`. A sentence is HTML as
Telegram takes it, with `{placeholders}`; values are escaped on the way in, so only the catalogues may hold tags.
`{count:|card|cards}` chooses by number. Nothing else in junzi writes a sentence.
"""

from bot.texts.catalogue import LANGUAGES, Catalogue, load
from bot.texts.voice import LabVoices, Voice, language_for

__all__ = ["LANGUAGES", "Catalogue", "LabVoices", "Voice", "language_for", "load"]
