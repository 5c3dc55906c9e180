"""The speaker's words up to a verb, and the verbs that reserve, release and extend, in both languages."""

from __future__ import annotations

import re

from bot.domain.grammar.words import either, longest_first

# Words that may stand in front of the verb and leave the sentence the speaker's own. A name is not among them.
_SUBJECTS_ZH = "我们组 我们 我这边 我这里 我这 我自己 我 俺们 俺 咱们 咱 本人 在下 小弟 我的 那我 被我"
_SUBJECTS_EN = "i i'm im i'll ill i'd i've we we're we'll me lemme my our"
# 大家, not 大家用: what the others do is no announcement.
_AUDIENCE_ZH = "大家 各位 诸位 兄弟们 同学们 伙伴们 小伙伴们 家人们 老师们 朋友们 诸君 群友们 大佬们"
_GREETINGS_ZH = (
    "大家好 各位好 嗨 哈喽 你好 你们好 早上好 下午好 晚上好 早 不好意思 抱歉 对不起 打扰了 打扰一下 打扰 麻烦了"
    " 麻烦 请问 请 报备一下 报备 登记一下 登记 通知一下 通知 通告 打个招呼 广播一下 广播 预告 占坑 占个坑 占位 申请"
    " 求 @all @所有人 好的 好 嗯嗯 嗯 行 哦 噢 诶 哎 唉 哈 哈哈 嘿 那个 急用 急需 急 ddl快到了 赶ddl 赶论文 报告"
    " 提前说"
)
_MODALS_ZH = (
    "没跑完 还没跑完 没训完 没结束 先 就 来 要 想要 想 准备 打算 计划 预计 预备 需要 得 可以 可 能不能 能否 能"
    " 可不可以 可否 是否 会 将 将要 现在 目前 马上 立刻 立即 接下来 待会儿 待会 等会儿 等会 一会儿 稍后 开始 起"
    " 现在起 帮我 帮忙 临时 暂时 同时 一起 分别 已经 已 终于 总算 刚刚 刚 提前 还 再 又 也 都"
)
_SMALL_ZH = (
    "时间 使用时间 自己 这边 这里 这张 这块 这个 那么 那就 那 从 自 在 到 往 把 给 和 跟 与 共 总共 一共 大概"
    " 大约 差不多 左右 整 单独 独占 各 的 上面 上 里 这次 今天 内 一下 了 吧 啊 呀 呢 啦 全部 全 任务 实验"
    " 程序 作业 训练 模型 代码 进程 结果 这俩 两张 晚 晚点 显卡 卡 服务器上 服务器 机器上 机器"
)
_LEADING_EN = (
    "hi hello hey yo all everyone everybody guys folks team there ok okay so well then now just also and btw fyi"
    " sorry please pls plz quick heads_up heads-up um uh hmm alright right good morning afternoon evening thanks"
    " thx am will be been have has got gotta going_to gonna want_to wanna need_to would_like_to love_to like_to"
    " about_to planning planning_to plan plan_to hoping_to trying_to intend_to to can could may mind_if_i"
    " anyone_mind_if_i does_anyone_mind_if_i do_you_mind_if_i ok_if_i okay_if_i alright_if_i is_it_ok_if_i"
    " is_it_okay_if_i if_it's_ok if_it's_okay do let the a an on at in from for with of it its is are both these"
    " this that again today rn right now currently starting soon finally quickly only still actually really"
    " urgently job jobs run runs task experiment training process stuff gpu @all"
)
SUBJECTS = frozenset(f"{_SUBJECTS_ZH} {_SUBJECTS_EN}".split())
_ZH = longest_first(f"{_SUBJECTS_ZH} {_GREETINGS_ZH} {_MODALS_ZH} {_SMALL_ZH}")
_EN = longest_first(f"{_SUBJECTS_EN} {_LEADING_EN}")
_AUDIENCE = f"(?:{longest_first(_AUDIENCE_ZH)})(?!用|跑|占|借|训|可|要|想|需|能|都|先|自|抓|别|请)"
_EMOJI = r"[^\w\s,.;:?!'\"(){}\[\]<>|/\\=+*#@$%^&`~-]"
# 要是 is if, 得了 is enough, 会议 is a meeting, 约 before a card is to book it: the first character alone must not pass
# for the small word.
LEADING = re.compile(
    rf"[\s,:~!.、()…-]+|[CDEVTM](?![a-z])|@\w{{1,32}}bot(?![a-z])|(?:{_EN})(?![a-z'])"
    rf"|要(?!是|不|么)|得(?!了)|会(?!议)|约(?! ?C)|(?!要|得|会)(?:{_ZH})|{_AUDIENCE}|{_EMOJI}"
)

_USE_ZH = "(?:用|跑|占|借|训|使用|占用|训练)"
_ABOUT_ZH = "(?:,?大概|大约|差不多)?"
EXTEND = re.compile(
    r"(?:再|还要|还想|想|需要|要|得|申请)?(?:续期|续租|续约|续个|续上|续|扩展|加时|加(?=D)|延长|延期|延后|顺延|延)(?:一下|个)?(?:到|至)?.{0,6}[DET]"
    r"|(?:再|还要再?|还得再?|还需要?再?|需要再?|还想再?|要再|多)(?:用|跑|占|借|训|要|给我?|来|使用|占用|训练)?(?:用|跑)?(?:一下|个|C)?"
    rf"{_ABOUT_ZH}[DE]"
    rf"|(?:再|还要|还得|还需要|继续){_USE_ZH}(?:一下)?C?{_ABOUT_ZH}(?:到|至)T"
    rf"|(?:继续|接着){_USE_ZH}(?:一下)?C?(?:大概|大约|再)?[DE]"
    r"|(?:extend|extending|renew|renewing|prolong|prolonging|extension)\b.{0,30}[DET]"
    r"|(?:needs?|want|takes?|have|get|give me|use|using|keep|keeping)\b"
    r"[^,]{0,24}?(?:E|D (?:more|longer|extra)|(?:a bit|some) longer)"
    r"|(?:keep|keeping|hold on to|stay on|staying on)\b ?(?:using |on )?C[^,]{0,16}?[DET]"
    r"|E on C|D (?:more|longer|extra)(?: on| for| with)? ?C?"
)
RELEASE = re.compile(
    r"(?:跑|用)[完好]C了|(?:跑|用|训|训练|测|测试|做|搞|弄|算|试)(?:完|好|完毕|结束)(?:了|啦|咯|喽|嘞|哈|~|,|$)|不(?:用|占|要|需要)C了"
    r"|(?:不|不再|不需要|不需|用不|不想|暂时不)(?:用|占|要|跑|着|上|需要)(?:了|啦|咯)"
    r"|释放(?!的|一下吧)|(?:让|腾|空|放|退)(?:了)?出(?:来|去)?|(?:空闲|空|闲)(?:了|啦|下来了)|已释放"
    r"|(?:还|归还|退|交)(?:给|还)(?:大家|各位|组里|群里)|归大家了?|是大家的了|撤了|下线了|下机了|结束(?:了|啦)|解放了"
    r"|可以(?:用|拿去|自取|随便用)了|大家(?:随便用|可以用|随意|自取|请用)|done(?: ?了| with|$|,)|finished了|free ?了"
    r"|(?:all )?(?:done|finished|through) (?:with|using|on)\b"
    r"|(?:releas(?:e|es|ing|ed)|free(?:d|ing)?(?: up)?|return(?:ing|ed)?|giv(?:e|ing) (?:back|up)|handing back"
    r"|vacat(?:ing|ed)|clear(?:ing|ed))\b ?(?:the )?(?:C|my)|(?:don't|do not|dont|no longer) need C"
    r"|(?:finished|done)(?:,|$| now| early)|off C|leaving C"
    r"|(?:killed|stopped|ended|terminated) my (?:job|run|process|training)\w* on C|C is no longer needed"
)
_TAKES_EN = either(
    "using taking grabbing hogging putting queueing booking reserving claiming holding borrowing occupying running"
    " training launching locking"
)
_TAKE_EN = either("take grab hog book reserve claim hold borrow need want lock occupy")
RESERVE = re.compile(
    r"(?:借用|使用|占用|占据|霸占|征用|承包|预定|预订|预约|申请|借|占|用|跑|训练|训|订|拿|锁|包|测试|测|调试|开|训个|挂)(?!完|好了|毕)"
    r"(?:我|走|个|着|住|下)?"
    r"|约(?= ?C)|归我|给我|要(?=C|D|M)|都要(?=[,。了D]|$)|需要(?=C|D|M)|(?:求|来)(?=(?:[一两三四][张块] ?)?C)"
    r"|上(?=C)|让我(?=用|跑|占|借)"
    rf"|(?:be )?(?:{_TAKES_EN})\b|(?:{_TAKE_EN})\b(?! to\b)|like (?=C)|dibs on\b"
    r"|(?:use|run|train|have|get|launch|start)\b|(?:starting|start|kicking off)\b|on (?=C)|mine\b|for me\b"
    r"|taken by me\b"
)
# In the order in which they are tried at every step: 再用 is more than 用, 用完 is not 用.
VERBS = (("extend", EXTEND), ("release", RELEASE), ("reserve", RESERVE))

# Verbs of reservation that are something else without an "I" in front, without a "can I", or without a time.
NEEDS_SUBJECT_EN = re.compile(r"(?:use|run|train|have|get|launch|start|want)\b|on |like ")
NEEDS_MODAL = re.compile(r"(?:have|get)\b")
MODAL = re.compile(r"\b(?:can|could|may|like to|love to|mind if|want to|let)\b")
NEEDS_TIME = re.compile(r"(?:use|run|train|have|get|start|launch|running|training|need|want)\b|开|需要|测")
# How a verb reaches its card: at once, or by way of what is run on it.
CARD_NEXT = re.compile(r"(?:[ ,](?:up|on|with|the|my|any|half|some|all|of|for|me|a|an|[DTM]|from|until|now)?){0,12}C")
RUNS_SOMETHING = re.compile(r"run|train|start|launch|kick|put|queue|need|want")
ON_CARD = re.compile(rf"[^,]{{0,40}}? on C|{CARD_NEXT.pattern}")
CARD_NEXT_ZH = re.compile(r"(?:[TDM,: ]|一下|下|了|个?坑|个|着|走|住|到|的|在|从|给|我|随便|[一两三四][张块]){0,12}C")
# 训练要两天 is how long it takes, unless it is I who want it.
TAKES_LONG = re.compile(r"(?:要|需要|得|花|耗|费|耗时|用时)(?:上|掉)?(?:大概|大约|差不多|整整|个)?[DEV]")

# "gpu0 is free now", "my job on gpu2 is done": a statement about the card, with the card in front.
_GREETING = re.compile(r"^(?:(?:ok|okay|hi|hey|all|everyone|guys|fyi|btw|so|and)(?![a-z])|[\s,])+")
_FREE_EN = either("free released available up_for_grabs all_yours yours open done finished")
_CARD_FREED = re.compile(
    rf"C(?: is| are|'s)?(?: now| all)? (?:{_FREE_EN})(?: now| again)?(?=$|[,!.~ ])"
    r"(?! (?:for|on|at|in|from|tomorrow|until|after|if|when|to)\b| ?T)"
    r"|my (?:job|run|training|experiment|process|task)s?(?: on C)? (?:is |are |has |have |just |'s )?(?:just )?"
    r"(?:done|finished|completed|over)\b"
)


def says_card_is_free(rest: str) -> bool:
    """Whether a skeleton says in English that a card, or the speaker's job on it, is done."""
    return _CARD_FREED.match(_GREETING.sub("", rest)) is not None
