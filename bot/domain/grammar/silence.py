"""When to say nothing: machines' words, quotations, other kinds of card, and words that take a sentence back.

The lists are long because silence is the rule: a word too many here costs a missed announcement, one too few a false
alarm in front of the whole lab.
"""

from __future__ import annotations

import re

from bot.domain.grammar.words import either

# Messages that machines wrote, that quote somebody, or that begin with a speaker's name and a colon.
_MACHINES = either(
    r"https?: www\. ``` >>> traceback exception (?:error|warning|info|debug|note)\b_?: \berr(?:or)?\b oom\b"
    r" out_of_memory cuda_ nvidia-smi \bpython\d?_ \bpip_ \bconda_ \bssh_ \bsudo_ \bkill_ \bdocker_ \bgit_ \bwatch_-"
    r" \becho_ \bexport_ \bimport_ torchrun \bbash_ \.py\b \.sh\b --[a-z] == \w=\w [{}<>|\\$] \[\w epoch \bloss\b"
    r" wandb tensorboard \bgib_total"
).replace("cuda ", "cuda_")
_QUOTED = either(r"^>_ [\"“”「」『』《》] 转发 转自 forwarded 引用 原话 截图")
_HEADINGS = either("报备 占坑 占个坑 占位 通知 预约 预定 登记 预告 申请 reserv book fyi update heads")
_NOT_SPEECH = re.compile(rf"{_MACHINES}|{_QUOTED}|(?:^|\n)(?!{_HEADINGS})[^ \n:]{{1,12}}: ?\S")

# Cards that compute nothing, and 卡 that is no card: stuck, slow, truck, slip.
_KINDS_ZH = either(
    "校园 银行 信用 储蓄 饭 房 门 门禁 学生 会员 公交 地铁 交通 电话 手机 流量 sim sd tf 内存 贺 购物 健身 医保"
    " 身份 储值 借书 借阅 借记 考勤 刷 读 声 网 存储 充值 礼品 洗澡 通勤 停车 挂失 捡"
)
# Before a card's number these end another word: 今年卡0, 下午3点卡0.
_MAYBE_KINDS_ZH = either("月 年 点 水 油 工 名 打 抽 发 办 补 丢 一")
_STUCK_ZH = either(
    "片 通 车 路里 死 住 顿 壳 bug 成 在 点 得 爆 哭 慢 关 文 文献 脖子 了 包 套 槽 号 密 丢 里 面 组 友 牌 纸 带"
    " 座 尺 钳 扣"
)
_HOW_SLOW_ZH = either("很 太 好 特别 超级 超 真 贼 老 有点 巨 非常 一直 又 经常")
_KINDS_EN = either(
    "credit debit bank id key sim sd bus gift report student library business sound network flash access metro meal"
    " campus birthday post transit membership discount visa green yellow red playing trump memory video score time"
    " swipe"
)
_USES_EN = either("reader game trick holder number payment was expired declined")
_OTHER_CARDS = re.compile(
    rf"(?:{_KINDS_ZH})卡|(?:{_MAYBE_KINDS_ZH})卡(?! ?\d)|卡(?:{_STUCK_ZH})|(?:{_HOW_SLOW_ZH})卡(?! ?\d|号)"
    rf"|\b(?:{_KINDS_EN}) ?cards?\b|\bcard (?:{_USES_EN})\b"
)

# Said anywhere, these put a sentence in doubt, in the past, in another's mouth, or take it back.
_DOUBT_ZH = (
    "算了 才怪 开玩笑 逗你 假如 如果 要是 万一 的话 除非 说不定 可能 也许 或许 等.{0,8}(?:空|完|结束|叫我|再说)"
    " 不行 梦 假装 骗 抢"
)
_LENT_ZH = "(?:借|让|留|租)给(?!我) 给(?!我|大家|各位|组里).{1,5}[用跑] 但 可是 可惜 等[DEV]"
_TROUBLE_ZH = "失败 报错 [跑用]挂 崩 挂了 死机 重启 维修 坏了 坏的 故障 掉卡 温度 风扇 不够"
_ASKS_ZH = "怎么 为什么 为啥 咋 什么 哪"
_PAST_ZH = (
    "本来 原本 差点 (?:用|跑|占|训|训练|等|借|挂|停|卡)了[^,。]{0,4}[DEVM] [DEV]了 [DEV]来着 过C 用过 跑过 占过"
    " 明年 去年 以后 上次 下次 当年 当初 那会 每天 平均"
)
_OTHERS_ZH = (
    "听说 据说 说 (?<!请)问 叫 催 让(?!出|一下|我[用跑占借]) 换成 换到 别人 他 她 你 您 没人 不能 不要 没有 没法"
    " 无法 别 的(?:同学|人|朋友|哥们|那位|大佬|兄弟|老哥|时候|进程|程序|显存|情况|驱动)"
)
_EN = (
    "if unless maybe might perhaps possibly probably never_?mind nvm instead lol lmao haha jk kidding joking"
    " not_sure would_have wish was were had took used ran crashed failed broke broken yesterday ago ever usually"
    " always every_?day each per average last previous he she they him her them his someone somebody nobody said"
    " says told asks? asked you your can't cannot couldn't wouldn't won't shouldn't why how what which whose"
    " example buy sell price hot fan driver or"
)
_TAKEN_BACK = re.compile(
    either(" ".join([_DOUBT_ZH, _LENT_ZH, _TROUBLE_ZH, _ASKS_ZH, _PAST_ZH, _OTHERS_ZH])) + rf"|\b(?:{either(_EN)})\b"
)
# "ok if I", "ping me if you need it", 有急用叫我: polite words that only look like a condition.
_COURTESIES = re.compile(
    r"\b(?:ok|okay|alright|fine|cool|mind) if i\b|if (?:that's|it's|thats) (?:ok|okay|fine|alright)"
    r"|先说一声|[跟和]大家说(?:一下|一声|下)|if nobody (?:minds|objects)|\b(?:do|does) (?:you|anyone|anybody) mind if"
    r"|\b(?:ping|dm|tell|message|text|call|poke|shout|let)\b me.*"
    r"|有(?:事|问题|急用|需要)?.{0,4}(?:叫|找|喊|联系|戳|说|@)(?:我|一声).*"
)
# Who releases may offer (谁要谁拿, "if you like") and say why (跑崩了).
_OFFERS = re.compile(r"don't|do not|dont|can't|谁要|谁[拿用]|you|说一声|别人|(?:崩|挂|失败|oom|报错)了|crashed|failed")

# After a verb that would reserve, these make it a remark: how long it takes, what came out, what should be done to it.
_REMARK_ZH = either(
    "才能 才够 够了 不动 出来 得出 结果 精度 准确率 指标 曲线 收敛 速度 加速 权限 爆 楼 馆 票"
    " 没(?!问题|人用|事|意见|关系|急)"
    " 不(?!好意思|要紧|过|超|到|影响|急|长|久|多|用等|着急|会太|介意|可以|行|知道|打扰)"
)
_REMARK_EN = either(
    r"takes makes? gives? cuts? costs? means faster slower slow speed\w* accuracy error errors problem issue out"
    " fixed replaced repaired rebooted updated reinstalled installed checked moved broke ddp in_pytorch"
    " with_pytorch tensorflow mom dad late low"
)
_REMARK = re.compile(rf"{_REMARK_ZH}|\b(?:{_REMARK_EN})\b")


def not_said_here(text: str) -> bool:
    """Whether a message is a machine's or another person's, or is about another kind of card."""
    return _NOT_SPEECH.search(text) is not None or _OTHER_CARDS.search(text) is not None


def taken_back(whole: str) -> bool:
    """Whether a skeleton that books or extends is in doubt, over, or somebody else's."""
    return _TAKEN_BACK.search(_COURTESIES.sub("", whole)) is not None


def release_taken_back(whole: str) -> bool:
    """The same for a release, which may offer the card to others."""
    return _TAKEN_BACK.search(_OFFERS.sub("", whole)) is not None


def is_remark(after: str) -> bool:
    """Whether what follows a verb shows that it was no reservation."""
    return _REMARK.search(after) is not None
