"""What a sentence in the group does: it reserves, releases, extends, asks, or (nearly always) none of it.

A false alarm costs more than a miss, so a sentence is not searched for a verb: it is walked from its beginning, and
every word up to the verb must be known. A name, a 他, a "said", a "maybe" or a 昨天 in front of the verb ends the walk,
whether or not this file has heard of it. What comes after the verb is free ("for my thesis", 跑个 ViT), apart from the
words in `_TAKEN_BACK`. Questions are recognised by their shape instead, for they change nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.grammar.atoms import CardWish, Length, Mark, Memory, Moment, Token

# In a skeleton the tokens stand as capitals, which no text of one spelling has:
# C cards, D a length, E a further length ("two more hours"), T a moment, M memory, V a vague length, P the past.
_FURTHER = re.compile(r"more|extra|another|additional|further|\+")

# Messages that machines wrote or that quote somebody.
_NOT_SPEECH = re.compile(
    r"https?:|www\.|```|>>>|traceback|exception|(?:error|warning|info|debug|note)\b ?:|\berr(?:or)?\b|oom\b|out of memory"
    r"|cuda_|nvidia-smi|\bpython\d? |\bpip |\bconda |\bssh |\bsudo |\bkill |\bdocker |\bgit |\bwatch -|\becho |\bexport |\bimport "
    r"|torchrun|\bbash |\.py\b|\.sh\b|--[a-z]|==|\w=\w|[{}<>|\\$]|\[\w|epoch|\bloss\b|wandb|tensorboard|\bgib total"
    r"|^> |[\"“”「」『』《》]|转发|转自|forwarded|引用|原话|截图|(?:^|\n)(?!报备|占坑|占个坑|占位|通知|预约|预定|登记|预告|申请|reserv|book|fyi|update|heads)[^ \n:]{1,12}: ?\S",
)
# Cards that compute nothing, and 卡 that is no card.
_OTHER_CARDS = re.compile(
    r"(?:校园|银行|信用|储蓄|饭|房|门|门禁|学生|会员|公交|地铁|交通|电话|手机|流量|sim|sd|tf|内存|贺|名|购物|健身|工|医保|身份|储值|借书|借阅"
    r"|借记|打|考勤|刷|读|声|网|存储|点|充值|礼品|水|洗澡|月|年|油|通勤|停车|抽|发|办|挂失|补|丢|捡|一)卡(?!\d)"
    r"|卡(?:片|通|车|路里|死|住|顿|壳|bug|成|在|点|得|爆|哭|慢|关|文|文献|脖子|了|包|套|槽|号|密|丢|里|面|组|友|牌)"
    r"|(?:很|太|好|特别|超级|超|真|贼|老|有点|巨|非常|一直|又|经常)卡(?!\d|号)"
    r"|\b(?:credit|debit|bank|id|key|sim|sd|bus|gift|report|student|library|business|sound|network|flash|access|metro|meal"
    r"|campus|birthday|post|transit|membership|discount|visa|green|yellow|red|playing|trump|memory|video|score|time|swipe)"
    r" ?cards?\b|\bcard (?:reader|game|trick|holder|number|payment|was|expired|declined)\b"
)
# Said anywhere, these take the sentence back, put it in the past, in doubt or in another's mouth.
_TAKEN_BACK = re.compile(
    r"算了|才怪|开玩笑|逗你|假如|如果|要是|万一|的话|除非|说不定|可能|也许|或许|本来|原本|差点|等.{0,8}(?:空|完|结束|叫我|再说)|不行|失败"
    r"|报错|[跑用]挂|崩|挂了|死机|重启|维修|坏了|坏的|故障|掉卡|温度|风扇|怎么|为什么|为啥|咋|什么|哪|听说|据说|说|(?<!请)问|叫|催|让(?!出|一下)|换成|换到|每天|平均"
    r"|(?:用|跑|占|训|训练|等|借|挂|停|卡)了[^,。]{0,4}[DEVM]|[DEV]了|[DEV]来着|过C|用过|跑过|占过|抢|骗|梦|假装|别人|他|她|你|您"
    r"|的(?:同学|人|朋友|哥们|那位|大佬|兄弟|老哥|时候|进程|程序|显存|情况|驱动)|不够|没人|不能|不要|没有|没法|无法|别|明年|去年|以后|上次|下次"
    r"|当年|当初|那会"
    r"|\b(?:if|unless|maybe|might|perhaps|possibly|probably|never ?mind|nvm|instead|lol|lmao|haha|jk|kidding|joking|not sure"
    r"|was|were|had|took|used|ran|crashed|failed|broke|broken|yesterday|ago|ever|usually|always|every ?day|each|per|average"
    r"|he|she|they|him|her|them|his|someone|somebody|nobody|said|says|told|asks?|asked|you|your|can't|cannot|couldn't|wouldn't"
    r"|won't|shouldn't|why|how|what|which|whose|example|buy|sell|price|last|previous|would have|wish|hot|fan|driver|or)\b"
)

# Said after a verb that would reserve, these make it a remark: how long it takes, what came out, what should be done to it.
_REMARK = re.compile(
    r"才能|才够|够了|不动|出来|得出|结果|精度|准确率|指标|曲线|收敛|速度|加速|权限|爆|楼|馆|票|没(?!问题|人用|事|意见|关系|急)|不(?!好意思|要紧|过|超|到|影响|急|长|久"
    r"|多|用等|着急|会太|介意|可以|行|知道|打扰)"
    r"|\b(?:takes|makes?|gives?|cuts?|costs?|means|faster|slower|slow|speed\w*|accuracy|error|errors|problem|issue|out|fixed|replaced"
    r"|repaired|rebooted|updated|reinstalled|installed|checked|moved|broke|ddp|in pytorch|with pytorch|tensorflow|mom|dad)\b"
)
_TAKES_LONG = re.compile(r"(?:要|需要|得|花|耗|费|耗时|用时)(?:上|掉)?(?:大概|大约|差不多|整整|个)?[DEV]")

# Words that may stand in front of the verb and leave the sentence the speaker's own.
_LEADING_ZH = (
    "我们组 我们 我这边 我这里 我这 我自己 我 俺们 俺 咱们 咱 本人 在下 小弟 我的 自己 这边 这里 这张 这块 这个 那我 那么 那就 那 大家好 大家 各位好 各位 "
    "诸位 兄弟们 同学们 伙伴们 小伙伴们 家人们 老师们 朋友们 诸君 群友们 hi hello hey 嗨 哈喽 你好 你们好 早上好 下午好 晚上好 早 不好意思 抱歉 对不起 打扰了 "
    "打扰一下 打扰 麻烦了 麻烦 请问 请 报备一下 报备 登记一下 登记 通知一下 通知 通告 打个招呼 广播一下 广播 预告 占坑 占个坑 占位 申请 求 @all @所有人 ok okay "
    "好的 好 嗯嗯 嗯 行 哦 噢 诶 哎 唉 哈 哈哈 嘿 那个 急用 急需 急 ddl快到了 赶ddl 赶论文 先 就 来 要 想要 想 准备 打算 计划 预计 预备 需要 得 可以 可 "
    "能不能 能否 能 可不可以 可否 是否 会 将 将要 现在 目前 马上 立刻 立即 接下来 待会儿 待会 等会儿 等会 一会儿 稍后 开始 从 自 在 到 往 把 给 和 跟 与 也 都 "
    "还 再 又 共 总共 一共 大概 大约 约 差不多 左右 整 单独 独占 起 现在起 帮我 帮忙 临时 暂时 同时 一起 分别 各 的 上面 上 里 这次 今天 内 一下 了 吧 哈 啊 呀 哦 呢 啦 "
    "报告 提前 提前说 已经 已 终于 总算 刚刚 刚 全部 全 任务 实验 程序 作业 训练 模型 代码 进程 结果 job run task 这俩 两张 晚 晚点 "
    "gpu 显卡 卡 服务器上 服务器 机器上 机器"
).split()
_LEADING_EN = (
    "hi hello hey yo all everyone everybody guys folks team there ok okay so well then now just also and btw fyi sorry please pls "
    "plz quick heads up heads-up um uh hmm alright right good morning afternoon evening thanks thx "
    "i i'm im i'll ill i'd i've am we we're we'll will be been have have to got gotta going to gonna want to wanna need to "
    "would like to love to like to about to planning plan planning to plan to hoping to trying to intend to to can could may "
    "mind if i ok if i okay if i alright if i is it ok if i is it okay if i if it's ok if it's okay do let me lemme "
    "the a an on at in from for with of my our me it its is are both these this that again today rn right now currently "
    "starting soon finally quickly only still actually really urgently job run task experiment training process stuff jobs runs"
).split()
_SUBJECTS = frozenset(
    "我们组 我们 我这边 我这里 我这 我自己 我 俺们 俺 咱们 咱 本人 在下 小弟 我的 那我 i i'm im i'll ill i'd i've we we're we'll me lemme my our".split()
)
_WORDS_ZH = "|".join(re.escape(word) for word in sorted(_LEADING_ZH, key=len, reverse=True) if not word.isascii())
_WORDS_EN = "|".join(
    re.escape(word) for word in sorted({*_LEADING_EN, *filter(str.isascii, _LEADING_ZH)}, key=len, reverse=True)
)
# 要 but not 要是, 我 but not 我们's other half: a longer word wins, and these never stand in front of what they begin.
_LEADING = re.compile(
    rf"[\s,:~!.、()…-]+|[CDEVTM](?![a-z])|(?:{_WORDS_EN})(?![a-z'])|要(?!是|不|么)|得(?!了)|会(?!议)|(?!要|得|会)(?:{_WORDS_ZH})"
    r"|[^\w\s,.;:?!'\"(){}\[\]<>|/\\=+*#@$%^&`~-]"  # emoji
)

# Verbs by what they do; tried in this order at every step of the walk.
_ZH_DONE = r"(?:了|啦|咯|喽|嘞|哈|~|,|$)"
_VERBS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "extend",
        re.compile(
            r"(?:再|还要|还想|想|需要|要|得|申请)?(?:续期|续租|续约|续个|续上|续|延长|延期|延后|顺延|延)(?:一下|个)?(?:到|至)?.{0,6}[DET]"
            r"|(?:再|还要再?|还得再?|还需要?再?|需要再?|还想再?|要再|多)(?:用|跑|占|借|训|要|给我?|来|使用|占用|训练)?(?:用|跑)?(?:一下|个|C)?(?:,?大概|大约|差不多)?[DE]"
            r"|(?:再|还要|还得|还需要|继续)(?:用|跑|占|借|训|使用|占用|训练)(?:一下)?(?:C)?(?:大概|大约)?(?:到|至)T"
            r"|(?:继续|接着)(?:用|跑|占|训|使用|占用|训练)(?:一下)?C?(?:大概|大约|再)?[DE]"
            r"|多(?:用|跑|占|借|训)[DE]"
            r"|(?:extend|extending|renew|renewing|prolong|prolonging|extension)\b.{0,30}[DET]"
            r"|(?:need|needs|want|take|takes|have|get|give me|use|using|keep|keeping)\b[^,]{0,24}?(?:E|D (?:more|longer|extra)|(?:a bit|some) longer)"
            r"|(?:keep|keeping|hold on to|stay on|staying on)\b ?(?:using |on )?C[^,]{0,16}?[DET]"
            r"|E on C|D (?:more|longer|extra)(?: on| for| with)? ?C?"
        ),
    ),
    (
        "release",
        re.compile(
            rf"(?:跑|用|训|训练|测|测试|做|搞|弄|算|试)(?:完|好|完毕|结束){_ZH_DONE}|不(?:用|占|要|需要)C了|(?:不|不再|不需要|不需|用不|不想|暂时不)(?:用|占|要|跑|着|上|需要)(?:了|啦|咯)"
            r"|释放(?!的|一下吧)|(?:让|腾|空|放|退)(?:了)?出(?:来|去)?|[空闲](?:了|啦|下来了)|(?:还|归还|退|交)(?:给|还)(?:大家|各位|组里|群里)|撤了|下线了|下机了"
            r"|结束(?:了|啦)|解放了|可以(?:用|拿去|自取|随便用)了|大家(?:随便用|可以用|随意|自取|请用)|done(?: ?了| with|$|,)|释放了|已释放|finished了|free ?了"
            r"|(?:all )?(?:done|finished|through) (?:with|using|on)\b|(?:releas(?:e|es|ing|ed)|free(?:d|ing)?(?: up)?|return(?:ing|ed)?"
            r"|giv(?:e|ing) (?:back|up)|handing back|vacat(?:ing|ed))\b ?(?:the )?(?:C|my)|(?:don't|do not|dont|no longer) need C|(?:finished|done)(?:,|$| now| early)"
            r"|off C|leaving C"
        ),
    ),
    (
        "reserve",
        re.compile(
            r"(?:借用|使用|占用|占据|霸占|征用|承包|预定|预订|预约|申请|借|占|用|跑|训练|训|订|拿|锁|包|测试|测|调试|开|训个|挂)(?!完|好了|毕)(?:我|走|个|着|住|下)?"
            r"|归我|给我|要(?=C|D|M)|都要(?=[,。了D]|$)|需要(?=C|D|M)|求(?=C)|来(?=C)|上(?=C)"
            r"|(?:be )?(?:using|taking|grabbing|booking|reserving|claiming|holding|borrowing|occupying|running|training|launching|locking)\b"
            r"|(?:take|grab|book|reserve|claim|hold|borrow|need|want|lock|occupy)\b(?! to\b)|dibs on\b|(?:use|run|train|have|get|launch|start)\b"
            r"|(?:starting|start|kicking off)\b|on (?=C)|mine\b|for me\b"
        ),
    ),
)
_NEEDS_SUBJECT_EN = re.compile(r"(?:use|run|train|have|get|launch|start|want)\b|on ")
_ASSUMES_MODAL = re.compile(r"(?:have|get)\b")
_HABITUAL = re.compile(r"(?:use|run|train|have|get|start|launch|running|training|need|want)\b|开|需要|测")
_NEEDS_SUBJECT_ZH = re.compile(r"[开挂跑训测拿包上]")
# "gpu0 is free now", "my job on gpu2 is done": a statement about the card, with the card in front.
_CARD_FREED = re.compile(
    r"(?:C(?: is| are|'s)?(?: now| all)? (?:free|released|available|up for grabs|all yours|yours|open|done|finished)(?: now| again)?(?=$|[,!.~ ])"
    r"(?! (?:for|on|at|in|from|tomorrow|until|after|if|when|to)\b| ?T)"
    r"|my (?:job|run|training|experiment|process|task)s?(?: on C)? (?:is |are |has |have |just |'s )?(?:just )?(?:done|finished|completed|over)\b)"
)
_GREETING = re.compile(r"^(?:(?:ok|okay|hi|hey|all|everyone|guys|fyi|btw|so|and)(?![a-z])|[\s,])+")
_EARLY = re.compile(
    r"没|快|马上|等|预计|估计|将|会|T|D|almost|nearly|soon|will|'ll|going to|gonna|about to|when|once|after|before|not |isn't|hasn't"
)
_ASKING = re.compile(r"[?]|[吗么呢](?=$|[,。!~ ])|没(?=$|[,。!~ ])|^(?:is|are|does|did|do) ")
_POLITE = re.compile(
    r"(?:可以|行|好|方便|成|ok|没问题|介意|能|可|没人用|有人有意见|有意见|大家)[^,。]{0,4}[吗么吧嘛不]|能不能|可不可以|可否|能否|^(?:[^,。]{0,6}[,。 ])?(?:请问)?我?(?:可以|能)[^,。?]{0,20}吗"
    r"|(?:can|could|may|mind if|ok if|okay if|alright if) (?:i|we)\b|is it ok|is that ok|any objections|ok\?|okay\?|good\?|fine\?"
)
_COURTESIES = re.compile(
    r"\b(?:ok|okay|alright|fine|cool|mind) if i\b|if (?:that's|it's|thats) (?:ok|okay|fine|alright)|if nobody (?:minds|objects)"
    r"|\b(?:ping|dm|tell|message|text|call|poke|shout|let)\b me.*|有(?:事|问题|急用|需要)?.{0,4}(?:叫|找|喊|联系|戳|说|@)(?:我|一声).*"
)
_CARD_WORD = r"(?:C|gpus?(?![a-z])|卡|显卡|cards?(?![a-z]))"
_QUESTION = re.compile(
    rf"C[^,。]{{0,6}}(?:跑|用)(?:完|好)了?(?:吗|没|么)|谁(?:还|现在|正|又|又在|一直)?(?:在|占|正在|用着|开着|拿着|用的)[^,。]{{0,10}}{_CARD_WORD}|{_CARD_WORD}[^,。]{{0,8}}(?:被谁|谁在|是谁|谁占|谁用的|谁的|谁正|谁还)"
    rf"|(?:有|还有|还剩|剩下?)(?:没有|没|几张|多少|哪些|哪张)?(?:人?不?用的|多余的?|没人用的|能用的|可用的|空闲的?|空余的?|空着的|空的|空|闲置的?|闲的?|富余的?|剩余的?)?{_CARD_WORD}[^,。]{{0,6}}(?:[吗么不嘛呀呢没?]|可以用|能用|$)"
    rf"|(?:哪|几)[张块个些]?(?:的)?{_CARD_WORD}[^,。]{{0,6}}(?:空|闲|没人|能用|可用|可以用|有人|占)|C(?:现在|目前|还|今晚|今天|T)?[^,。]{{0,3}}(?:是空|空着|空闲|闲着|没人用|能用|可用|空)"
    rf"|{_CARD_WORD}[^,。]{{0,10}}(?:有人|没人|人)(?:正?在)?(?:用|占|跑)?|{_CARD_WORD}[^,。]{{0,6}}(?:空|闲|占|忙|能用|可以用|可用|用着)[^,。]{{0,6}}[吗么没不?]"
    rf"|{_CARD_WORD}[^,。]{{0,8}}(?:什么时候|啥时候|何时|几点|多久|多长时间|还要多久|几时)|(?:什么时候|啥时候|何时|几点|几时)[^,。]{{0,8}}{_CARD_WORD}|T[^,。]{{0,4}}有[^,。]{{0,3}}卡"
    rf"|\bwho(?:'s| is| are|se| has| have| booked| reserved| took| else)?\b[^.]{{0,32}}{_CARD_WORD}"
    rf"|\b(?:is|are|'s)(?: there)?(?: anyone| anybody| someone)?(?: using| on)?(?: any| the| some)?(?: free| idle| spare)? ?{_CARD_WORD}(?: ?\?|[^.]{{0,16}}\b(?:free|available|idle|in use|busy|taken|booked|occupied|used)\b|$)"
    rf"|\b(?:any|some)(?:one|body)(?: is| still| else| currently)*(?: using| on| running| training)[^.]{{0,12}}{_CARD_WORD}"
    rf"|(?:\b(?:any|which|what|how many|got|free|idle|spare|available)\b[^.]{{0,12}})?{_CARD_WORD}(?: is| are|'s)?(?: currently| still)? ?(?:free|available|idle|open|unused|in use|busy)\b"
    rf"|\bwhen\b[^.]{{0,24}}{_CARD_WORD}|\bhow (?:long|much longer|soon)\b[^.]{{0,24}}{_CARD_WORD}|\bany (?:free|idle|available|spare|open) {_CARD_WORD}|\b(?:what|what's) free"
)
_SURE_QUESTION = re.compile(
    r"[?]|[吗么呢嘛](?=$|[,。!~? ])|不(?=$|[,。!~? ])|没(?=$|[,。!~? ])|谁在|谁占|被谁|是谁|谁的|哪[张块个些]|什么时候|啥时候|何时|几点|多久|有没有|^(?:.{0,12}\b)?(?:who|which|when|how|is|are|any|anyone|anybody|what)\b"
)
_NO_QUESTION = re.compile(
    r"记得|告诉|说一声|别|通知|群里|买|卖|价格|多少钱|推荐|建议|区别|should i|better|recommend|difference|buy|price|worth|why|colab|为什么|为啥|怎么"
    r"|如果|要是|\bif\b|没人用的话|你|您|\byou\b|\byour\b|说|said|(?<!请)问|的人|\bonce\b|\bwhen\b.*\bi(?:'ll| will|'d)\b|(?:let|tell|ping|notify) me"
)
_MOST_CLAUSES = 12
_HINT = re.compile(r"卡|gpu|card|cuda|续|0号|第\d|整机|整台|machine|server|node|box|titan|[a-z]\d\d|\d{4}")
_CLAUSE_END = re.compile(r"[,。!?;\n、]|(?<!\d)\.(?!\d)|\.(?= |$)")


@dataclass(frozen=True)
class Act:
    """What was done, and the tokens that belong to it."""

    intent: str
    tokens: tuple[Token, ...] = ()


NOTHING = Act("none")


def skeleton(text: str, tokens: Iterable[Token]) -> str:
    """The text with capitals for its tokens: "i'm using C for D". Words such as "until" stay words."""
    parts, cursor = [], 0
    for token in tokens:
        if letter := _letter(text, token):
            parts += [text[cursor : token.start], letter]
            cursor = token.end
            if text[token.end - 1 : token.end] == " ":
                parts.append(" ")
    return "".join([*parts, text[cursor:]])


def _letter(text: str, token: Token) -> str:
    atom = token.atom
    if isinstance(atom, CardWish):
        return "C" if _surely_cards(text[token.start : token.end], atom) else ""
    if isinstance(atom, Length):
        return "E" if _FURTHER.search(text[token.start : token.end]) else "D"
    if isinstance(atom, Moment):
        return "P" if atom.day is not None and (atom.day.offset or 0) < 0 else "T"
    if isinstance(atom, Memory):
        return "M"
    return "V" if atom == Mark("vague") else ""


def _surely_cards(said: str, wish: CardWish) -> bool:
    """Whether the words name cards and nothing else: 两张 may be tickets, "a card" may be for a birthday."""
    if wish.model or (wish.indices and said.startswith("0号")):
        return True
    return re.search(r"卡|gpu|card|cuda|machine|server|机", said) is not None and not re.fullmatch(
        r"an? card", said.strip()
    )


def may_be_about_cards(text: str) -> bool:
    """Whether a message is worth reading: nearly all of a group's are not, and this tells it in a microsecond."""
    return _HINT.search(text) is not None


def read_act(text: str, tokens: list[Token]) -> Act:
    """The act of a message of one spelling; NOTHING when unsure."""
    if _NOT_SPEECH.search(text) or _OTHER_CARDS.search(text):
        return NOTHING
    whole = skeleton(text, tokens)
    if "P" in whole:
        return NOTHING
    intent = _statement(whole)
    if intent == "none":
        intent = _question(whole, text)
    return Act(intent, tuple(_relevant(text, tokens))) if intent != "none" else NOTHING


def _clauses(whole: str) -> list[str]:
    return [clause.strip() for clause in _CLAUSE_END.split(whole) if clause.strip()]


def _statement(whole: str) -> str:
    """Reserve, release or extend, if the message does exactly one of them; to extend is also to go on using."""
    found = set()
    for clause in _from_each_clause(whole):
        if (intent := _walk(clause, whole)) != "none":
            found.add(intent)
            if intent != "reserve":
                break
    if found == {"extend", "reserve"}:
        return "extend"
    return found.pop() if len(found) == 1 else "none"


def _from_each_clause(whole: str) -> list[str]:
    """The rest of the message from the start of each of its clauses."""
    starts = [0, *(match.end() for match in _CLAUSE_END.finditer(whole))]
    if len(starts) > _MOST_CLAUSES:
        return []
    return [rest for start in starts if (rest := whole[start:].strip())]


def _walk(rest: str, whole: str) -> str:
    """The act of a text from its start: known words up to a verb, and nothing after it that takes it back."""
    if _CARD_FREED.match(_without_greeting(rest)):
        return "release" if not (_ASKING.search(whole) or _TAKEN_BACK.search(whole) or _EARLY.search(rest)) else "none"
    cursor, subject = 0, False
    while cursor < len(rest):
        for intent, verb in _VERBS:
            if match := verb.match(rest, cursor):
                if _stands(intent, match, rest, whole, subject):
                    return intent
                if intent == "reserve" and not _LEADING.match(rest, cursor):
                    return "none"
        word = _LEADING.match(rest, cursor)
        if word is None:
            return "none"
        subject |= word[0] in _SUBJECTS
        cursor = word.end()
    return "none"


def _without_greeting(rest: str) -> str:
    return _GREETING.sub("", rest)


def _stands(intent: str, match: re.Match[str], rest: str, whole: str, subject: bool) -> bool:
    """Whether a verb that was reached is meant: with a card, and nothing that takes it back."""
    if "C" not in whole and not (intent == "extend" and "续" in match[0]):
        return False
    if intent == "release":
        return _stands_release(match, rest, whole)
    if _TAKEN_BACK.search(_COURTESIES.sub("", whole)):
        return False
    if _ASKING.search(whole) and not _POLITE.search(whole):
        return False
    if intent == "extend":
        return bool(re.search(r"[DET]", rest))
    return _stands_reserve(match, rest, whole, subject)


def _stands_release(match: re.Match[str], rest: str, whole: str) -> bool:
    before = rest[: match.end()]
    doubtful = re.sub(r"don't|do not|dont|can't", "", whole)
    taken_back = _TAKEN_BACK.search(re.sub(r"谁要|谁[拿用]|you|your|说一声|别人", "", doubtful))
    timed = re.search(r"[DEV]|(?<!for )T", whole)
    return not (taken_back or timed or _EARLY.search(before) or _ASKING.search(whole))


def _stands_reserve(match: re.Match[str], rest: str, whole: str, subject: bool) -> bool:
    """A reservation has a card, and a time or a speaker; without a time it says nothing else at all."""
    after = rest[match.end() :]
    if (
        re.match(r"C?的", after)
        or _REMARK.search(after)
        or re.match(r"run", match[0])
        and re.match(r" (?:late|low)", after)
    ):
        return False
    if _ASSUMES_MODAL.match(match[0]) and not re.search(r"\b(?:can|could|may|like to|mind if|want to|let)\b", rest):
        return False
    if not re.search(r"[DET]", whole):
        return subject and not _HABITUAL.match(match[0]) and not _strange(after)
    if subject:
        return True
    if _NEEDS_SUBJECT_EN.match(match[0]) or _TAKES_LONG.search(after):
        return False
    takes_long = match[0] == "要" and after.startswith("D")
    return not takes_long and (not _NEEDS_SUBJECT_ZH.match(match[0]) or "C" in rest[: match.end() + 12])


def _question(whole: str, text: str) -> str:
    """Whether a sentence asks who has which card, or which is free; by its shape, with and without its tokens."""
    if _NO_QUESTION.search(text):
        return "none"
    sentences = [part for said in (whole, text) for part in re.split(r"[。!;\n]", said)]
    asked = any(_QUESTION.search(sentence) and _SURE_QUESTION.search(sentence) for sentence in sentences)
    return "query" if asked else "none"


def _relevant(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens without those of clauses about something else: "my defence is tomorrow, ..."."""
    kept: list[Token] = []
    starts = [
        0,
        *(match.end() for match in _CLAUSE_END.finditer(text) if not _inside(match.start(), tokens)),
        len(text),
    ]
    for start, end in zip(starts, starts[1:], strict=False):
        inside = [token for token in tokens if start <= token.start < end and _counts(text, token)]
        clause = skeleton(text[:end], inside)[start:] if inside else ""
        if any(isinstance(t.atom, CardWish) for t in inside) or _IN_USE.search(clause) or not _strange(clause):
            kept += inside
    return kept


def _counts(text: str, token: Token) -> bool:
    """Whether a token may be used in a sentence, where a bare number or an "all" is no card."""
    return not isinstance(token.atom, CardWish) or _letter(text, token) == "C"


_IN_USE = re.compile(
    r"[用跑占借训续延还]|结束|\b(?:until|till?|for|use|using|tak(?:e|ing)|run(?:ning)?|need|say|should take|about|more|from)\b"
)


def _inside(place: int, tokens: list[Token]) -> bool:
    return any(token.start <= place < token.end for token in tokens)


def _strange(clause: str) -> bool:
    """Whether a clause has words beyond its tokens that no sentence about cards needs."""
    cursor = 0
    while cursor < len(clause):
        word = _LEADING.match(clause, cursor) or _CLAUSE_END.match(clause, cursor) or _MARKS.match(clause, cursor)
        if word is None:
            return True
        cursor = word.end()
    return False


_MARKS = re.compile(
    r"until|till?|by|from|to|starting|开始|起|后|前|之后|之前|结束|为止|or so|ish|max|tops|就好|就行|足够|够了|即可|谢谢|感谢|thanks|thank you|ty"
)
