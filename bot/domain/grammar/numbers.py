"""Numbers as people write them: digits, 两, 十二, twelve, twenty-four, a couple of."""

from __future__ import annotations

_ZH_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_EN_ONES = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_EN_TENS = {
    word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_EN_OTHERS = {"a": 1, "an": 1, "a couple of": 2, "a couple": 2, "couple of": 2, "another": 1}

# Bounded everywhere: a line of four thousand digits must cost no more than a line of words.
DIGITS = r"(?<![\d.])\d{1,40}(?:\.\d{1,9})?(?![\d.]\d)(?!\d)"
ZH = r"[零〇一二两俩三四五六七八九十百]{1,5}"
EN = (
    r"(?<![a-z])(?:a couple of|couple of|a couple|another|an|a|"
    + "|".join(f"{tens}(?:[- ](?:{'|'.join(list(_EN_ONES)[1:10])}))?" for tens in _EN_TENS)
    + "|"
    + "|".join(sorted(_EN_ONES, key=len, reverse=True))
    + r")(?![a-z])"
)


def read_number(text: str) -> float:
    """The value of a text that one of this module's patterns matched; ValueError for any other text."""
    text = text.strip()
    if text[:1].isdigit():
        return float(text)
    if text[:1] in _ZH_DIGITS or text[:1] in ("十", "百"):
        return _read_zh(text)
    words = text.replace("-", " ")
    if words in _EN_OTHERS:
        return _EN_OTHERS[words]
    tens, _, ones = words.rpartition(" ")
    total = _EN_TENS.get(ones, _EN_ONES.get(ones)) if not tens else _EN_TENS.get(tens, 0) + _EN_ONES.get(ones, 0)
    if total is None:
        raise ValueError(text)
    return total


def _read_zh(text: str) -> float:
    """The value of Chinese numerals up to 999."""
    total, digit = 0, None
    for character in text:
        if character in "十百":
            total += (1 if digit is None else digit) * (10 if character == "十" else 100)
            digit = None
        else:
            # 二四 is "two, four" read out digit by digit, as in 二四年.
            digit = _ZH_DIGITS[character] if digit is None else digit * 10 + _ZH_DIGITS[character]
    return total + (digit or 0)
