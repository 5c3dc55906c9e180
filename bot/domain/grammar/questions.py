"""Questions that the ledger can answer: who has a card, which is free, and when."""

from __future__ import annotations

import re

from bot.domain.grammar.words import either

_CARD = r"(?:C|gpus?(?![a-z])|卡|显卡|cards?(?![a-z]))"
_NEAR = r"[^,。]"
_FREE_ZH = "(?:人?不?用的|多余的?|没人用的|能用的|可用的|空闲的?|空余的?|空着的|空的|空|闲置的?|闲的?|富余的?|剩余的?)?"
_WHEN_ZH = "(?:什么时候|啥时候|何时|几点|几时)"
_ZH = (
    rf"C{_NEAR}{{0,6}}(?:跑|用)(?:完|好)了?(?:吗|没|么)",
    rf"谁(?:还|现在|正|又|又在|一直)?(?:在|占|正在|用着|开着|拿着|用的){_NEAR}{{0,10}}{_CARD}",
    rf"{_CARD}{_NEAR}{{0,8}}(?:被谁|谁在|是谁|谁占|谁用的|谁的|谁正|谁还)",
    rf"(?:有|还有|还剩|剩下?)(?:没有|没|几张|多少|哪些|哪张)?{_FREE_ZH}{_CARD}"
    rf"{_NEAR}{{0,6}}(?:[吗么不嘛呀呢没?]|可以用|能用|$)",
    rf"(?:哪|几)[张块个些]?(?:的)?{_CARD}{_NEAR}{{0,6}}(?:空|闲|没人|能用|可用|可以用|有人|占)",
    rf"C(?:现在|目前|还|今晚|今天|T)?{_NEAR}{{0,3}}(?:是空|空着|空闲|闲着|没人用|能用|可用|空)",
    rf"{_CARD}{_NEAR}{{0,10}}(?:有人|没人|人)(?:正?在)?(?:用|占|跑)?",
    rf"{_CARD}{_NEAR}{{0,6}}(?:空|闲|占|忙|满|能用|可以用|可用|用着){_NEAR}{{0,6}}[吗么没不?]",
    rf"{_CARD}{_NEAR}{{0,8}}(?:{_WHEN_ZH}|多久|多长时间|还要多久)",
    rf"{_WHEN_ZH}{_NEAR}{{0,8}}{_CARD}",
    rf"有人(?:正)?在?(?:用|跑|占|训){_NEAR}{{0,4}}{_CARD}",
    rf"{_CARD}[^。]{{0,12}}谁(?:在|正在)?(?:用|跑|占)",
    rf"T{_NEAR}{{0,4}}有{_NEAR}{{0,3}}卡",
)
_BUSY_EN = r"\b(?:free|available|idle|in use|busy|taken|booked|occupied|used)\b"
_EN = (
    r"\bwho(?:'s| is| are|se| has| have| else)?(?: is| got| been| currently| still)? ?(?:using|on|hogging|holding"
    rf"|running|training|has|have|got|took|taking|booked|reserved|occupying)?(?: on)?(?: the)? ?{_CARD}",
    r"\b(?:is|are|'s)(?: there)?(?: anyone| anybody| someone)?(?: using| on)?(?: any| the| some| an?)?"
    rf"(?: free| idle| spare)? ?{_CARD}(?: right now| now| T)?(?: ?\?|[^.]{{0,16}}{_BUSY_EN}|$)",
    r"\b(?:any|some)(?:one|body)(?: is| still| else| currently){0,3}(?: using| on| running| training)"
    rf"[^.]{{0,12}}{_CARD}",
    rf"(?<!my ){_CARD}(?: is| are|'s)?(?: currently| still)? ?(?:free|available|idle|open|unused|in use|busy)\b",
    rf"\bwhen\b[^.]{{0,24}}{_CARD}",
    rf"\bhow (?:long|much longer|soon)\b[^.]{{0,24}}{_CARD}",
    rf"\bany (?:free|idle|available|spare|open) {_CARD}",
    r"\bwhat(?:'s| is) free(?: right now| now| tonight| today| tomorrow| T)? ?\??$",
)
_QUESTION = re.compile("|".join([*_ZH, *_EN]))
# A question mark, a particle at the end of a clause, or a word that only asks.
_END = r"(?=$|[,。!~? ])"
_ASKING_WORDS = either("谁用着 谁在 谁占 被谁 是谁 谁的 哪[张块个些] 什么时候 啥时候 何时 几点 多久 有没有")
_SURELY = re.compile(
    rf"[?]|[吗么呢嘛不没]{_END}|{_ASKING_WORDS}"
    r"|^(?:(?:hi|hey|hello|ok|so|and|btw|guys|all|everyone|sorry|do we have)[ ,]*){0,3}"
    r"(?:who|do|which|when|how|is|are|any|anyone|anybody|what)\b"
)
# Requests, advice, shopping, and questions to one person: not for the ledger.
_OTHERWISE = re.compile(
    either(
        "记得 告诉 说一声 别 通知 群里 买 卖 价格 多少钱 推荐 建议 区别 为什么 为啥 怎么 如果 要是 没人用的话 你 您"
        r" 说 (?<![请想])问(?!下|一下) 的人 should_i better recommend difference buy price worth why colab \bif\b"
        r" \byou\b \byour\b said \bonce\b \bwhen\b.*\bi(?:'ll|_will|'d)\b (?:let|tell|ping|notify)_me"
    )
)
_SENTENCE_END = re.compile(r"[。!;\n]|(?<=[?])")


def asks(whole: str, text: str) -> bool:
    """Whether a message asks the ledger something; its skeleton is looked at, and its words."""
    if _OTHERWISE.search(text):
        return False
    sentences = [part for said in (whole, text) for part in _SENTENCE_END.split(said)]
    return any(_QUESTION.search(sentence) and _SURELY.search(sentence) for sentence in sentences)
