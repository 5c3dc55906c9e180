"""Shares of a card's memory: 10G, 20 GiB, 10g显存, 一半, half of it, 50%."""

from __future__ import annotations

import re

from bot.domain.grammar import numbers
from bot.domain.grammar.atoms import Broken, Memory

# People who say GB of a card's memory mean the GiB that nvidia-smi shows.
_GIB_PER_UNIT = {"g": 1.0, "gb": 1.0, "gib": 1.0, "m": 1 / 1024, "mb": 1 / 1024, "mib": 1 / 1024}
_OF_MEMORY = r"(?: ?(?:of )?(?:the |its )?(?:的?显存|的?内存|gpu memory|memory|vram|mem)(?![a-z]))?"
_FRACTIONS = {
    **dict.fromkeys(("一半", "半张卡", "半卡", "半张", "半块", "half"), 0.5),
    **dict.fromkeys(("三分之一", "a third", "one third"), 1 / 3),
    **dict.fromkeys(("四分之一", "a quarter", "one quarter"), 0.25),
    "三分之二": 2 / 3,
    "四分之三": 0.75,
}

_GIB = (
    rf"(?P<mem_sign>(?<![\w.])[+-] ?)?(?P<mem_n>{numbers.DIGITS}) ?个?(?P<mem_u>gib|gb|g|mib|mb)(?![a-z])"
    rf"{_OF_MEMORY}"
)
_PERCENT = rf"(?P<mem_percent>{numbers.DIGITS}) ?%{_OF_MEMORY}"
# A card's own name is not part of it: "half of gpu0", 半张卡0.
_FRACTION_WORDS = "|".join(
    word + (r"(?! ?\d)" if word.endswith("卡") else "") for word in sorted(_FRACTIONS, key=len, reverse=True)
)
_HALF_OF = (
    rf"(?P<mem_f>{_FRACTION_WORDS}|半(?=卡 ?\d))(?! ?-?(?:an? |hour|day|past|week))(?![a-z])"
    rf"(?: (?:of )?(?:it|(?:the|a) (?:card|gpu))(?![a-z\d])(?! \d{{1,2}}(?![\dhdm])))?{_OF_MEMORY}"
)
MEMORY = rf"(?:{_GIB}|{_PERCENT}|(?<![a-z]){_HALF_OF})"


def read_memory(match: re.Match[str]) -> Memory | Broken:
    """A share, or what is wrong with it."""
    if fraction := match["mem_f"]:
        return Memory(fraction=_FRACTIONS.get(fraction, 0.5))
    if percent := match["mem_percent"]:
        share = float(percent) / 100
        return Memory(fraction=share) if 0 < share <= 1 else Broken("phrase.bad_memory")
    gib = float(match["mem_n"]) * _GIB_PER_UNIT[match["mem_u"]]
    if gib <= 0 or "-" in (match["mem_sign"] or ""):
        return Broken("phrase.bad_memory")
    return Memory(gib=gib)
